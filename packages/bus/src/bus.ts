import type { CloudEvent } from '@dutyledger/contracts/envelope';
import type { OutgoingMessage } from '@dutyledger/contracts/event-contract';

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

/** A parked message that someone decided not to handle: the record of that decision. */
export interface DiscardedMessage extends ParkedMessage {
  reason: string;
  discardedAt: string;
}

export interface SubscribeOptions {
  /** Members of one group share the work; every group sees everything, from the beginning of the log. */
  group: string;
  topics: readonly string[];
  /** Tries before a message is parked. Default 5, with growing pauses from `pauseMs` (default 100). */
  attempts?: number;
  pauseMs?: number;
}

export interface BusSubscription {
  /**
   * Resolves once everything published (or handed to the group again) before the call to `subscribe` was handled or
   * parked, and the offset is durable. Rejects with CLOSED when the subscription is stopped before.
   */
  caughtUp: Promise<void>;
  /** Why the subscription makes no progress at present: the bus does not answer. Null while all is well. */
  failure(): BusError | null;
  /** Finishes the running handler and leaves the group; the other members take over. Not for use in the handler. */
  stop(): Promise<void>;
}

/**
 * How far a reading of a topic is: of each part of the topic's log, the place of the first message that was not read.
 * Empty: the beginning. Positions of one topic compare part by part; what parts there are, the adapter knows.
 */
export type BusPosition = Readonly<Record<string, number>>;

/** A message where it stands in the log. Places grow within a part, and a key never leaves its part. */
export interface PlacedMessage {
  part: string;
  place: number;
  event: CloudEvent;
}

export interface ReadOptions {
  topic: string;
  /** `'end'`: only what is published from now on. */
  from: BusPosition | 'end';
}

/** A page of messages, which may be empty, and the position that it reaches, in full. */
export type PageHandler = (messages: readonly PlacedMessage[], position: BusPosition) => Promise<void>;

export interface BusReading {
  /** Where it begins, in full. Rejects as `ended` does. */
  started: Promise<BusPosition>;
  /**
   * Resolves when it was stopped. Rejects with OUT_OF_RANGE when the log does not hold the position (any more), or with
   * what the handler threw; it waits for a bus that is away.
   */
  ended: Promise<void>;
  /** Why it makes no progress at present; null while all is well. */
  failure(): BusError | null;
  /** Finishes the running handler. Not for use in the handler. */
  stop(): Promise<void>;
}

export type BusErrorCode =
  | 'INVALID' // a topic, group, key, option or URL that cannot be
  | 'FENCED' // another publisher of the same name was opened later, or the log was lost and has to be published anew
  | 'NOT_FOUND' // no parked message of that id
  | 'OUT_OF_RANGE' // a position that the log does not hold: it was lost and published anew, or keeps too little
  | 'TOO_LARGE' // an event over 1 MiB
  | 'BUSY' // another process holds the file
  | 'READ_ONLY'
  | 'DISK_FULL'
  | 'NEWER_SCHEMA' // written by a newer version of the program
  | 'CORRUPT'
  | 'DENIED' // user, password or access rights are refused
  | 'MISCONFIGURED' // the broker keeps a topic in a way that would lose or mix up messages
  | 'UNAVAILABLE'
  | 'CLOSED';

export class BusError extends Error {
  readonly code: BusErrorCode;
  constructor(code: BusErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BusError';
    this.code = code;
  }
}

/** Of an event as JSON in UTF-8. */
export const MAX_MESSAGE_BYTES = 1024 * 1024;

/** The only publisher of its name: opening it again, anywhere, fences off the former one, whose calls then reject with FENCED. */
export interface Publisher {
  /**
   * How far it has read its source, 0 at first. Kept with the log, so that whoever loses the log publishes everything
   * again: a running publisher that finds it lost is FENCED, and 0 when it is opened again.
   */
  readonly checkpoint: number;
  /**
   * Durable when resolved: all of the messages and the checkpoint, or none. When it rejects with UNAVAILABLE they may
   * be there or not; the caller publishes them again. Order is kept per topic and key. An event id that the topic has
   * already is recognised where the adapter can; consumers must recognise repeats in any case.
   */
  publish(messages: readonly OutgoingMessage[], checkpoint?: number): Promise<void>;
  /** Waits for the running publication. Safe to call twice. */
  close(): Promise<void>;
}

export interface Bus {
  publisher(name: string): Promise<Publisher>;
  /**
   * At least once, in order per key; the offset is committed after the handler's promise is fulfilled. A message that
   * keeps failing is parked; later messages of the same key then go on, other keys are never held up for long. A
   * member runs one handler at a time.
   */
  subscribe(options: SubscribeOptions, handler: (event: CloudEvent) => Promise<void>): BusSubscription;
  /**
   * Reads a topic without a group: every reader sees everything from its position on, once, in order per key, one page
   * after the other. Nothing is remembered; whoever wants to go on later keeps the position.
   */
  read(options: ReadOptions, handler: PageHandler): BusReading;
  parked(group: string): Promise<ParkedMessage[]>;
  /**
   * Hands the message to its group again, for one try, now or when the group has a member again. It leaves the parked
   * list when it was handled, and stays with the new cause when it fails.
   */
  replayParked(id: string): Promise<void>;
  /** Takes the message off the parked list for good; it is kept, with the reason, among the discarded ones. */
  discardParked(id: string, reason: string): Promise<void>;
  discarded(group: string): Promise<DiscardedMessage[]>;
  /** Stops publishers and subscriptions after what they are doing. Safe to call twice. */
  close(): Promise<void>;
}
