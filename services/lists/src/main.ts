import { runAsProcess } from '@dutyledger/subgraph-kit/own-process';
import { startLists } from './service.ts';

runAsProcess('lists', startLists, 4001);
