import type { BusPosition } from '@dutyledger/bus/bus';
import type { Refusal } from '@dutyledger/event-store/decider';
import type { GraphqlAnswer } from '@dutyledger/subgraph-kit/endpoint';
import { type Delivery, type Entry, rightsOf, type Viewer } from './delivery.ts';
import { unresolved } from './endings.ts';
import type { Plan } from './plan.ts';
import { farther, reaches } from './position.ts';

/** Messages that are looked up while the one before them is on its way. */
const AHEAD = 8;

/** Why a subscription ended, with the cursor to go on behind. */
export class Ended extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal, cursor: string) {
    super(refusal.message.en);
    this.refusal = { ...refusal, details: { ...refusal.details, cursor } };
  }
}

export interface SubscriberOptions {
  plan: Plan;
  viewer: Viewer;
  /** Most messages that wait for the client. */
  queue: number;
  seal(position: BusPosition): string;
  /** Told of every message that was handed to the client, or kept back from it. */
  observe(outcome: 'delivered' | 'hidden', delivery: Delivery): void;
  /** Told at once when it is ended, which the client may learn much later. */
  ended(reason: string): void;
}

/**
 * One client's place in the log of a topic: what waits for it, and what it has got. It sees every message once: those
 * before its place are passed by, whichever reading brings them.
 */
export class Subscriber {
  readonly plan: Plan;
  readonly viewer: Viewer;
  /** The same for those who get the same, unless it depends on the person. */
  readonly identity: string;
  readonly #options: SubscriberOptions;
  readonly #queue: { delivery: Delivery; position: BusPosition }[] = [];
  /** Up to where everything was queued, and up to where it was handed over. */
  #queued: BusPosition = {};
  #handed: BusPosition = {};
  #ending: Refusal | undefined;
  #closed = false;
  #bell = Promise.withResolvers<void>();
  #room = Promise.withResolvers<void>();

  constructor(options: SubscriberOptions) {
    this.#options = options;
    this.plan = options.plan;
    this.viewer = options.viewer;
    this.identity = JSON.stringify([this.plan.identity, rightsOf(this.viewer)]);
  }

  get waiting(): number {
    return this.#queue.length;
  }

  get position(): BusPosition {
    return this.#queued;
  }

  /** Behind the last message that the client got or was not to see. */
  get cursor(): string {
    return this.#options.seal(this.#queue.length === 0 ? this.#queued : this.#handed);
  }

  get wasEnded(): boolean {
    return this.#ending !== undefined;
  }

  get over(): boolean {
    return this.#closed || this.#ending !== undefined;
  }

  startAt(position: BusPosition): void {
    this.#queued = position;
    this.#handed = position;
  }

  /** Everything up to here was offered. */
  reached(position: BusPosition): void {
    this.#queued = reaches(position, this.#queued) ? position : farther(position, this.#queued);
  }

  /** Whether the message is still to come for this subscriber. */
  misses({ part, place }: Pick<Entry, 'part' | 'place'>): boolean {
    return !this.over && place >= (this.#queued[part] ?? 0);
  }

  /** False when there is no room: the client is too slow. */
  offer(delivery: Delivery): boolean {
    if (this.#queue.length >= this.#options.queue) return false;
    this.reached(delivery.entry.position);
    this.#queue.push({ delivery, position: this.#queued });
    this.#bell.resolve();
    return true;
  }

  /** Resolves when half of the queue is free, or it is over. */
  async room(): Promise<void> {
    while (!this.over && this.#queue.length > this.#options.queue / 2) await this.#room.promise;
  }

  /** Ends it with a reason, which the client is told behind what it has got. */
  end(refusal: Refusal): void {
    if (this.over) return;
    this.#ending = refusal;
    if (this.#queue.length === 0) this.#handed = this.#queued;
    this.#queue.length = 0;
    this.#options.ended(String(refusal.details?.['reason'] ?? 'other'));
    this.#wake();
  }

  close(): void {
    this.#closed = true;
    this.#queue.length = 0;
    this.#wake();
  }

  #wake(): void {
    this.#bell.resolve();
    this.#room.resolve();
  }

  /** What the client gets, in order. Throws Ended. */
  async *answers(): AsyncGenerator<GraphqlAnswer, void, void> {
    while (!this.#closed) {
      const [next] = this.#queue;
      if (this.#ending) throw new Ended(this.#ending, this.#options.seal(this.#handed));
      if (!next) {
        this.#bell = Promise.withResolvers();
        await this.#bell.promise;
        continue;
      }
      const { delivery, position } = next;
      for (const { delivery: soon } of this.#queue.slice(0, AHEAD)) void soon.outcome(this.viewer);
      const outcome = await delivery.outcome(this.viewer);
      if (this.over) continue;
      if (outcome.kind === 'failed') {
        this.end(unresolved);
        continue;
      }
      this.#queue.shift();
      this.#handed = position;
      this.#room.resolve();
      this.#room = Promise.withResolvers();
      this.#options.observe(outcome.kind === 'shown' ? 'delivered' : 'hidden', delivery);
      if (outcome.kind === 'shown') {
        yield delivery.answer(outcome, this.#options.seal(position));
      }
    }
  }
}
