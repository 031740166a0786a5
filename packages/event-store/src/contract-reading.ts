import { beforeAll, describe, expect, test } from 'vitest';
import { collect, flatten, newEvents, unique } from './contract-tools.ts';
import type { EventStore, StoredEvent } from './event-store.ts';

/** Part of the contract (see contract.ts): streams and the log. */
export function reading(current: () => EventStore): void {
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

/** Part of the contract (see contract.ts): catching up and following. */
export function subscribing(current: () => EventStore): void {
  describe('subscribing', () => {
    test('catches up and goes on live, each event once and in order, while others write', async () => {
      const store = current();
      const prefix = unique();
      const write = async (from: number, to: number) => {
        for (let i = from; i < to; i++) {
          const expected = i < 7 ? 'none' : Math.floor(i / 7) * 5 - 1;
          await store.append(`${prefix}${i % 7}`, expected, newEvents(5));
        }
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

    test('brings the asked types alone, and tells how far it is where there was nothing to bring', async () => {
      const store = current();
      const prefix = unique();
      const [first, second, third] = newEvents(3);
      if (!first || !second || !third) throw new Error('unreachable');
      await store.append(prefix, 'none', [first, { ...second, type: 'Wanted' }, third]);
      const positions: number[] = [];
      const progress = (position: number) => positions.push(position);
      const seen = collect(store, { prefix, types: ['Wanted', 'Never'], progress }, 1);
      await seen.complete;
      await seen.subscription.caughtUp;
      expect(seen.events.map(({ id }) => id)).toEqual([second.id]);
      expect(positions.at(-1)).toBeGreaterThan(seen.events[0]?.position ?? Infinity);
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
