import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { followsTheModel } from './contract-model.ts';
import { collect, flatten, newEvent, newEvents } from './contract-tools.ts';
import type { EventStore, NewEvent, StoredEvent } from './event-store.ts';
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

const unique = (): string => `contract${randomUUID().slice(0, 8)}-1`;

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
      expect(await store.append(stream, 99, events)).toEqual(again);
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

    test('is refused when only some of the ids agree, or their order, or the stream differs', async () => {
      const store = current();
      const stream = unique();
      const [a, b] = newEvents(2) as [NewEvent, NewEvent];
      await store.append(stream, 'none', [a, b]);
      const reused = { code: 'ID_REUSED' };
      await expect(store.append(stream, 'any', [b, a])).rejects.toMatchObject(reused);
      await expect(store.append(stream, 'any', [a, b, newEvent({})])).rejects.toMatchObject(reused);
      await expect(store.append(stream, 'any', [newEvent({}), a])).rejects.toMatchObject(reused);
      await expect(store.append(unique(), 'any', [a, b])).rejects.toMatchObject(reused);
      const twin = newEvent({});
      await expect(store.append(stream, 'any', [twin, twin])).rejects.toMatchObject(reused);
      expect(await flatten(store.readStream(stream))).toHaveLength(2);
    });
  });
}

function reading(current: () => EventStore): void {
  describe('reading', () => {
    const stream = unique();
    const revisions = (events: StoredEvent[]) => events.map(({ revision }) => revision);
    const range = (from: number, to: number) =>
      Array.from({ length: Math.abs(to - from) + 1 }, (_, i) => (from < to ? from + i : from - i));
    beforeAll(async () => {
      await current().append(stream, 'none', newEvents(1_300));
    });

    test('yields nothing of a stream that does not exist', async () => {
      expect(await flatten(current().readStream(unique()))).toEqual([]);
      expect(await flatten(current().readStream(unique(), { direction: 'backwards' }))).toEqual([]);
    });

    test.each([
      ['all', {}, range(0, 1299)],
      ['from one', { from: 1298 }, [1298, 1299]],
      ['from to', { from: 3, to: 5 }, [3, 4, 5]],
      ['up to one', { to: 1 }, [0, 1]],
      ['behind the end', { from: 1300 }, []],
    ])('a stream forwards: %s', async (_, options, expected) => {
      expect(revisions(await flatten(current().readStream(stream, options)))).toEqual(expected);
    });

    test.each([
      ['all', {}, range(1299, 0)],
      ['from one', { from: 1 }, [1, 0]],
      ['from to', { from: 5, to: 3 }, [5, 4, 3]],
      ['down to one', { to: 1298 }, [1299, 1298]],
      ['from behind the end', { from: 5000, to: 1299 }, [1299]],
    ])('a stream backwards: %s', async (_, options, expected) => {
      const events = await flatten(current().readStream(stream, { ...options, direction: 'backwards' }));
      expect(revisions(events)).toEqual(expected);
    });

    test('the log by position and prefix, in pages that are never empty', async () => {
      const store = current();
      const prefix = unique();
      const after = await store.head();
      for (let i = 0; i < 40; i++) {
        await Promise.all([
          store.append(`${prefix}a${i}`, 'none', newEvents(20)),
          store.append(`${prefix}b${i}`, 'none', newEvents(10)),
        ]);
      }
      const until = await store.head();
      const pages: StoredEvent[][] = [];
      for await (const page of store.readAll({ after, prefix })) pages.push(page);
      expect(pages.every((page) => page.length > 0)).toBe(true);
      const all = pages.flat();
      expect(all).toHaveLength(1_200);
      const a = await flatten(store.readAll({ after, prefix: `${prefix}a` }));
      expect(a).toEqual(all.filter((event) => event.stream.startsWith(`${prefix}a`)));
      const middle = all[600]?.position ?? 0;
      expect(await flatten(store.readAll({ after: middle, until, prefix }))).toEqual(all.slice(601));
      expect(await flatten(store.readAll({ after, until: middle, prefix }))).toEqual(all.slice(0, 601));
      expect(await flatten(store.readAll({ after: until, prefix }))).toEqual([]);
    });

    test('may be given up halfway', async () => {
      for await (const page of current().readStream(stream)) {
        expect(page[0]?.revision).toBe(0);
        break;
      }
    });
  });
}

function subscribing(current: () => EventStore): void {
  describe('subscribing', () => {
    test('catches up and goes on live, each event once and in order, while others write', async () => {
      const store = current();
      const prefix = unique();
      const write = async (from: number, to: number) => {
        for (let i = from; i < to; i++) await store.append(`${prefix}${i % 7}`, 'any', newEvents(5));
      };
      await write(0, 150);
      const writing = write(150, 250);
      const seen = collect(store, { prefix }, 1_250);
      await seen.subscription.caughtUp;
      expect(seen.events.length).toBeGreaterThanOrEqual(750);
      await writing;
      await seen.complete;
      await seen.subscription.stop();
      expect(seen.events).toEqual(await flatten(store.readAll({ prefix })));
    });

    test('starts after a position, and is caught up at once where there is nothing', async () => {
      const store = current();
      const prefix = unique();
      await store.append(prefix, 'none', newEvents(3));
      const seen = collect(store, { prefix, after: await store.head() }, 2);
      await seen.subscription.caughtUp;
      expect(seen.events).toEqual([]);
      await store.append(prefix, 'any', newEvents(2));
      await seen.complete;
      expect(seen.events.map(({ revision }) => revision)).toEqual([3, 4]);
      await seen.subscription.stop();
    });

    test('waits for the handler before it goes on, and stops after the running one', async () => {
      const store = current();
      const prefix = unique();
      await store.append(prefix, 'none', newEvents(1_200));
      let running = 0;
      let calls = 0;
      const entered = Promise.withResolvers<void>();
      const gate = Promise.withResolvers<void>();
      const subscription = store.subscribe({ prefix }, async () => {
        expect(++running).toBe(1);
        calls++;
        entered.resolve();
        await gate.promise;
        running--;
      });
      await entered.promise;
      await store.append(prefix, 'any', newEvents(1));
      const stopped = subscription.stop().then(() => running);
      gate.resolve();
      expect(await stopped).toBe(0);
      expect(calls).toBe(1);
      await subscription.ended;
      await expect(subscription.caughtUp).rejects.toMatchObject({ code: 'CLOSED' });
    });

    test('ends with the failure of its handler', async () => {
      const store = current();
      const prefix = unique();
      await store.append(prefix, 'none', newEvents(1));
      const failure = new Error('handler failed');
      const subscription = store.subscribe({ prefix }, () => Promise.reject(failure));
      await expect(subscription.ended).rejects.toBe(failure);
      await expect(subscription.caughtUp).rejects.toBe(failure);
      await subscription.stop();
    });
  });
}
