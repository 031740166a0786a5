import { runAsProcess } from '@dutyledger/subgraph-kit/own-process';
import { startStaffing } from './service.ts';

runAsProcess('staffing', startStaffing, 4002);
