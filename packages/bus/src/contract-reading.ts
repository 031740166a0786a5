import { describe, expect, test } from 'vitest';
import type { Bus, BusPosition, PlacedMessage, ReadOptions } from './bus.ts';
import { failsWith, range, type SetUp } from './contract-kit.ts';
import { type Note, notes } from './contract-note.ts';

interface Taken {
  messages: PlacedMessage[];
  position: BusPosition;
}

/** Reads until so many messages came, then stops. */
async function take(bus: Bus, options: ReadOptions, count: number, go?: () => Promise<void>): Promise<Taken> {
  const messages: PlacedMessage[] = [];
  const enough = Promise.withResolvers<void>();
  let position: BusPosition = {};
  const reading = bus.read(options, async (page, reached) => {
    messages.push(...page);
    position = reached;
    if (messages.length >= count) enough.resolve();
  });
  position = { ...(await reading.started), ...position };
  await go?.();
  if (count === 0) enough.resolve();
  await Promise.race([enough.promise, reading.ended]);
  await reading.stop();
  return { messages, position };
}

const ofKey = (messages: readonly PlacedMessage[], key: string): number[] =>
  messages.map(({ event }) => (event as Note).data).flatMap(({ key: own, n }) => (own === key ? [n] : []));

/** Where each message may be gone on behind it: what a page reached, as far as the message. */
const behind = (messages: readonly PlacedMessage[]): BusPosition =>
  Object.fromEntries(messages.map(({ part, place }) => [part, place + 1]));

export function readingContract(name: string, setUp: SetUp): void {
  describe(`${name}: reading without a group`, () => {
    test('from the beginning: everything of the topic, in order per key, and nothing of others', async () => {
      const { bus, topic, publish } = await setUp();
      for (const key of ['a', 'b', 'c']) await publish(topic, key, notes(key, 100));
      await publish(`${topic}.other`, 'a', notes('x', 3));
      const { messages } = await take(bus, { topic, from: {} }, 300);
      expect(messages).toHaveLength(300);
      for (const key of ['a', 'b', 'c']) expect(ofKey(messages, key)).toEqual(range(100));
    });

    test('from the end: only what is published after it began; several readers see it all', async () => {
      const { bus, topic, publish } = await setUp();
      await publish(topic, 'k', notes('k', 5));
      const both = await Promise.all([
        take(bus, { topic, from: 'end' }, 3, () => publish(topic, 'k', notes('k', 3, 6))),
        take(bus, { topic, from: {} }, 8),
      ]);
      expect(both.map(({ messages }) => ofKey(messages, 'k'))).toEqual([[6, 7, 8], range(8)]);
    });

    test('goes on behind any message, also in a bus that was opened again, without a gap or a double', async () => {
      const { bus, topic, publish, reopen } = await setUp();
      const keys = ['a', 'b', 'c', 'd'];
      for (const n of range(10)) for (const key of keys) await publish(topic, key, notes(key, 1, n));
      const first = await take(bus, { topic, from: {} }, 40);
      const again = await reopen();
      for (const cut of [0, 1, 17, 39]) {
        const seen = first.messages.slice(0, cut);
        const rest = await take(again, { topic, from: behind(seen) }, 40 - cut);
        for (const key of keys) expect(ofKey([...seen, ...rest.messages], key)).toEqual(range(10));
      }
      expect((await take(again, { topic, from: first.position }, 0)).messages).toEqual([]);
    });

    test('hands on one page after the other, and no more once it was stopped', async () => {
      const { bus, topic, publish } = await setUp();
      await publish(topic, 'k', notes('k', 5));
      const entered = Promise.withResolvers<void>();
      const free = Promise.withResolvers<void>();
      let atOnce = 0;
      let pages = 0;
      const reading = bus.read({ topic, from: {} }, async () => {
        atOnce += 1;
        pages += 1;
        expect(atOnce).toBe(1);
        entered.resolve();
        await free.promise;
        atOnce -= 1;
      });
      await entered.promise;
      await publish(topic, 'k', notes('k', 5, 6));
      const stopped = reading.stop();
      free.resolve();
      await stopped;
      await reading.ended;
      expect(pages).toBe(1);
    });

    test('a position that the log does not hold is told', async () => {
      const { bus, topic, publish } = await setUp();
      await publish(topic, 'k', notes('k', 1));
      const { position } = await take(bus, { topic, from: {} }, 1);
      const [part = ''] = Object.keys(position);
      for (const from of [{ [part]: 2 ** 40 }, { [part]: -1 }, { [part]: 1.5 }, { elsewhere: 1 }]) {
        const reading = bus.read({ topic, from }, async () => undefined);
        await expect(reading.started).rejects.toEqual(failsWith('OUT_OF_RANGE'));
        await expect(reading.ended).rejects.toEqual(failsWith('OUT_OF_RANGE'));
      }
    });

    test('a handler that fails ends the reading', async () => {
      const { bus, topic, publish } = await setUp();
      await publish(topic, 'k', notes('k', 1));
      const reading = bus.read({ topic, from: {} }, async () => {
        throw new Error('a defect');
      });
      await expect(reading.ended).rejects.toThrow('a defect');
    });

    test('ends when the bus is closed; what cannot be read is refused', async () => {
      const { bus, topic } = await setUp();
      expect(() => bus.read({ topic: 'a b', from: {} }, async () => undefined)).toThrow(/topic/);
      const reading = bus.read({ topic, from: 'end' }, async () => undefined);
      await reading.started;
      await bus.close();
      await reading.ended;
      expect(() => bus.read({ topic, from: {} }, async () => undefined)).toThrow(/closed/);
    });
  });
}
