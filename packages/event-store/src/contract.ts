import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { followsTheModel } from './contract-model.ts';
import { reading, subscribing } from './contract-reading.ts';
import { flatten, newEvent, newEvents, unique } from './contract-tools.ts';
import type { EventStore, NewEvent } from './event-store.ts';
import { MAX_EVENT_BYTES } from './event-store.ts';

export interface ContractSubject {
  store: EventStore;
  /** Closes the store and opens it anew over the same data; for adapters that keep their own files. */
  reopen?: () => Promise<EventStore>;
  close(): Promise<void>;
}

/**
 * What every adapter owes, run against the real thing. The store need not be empty and others may write to it at the
 * same time: the suite uses stream names of its own and starts from the head it finds.
 */
export function eventStoreContract(name: string, open: () => Promise<ContractSubject>): void {
  describe(`${name} as an event store`, () => {
    let subject: ContractSubject;
    let store: EventStore;
    beforeAll(async () => {
      subject = await open();
      store = subject.store;
    });
    afterAll(() => subject.close());
    const current = () => store;

    appending(current);
    repeating(current);
    reading(current);
    subscribing(current);

    test('follows a simple model under random appends, wrong expectations and repeats', async () => {
      await fc.assert(followsTheModel(store), { numRuns: 25 });
    });

    test('keeps everything over a restart', async ({ skip }) => {
      if (!subject.reopen) return skip('the adapter has no files of its own');
      const stream = unique();
      const events = newEvents(3);
      const first = await store.append(stream, 'none', events);
      const before = await flatten(store.readAll({ prefix: stream }));
      store = await subject.reopen();
      expect(await flatten(store.readAll({ prefix: stream }))).toEqual(before);
      expect(await store.append(stream, 'none', events)).toEqual({ ...first, repeated: true });
      expect(await store.append(stream, 2, newEvents(1))).toMatchObject({ status: 'appended', revision: 3 });
    });

    test('says that it is closed', async () => {
      const closed = (await open()) as ContractSubject;
      const subscription = closed.store.subscribe({ prefix: unique() }, async () => undefined);
      await closed.store.close();
      await subscription.ended;
      const code = { code: 'CLOSED' };
      await expect(closed.store.append(unique(), 'none', newEvents(1))).rejects.toMatchObject(code);
      await expect(flatten(closed.store.readStream('any'))).rejects.toMatchObject(code);
      await expect(closed.store.head()).rejects.toMatchObject(code);
      await closed.close();
    });
  });
}

function appending(current: () => EventStore): void {
  describe('appending', () => {
    test('answers with the events as every reader sees them', async () => {
      const store = current();
      const stream = unique();
      const events = newEvents(3);
      const outcome = await store.append(stream, 'none', events);
      if (outcome.status !== 'appended') throw new Error('not appended');
      expect(outcome).toMatchObject({ repeated: false, revision: 2 });
      expect(outcome.events).toEqual(await flatten(store.readStream(stream)));
      expect(outcome.events.map(({ revision }) => revision)).toEqual([0, 1, 2]);
      expect(outcome.position).toBe(outcome.events[2]?.position);
      for (const [i, event] of outcome.events.entries()) {
        expect(event).toMatchObject({ ...events[i], stream });
        expect(new Date(event.recordedAt).toISOString()).toBe(event.recordedAt);
      }
    });

    test('refuses by the expected revision, and writes nothing then', async () => {
      const store = current();
      const stream = unique();
      const tryAt = (expected: number | 'none') => store.append(stream, expected, newEvents(2));
      expect(await tryAt(0)).toEqual({ status: 'conflict', actual: -1 });
      expect(await tryAt('none')).toMatchObject({ status: 'appended', revision: 1 });
      expect(await tryAt('none')).toEqual({ status: 'conflict', actual: 1 });
      expect(await tryAt(0)).toEqual({ status: 'conflict', actual: 1 });
      expect(await tryAt(2)).toEqual({ status: 'conflict', actual: 1 });
      expect(await tryAt(1)).toMatchObject({ status: 'appended', revision: 3 });
      expect(await store.append(stream, 'any', newEvents(1))).toMatchObject({ revision: 4 });
      expect(await flatten(store.readStream(stream))).toHaveLength(5);
    });

    test('accepts exactly one of many that expect the same revision', async () => {
      const store = current();
      const stream = unique();
      const outcomes = await Promise.all(
        Array.from({ length: 30 }, () => store.append(stream, 'none', newEvents(2))),
      );
      expect(outcomes.filter(({ status }) => status === 'appended')).toHaveLength(1);
      expect(await flatten(store.readStream(stream))).toHaveLength(2);
    });

    test('accepts many streams at once, positions and instants growing in the order of the log', async () => {
      const store = current();
      const prefix = unique();
      const after = await store.head();
      await Promise.all(
        Array.from({ length: 60 }, (_, i) => store.append(`${prefix}${i}`, 'none', newEvents(1 + (i % 3)))),
      );
      const events = await flatten(store.readAll({ after, prefix }));
      expect(events).toHaveLength(120);
      for (const [i, event] of events.slice(1).entries()) {
        expect(event.position).toBeGreaterThan(events[i]?.position ?? 0);
        expect(event.recordedAt >= (events[i]?.recordedAt ?? '')).toBe(true);
      }
    });

    test('takes an event of 1 MiB, and none that is larger; the others of its append fall with it', async () => {
      const store = current();
      const stream = unique();
      const sized = (bytes: number): NewEvent => {
        const event = newEvent({ text: '' });
        const empty = Buffer.byteLength(JSON.stringify(event.data) + JSON.stringify(event.metadata));
        return { ...event, data: { text: 'x'.repeat(bytes - empty) } };
      };
      const largest = sized(MAX_EVENT_BYTES);
      expect(await store.append(stream, 'none', [largest])).toMatchObject({ status: 'appended' });
      expect((await flatten(store.readStream(stream)))[0]?.data).toEqual(largest.data);
      const tooLarge = store.append(stream, 0, [newEvent({}), sized(MAX_EVENT_BYTES + 1)]);
      const message = new RegExp(`${largest.type}.*${MAX_EVENT_BYTES + 1}.*${MAX_EVENT_BYTES}`);
      await expect(tooLarge).rejects.toMatchObject({
        code: 'TOO_LARGE',
        message: expect.stringMatching(message),
      });
      expect(await flatten(store.readStream(stream))).toHaveLength(1);
    });

    test('gives any JSON back as it was, unpaired surrogates and control characters too', async () => {
      const store = current();
      const stream = unique();
      const odd = {
        lone: '\ud800',
        swapped: '\udc00\ud800',
        nul: 'a\0b',
        emoji: '👩‍👩‍👧',
        '': [null, 1e-7, [], {}],
      };
      await store.append(stream, 'none', [newEvent(odd)]);
      const values = fc.sample(fc.jsonValue(), 50);
      await store.append(stream, 0, values.map(newEvent));
      const events = await flatten(store.readStream(stream));
      expect(events.map(({ data }) => JSON.stringify(data))).toEqual(
        [odd, ...values].map((value) => JSON.stringify(value)),
      );
    });

    test.each<[string, string, NewEvent[]]>([
      ['no events', 'contract-x', []],
      ['no stream name', '', newEvents(1)],
      ['a stream name that engines keep for themselves', '$contract-x', newEvents(1)],
      ['an unpaired surrogate in the stream name', 'contract-\ud800', newEvents(1)],
      ['an id that is no UUID', 'contract-x', [{ ...newEvent({}), id: '1' }]],
      ['data without a JSON form', 'contract-x', [newEvent(undefined)]],
      ['version 0', 'contract-x', [{ ...newEvent({}), version: 0 }]],
      ['no type', 'contract-x', [{ ...newEvent({}), type: '' }]],
    ])('takes %s for a programmer’s mistake', async (_, stream, events) => {
      await expect(current().append(stream, 'any', events)).rejects.toThrow(TypeError);
    });
  });
}

function repeating(current: () => EventStore): void {
  describe('repeating an append', () => {
    test('is answered as the first time, whatever happened since', async () => {
      const store = current();
      const stream = unique();
      const events = newEvents(2);
      const first = await store.append(stream, 'none', events);
      await store.append(stream, 1, newEvents(2));
      const again = { ...first, repeated: true };
      expect(await store.append(stream, 'none', events)).toEqual(again);
      expect(await store.append(stream, 'any', events)).toEqual(again);
      expect(await flatten(store.readStream(stream))).toHaveLength(4);
    });

    test('writes once, even when sent many times at once', async () => {
      const store = current();
      const stream = unique();
      const events = newEvents(3);
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, () => store.append(stream, 'any', events)),
      );
      expect(outcomes.filter((outcome) => outcome.status === 'appended' && !outcome.repeated)).toHaveLength(
        1,
      );
      expect(await flatten(store.readStream(stream))).toHaveLength(3);
    });

    test('is refused when only some of the ids agree, or their order', async () => {
      const store = current();
      const stream = unique();
      const [a, b] = newEvents(2) as [NewEvent, NewEvent];
      await store.append(stream, 'none', [a, b]);
      const reused = { code: 'ID_REUSED' };
      await expect(store.append(stream, 'any', [b, a])).rejects.toMatchObject(reused);
      await expect(store.append(stream, 'any', [a, b, newEvent({})])).rejects.toMatchObject(reused);
      await expect(store.append(stream, 'any', [newEvent({}), a])).rejects.toMatchObject(reused);
      await expect(store.append(stream, 'none', [a, newEvent({})])).rejects.toMatchObject(reused);
      await expect(store.append(stream, 'none', [a, b, newEvent({})])).rejects.toMatchObject(reused);
      const twin = newEvent({});
      await expect(store.append(stream, 'any', [twin, twin])).rejects.toMatchObject(reused);
      expect(await flatten(store.readStream(stream))).toHaveLength(2);
    });
  });
}
