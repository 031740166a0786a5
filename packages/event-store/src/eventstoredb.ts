import { toRequest } from './append-request.ts';
import type {
  AppendOutcome,
  ExpectedRevision,
  ImportingEventStore,
  NewEvent,
  ReadAllOptions,
  ReadOptions,
  StoredEvent,
  SubscribeOptions,
  Subscription,
} from './event-store.ts';
import { EventStoreError } from './event-store.ts';
import { EventStoreDbAppender } from './eventstoredb-append.ts';
import { Connection } from './eventstoredb-connection.ts';
import type { ReadEvent } from './eventstoredb-event.ts';
import { EventStoreDbReader } from './eventstoredb-reader.ts';
import { EventStoreDbSubscription } from './eventstoredb-subscription.ts';
import { readAddress } from './eventstoredb-url.ts';

export interface EventStoreDbOptions {
  /**
   * Milliseconds for which a call that the server does not answer is tried again before it fails with UNAVAILABLE.
   * Default 10,000: long enough for the cluster to elect another leader.
   */
  patienceMs?: number;
  /** Milliseconds of silence after which the reading of a stream is begun anew. Default 5,000. */
  silenceMs?: number;
}

/** An import is cut into appends of this many bytes: any server takes an event, and not every one much more. */
const IMPORT_BYTES = 256 * 1024;

/**
 * Opens the store of an EventStoreDB (22.6 or newer) or KurrentDB server or cluster; see eventstoredb-url.ts for what
 * the URL may say. Nothing is created there. Many processes may have it open. Throws Error for a URL that cannot be
 * used, EventStoreError (UNAVAILABLE) when no server answers or the credentials are refused.
 */
export async function openEventStoreDb(
  url: string,
  options: EventStoreDbOptions = {},
): Promise<ImportingEventStore> {
  const connection = new Connection(readAddress(url), options.silenceMs ?? 5_000);
  const store = new Store(connection, options.patienceMs ?? 10_000);
  try {
    await store.head();
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

class Store implements ImportingEventStore {
  readonly #connection: Connection;
  readonly #patienceMs: number;
  readonly #closing = new AbortController();
  readonly #reader: EventStoreDbReader;
  readonly #appender: EventStoreDbAppender;
  readonly #subscriptions = new Set<Subscription>();
  readonly #appends = new Set<Promise<AppendOutcome>>();
  #closed: Promise<void> | undefined;

  constructor(connection: Connection, patienceMs: number) {
    this.#connection = connection;
    this.#patienceMs = patienceMs;
    this.#reader = new EventStoreDbReader(connection, patienceMs, this.#closing.signal);
    this.#appender = new EventStoreDbAppender(connection, this.#reader);
  }

  append(stream: string, expected: ExpectedRevision, events: readonly NewEvent[]): Promise<AppendOutcome> {
    return this.#append(stream, expected, events);
  }

  async importEvents(events: readonly StoredEvent[]): Promise<void> {
    for (const run of runsOf(events)) {
      const [{ stream, revision, recordedAt }] = run as [StoredEvent];
      const outcome = await this.#append(stream, revision === 0 ? 'none' : revision - 1, run, recordedAt);
      if (outcome.status === 'conflict') {
        const message = `stream ${stream} of ${this.#connection.name} does not stand before revision ${revision}`;
        throw new EventStoreError('ID_REUSED', message);
      }
    }
  }

  async *readStream(stream: string, options: ReadOptions = {}): AsyncGenerator<StoredEvent[]> {
    yield* this.#told(this.#reader.stream(stream, options));
  }

  readAll({ after = 0, until = Number.MAX_SAFE_INTEGER, prefix = '' }: ReadAllOptions = {}) {
    const head = this.head();
    // Told to whoever reads; a reading that is never begun fails nobody.
    head.catch(() => undefined);
    const bounded = async function* (reader: EventStoreDbReader) {
      yield* reader.all(after, Math.min(until, await head), prefix);
    };
    return this.#told(bounded(this.#reader));
  }

  subscribe(options: SubscribeOptions, handler: (events: StoredEvent[]) => Promise<void>): Subscription {
    this.#assertOpen();
    const subscription = new EventStoreDbSubscription(this.#connection, this.#patienceMs, options, handler);
    const forget = () => this.#subscriptions.delete(subscription);
    this.#subscriptions.add(subscription);
    subscription.ended.then(forget, forget);
    return subscription;
  }

  async head(): Promise<number> {
    this.#assertOpen();
    return this.#reader.head();
  }

  /** Waits for the running handlers of subscriptions and the appends under way. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.stop()));
    await Promise.allSettled(this.#appends);
    this.#closing.abort();
    await this.#connection.close();
  }

  async #append(
    stream: string,
    expected: ExpectedRevision,
    events: readonly NewEvent[],
    recordedAt?: string,
  ): Promise<AppendOutcome> {
    this.#assertOpen();
    const outcome = this.#appender.append(toRequest(stream, expected, events), recordedAt);
    const forget = () => this.#appends.delete(outcome);
    this.#appends.add(outcome);
    outcome.then(forget, forget);
    return outcome;
  }

  async *#told(pages: AsyncIterable<ReadEvent[]>): AsyncGenerator<StoredEvent[]> {
    this.#assertOpen();
    for await (const page of pages) {
      yield page.map(({ event }) => event);
      this.#assertOpen();
    }
  }

  #assertOpen(): void {
    if (this.#closed)
      throw new EventStoreError('CLOSED', `the event store ${this.#connection.name} is closed`);
  }
}

/** Neighbours of one stream and instant, which can be sent together. */
function* runsOf(events: readonly StoredEvent[]): Generator<StoredEvent[]> {
  let run: StoredEvent[] = [];
  let bytes = 0;
  for (const event of events) {
    const size = Buffer.byteLength(JSON.stringify(event));
    const [first] = run;
    const fits = first?.stream === event.stream && first.recordedAt === event.recordedAt;
    if (first && !(fits && bytes + size <= IMPORT_BYTES)) {
      yield run;
      run = [];
      bytes = 0;
    }
    run.push(event);
    bytes += size;
  }
  if (run.length > 0) yield run;
}
