import { randomInt } from 'node:crypto';
import { BusError, type BusPosition, type BusReading, type PageHandler, type ReadOptions } from './bus.ts';
import { checkPosition } from './checks.ts';
import type { SqliteClient } from './sqlite-client.ts';

const LONGEST_BACK_OFF_MS = 5_000;

/** A reading of one topic of the file, in the order of publication. Its one part is the file itself. */
export class SqliteReading implements BusReading {
  readonly started: Promise<BusPosition>;
  readonly ended: Promise<void>;
  readonly #client: SqliteClient;
  readonly #handler: PageHandler;
  readonly #options: ReadOptions;
  readonly #starting = Promise.withResolvers<BusPosition>();
  #failure: BusError | null = null;
  #stopping = false;
  #wake: () => void = () => undefined;
  #unread = true;

  constructor(client: SqliteClient, options: ReadOptions, handler: PageHandler) {
    this.#client = client;
    this.#options = options;
    this.#handler = handler;
    this.started = this.#starting.promise;
    this.ended = this.#run();
    this.started.catch(() => undefined);
    this.ended.catch((error) => this.#starting.reject(error));
  }

  failure(): BusError | null {
    return this.#failure;
  }

  /** There may be more to read than at the last look. */
  published(topic: string): void {
    if (topic !== this.#options.topic) return;
    this.#unread = true;
    this.#wake();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake();
    await this.ended.catch(() => undefined);
  }

  async #run(): Promise<void> {
    const begin = await this.#insist(() => this.#begin());
    if (begin) {
      const { part } = begin;
      let { next } = begin;
      this.#starting.resolve({ [part]: next });
      while (!this.#stopping) {
        const page = await this.#insist(() => this.#look(next));
        if (!page) break;
        const messages = page.messages.map(({ position, event }) => ({
          part,
          place: position,
          event: JSON.parse(event),
        }));
        const moved = page.next > next;
        next = page.next;
        if (moved) await this.#handler(messages, { [part]: next });
        if (next > page.head && !this.#unread && !this.#stopping) await this.#sleep();
      }
    }
    this.#starting.reject(new BusError('CLOSED', 'stopped before it began'));
  }

  /** The part that stands for the file, and the place to begin at. */
  async #begin(): Promise<{ part: string; next: number }> {
    const { topic, from } = this.#options;
    const [head, identity] = await Promise.all([
      this.#client.call('head'),
      this.#client.call('identity', randomInt(2 ** 47)),
    ]);
    const part = identity.toString(36);
    if (from === 'end') return { part, next: head + 1 };
    checkPosition(from, topic, new Map([[part, { low: 1, high: head + 1 }]]));
    return { part, next: from[part] ?? 1 };
  }

  #look(next: number) {
    // Before the look: what is published meanwhile sets it again.
    this.#unread = false;
    return this.#client.call('readTopic', this.#options.topic, next);
  }

  /** Until the log answers; undefined when it is stopped before. */
  async #insist<Value>(ask: () => Promise<Value>): Promise<Value | undefined> {
    for (let pauseMs = 100; !this.#stopping; pauseMs = Math.min(pauseMs * 2, LONGEST_BACK_OFF_MS)) {
      try {
        const value = await ask();
        this.#failure = null;
        return value;
      } catch (error) {
        if (!(error instanceof BusError) || error.code === 'OUT_OF_RANGE') throw error;
        if (this.#stopping || error.code === 'CLOSED') return undefined;
        this.#failure = error;
        await this.#sleep(pauseMs);
      }
    }
    return undefined;
  }

  /** Until woken, at most so long. */
  async #sleep(milliseconds?: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = milliseconds === undefined ? undefined : setTimeout(resolve, milliseconds);
    this.#wake = resolve;
    await promise;
    clearTimeout(timer);
  }
}
