import { describe, expect, test } from 'vitest';
import { drain, failsWith, Record, range, type SetUp } from './contract-kit.ts';
import { note, notes } from './contract-note.ts';

export function failuresContract(name: string, setUp: SetUp): void {
  describe(`${name}: failures`, () => {
    test('a handler that fails and then works: tried again in order, not parked', async () => {
      const { bus, publish, topic, group } = await setUp();
      await publish(topic, 'k', notes('k', 3));
      const record = new Record();
      let failures = 4;
      await drain(bus, { group, topics: [topic] }, async (event) => {
        failures -= 1;
        if (failures >= 0) throw new Error('not yet');
        await record.handler(event);
      });
      expect(record.of('k')).toEqual([1, 2, 3]);
      expect(await bus.parked(group)).toEqual([]);
    });

    test('other keys are not held up while one is tried again', async () => {
      const { bus, publish, topic, group } = await setUp();
      const keys = range(40).map((number) => `key-${number}`);
      await publish(topic, 'stuck', notes('stuck', 300));
      for (const key of keys) await publish(topic, key, notes(key, 2));
      const record = new Record();
      await drain(bus, { group, topics: [topic], attempts: 20 }, async (event) => {
        const allOthers = keys.every((key) => record.of(key).length === 2);
        if (event.subject === 'stuck' && !allOthers) throw new Error('the others first');
        await record.handler(event);
      });
      expect(await bus.parked(group)).toEqual([]);
      expect(record.of('stuck')).toEqual(range(300));
    });

    test('a poison message is parked with its cause; the later ones of its key go on', async () => {
      const { bus, publish, reopen, topic, group } = await setUp();
      await publish(topic, 'k', notes('k', 3));
      const record = new Record();
      let tries = 0;
      await drain(bus, { group, topics: [topic], attempts: 3 }, async (event) => {
        if (event.id !== 'k-2') return record.handler(event);
        tries += 1;
        throw new Error(`no such organ, try ${tries}`);
      });
      expect(record.of('k')).toEqual([1, 3]);
      const again = await reopen();
      const [parked, ...others] = await again.parked(group);
      expect(others).toEqual([]);
      expect(parked).toMatchObject({ group, topic, key: 'k', cause: 'no such organ, try 3', attempts: 3 });
      expect(parked?.event).toEqual(note('k', 2));
      expect(Date.parse(parked?.parkedAt ?? '')).not.toBeNaN();
      expect(await again.parked(`${group}-2`)).toEqual([]);
    });

    test('a poison message is on the list before the next of its key is handled, whatever happens then', async () => {
      const { bus, publish, topic, group } = await setUp();
      await publish(topic, 'k', notes('k', 3));
      const listed: string[][] = [];
      await drain(bus, { group, topics: [topic], attempts: 2 }, async ({ id }) => {
        if (id === 'k-2') throw new Error('never');
        if (id === 'k-3') listed.push((await bus.parked(group)).map(({ event }) => event.id));
      });
      expect(listed).toEqual([['k-2']]);
    });

    test('whatever a handler throws, and however, is a cause', async () => {
      const { bus, publish, topic, group } = await setUp();
      await publish(topic, 'k', notes('k', 3));
      await drain(bus, { group, topics: [topic], attempts: 1 }, (event) => {
        if (event.id === 'k-1') throw 'text';
        if (event.id === 'k-2') throw new RangeError();
        return Promise.reject(undefined);
      });
      expect((await bus.parked(group)).map(({ cause }) => cause)).toEqual([
        'text',
        'RangeError',
        'undefined',
      ]);
    });
  });
}

export function parkedContract(name: string, setUp: SetUp): void {
  /** Messages 1 and 2 of a key parked, 3 handled. */
  async function withParked() {
    const all = await setUp();
    const { bus, publish, topic, group } = all;
    await publish(topic, 'k', notes('k', 3));
    await drain(bus, { group, topics: [topic], attempts: 1 }, async ({ id }) => {
      if (id !== 'k-3') throw new Error('first cause');
    });
    const [first, second] = await bus.parked(group);
    return { ...all, first: first?.id ?? '', second: second?.id ?? '' };
  }

  describe(`${name}: parked messages`, () => {
    test('one that is replayed and handled leaves the list', async () => {
      const { bus, topic, group, first, second } = await withParked();
      await bus.replayParked(first);
      const record = new Record();
      await drain(bus, { group, topics: [topic] }, record.handler);
      expect(record.all).toEqual([note('k', 1)]);
      expect((await bus.parked(group)).map(({ id }) => id)).toEqual([second]);
    });

    test('one that is replayed and fails stays, with the new cause', async () => {
      const { bus, topic, group, first } = await withParked();
      await bus.replayParked(first);
      await drain(bus, { group, topics: [topic] }, () => Promise.reject(new Error('second cause')));
      const parked = await bus.parked(group);
      expect(parked.map(({ cause, attempts }) => [cause, attempts])).toEqual([
        ['second cause', 2],
        ['first cause', 1],
      ]);
    });

    test('a running member gets it at once, and a later one after the bus was opened again', async () => {
      const { bus, reopen, topic, group, first, second } = await withParked();
      const arrived = Promise.withResolvers<string>();
      const subscription = bus.subscribe({ group, topics: [topic] }, async ({ id }) => arrived.resolve(id));
      await subscription.caughtUp;
      await bus.replayParked(first);
      expect(await arrived.promise).toBe('k-1');
      await subscription.stop();
      await bus.replayParked(second);
      const again = await reopen();
      const record = new Record();
      await drain(again, { group, topics: [topic] }, record.handler);
      expect(record.of('k')).toContain(2);
      expect(await again.parked(group)).toEqual([]);
    });

    test('one that is discarded is kept with the reason and never handled again', async () => {
      const { bus, reopen, topic, group, first, second } = await withParked();
      await bus.replayParked(first);
      await bus.discardParked(first, '该机构已撤销');
      const again = await reopen();
      const record = new Record();
      await drain(again, { group, topics: [topic] }, record.handler);
      expect(record.all).toEqual([]);
      expect((await again.parked(group)).map(({ id }) => id)).toEqual([second]);
      const [discarded] = await again.discarded(group);
      expect(discarded).toMatchObject({ id: first, cause: 'first cause', reason: '该机构已撤销' });
      expect(discarded?.event).toEqual(note('k', 1));
      await expect(again.replayParked(first)).rejects.toEqual(failsWith('NOT_FOUND'));
      await expect(again.discardParked(first, 'again')).rejects.toEqual(failsWith('NOT_FOUND'));
    });

    test('unknown ids and empty reasons are refused', async () => {
      const { bus, first } = await withParked();
      for (const id of ['', 'x', '1@', `9${first}`]) {
        await expect(bus.replayParked(id)).rejects.toEqual(failsWith('NOT_FOUND'));
        await expect(bus.discardParked(id, 'why')).rejects.toEqual(failsWith('NOT_FOUND'));
      }
      await expect(bus.discardParked(first, ' ')).rejects.toEqual(failsWith('INVALID'));
    });
  });
}
