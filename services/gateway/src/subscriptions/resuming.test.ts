import { describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { bearer } from '../../test/fixture.ts';
import {
  COUNTY,
  type Fault,
  figure,
  type Message,
  NOTE_EVENTS,
  notes,
  watch,
  webSocketClient,
} from '../../test/notes.ts';

const range = (count: number, from = 1): number[] => Array.from({ length: count }, (_, at) => from + at);
const seen = (messages: readonly Message[]): unknown[] => messages.map(({ id }) => id);

describe('a cursor', () => {
  test('goes on right behind its message, from memory or from the bus, on this gateway or another', async () => {
    const { url, publish, open, another } = await notes({ limits: { recent: 3 } });
    const watching = await watch(url);
    await open(1);
    for (const n of range(10)) for (const key of ['a', 'b']) await publish(key, 1, n);
    const all = [...(await watching.until(20))];
    const other = await another();
    for (const cut of [0, 1, 9, 17, 18]) {
      const after = all[cut]?.cursor;
      for (const each of [url, other.url]) {
        const again = await watch(each, { after });
        expect(seen(await again.until(19 - cut))).toEqual(seen(all.slice(cut + 1)));
        again.stop();
      }
    }
  });

  test('of a lost log is told apart from one that goes on', async () => {
    const first = await notes();
    const watching = await watch(first.url);
    await first.open(1);
    await first.publish('a', 1);
    const [message] = await watching.until(1);
    const second = await notes();
    const again = await watch(second.url, { after: message?.cursor });
    const [fault] = (await again.ended) as Fault[];
    expect(fault?.extensions).toMatchObject({ code: 'NOT_FOUND', field: 'after' });
  });

  test('many come back at once, from different places: each misses nothing', async () => {
    const { url, publish, open, another } = await notes({ limits: { recent: 5 } });
    const watching = await watch(url);
    await open(1);
    await publish('a', 40);
    const all = [...(await watching.until(40))];
    const other = await another();
    const back = await Promise.all(range(30).map((n) => watch(other.url, { after: all[n]?.cursor })));
    await open(30, other.gateway);
    await publish('a', 5, 41);
    for (const [at, each] of back.entries()) {
      const ns = (await each.until(43 - at)).map(({ n }) => n);
      expect(ns).toEqual(range(43 - at, at + 3));
    }
  });
});

test('killed and resumed 50 times during load, by turns on two gateways: every event once, in order per key', async () => {
  const { url, publish, open, another } = await notes({ limits: { recent: 20 } });
  const second = await another({ recent: 20 });
  const gateways = [url, second.url];
  const keys = ['a', 'b', 'c', 'd', 'e'];
  const KILLS = 50;
  const first = await watch(url);
  await open(1);
  let stopped = false;
  let rounds = 0;
  const load = (async () => {
    while (!stopped) {
      rounds += 1;
      for (const key of keys) await publish(key, 1, rounds);
      await new Promise(setImmediate);
    }
  })();
  const got: Message[] = [];
  let watching = first;
  for (let kills = 0; kills < KILLS; kills += 1) {
    await watching.until(1 + (kills % 7));
    watching.stop();
    got.push(...watching.messages);
    const token = await bearer();
    const client = webSocketClient(gateways[kills % 2] ?? '', token);
    watching = await watch('', { client, after: got.at(-1)?.cursor });
  }
  stopped = true;
  await load;
  const rest = keys.length * rounds - got.length;
  got.push(...(await watching.until(rest)));
  expect(new Set(seen(got)).size).toBe(keys.length * rounds);
  expect(got).toHaveLength(keys.length * rounds);
  for (const key of keys) {
    const own = got.filter(({ id }) => String(id).startsWith(key)).map(({ n }) => n);
    expect(own).toEqual(range(rounds));
  }
});

describe('a slow client', () => {
  test('is told and cut off, with the cursor to go on behind; the others are served', async () => {
    const { url, gateway, publish, open } = await notes({ limits: { queue: 20 } });
    const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    const received: { type: string; payload: never }[] = [];
    socket.on('message', (data) => received.push(JSON.parse(String(data))));
    const has = (type: string) =>
      vi.waitUntil(() => received.find((one) => one.type === type), { timeout: 60_000 });
    await vi.waitUntil(() => socket.readyState === WebSocket.OPEN);
    const send = (message: object) => socket.send(JSON.stringify(message));
    send({ type: 'connection_init', payload: { authorization: await bearer() } });
    await has('connection_ack');
    // Much text per message, so that the buffers of the system are soon full.
    const fields = range(25)
      .map((n) => `n${n}: text`)
      .join(' ');
    const query = `subscription { noteEvents(division: "${COUNTY}") { cursor n note { ${fields} } } }`;
    send({ id: '1', type: 'subscribe', payload: { query } });
    const quick = await watch(url);
    await open(2);
    socket.pause();
    const text = 'x'.repeat(300);
    let published = 0;
    await vi.waitUntil(
      async () => {
        published += 1;
        await publish(`a${text}`, 1, published);
        await quick.until(published);
        return (await figure(gateway, 'dutyledger_subscriptions_ended_total')) > 0;
      },
      { timeout: 120_000, interval: 1 },
    );
    socket.resume();
    const { payload } = (await has('error')) as { payload: [Fault] };
    expect(payload[0].extensions).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      details: { reason: 'slow', limit: 20 },
    });
    socket.terminate();
    const got = received.flatMap(({ type, payload }: { type: string; payload?: { data?: never } }) =>
      type === 'next' ? [(Object.values(payload?.data ?? {})[0] as Message).n] : [],
    );
    expect(got).toEqual(range(got.length));
    const again = await watch(url, { after: payload[0].extensions.details?.cursor, query: NOTE_EVENTS });
    const rest = await again.until(published - got.length);
    expect([...got, ...rest.map(({ n }) => n)]).toEqual(range(published));
  });
});
