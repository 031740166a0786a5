import { Worker } from 'node:worker_threads';
import { BusError } from './bus.ts';
import type { SqliteLog } from './sqlite-log.ts';
import type { Answer, Operation, Request } from './sqlite-worker.ts';

interface Waiting {
  resolve(value: unknown): void;
  reject(error: BusError): void;
}

/** The main thread's side of `sqlite-worker.ts`: requests are carried out in the order of the calls. */
export class SqliteClient {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #exited: Promise<void>;
  #lastId = 0;
  #ended: BusError | undefined;

  private constructor(path: string) {
    this.#worker = new Worker(new URL('./sqlite-worker.ts', import.meta.url), { workerData: { path } });
    this.#worker.on('message', (answer: Answer) => this.#receive(answer));
    this.#worker.on('error', (cause) => {
      this.#end(new BusError('UNAVAILABLE', `the bus thread died: ${cause.message}`, { cause }));
    });
    this.#exited = new Promise((resolve) => {
      this.#worker.once('exit', () => {
        this.#end(new BusError('CLOSED', 'the bus is closed'));
        resolve();
      });
    });
  }

  /** Resolves when the file is open; rejects with a BusError that names the file. */
  static async open(path: string): Promise<SqliteClient> {
    const client = new SqliteClient(path);
    try {
      await new Promise((resolve, reject) => client.#waiting.set(0, { resolve, reject }));
    } catch (error) {
      await client.#exited;
      const { code, message } = error as BusError;
      throw new BusError(code, `${path}: ${message}`);
    }
    return client;
  }

  call<Op extends Operation>(op: Op, ...args: Parameters<SqliteLog[Op]>): Promise<ReturnType<SqliteLog[Op]>> {
    return this.#send(op, args) as Promise<ReturnType<SqliteLog[Op]>>;
  }

  async close(): Promise<void> {
    if (!this.#ended) await this.#send('close', []);
    this.#ended = new BusError('CLOSED', 'the bus is closed');
    await this.#exited;
  }

  #send(op: Request['op'], args: unknown[]): Promise<unknown> {
    if (this.#ended) return Promise.reject(this.#ended);
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, op, args } satisfies Request);
    });
  }

  #receive(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (answer.ok) waiting?.resolve(answer.value);
    else waiting?.reject(new BusError(answer.error.code, answer.error.message));
  }

  #end(error: BusError): void {
    this.#ended ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }
}
