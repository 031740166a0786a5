import {
  type Bus,
  BusError,
  type BusPosition,
  type BusReading,
  type PlacedMessage,
} from '@dutyledger/bus/bus';
import type { SubscriptionContract } from '@dutyledger/contracts/subscription';
import type { Logger } from '@dutyledger/subgraph-kit/logging';
import { CatchUp } from './catch-up.ts';
import { Channels } from './channels.ts';
import type { Ask, Entry } from './delivery.ts';
import { busAway, lostPlace } from './endings.ts';
import { entriesOf } from './entries.ts';
import { reaches } from './position.ts';
import type { Subscriber } from './subscriber.ts';

export interface FeedOptions {
  bus: Bus;
  topic: string;
  contracts: readonly SubscriptionContract[];
  ask: Ask;
  /** How long it is tried to look up what a message is about. */
  patienceMs: number;
  /** Most messages that wait for one client. */
  queue: number;
  /** Messages that are kept for those who come back. */
  recent: number;
  logger: Logger;
}

/**
 * One reading of a topic for all its subscribers. Those who come back behind a message that is still remembered go on
 * from memory; the others read what they missed from the bus, together, until they meet the feed.
 */
export class Feed {
  readonly #options: FeedOptions;
  readonly #channels: Channels;
  readonly #catchUp: CatchUp;
  #starting: Promise<void> | undefined;
  #reading: BusReading | undefined;
  #position: BusPosition = {};
  /** Everything from `#since` on that concerns someone. */
  #recent: Entry[] = [];
  #since: BusPosition = {};
  #stopped = false;

  constructor(options: FeedOptions) {
    this.#options = options;
    const { bus, topic, contracts } = options;
    this.#channels = new Channels(options);
    this.#catchUp = new CatchUp({
      bus,
      topic,
      contracts,
      channels: this.#channels,
      meet: (one) => this.#meet(one),
    });
  }

  /** Why nothing comes at present; null while all is well, or nobody has asked for anything. */
  failure(): BusError | null {
    return this.#reading?.failure() ?? null;
  }

  /** Throws NOT_FOUND for a place that the bus does not hold, UNAVAILABLE when it does not answer. */
  async join(subscriber: Subscriber, from: BusPosition | undefined): Promise<void> {
    this.#starting ??= this.#start();
    await this.#starting;
    if (from !== undefined && Object.keys(from).some((part) => !(part in this.#position))) {
      subscriber.end(lostPlace);
      return;
    }
    subscriber.startAt(from ?? this.#position);
    if (!this.#meet(subscriber)) this.#catchUp.add(subscriber);
  }

  leave(subscriber: Subscriber): void {
    this.#channels.remove(subscriber);
    this.#catchUp.remove(subscriber);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all([this.#reading?.stop(), this.#catchUp.stop()]);
  }

  async #start(): Promise<void> {
    const { bus, topic, logger } = this.#options;
    if (this.#stopped) throw new BusError('CLOSED', 'the gateway is stopping');
    const ready = Promise.withResolvers<void>();
    const reading = bus.read({ topic, from: 'end' }, async (page, position) => {
      await ready.promise;
      this.#take(page, position);
    });
    this.#reading = reading;
    reading.ended.then(
      () => this.#over(),
      (err) => {
        logger.error({ err, topic }, 'subscriptions are not fed any more');
        this.#over();
      },
    );
    this.#position = await reading.started;
    this.#since = this.#position;
    ready.resolve();
  }

  #over(): void {
    this.#starting = undefined;
    this.#recent = [];
    for (const subscriber of this.#channels.all()) subscriber.end(busAway);
  }

  /** Goes on from memory; false when that does not reach back far enough, is too much at once, or is behind the subscriber. */
  #meet(subscriber: Subscriber): boolean {
    const { position } = subscriber;
    if (!reaches(position, this.#since) || !reaches(this.#position, position)) return false;
    const missed = this.#recent.filter((entry) => subscriber.misses(entry));
    if (missed.length > 0 && subscriber.waiting + missed.length > this.#options.queue / 2) return false;
    this.#channels.add(subscriber);
    for (const entry of missed) this.#channels.offerTo(entry, [subscriber]);
    subscriber.reached(this.#position);
    return true;
  }

  #take(page: readonly PlacedMessage[], position: BusPosition): void {
    const entries = entriesOf(page, this.#position, this.#options.contracts);
    for (const entry of entries) this.#channels.offer(entry);
    this.#position = position;
    this.#recent.push(...entries);
    const dropped = this.#recent.splice(0, Math.max(0, this.#recent.length - this.#options.recent)).at(-1);
    if (dropped) this.#since = dropped.position;
    this.#channels.reached(position);
    this.#catchUp.lookAgain();
  }
}
