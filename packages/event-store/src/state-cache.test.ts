import { describe, expect, test } from 'vitest';
import { StateCache } from './state-cache.ts';

const decider = {};
const folded = (events: number) => ({ decider, state: {}, revision: events - 1, commands: new Map() });

describe('StateCache', () => {
  test('lets the least recently put go, by number of streams', () => {
    const cache = new StateCache({ maxStreams: 2 });
    for (const name of ['a', 'b', 'a', 'c']) cache.put(name, folded(1));
    expect(['a', 'b', 'c'].map((name) => cache.get(name, decider) !== undefined)).toEqual([
      true,
      false,
      true,
    ]);
    expect(cache.size).toEqual({ streams: 2, events: 2 });
  });

  test('lets the least recently put go, by number of events, but keeps the last one', () => {
    const cache = new StateCache({ maxEvents: 10 });
    cache.put('a', folded(4));
    cache.put('b', folded(5));
    cache.put('b', folded(6));
    expect(cache.size).toEqual({ streams: 2, events: 10 });
    cache.put('b', folded(7));
    expect(cache.size).toEqual({ streams: 1, events: 7 });
    cache.put('c', folded(99));
    expect(cache.size).toEqual({ streams: 1, events: 99 });
    cache.put('a', folded(1));
    expect(cache.size).toEqual({ streams: 1, events: 1 });
  });

  test('never gives one decider the state of another', () => {
    const cache = new StateCache();
    cache.put('a', folded(1));
    expect(cache.get('a', {})).toBeUndefined();
  });

  test('work on one stream takes turns, a failure does not end them, other streams go on', async () => {
    const cache = new StateCache();
    const order: string[] = [];
    const gate = Promise.withResolvers<void>();
    const first = cache.inTurn('a', async () => {
      await gate.promise;
      order.push('first');
      throw new Error('failed');
    });
    const second = cache.inTurn('a', async () => order.push('second'));
    await cache.inTurn('b', async () => order.push('other'));
    gate.resolve();
    await expect(first).rejects.toThrow('failed');
    await second;
    expect(order).toEqual(['other', 'first', 'second']);
  });
});
