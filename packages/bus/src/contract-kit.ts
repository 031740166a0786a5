import { randomUUID } from 'node:crypto';
import type { CloudEvent } from '@dutyledger/contracts/envelope';
import { expect } from 'vitest';
import type { Bus, BusErrorCode, Publisher, SubscribeOptions } from './bus.ts';
import { type Note, toTopic } from './contract-note.ts';

/** What the parts of the contract suite share. */

/** A fresh bus somewhere: opened again, it is the same bus. */
export interface BusPlace {
  open(): Promise<Bus>;
  remove(): Promise<void>;
}

export const failsWith = (code: BusErrorCode) => expect.objectContaining({ name: 'BusError', code });

/** What was handled, in order, repeats left out: a bus delivers at least once. */
export class Record {
  readonly all: Note[] = [];
  readonly handler = async (event: CloudEvent) => {
    this.all.push(event as Note);
  };
  of(key: string): number[] {
    return [...new Set(this.all.filter(({ data }) => data.key === key).map(({ data }) => data.n))];
  }
}

export const range = (count: number, from = 1) => Array.from({ length: count }, (_, index) => from + index);

/** Handles everything published so far as a member of the group. */
export async function drain(
  bus: Bus,
  options: SubscribeOptions,
  handler: (event: CloudEvent) => Promise<void>,
) {
  const subscription = bus.subscribe({ pauseMs: 1, ...options }, handler);
  await subscription.caughtUp;
  await subscription.stop();
}

/** A bus with names that no other test uses; `reopen` closes and opens it, `remove` leaves nothing behind. */
export interface Fixture {
  bus: Bus;
  topic: string;
  group: string;
  /** In the name of the fixture's publisher. */
  publish(topic: string, key: string, events: readonly CloudEvent[]): Promise<void>;
  reopen(): Promise<Bus>;
  remove(): Promise<void>;
}

export type SetUp = () => Promise<Fixture>;

export async function fixture(place: BusPlace): Promise<Fixture> {
  let bus = await place.open();
  let publisher: Promise<Publisher> | undefined;
  const suffix = randomUUID();
  return {
    bus,
    topic: `topic-${suffix}`,
    group: `group-${suffix}`,
    async publish(topic, key, events) {
      publisher ??= bus.publisher(`publisher-${suffix}`);
      await (await publisher).publish(toTopic(topic, key, events));
    },
    async reopen() {
      await bus.close();
      publisher = undefined;
      bus = await place.open();
      return bus;
    },
    async remove() {
      await bus.close();
      await place.remove();
    },
  };
}
