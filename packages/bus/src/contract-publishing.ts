import { describe, expect, test } from 'vitest';
import { type Bus, MAX_MESSAGE_BYTES } from './bus.ts';
import { drain, failsWith, Record, range, type SetUp } from './contract-kit.ts';
import { note, notes, toTopic } from './contract-note.ts';

const messages = (topic: string, key: string, count: number, from = 1) =>
  toTopic(topic, key, notes(key, count, from));

async function recorded(bus: Bus, group: string, ...topics: string[]): Promise<Record> {
  const record = new Record();
  await drain(bus, { group, topics }, record.handler);
  return record;
}

export function publishingContract(name: string, setUp: SetUp): void {
  describe(`${name}: publishers`, () => {
    test('checkpoints are 0 at first, each by its name, and kept', async () => {
      const { bus, reopen, topic, group } = await setUp();
      const first = await bus.publisher(group);
      expect(first.checkpoint).toBe(0);
      await first.publish([], 7);
      await first.publish(messages(topic, 'k', 1), 2 ** 40);
      await first.publish(messages(topic, 'k', 1, 2));
      expect(first.checkpoint).toBe(2 ** 40);
      await (await bus.publisher(`${group}-2`)).publish([], 3);
      const again = await reopen();
      const checkpoints = [];
      for (const each of [group, `${group}-2`]) checkpoints.push((await again.publisher(each)).checkpoint);
      expect(checkpoints).toEqual([2 ** 40, 3]);
      expect((await recorded(again, group, topic)).of('k')).toEqual([1, 2]);
    });

    test('one publication goes to several topics and keys, in order per key', async () => {
      const { bus, topic, group } = await setUp();
      const publisher = await bus.publisher(group);
      const mixed = range(50).flatMap((n) =>
        ['a', 'b', 'c'].map((key) => ({ topic: `${topic}.${key}`, key, event: note(key, n) })),
      );
      await publisher.publish(mixed, 150);
      const record = await recorded(bus, group, `${topic}.a`, `${topic}.b`, `${topic}.c`);
      for (const key of ['a', 'b', 'c']) expect(record.of(key)).toEqual(range(50));
    });

    test('publications that are not waited for keep their order', async () => {
      const { bus, topic, group } = await setUp();
      const publisher = await bus.publisher(group);
      await Promise.all(range(10).map((n) => publisher.publish(messages(topic, 'k', 1, n), n)));
      expect(publisher.checkpoint).toBe(10);
      expect((await recorded(bus, group, topic)).of('k')).toEqual(range(10));
    });

    test('an event that is too large is refused, and its companions and the checkpoint with it', async () => {
      const { bus, topic, group } = await setUp();
      const publisher = await bus.publisher(group);
      const large = { topic, key: 'k', event: note('k', 2, '责'.repeat(MAX_MESSAGE_BYTES / 3)) };
      const publishing = publisher.publish([...messages(topic, 'k', 1), large], 5);
      await expect(publishing).rejects.toEqual(failsWith('TOO_LARGE'));
      await publisher.publish([]);
      expect(publisher.checkpoint).toBe(0);
      expect((await recorded(bus, group, topic)).all).toEqual([]);
    });

    test('one that is opened again fences off the former, and goes on where that one was', async () => {
      const { bus, topic, group } = await setUp();
      const former = await bus.publisher(group);
      const other = await bus.publisher(`${group}-other`);
      await former.publish(messages(topic, 'k', 2), 2);
      const present = await bus.publisher(group);
      expect(present.checkpoint).toBe(2);
      await expect(former.publish(messages(topic, 'k', 1, 3), 3)).rejects.toEqual(failsWith('FENCED'));
      await present.publish(messages(topic, 'k', 1, 4), 4);
      await expect(former.publish([], 9)).rejects.toEqual(failsWith('FENCED'));
      await other.publish(messages(topic, 'k', 1, 5));
      await former.close();
      expect((await bus.publisher(group)).checkpoint).toBe(4);
      expect((await recorded(bus, group, topic)).of('k')).toEqual([1, 2, 4, 5]);
    });

    test('a publication that is overtaken by an opening counts whole or not at all', async () => {
      const { bus, topic, group } = await setUp();
      const former = await bus.publisher(group);
      const publishing = former.publish(messages(topic, 'k', 500), 500);
      const [outcome, present] = await Promise.all([
        publishing.then(
          () => 500,
          () => 0,
        ),
        bus.publisher(group),
      ]);
      expect(present.checkpoint).toBe(outcome);
      await present.publish(messages(topic, 'end', 1));
      expect((await recorded(bus, group, topic)).of('k')).toEqual(range(outcome));
    });

    test('a closed one says so', async () => {
      const { bus, topic, group } = await setUp();
      const publisher = await bus.publisher(group);
      const publishing = publisher.publish(messages(topic, 'k', 1), 1);
      await Promise.all([publisher.close(), publisher.close(), publishing]);
      await expect(publisher.publish([])).rejects.toEqual(failsWith('CLOSED'));
      expect((await recorded(bus, group, topic)).of('k')).toEqual([1]);
    });
  });
}
