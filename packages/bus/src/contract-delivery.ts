import type { CloudEvent } from '@dutyledger/contracts/envelope';
import { describe, expect, test } from 'vitest';
import { MAX_MESSAGE_BYTES } from './bus.ts';
import { drain, failsWith, Record, range, type SetUp } from './contract-kit.ts';
import { note, notes } from './contract-note.ts';

export function deliveryContract(name: string, setUp: SetUp): void {
  describe(`${name}: delivery`, () => {
    test('each group gets every event as it was published, in order per key', async () => {
      const { bus, publish, topic, group } = await setUp();
      for (const n of range(20)) {
        for (const key of ['a', '责任-二', 'c']) await publish(topic, key, [note(key, n, '赋权 😀\n')]);
      }
      for (const reader of [group, `${group}-2`]) {
        const record = new Record();
        await drain(bus, { group: reader, topics: [topic] }, record.handler);
        for (const key of ['a', '责任-二', 'c']) expect(record.of(key)).toEqual(range(20));
        expect(record.all.find(({ id }) => id === 'a-7')).toEqual(note('a', 7, '赋权 😀\n'));
      }
    });

    test('several topics are one subscription, other topics are not in it', async () => {
      const { bus, publish, topic, group } = await setUp();
      for (const each of ['1', '2', '3']) await publish(`${topic}.${each}`, 'k', [note(each, 1)]);
      const record = new Record();
      await drain(bus, { group, topics: [`${topic}.1`, `${topic}.3`] }, record.handler);
      expect([record.of('1'), record.of('2'), record.of('3')]).toEqual([[1], [], [1]]);
    });

    test('what is published later arrives without being asked for', async () => {
      const { bus, publish, topic, group } = await setUp();
      const arrived = Promise.withResolvers<CloudEvent>();
      const subscription = bus.subscribe({ group, topics: [topic] }, async (event) => arrived.resolve(event));
      await subscription.caughtUp;
      await publish(topic, 'k', [note('k', 1)]);
      expect(await arrived.promise).toEqual(note('k', 1));
      expect(subscription.failure()).toBeNull();
    });

    test('a publication that is repeated changes neither order nor content', async () => {
      const { bus, publish, topic, group } = await setUp();
      await publish(topic, 'k', notes('k', 5));
      await publish(topic, 'k', notes('k', 7));
      const record = new Record();
      await drain(bus, { group, topics: [topic] }, record.handler);
      expect(record.of('k')).toEqual(range(7));
    });

    test('thousands of events in one publication, and events of the largest size', async () => {
      const { bus, publish, topic, group } = await setUp();
      await publish(topic, 'many', notes('many', 5000));
      const large = 'x'.repeat(MAX_MESSAGE_BYTES - Buffer.byteLength(JSON.stringify(note('large', 1, ''))));
      for (const n of range(3)) await publish(topic, 'large', [note('large', n, large)]);
      const record = new Record();
      await drain(bus, { group, topics: [topic] }, record.handler);
      expect(record.of('many')).toEqual(range(5000));
      expect(record.of('large')).toEqual(range(3));
    });
  });

  describe(`${name}: offsets`, () => {
    test('a group goes on where it was, also after the bus was opened again', async () => {
      const { bus, publish, reopen, topic, group } = await setUp();
      await publish(topic, 'k', notes('k', 3));
      await drain(bus, { group, topics: [topic] }, async () => undefined);
      const again = await reopen();
      await publish(topic, 'k', notes('k', 2, 4));
      const record = new Record();
      await drain(again, { group, topics: [topic] }, record.handler);
      expect(record.of('k')).toEqual([4, 5]);
    });

    test('a handler that did not finish gets its message again, and none behind it is lost', async () => {
      const { bus, publish, reopen, topic, group } = await setUp();
      await publish(topic, 'k', notes('k', 3));
      const started = Promise.withResolvers<void>();
      const killed = Promise.withResolvers<void>();
      const subscription = bus.subscribe({ group, topics: [topic] }, () => {
        started.resolve();
        return killed.promise;
      });
      await started.promise;
      const stopped = subscription.stop();
      killed.reject(new Error('killed'));
      await stopped;
      const record = new Record();
      await drain(await reopen(), { group, topics: [topic] }, record.handler);
      expect(record.of('k')).toEqual([1, 2, 3]);
    });

    test('stopping waits for the running handler and starts no other', async () => {
      const { bus, publish, topic, group } = await setUp();
      await publish(topic, 'k', notes('k', 3));
      const started = Promise.withResolvers<void>();
      const gate = Promise.withResolvers<void>();
      let finished = 0;
      const subscription = bus.subscribe({ group, topics: [topic] }, async () => {
        started.resolve();
        await gate.promise;
        finished += 1;
      });
      await started.promise;
      const stopped = subscription.stop();
      gate.resolve();
      await stopped;
      expect(finished).toBe(1);
      await expect(subscription.caughtUp).rejects.toEqual(failsWith('CLOSED'));
      const record = new Record();
      await drain(bus, { group, topics: [topic] }, record.handler);
      expect(record.of('k').slice(-2)).toEqual([2, 3]);
    });
  });

  describe(`${name}: members of a group`, () => {
    test('share the work in order per key, and take over from one that leaves', async () => {
      const { bus, publish, topic, group } = await setUp();
      const keys = range(32).map((number) => `key-${number}`);
      const record = new Record();
      const both = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const members = both.map((own) =>
        bus.subscribe({ group, topics: [topic] }, async (event) => {
          own.resolve();
          // Nobody goes on alone: the test ends only if both get work.
          await Promise.all(both.map(({ promise }) => promise));
          await record.handler(event);
        }),
      );
      await Promise.all(members.map(({ caughtUp }) => caughtUp));
      for (const key of keys) await publish(topic, key, notes(key, 5));
      await Promise.all(both.map(({ promise }) => promise));
      await drain(bus, { group, topics: [topic] }, record.handler);
      for (const key of keys) expect(record.of(key)).toEqual(range(5));
      await members[0]?.stop();
      for (const key of keys) await publish(topic, key, notes(key, 1, 6));
      await drain(bus, { group, topics: [topic] }, record.handler);
      for (const key of keys) expect(record.of(key)).toEqual(range(6));
    });
  });
}

export function limitsContract(name: string, setUp: SetUp): void {
  const nothing = async () => undefined;

  describe(`${name}: limits`, () => {
    test('names, keys and options that cannot be are refused', async () => {
      const { bus, publish, topic, group } = await setUp();
      for (const wrong of ['', 'a b', '清单', 'x'.repeat(250)]) {
        await expect(publish(wrong, 'k', [note('k', 1)])).rejects.toEqual(failsWith('INVALID'));
        await expect(bus.publisher(wrong)).rejects.toEqual(failsWith('INVALID'));
        expect(() => bus.subscribe({ group: wrong, topics: [topic] }, nothing)).toThrow(failsWith('INVALID'));
        expect(() => bus.subscribe({ group, topics: [wrong] }, nothing)).toThrow(failsWith('INVALID'));
      }
      for (const key of ['', 'a\0b', '\ud800', 'x'.repeat(513)]) {
        await expect(publish(topic, key, [note('k', 1)])).rejects.toEqual(failsWith('INVALID'));
      }
      for (const options of [
        { topics: [] },
        { attempts: 0 },
        { attempts: 1.5 },
        { pauseMs: -1 },
        { pauseMs: Number.NaN },
      ]) {
        expect(() => bus.subscribe({ group, topics: [topic], ...options }, nothing)).toThrow(
          failsWith('INVALID'),
        );
      }
    });

    test('an empty topic is caught up at once; a closed bus says so', async () => {
      const { bus, publish, topic, group } = await setUp();
      const subscription = bus.subscribe({ group, topics: [topic] }, nothing);
      await subscription.caughtUp;
      await Promise.all([bus.close(), bus.close()]);
      await subscription.stop();
      await expect(publish(topic, 'k', [note('k', 1)])).rejects.toEqual(failsWith('CLOSED'));
      expect(() => bus.subscribe({ group, topics: [topic] }, nothing)).toThrow(failsWith('CLOSED'));
    });
  });
}
