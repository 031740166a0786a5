import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { collect, flatten, newEvent, newEvents } from './contract-tools.ts';
import type { EventStore, NewEvent } from './event-store.ts';
import { openSqliteEventStore } from './sqlite.ts';
import { upcasting } from './upcast.ts';

const named = (version: number, data: unknown): NewEvent => ({ ...newEvent(data), type: 'Named', version });

describe('upcasting', () => {
  let raw: EventStore;
  let store: EventStore;
  beforeAll(async () => {
    raw = await openSqliteEventStore(':memory:');
    store = upcasting(raw, {
      Named: [
        ({ name }: { name: string }) => ({ zh: name }),
        ({ zh }: { zh: string }, event) => ({ zh, en: `${zh} in ${event.stream}` }),
      ],
    });
  });
  afterAll(() => store.close());

  test('shows every reader the newest version', async () => {
    const events = [named(1, { name: 'a' }), named(2, { zh: 'b' }), named(3, { zh: 'c', en: 'c' })];
    await raw.append('n-1', 'none', [...events, newEvent({ untouched: true })]);
    const expected = [
      { zh: 'a', en: 'a in n-1' },
      { zh: 'b', en: 'b in n-1' },
      { zh: 'c', en: 'c' },
      { untouched: true },
    ];
    const read = await flatten(store.readStream('n-1'));
    expect(read.map(({ data }) => data)).toEqual(expected);
    expect(read.map(({ version }) => version)).toEqual([3, 3, 3, 1]);
    expect(await flatten(store.readAll({ prefix: 'n-1' }))).toEqual(read);
    const seen = collect(store, { prefix: 'n-1' }, 4);
    await seen.subscription.caughtUp;
    expect(seen.events).toEqual(read);
    await seen.subscription.stop();
    const [first] = events as [NewEvent];
    expect(await store.append('n-1', 'none', [first])).toMatchObject({ repeated: true, events: [read[0]] });
    expect(await store.append('n-1', 'none', newEvents(1))).toEqual({ status: 'conflict', actual: 3 });
    expect(await store.head()).toBe(await raw.head());
  });

  test.each([
    ['n-2', named(4, {})],
    ['n-3', { ...newEvent({}), version: 2 }],
  ])('refuses to read a version that it does not know', async (stream, event) => {
    await raw.append(stream, 'none', [event]);
    const newer = { code: 'NEWER_SCHEMA', message: expect.stringContaining(event.type) };
    await expect(flatten(store.readStream(stream))).rejects.toMatchObject(newer);
    await expect(flatten(store.readAll({ prefix: stream }))).rejects.toMatchObject(newer);
    const { ended, caughtUp } = store.subscribe({ prefix: stream }, async () => undefined);
    await expect(ended).rejects.toMatchObject(newer);
    await expect(caughtUp).rejects.toMatchObject(newer);
  });
});
