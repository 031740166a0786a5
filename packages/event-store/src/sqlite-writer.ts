import { Worker } from 'node:worker_threads';
import type { AppendRequest } from './append-request.ts';
import { EventStoreError } from './event-store.ts';
import type { ImportedRow, WriteOutcome } from './sqlite-commit.ts';
import type { FileOptions } from './sqlite-file.ts';
import type { FromWorker, ToWorker, WorkerData } from './sqlite-worker.ts';

/**
 * Bounds of one transaction; a larger append has one to itself. Larger groups save little more, and while one group
 * is being flushed this thread serves those who wait for the other.
 */
const GROUP_EVENTS = 128;
const GROUP_CHARS = 16 * 1024 * 1024;
const GROUPS_IN_FLIGHT = 2;

interface Pending {
  /** An import has a transaction to itself. */
  request: AppendRequest | { imported: ImportedRow[] };
  resolve(outcome: WriteOutcome): void;
  reject(error: EventStoreError): void;
}

/**
 * Main thread's side of the writing thread. Appends of one turn of the event loop, and all that come while a
 * transaction is being flushed, share the next transaction.
 */
export class SqliteWriter {
  readonly #worker: Worker;
  readonly #sent = new Int32Array(new SharedArrayBuffer(4));
  readonly #now: (() => number) | undefined;
  readonly #committed: () => void;
  readonly #opened = Promise.withResolvers<void>();
  readonly #closed = Promise.withResolvers<void>();
  #queue: Pending[] = [];
  #inFlight: Pending[][] = [];
  #scheduled = false;
  #closing = false;
  #broken: EventStoreError | undefined;

  /** Resolves when the file is open; throws EventStoreError when it cannot be. */
  static async open(path: string, file: FileOptions, now: (() => number) | undefined, committed: () => void) {
    const writer = new SqliteWriter(path, file, now, committed);
    await writer.#opened.promise;
    return writer;
  }

  private constructor(
    path: string,
    file: FileOptions,
    now: (() => number) | undefined,
    committed: () => void,
  ) {
    this.#now = now;
    this.#committed = committed;
    const workerData: WorkerData = { path, file, sent: this.#sent };
    this.#worker = new Worker(new URL('./sqlite-worker.ts', import.meta.url), { workerData });
    this.#worker.on('message', (message: FromWorker) => this.#receive(message));
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', () => this.#fail(new Error('the thread has ended')));
  }

  append(request: Pending['request']): Promise<WriteOutcome> {
    if (this.#broken) return Promise.reject(this.#broken);
    const { promise, resolve, reject } = Promise.withResolvers<WriteOutcome>();
    this.#queue.push({ request, resolve, reject });
    this.#schedule();
    return promise;
  }

  /** Writes what was handed over before, closes the file, ends the thread. */
  close(): Promise<void> {
    this.#closing = true;
    this.#worker.ref();
    this.#schedule();
    return this.#closed.promise;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    process.nextTick(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    while (this.#queue.length > 0 && this.#inFlight.length < GROUPS_IN_FLIGHT) {
      const group = this.#nextGroup();
      this.#inFlight.push(group);
      this.#worker.ref();
      this.#send(this.#messageOf(group));
    }
    if (this.#inFlight.length > 0) return;
    if (this.#closing) this.#send(null);
    else this.#worker.unref();
  }

  #messageOf(group: readonly Pending[]): ToWorker {
    const requests: AppendRequest[] = [];
    for (const { request } of group) {
      if ('imported' in request) return request;
      requests.push(request);
    }
    const now = this.#now?.();
    return { group: requests, ...(now === undefined ? {} : { now }) };
  }

  #nextGroup(): Pending[] {
    let events = 0;
    let chars = 0;
    const end = this.#queue.findIndex(({ request }) => {
      if ('imported' in request) return true;
      const { rows } = request;
      events += rows.length;
      chars += rows.reduce((sum, [, , , metadata, data]) => sum + metadata.length + data.length, 0);
      return events > GROUP_EVENTS || chars > GROUP_CHARS;
    });
    return this.#queue.splice(0, end < 0 ? this.#queue.length : Math.max(1, end));
  }

  #receive(message: FromWorker): void {
    if ('outcomes' in message) {
      const answered = this.#inFlight.shift() ?? [];
      if (message.outcomes.some(({ status }) => status === 'appended')) this.#committed();
      for (const [i, { resolve }] of answered.entries()) resolve(message.outcomes[i] as WriteOutcome);
      this.#schedule();
    } else if ('closed' in message) {
      this.#closed.resolve();
    } else if (message.opened) {
      this.#opened.reject(new EventStoreError(message.opened.code, message.opened.message));
    } else {
      this.#worker.unref();
      this.#opened.resolve();
    }
  }

  /** The thread is gone: what was under way may or may not be written; a retry with the same ids finds out. */
  #fail(cause: unknown): void {
    const message =
      'the writer of the event store has stopped; the appends under way may or may not be written';
    this.#broken ??= new EventStoreError('UNAVAILABLE', message, { cause });
    for (const { reject } of [...this.#inFlight.flat(), ...this.#queue]) reject(this.#broken);
    this.#inFlight = [];
    this.#queue = [];
    this.#opened.reject(this.#broken);
    this.#closed.resolve();
  }

  #send(message: ToWorker): void {
    this.#worker.postMessage(message);
    Atomics.add(this.#sent, 0, 1);
    Atomics.notify(this.#sent, 0);
  }
}
