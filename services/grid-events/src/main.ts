import { runAsProcess } from '@dutyledger/subgraph-kit/own-process';
import { startGridEvents } from './service.ts';

runAsProcess('grid-events', startGridEvents, 4003);
