import { setTimeout as pause } from 'node:timers/promises';
import type { StoredEvent, SubscribeOptions, Subscription } from './event-store.ts';
import { EventStoreError } from './event-store.ts';
import type { Connection } from './eventstoredb-connection.ts';
import { isPassing, Patience } from './eventstoredb-errors.ts';
import type { ReadEvent } from './eventstoredb-event.ts';
import { isSystem, numberOf, toReadEvent } from './eventstoredb-event.ts';
import { EventStoreDbReader, Page } from './eventstoredb-reader.ts';

/** While nothing comes, whether the log has grown by what others write is looked at this often. */
const LOOK_MS = 1_000;

const idle = Symbol('nothing came');

/**
 * Reads up to the head, then follows a subscription of the server from there; when that breaks, the same again from
 * the last handled position, for as long as it takes. Every event passes `deliver`, which knows that position: there
 * is no hand-over at which one could be lost or come twice.
 */
export class EventStoreDbSubscription implements Subscription {
  readonly caughtUp: Promise<void>;
  readonly ended: Promise<void>;
  readonly #connection: Connection;
  readonly #reader: EventStoreDbReader;
  readonly #options: SubscribeOptions;
  readonly #handler: (events: StoredEvent[]) => Promise<void>;
  readonly #caughtUp = Promise.withResolvers<void>();
  readonly #stopping = new AbortController();
  readonly #prefix: string;
  readonly #types: ReadonlySet<string> | undefined;
  #position: number;
  #failed: { error: unknown } | undefined;

  constructor(
    connection: Connection,
    patienceMs: number,
    options: SubscribeOptions,
    handler: (events: StoredEvent[]) => Promise<void>,
  ) {
    this.#connection = connection;
    this.#reader = new EventStoreDbReader(connection, patienceMs, this.#stopping.signal);
    this.#options = options;
    this.#handler = handler;
    this.#prefix = options.prefix ?? '';
    this.#types = options.types && new Set(options.types);
    this.#position = options.after ?? 0;
    this.caughtUp = this.#caughtUp.promise;
    // Whoever does not wait for it need not hear of its failure; `ended` tells.
    this.caughtUp.catch(() => undefined);
    this.ended = this.#run();
    this.ended.then(
      () =>
        this.#caughtUp.reject(
          new EventStoreError('CLOSED', 'the subscription was stopped before it had caught up'),
        ),
      (error) => this.#caughtUp.reject(error),
    );
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.ended.catch(() => undefined);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    const patience = new Patience(Number.POSITIVE_INFINITY, signal);
    while (!signal.aborted) {
      try {
        await this.#catchUp();
        if (signal.aborted) return;
        this.#caughtUp.resolve();
        patience.renew();
        await this.#follow();
      } catch (error) {
        if (this.#failed) throw this.#failed.error;
        if (signal.aborted) return;
        if (!isPassing(error)) throw error;
        await patience.bear(error as EventStoreError).catch(() => undefined);
      }
    }
  }

  /** Everything that is committed now. */
  async #catchUp(): Promise<void> {
    const head = await this.#reader.headNow();
    for await (const page of this.#reader.all(this.#position, head, this.#prefix)) {
      await this.#deliver(page);
      if (this.#stopping.signal.aborted) return;
    }
    this.#reached(head);
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stopping;
    const messages = this.#connection.read(
      { all: 'live', from: this.#position, prefix: this.#prefix },
      signal,
    );
    const page = new Page();
    const ask = () => {
      const answer = messages.next();
      // The last one is not waited for, and breaks off when this ends.
      answer.catch(() => undefined);
      return answer;
    };
    let checkpoint = 0;
    try {
      for (let next = ask(); !signal.aborted; ) {
        const message = await orIdle(next);
        if (message === idle) {
          if ((await this.#reader.headNow()) > this.#position) await this.#catchUp();
          continue;
        }
        if (message.done) return;
        const { response, waiting } = message.value;
        const recorded = response.getEvent()?.getEvent();
        if (recorded && !isSystem(recorded)) page.add(this.#connection.note(toReadEvent(recorded)));
        const told = response.getCheckpoint();
        if (told) checkpoint = numberOf(told.getCommitPosition(), 'a checkpoint');
        if (page.full || waiting === 0) {
          await this.#deliver(page.take());
          this.#reached(checkpoint);
        }
        next = ask();
      }
    } finally {
      await messages.return(undefined);
    }
  }

  async #deliver(page: readonly ReadEvent[]): Promise<void> {
    const last = page.at(-1)?.event.position ?? 0;
    const events = page
      .map(({ event }) => event)
      .filter(({ position, type }) => position > this.#position && (this.#types?.has(type) ?? true));
    try {
      if (events.length > 0) await this.#handler(events);
    } catch (error) {
      this.#failed = { error };
      throw error;
    }
    this.#reached(last);
  }

  #reached(position: number): void {
    if (position <= this.#position) return;
    this.#position = position;
    this.#options.progress?.(position);
  }
}

/** What comes within a while, or `idle`. */
async function orIdle<T>(next: Promise<T>): Promise<T | typeof idle> {
  const waiting = new AbortController();
  try {
    return await Promise.race([next, pause(LOOK_MS, idle, { signal: waiting.signal, ref: false })]);
  } finally {
    waiting.abort();
  }
}
