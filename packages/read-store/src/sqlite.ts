import type { AnySpec, Awaitable, Generation, Lease, ReadStore } from './adapter.ts';
import { inTurn } from './in-turn.ts';
import { Pace } from './pace.ts';
import { ReadStoreError } from './read-store.ts';
import { readThrough } from './read-through.ts';
import type { Connection } from './sqlite-connection.ts';
import { type Files, openFiles, type SqliteOptions } from './sqlite-files.ts';
import { SqliteGeneration } from './sqlite-generation.ts';
import { Leases } from './sqlite-leases.ts';

/**
 * Opens a read store in one SQLite file. Throws ReadStoreError: BUSY (another program, or this one, has it open),
 * READ_ONLY, DISK_FULL, NEWER_SCHEMA, CORRUPT, UNAVAILABLE.
 */
export function openSqliteReadStore(path: string, options: SqliteOptions = {}): ReadStore {
  return new SqliteReadStore(openFiles(path, options));
}

/** Steps of a read that are taken at once; a longer one goes on beside, pausing, on a state of its own. */
const QUICK_STEPS = 2_000;

/** What the parts of the adapter share. */
export class SqliteAccess {
  readonly files: Files;
  readonly #turn = inTurn();
  readonly #reads = new Set<Promise<unknown>>();
  #closed = false;

  constructor(files: Files) {
    this.files = files;
  }

  /** One transaction; they follow one another. The job may pause: readers see nothing of it before its end. */
  write<T>(job: (writer: Connection) => Awaitable<T>): Promise<T> {
    if (this.#closed) return Promise.reject(this.#closedError());
    return this.#turn(() => this.#transaction(job));
  }

  /** Runs the steps to their end on one state of the store: at once when they are few, else pausing. */
  read<T>(steps: (connection: Connection) => Generator<void, T>): Awaitable<T> {
    const running = steps(this.files.reader);
    for (let step = 0; step < QUICK_STEPS; step++) {
      const { done, value } = running.next();
      if (done) return value;
    }
    return this.#readOn(steps);
  }

  async #readOn<T>(steps: (connection: Connection) => Generator<void, T>): Promise<T> {
    let result: T | undefined;
    const pace = new Pace();
    const rows = function* (connection: Connection) {
      result = yield* steps(connection);
    };
    for await (const _ of this.stream(rows)) await pace.step();
    return result as T;
  }

  /** All rows out of the store as it is when the first one is asked for. */
  async *stream<T>(rows: (connection: Connection) => Iterable<T>): AsyncGenerator<T> {
    if (this.#closed) throw this.#closedError();
    const connection = this.#frozen();
    const over = Promise.withResolvers<void>();
    this.#reads.add(over.promise);
    try {
      yield* rows(connection);
    } finally {
      connection.close();
      this.#reads.delete(over.promise);
      over.resolve();
    }
  }

  /** Throws CLOSED. */
  check(): void {
    if (this.#closed) throw this.#closedError();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#turn(() => undefined);
    await Promise.all(this.#reads);
    this.files.close();
  }

  #frozen(): Connection {
    const connection = this.files.another();
    connection.exec('BEGIN');
    connection.get('SELECT 1 FROM generations');
    return connection;
  }

  async #transaction<T>(job: (writer: Connection) => Awaitable<T>): Promise<T> {
    const { writer } = this.files;
    writer.exec('BEGIN IMMEDIATE');
    try {
      const result = await job(writer);
      writer.exec('COMMIT');
      return result;
    } catch (error) {
      if (writer.inTransaction) writer.exec('ROLLBACK');
      throw error;
    }
  }

  #closedError(): ReadStoreError {
    return new ReadStoreError('CLOSED', `read store ${this.files.path} is closed`);
  }
}

/** Of the memory that is free when the store is opened, for what the operating system keeps of its file. */
const SHARE_OF_MEMORY = 0.5;

class SqliteReadStore implements ReadStore {
  readonly #access: SqliteAccess;
  readonly #open = new Map<number, SqliteGeneration>();
  readonly #drops = new Set<Promise<void>>();
  readonly #leases = new Leases();
  readonly #closing = new AbortController();
  /** Queries read in the thread that answers them: pages that come from the disk keep all other questions waiting. */
  readonly #warming: Promise<unknown>;

  constructor(files: Files) {
    this.#access = new SqliteAccess(files);
    const most = process.availableMemory() * SHARE_OF_MEMORY;
    this.#warming = readThrough(files.path, { most, signal: this.#closing.signal });
    for (const row of files.writer.all('SELECT * FROM generations ORDER BY g')) {
      const generation = new SqliteGeneration(this.#access, row);
      if (row['state'] === 'dropping') this.#finish(generation);
      else this.#open.set(generation.number, generation);
    }
  }

  async generations(name: string): Promise<Generation[]> {
    return [...this.#open.values()].filter((generation) => generation.name === name && !generation.over);
  }

  async create(
    name: string,
    version: number,
    collections: readonly AnySpec[],
    serving: boolean,
  ): Promise<Generation> {
    const state = serving ? 'serving' : 'building';
    const generation = await this.#access.write((writer) => {
      const row = { name, version, state, checkpoint: 0, collections: JSON.stringify(collections) };
      const { lastInsertRowid } = writer.run(
        'INSERT INTO generations (name, version, state, checkpoint, collections) VALUES (?, ?, ?, ?, ?)',
        ...Object.values(row),
      );
      const created = new SqliteGeneration(this.#access, { g: lastInsertRowid, ...row });
      created.createTables(writer);
      return created;
    });
    this.#open.set(generation.number, generation);
    return generation;
  }

  async serve(generation: Generation): Promise<void> {
    const next = this.#mine(generation);
    await this.#access.write((writer) => {
      if (!this.#open.has(next.number))
        throw new ReadStoreError('FENCED', `another process has dropped ${next.name}`);
      if (next.serving) return;
      writer.run("UPDATE generations SET state = 'dropping' WHERE state = 'serving' AND name = ?", next.name);
      writer.run("UPDATE generations SET state = 'serving' WHERE g = ?", next.number);
    });
    for (const other of this.#open.values()) {
      if (other.serving && other.name === next.name && other !== next) other.replace();
    }
    next.serving = true;
  }

  async drop(generation: Generation): Promise<void> {
    const dropped = this.#mine(generation);
    if (this.#open.delete(dropped.number)) await dropped.drop();
  }

  async tryLease(name: string, _holder: string, ttlMs: number): Promise<Lease | undefined> {
    this.#access.check();
    return this.#leases.take(name, ttlMs);
  }

  async close(): Promise<void> {
    const drops = Array.from(this.#drops);
    this.#closing.abort();
    await this.#warming;
    await this.#access.close();
    await Promise.all(drops);
  }

  /** What an earlier process began to drop. Fails only when the store is closed meanwhile: the next open goes on. */
  #finish(generation: SqliteGeneration): void {
    const drop = generation.drop().catch(() => undefined);
    this.#drops.add(drop);
    void drop.then(() => this.#drops.delete(drop));
  }

  #mine(generation: Generation): SqliteGeneration {
    if (generation instanceof SqliteGeneration && generation.access === this.#access) return generation;
    throw new TypeError(`${generation.name} is no generation of this store`);
  }
}
