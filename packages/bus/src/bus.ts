import type { CloudEvent } from '@dutyledger/contracts/envelope';

/** The bus port: a log of integration events with consumer groups. Adapters stand beside it and pass `contract.ts`. */

/** A message that a group could not handle after its retries; kept until it is replayed or discarded. */
export interface ParkedMessage {
  id: string;
  group: string;
  topic: string;
  key: string;
  event: CloudEvent;
  /** Message of the last failure, and how often the handler was tried. */
  cause: string;
  attempts: number;
  parkedAt: string;
}

export interface SubscribeOptions {
  /** Members of one group share the work; every group sees everything. */
  group: string;
  topics: readonly string[];
  /** Tries before a message is parked. Default 5, with growing pauses from `pauseMs` (default 100). */
  attempts?: number;
  pauseMs?: number;
}

export interface BusSubscription {
  /** Resolves once everything published before the call to `subscribe` was handled or parked. */
  caughtUp: Promise<void>;
  /** Finishes the running handler and leaves the group. */
  stop(): Promise<void>;
}

export interface Bus {
  /** Durable when resolved. Order is kept per topic and key. */
  publish(topic: string, key: string, events: readonly CloudEvent[]): Promise<void>;
  /**
   * At least once, in order per key; the offset is committed after the handler's promise is fulfilled. A message that
   * keeps failing is parked; later messages of the same key then go on, other keys are never held up for long.
   */
  subscribe(options: SubscribeOptions, handler: (event: CloudEvent) => Promise<void>): BusSubscription;
  parked(group: string): Promise<ParkedMessage[]>;
  /** Hands the message to its group again; it leaves the parked list when it was handled. */
  replayParked(id: string): Promise<void>;
  discardParked(id: string, reason: string): Promise<void>;
  close(): Promise<void>;
}
