import type { BusPosition } from '@dutyledger/bus/bus';
import type { Told } from '@dutyledger/contracts/subscription';
import { type Ask, Delivery, type Entry } from './delivery.ts';
import { tooSlow } from './endings.ts';
import type { Plan } from './plan.ts';
import type { Subscriber } from './subscriber.ts';

interface ChannelsOptions {
  ask: Ask;
  patienceMs: number;
  queue: number;
}

/** All who subscribed to the same with the same rights. */
type Channel = Set<Subscriber>;

const meets = (told: Told, { filters }: Plan): boolean =>
  Object.entries(filters).every(([argument, value]) => told.meets[argument]?.includes(value));

/** A channel is found under the first argument that was given, or among those without any. */
const placeOf = ({ contract, filters }: Plan): string => {
  const [first] = Object.entries(filters);
  return JSON.stringify([contract.field, ...(first ?? [])]);
};

/** Who is to get a message: found by what it says, not by asking everyone. */
export class Channels {
  readonly #options: ChannelsOptions;
  /** By place, then by what makes two subscribers get the same. */
  readonly #places = new Map<string, Map<string, Channel>>();

  constructor(options: ChannelsOptions) {
    this.#options = options;
  }

  *all(): Iterable<Subscriber> {
    for (const channels of this.#places.values()) for (const channel of channels.values()) yield* channel;
  }

  add(subscriber: Subscriber): void {
    const place = placeOf(subscriber.plan);
    const channels = this.#places.get(place) ?? new Map<string, Channel>();
    this.#places.set(place, channels);
    const channel = channels.get(subscriber.identity) ?? new Set();
    channels.set(subscriber.identity, channel.add(subscriber));
  }

  remove(subscriber: Subscriber): void {
    const place = placeOf(subscriber.plan);
    const channels = this.#places.get(place);
    const channel = channels?.get(subscriber.identity);
    channel?.delete(subscriber);
    if (channel?.size === 0) channels?.delete(subscriber.identity);
    if (channels?.size === 0) this.#places.delete(place);
  }

  /** Hands a message to all whom it concerns. */
  offer(entry: Entry): void {
    for (const [field, told] of entry.told) {
      const named = Object.entries(told.meets).flatMap(([argument, values]) =>
        values.map((value) => [field, argument, value]),
      );
      for (const place of [[field], ...named]) {
        for (const channel of this.#places.get(JSON.stringify(place))?.values() ?? []) {
          this.#deliver(entry, told, channel, true);
        }
      }
    }
  }

  /** Hands a message to those of the subscribers whom it concerns. */
  offerTo(entry: Entry, subscribers: Iterable<Subscriber>): void {
    const alike = Map.groupBy(subscribers, ({ identity }) => identity);
    for (const channel of alike.values()) {
      const told = entry.told.get(channel[0]?.plan.contract.field ?? '');
      if (told) this.#deliver(entry, told, channel, false);
    }
  }

  #deliver(entry: Entry, told: Told, channel: Iterable<Subscriber>, live: boolean): void {
    const { ask, patienceMs, queue } = this.#options;
    let delivery: Delivery | undefined;
    for (const subscriber of channel) {
      if (!subscriber.misses(entry)) continue;
      if (!meets(told, subscriber.plan)) return;
      delivery ??= new Delivery(entry, live, subscriber.plan, ask, patienceMs);
      if (!subscriber.offer(delivery)) subscriber.end(tooSlow(queue));
    }
  }

  /** All have been offered everything up to here. */
  reached(position: BusPosition): void {
    for (const subscriber of this.all()) subscriber.reached(position);
  }
}
