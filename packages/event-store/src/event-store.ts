/**
 * The event-store port. Adapters stand beside it and pass `contract.ts`; an adapter is chosen by URL and nothing
 * else in the program knows which one runs.
 */

/** Who acted. `role` is the role that entitled the subject to this act, not everything the subject may do. */
export interface Actor {
  subject: string;
  name: string;
  /** Organ id (`organ:370114-0001`), or null for people who act for no registered organ (system administrators). */
  organ: string | null;
  role: string;
}

/** A legal or documentary ground: a law with its article, or a document with its number (文号), or both. */
export interface Basis {
  title: string;
  article?: string;
  documentNumber?: string;
}

/** What every event says beside its own content (domain.md, "Every event says"). */
export interface EventMetadata {
  actor: Actor;
  /** On whose behalf, when the actor is not the one responsible: a name or an organ id. */
  onBehalfOf?: string;
  reason: string;
  basis: Basis[];
  /** The command that caused the event; the same for all events of one command. */
  commandId: string;
  /** Digest of that command's content: the same id with other content is a programming error of the caller. */
  commandDigest: string;
  /** The chain of work that the event belongs to, and the event or command right before it. */
  correlationId: string;
  causationId: string;
  /** 12-digit division code that the event concerns. */
  division: string;
  /** Calendar day (YYYY-MM-DD, China Standard Time) from which the fact holds. */
  effectiveAt: string;
  /** The trace in which it was recorded (W3C Trace Context), where traces are kept. Says nothing of the fact. */
  traceparent?: string;
}

/** A fact to be appended. `id` is a UUID derived from the command id, so that a retried append is recognised. */
export interface NewEvent<Type extends string = string, Data = unknown> {
  id: string;
  type: Type;
  /** Schema version of `data`, from 1. */
  version: number;
  data: Data;
  metadata: EventMetadata;
}

export interface StoredEvent<Type extends string = string, Data = unknown> extends NewEvent<Type, Data> {
  stream: string;
  /** Place in the stream, from 0 without gaps. */
  revision: number;
  /** Place in the whole log: grows, may have gaps. A safe integer; only ever compared. */
  position: number;
  /**
   * UTC instant with milliseconds, set by the store at commit: never earlier than that of an earlier revision of the
   * stream, nor of an earlier position, but for one gap: a cluster whose new leader has a clock that is behind may
   * date an event of another stream before those that its writer had not read yet (ADR 0011).
   */
  recordedAt: string;
}

/** `'none'`: the stream must not exist yet. `'any'`: no check. A number: revision of the stream's last event. */
export type ExpectedRevision = number | 'none' | 'any';

export type AppendOutcome =
  /**
   * Durable. `repeated`: these very events were appended before; the answer is that of the first time. A repeat is
   * recognised when it comes with the expectation of the first time or with `'any'`; any other expectation says that
   * the caller has read those events.
   */
  | { status: 'appended'; repeated: boolean; revision: number; position: number; events: StoredEvent[] }
  /** The stream is elsewhere: `actual` is its last revision, -1 when it does not exist. Nothing was written. */
  | { status: 'conflict'; actual: number };

export type EventStoreErrorCode =
  | 'TOO_LARGE' // an event over 1 MiB, or an append over the adapter's limit
  | 'ID_REUSED' // an event id that exists already in the same stream, with only some of its companions
  | 'BUSY' // another process holds the file
  | 'READ_ONLY'
  | 'DISK_FULL'
  | 'NEWER_SCHEMA' // the store, or an event in it, was written by a newer version of the program
  | 'CORRUPT'
  | 'UNAVAILABLE'
  | 'CLOSED';

export class EventStoreError extends Error {
  readonly code: EventStoreErrorCode;
  constructor(code: EventStoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EventStoreError';
    this.code = code;
  }
}

export const MAX_EVENT_BYTES = 1024 * 1024;

export interface ReadOptions {
  /** First revision (inclusive). Default: the start of the direction. */
  from?: number;
  /** Last revision (inclusive). */
  to?: number;
  direction?: 'forwards' | 'backwards';
}

export interface ReadAllOptions {
  /** Only events after this position. Default 0: from the beginning. */
  after?: number;
  /** Only up to and including this position. Default: the head at the time of the call. */
  until?: number;
  /** Only streams whose name starts with this. */
  prefix?: string;
}

export interface SubscribeOptions {
  after?: number;
  prefix?: string;
  /** Only events of these types; the others are not even parsed. Default: all. */
  types?: readonly string[];
  /** Told the position up to which everything was handled, also where the filters left nothing to handle. */
  progress?: (position: number) => void;
}

export interface Subscription {
  /** Resolves once everything that was committed before the call to `subscribe` has been handled. */
  caughtUp: Promise<void>;
  /** Rejects when the handler throws or the store fails for good; the subscription is over then. */
  ended: Promise<void>;
  /** Waits for the running handler, then ends. */
  stop(): Promise<void>;
}

/** Reads yield pages (arrays, never empty) so that long replays cost one await per page. */
export interface EventStore {
  /** Appends all events or none. Resolves when they are on disk (or acknowledged by the quorum). */
  append(stream: string, expected: ExpectedRevision, events: readonly NewEvent[]): Promise<AppendOutcome>;
  /** A stream that does not exist yields nothing. */
  readStream(stream: string, options?: ReadOptions): AsyncIterable<StoredEvent[]>;
  readAll(options?: ReadAllOptions): AsyncIterable<StoredEvent[]>;
  /**
   * Catches up, then follows live; each event once, in order. The next page is not read before the handler's
   * promise is fulfilled (back-pressure).
   */
  subscribe(options: SubscribeOptions, handler: (events: StoredEvent[]) => Promise<void>): Subscription;
  /** Position up to which everything is committed, at or behind the last event; 0 in an empty store. */
  head(): Promise<number>;
  close(): Promise<void>;
}

/** A store into which the history of another one can be moved (`migrate`). Services never write this way. */
export interface ImportingEventStore extends EventStore {
  /**
   * Appends events as another store has recorded them, in the order given: ids, revisions and instants stay, positions
   * are new. One caller at a time, and each call after the one before. Throws EventStoreError: ID_REUSED when a stream
   * stands elsewhere than where the events begin; after a failure some of the first events may be written, none behind
   * a missing one.
   */
  importEvents(events: readonly StoredEvent[]): Promise<void>;
}
