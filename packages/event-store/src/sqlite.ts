import { existsSync, mkdtempSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { backup } from 'node:sqlite';
import type { Row } from './append-request.ts';
import { toRequest } from './append-request.ts';
import type { Digest } from './digest.ts';
import { digestOf } from './digest.ts';
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
import { toStored } from './sqlite-append.ts';
import { lockFile, openForReading, toEventStoreError } from './sqlite-file.ts';
import { SqliteReader } from './sqlite-reader.ts';
import { type Filter, follow } from './sqlite-subscription.ts';
import { SqliteWriter } from './sqlite-writer.ts';

export interface SqliteOptions {
  /** Milliseconds since 1970, for `recordedAt`. Default: the system's clock at commit. */
  now?: () => number;
  /** Bound of the database file, in bytes; appends beyond it fail with DISK_FULL. Default: none. */
  maxBytes?: number;
}

export interface SqliteEventStore extends ImportingEventStore {
  /**
   * Copies the store as it stands to a file that does not exist yet, while it goes on being read and written. The
   * copy bears its name only once it is whole. Throws EventStoreError: UNAVAILABLE, DISK_FULL.
   */
  backupTo(target: string): Promise<void>;
  /** See `digestOf`: equal for equal histories, for comparing a store with its copy. */
  digest(until?: number): Promise<Digest>;
}

/**
 * Opens or creates the store in this file; one process at a time may have it open. An acknowledged append survives
 * the loss of power. `:memory:` stands for a store that is gone when closed (it lies in the temporary folder).
 * Throws EventStoreError: BUSY, READ_ONLY, NEWER_SCHEMA, CORRUPT, UNAVAILABLE.
 */
export async function openSqliteEventStore(
  path: string,
  options: SqliteOptions = {},
): Promise<SqliteEventStore> {
  const folder = path === ':memory:' ? mkdtempSync(join(tmpdir(), 'dutyledger-events-')) : undefined;
  const wanted = folder ? join(folder, 'events.db') : resolve(path);
  // Links to one file must meet at one lock.
  const file = existsSync(wanted) ? realpathSync(wanted) : wanted;
  const lock = lockFile(file);
  const release = () => {
    lock.close();
    if (folder) rmSync(folder, { recursive: true, force: true });
  };
  const listeners = new Set<() => void>();
  const announce = () => {
    for (const listener of listeners) listener();
  };
  try {
    const fileOptions = { durable: !folder, maxBytes: options.maxBytes ?? Number.MAX_SAFE_INTEGER };
    const writer = await SqliteWriter.open(file, fileOptions, options.now, announce);
    return new Store(file, new SqliteReader(file), writer, listeners, release);
  } catch (error) {
    release();
    throw toEventStoreError(error, file);
  }
}

class Store implements SqliteEventStore {
  readonly #path: string;
  readonly #reader: SqliteReader;
  readonly #writer: SqliteWriter;
  readonly #commitListeners: Set<() => void>;
  readonly #release: () => void;
  readonly #subscriptions = new Set<Subscription>();
  readonly #appends = new Set<Promise<AppendOutcome>>();
  #closing: Promise<void> | undefined;
  #closed = false;

  constructor(
    path: string,
    reader: SqliteReader,
    writer: SqliteWriter,
    commitListeners: Set<() => void>,
    release: () => void,
  ) {
    this.#path = path;
    this.#reader = reader;
    this.#writer = writer;
    this.#commitListeners = commitListeners;
    this.#release = release;
  }

  append(stream: string, expected: ExpectedRevision, events: readonly NewEvent[]): Promise<AppendOutcome> {
    const outcome = this.#append(stream, expected, events);
    const forget = () => this.#appends.delete(outcome);
    this.#appends.add(outcome);
    outcome.then(forget, forget);
    return outcome;
  }

  async #append(
    stream: string,
    expected: ExpectedRevision,
    events: readonly NewEvent[],
  ): Promise<AppendOutcome> {
    this.#assertOpen();
    const request = toRequest(stream, expected, events);
    const written = await this.#writer.append(request);
    if (written.status === 'failed') throw new EventStoreError(written.code, written.message);
    if (written.status === 'conflict') return written;
    const { repeated, revision } = written;
    const stored = repeated ? await this.#read(stream, revision, events.length) : toStored(request, written);
    const last = stored.at(-1) as StoredEvent;
    return { status: 'appended', repeated, revision: last.revision, position: last.position, events: stored };
  }

  async importEvents(events: readonly StoredEvent[]): Promise<void> {
    this.#assertOpen();
    const imported = events.map((event) => {
      const { stream, revision, recordedAt } = event;
      const [row] = toRequest(stream, 'any', [event]).rows as [Row];
      return { stream, revision, recordedAt: Date.parse(recordedAt), row };
    });
    const written = await this.#writer.append({ imported });
    if (written.status === 'failed') throw new EventStoreError(written.code, written.message);
  }

  readStream(stream: string, options: ReadOptions = {}): AsyncIterable<StoredEvent[]> {
    return this.#reader.stream(stream, options);
  }

  readAll({ after = 0, until, prefix }: ReadAllOptions = {}): AsyncIterable<StoredEvent[]> {
    const head = this.#reader.head();
    return this.#reader.all(after, Math.min(until ?? head, head), { prefix });
  }

  subscribe(options: SubscribeOptions, handler: (events: StoredEvent[]) => Promise<void>): Subscription {
    this.#assertOpen();
    const followed = {
      head: () => this.#reader.head(),
      pages: (after: number, until: number, filter: Filter) => this.#reader.all(after, until, filter),
      onCommit: (listener: () => void) => {
        this.#commitListeners.add(listener);
        return () => this.#commitListeners.delete(listener);
      },
    };
    const subscription = follow(followed, options, handler);
    const forget = () => this.#subscriptions.delete(subscription);
    this.#subscriptions.add(subscription);
    subscription.ended.then(forget, forget);
    return subscription;
  }

  async head(): Promise<number> {
    return this.#reader.head();
  }

  async backupTo(target: string): Promise<void> {
    this.#assertOpen();
    if (existsSync(target))
      throw new EventStoreError('UNAVAILABLE', `${target} exists; a backup overwrites nothing`);
    const partial = `${target}.partial`;
    // A connection of its own: the copy holds it for long. In one step, or each commit would start the copy anew.
    const source = openForReading(this.#path);
    try {
      rmSync(partial, { force: true });
      await backup(source, partial, { rate: 2 ** 31 - 1 });
      renameSync(partial, target);
    } catch (error) {
      rmSync(partial, { force: true });
      throw toEventStoreError(error, target);
    } finally {
      source.close();
    }
  }

  digest(until?: number): Promise<Digest> {
    return digestOf(this, until);
  }

  /** Waits for the running handlers of subscriptions and the appends under way. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.stop()));
    this.#closed = true;
    await Promise.allSettled(this.#appends);
    // The writer must be the last to close: the last one folds the log back into the file.
    this.#reader.close();
    await this.#writer.close();
    this.#release();
  }

  async #read(stream: string, from: number, count: number): Promise<StoredEvent[]> {
    const events: StoredEvent[] = [];
    for await (const page of this.#reader.stream(stream, { from, to: from + count - 1 }))
      events.push(...page);
    return events;
  }

  #assertOpen(): void {
    if (this.#closed) throw new EventStoreError('CLOSED', `the event store ${this.#path} is closed`);
  }
}
