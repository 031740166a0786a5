import { type Bus, BusError, type BusPosition } from '@dutyledger/bus/bus';
import type { SubscriptionContract } from '@dutyledger/contracts/subscription';
import type { Channels } from './channels.ts';
import { busAway, lostPlace } from './endings.ts';
import { entriesOf } from './entries.ts';
import { nearest } from './position.ts';
import type { Subscriber } from './subscriber.ts';

export interface CatchUpOptions {
  bus: Bus;
  topic: string;
  contracts: readonly SubscriptionContract[];
  channels: Channels;
  /** Takes the subscriber over when its place is within what the feed remembers. */
  meet(subscriber: Subscriber): boolean;
}

/** Readings of one topic at once; those who come meanwhile share the next. */
const MOST_RUNS = 4;

interface Run {
  subscribers: Set<Subscriber>;
  done: PromiseWithResolvers<void>;
  ended: Promise<void>;
}

/** Brings subscribers that come back from farther than the feed remembers up to it. */
export class CatchUp {
  readonly #options: CatchUpOptions;
  readonly #waiting = new Set<Subscriber>();
  readonly #runs = new Set<Run>();

  constructor(options: CatchUpOptions) {
    this.#options = options;
  }

  add(subscriber: Subscriber): void {
    this.#waiting.add(subscriber);
    this.#next();
  }

  remove(subscriber: Subscriber): void {
    this.#waiting.delete(subscriber);
    for (const run of this.#runs) {
      if (run.subscribers.delete(subscriber)) this.#settle(run);
    }
  }

  /** The feed has moved: some may meet it now. */
  lookAgain(): void {
    for (const run of this.#runs) this.#settle(run);
  }

  async stop(): Promise<void> {
    this.#waiting.clear();
    for (const { done } of this.#runs) done.resolve();
    await Promise.all([...this.#runs].map(({ ended }) => ended));
  }

  #next(): void {
    if (this.#waiting.size === 0 || this.#runs.size >= MOST_RUNS) return;
    this.#begin(new Set(this.#waiting));
    this.#waiting.clear();
  }

  #begin(subscribers: Set<Subscriber>): void {
    const run: Run = { subscribers, done: Promise.withResolvers(), ended: Promise.resolve() };
    this.#runs.add(run);
    run.ended = this.#read(run).finally(() => {
      this.#runs.delete(run);
      this.#next();
    });
  }

  async #read(run: Run): Promise<void> {
    const { bus, topic, contracts, channels } = this.#options;
    const { subscribers, done } = run;
    let reached: BusPosition = nearest([...subscribers].map(({ position }) => position));
    try {
      const reading = bus.read({ topic, from: reached }, async (page, position) => {
        for (const entry of entriesOf(page, reached, contracts)) {
          await Promise.all(Array.from(subscribers, (one) => one.room()));
          channels.offerTo(entry, subscribers);
        }
        reached = position;
        for (const subscriber of subscribers) subscriber.reached(position);
        this.#settle(run);
      });
      try {
        reached = { ...(await reading.started), ...reached };
        await Promise.race([done.promise, reading.ended]);
      } finally {
        await reading.stop();
      }
    } catch (error) {
      this.#failed(error, subscribers);
    }
  }

  #settle({ subscribers, done }: Run): void {
    for (const subscriber of subscribers) {
      if (subscriber.over || this.#options.meet(subscriber)) subscribers.delete(subscriber);
    }
    if (subscribers.size === 0) done.resolve();
  }

  /** A place that is lost for one is not for all: each is then read for by itself. */
  #failed(error: unknown, subscribers: ReadonlySet<Subscriber>): void {
    const lost = error instanceof BusError && error.code === 'OUT_OF_RANGE';
    for (const subscriber of subscribers) {
      if (!lost) subscriber.end(busAway);
      else if (subscribers.size === 1) subscriber.end(lostPlace);
      else this.#begin(new Set([subscriber]));
    }
  }
}
