import type { Bus } from '@dutyledger/bus/bus';
import type { EventStore } from '@dutyledger/event-store/event-store';
import type { Projections } from '@dutyledger/read-store/projection';
import type { ReadStore } from '@dutyledger/read-store/read-store';
import type { Clock } from '@dutyledger/timers/clock';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { CallerVerifier } from './identity.ts';
import type { Subgraph } from './subgraph.ts';

/** What a domain service is given; which engines and which topology, it does not know. */
export interface ServiceDependencies {
  events: EventStore;
  readStore: ReadStore;
  bus: Bus;
  verifier: CallerVerifier;
  logger: Logger;
  production: boolean;
  /** Where the metrics go; servers of one process may share a registry. Default: one of its own. */
  metrics?: Registry;
  /** What time it is. Default: the machine's clock. */
  clock?: Clock;
}

/** A domain service that runs. */
export interface RunningService {
  name: string;
  subgraph: Subgraph;
  projections: Projections;
  /** Stops taking requests, finishes what runs, stores checkpoints. The stores stay open: they belong to the caller. */
  stop(): Promise<void>;
}
