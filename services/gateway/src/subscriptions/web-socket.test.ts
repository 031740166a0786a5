import { once } from 'node:events';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { bearer, editor } from '../../test/fixture.ts';
import { COUNTY, figure, NOTE_EVENTS, type Notes, notes } from '../../test/notes.ts';

/** What clients do that do not keep to the protocol, or are too many. */

const PROTOCOL = 'graphql-transport-ws';

interface Raw {
  socket: WebSocket;
  received: { type: string }[];
  send(message: unknown): void;
  /** Code and reason. */
  closed: Promise<[number, string]>;
}

async function raw(url: string, protocol = PROTOCOL): Promise<Raw> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, protocol);
  onTestFinished(() => socket.terminate());
  const received: Raw['received'] = [];
  socket.on('message', (data) => received.push(JSON.parse(String(data))));
  const closed = once(socket, 'close').then(([code, reason]): [number, string] => [
    code as number,
    String(reason),
  ]);
  await once(socket, 'open');
  const send = (message: unknown) =>
    socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  return { socket, received, send, closed };
}

const init = async (caller = editor) => ({
  type: 'connection_init',
  payload: { authorization: await bearer(caller), 'accept-language': 'en' },
});
const acknowledged = ({ received }: Raw) =>
  vi.waitUntil(() => received.some(({ type }) => type === 'connection_ack'), { timeout: 60_000 });

/** In the name of a caller who is let in. */
async function connected({ url }: Notes, caller = editor): Promise<Raw> {
  const one = await raw(url);
  one.send(await init(caller));
  await acknowledged(one);
  return one;
}

const subscribe = (id: string, query = NOTE_EVENTS) => ({ id, type: 'subscribe', payload: { query } });

test('a client that does not keep to the protocol is told why its connection is closed', async () => {
  const { url, another } = await notes({ limits: { initMs: 60_000, messageBytes: 2_000 } });
  const hasty = await another({ initMs: 20 });
  const [late] = await (await raw(hasty.url)).closed;
  expect(late).toBe(4408);
  const cases: [string, (one: Raw) => unknown, number][] = [
    ['talks before it says who it is', ({ send }) => send(subscribe('1')), 4401],
    ['sends what is no message', ({ send }) => send('{"type":'), 4400],
    ['sends a message of no known type', ({ send }) => send({ type: 'others' }), 4400],
    [
      'sends a document that is too large',
      ({ send }) => send(subscribe('1', `{ ${'a '.repeat(2_000)} }`)),
      1009,
    ],
    [
      'says twice who it is',
      async (one) => {
        one.send(await init());
        await acknowledged(one);
        one.send(await init());
      },
      4429,
    ],
    [
      'uses an id twice',
      async (one) => {
        one.send(await init());
        await acknowledged(one);
        one.send(subscribe('1'));
        one.send(subscribe('1'));
      },
      4409,
    ],
  ];
  await Promise.all(
    cases.map(async ([what, act, code]) => {
      const one = await raw(url);
      await act(one);
      const [closed] = await one.closed;
      expect([what, closed]).toEqual([what, code]);
    }),
  );
});

test('another path is not found, and another protocol not spoken', async () => {
  const { url } = await notes();
  const elsewhere = new WebSocket(`${url.replace('http', 'ws')}/elsewhere`, PROTOCOL);
  expect(String((await once(elsewhere, 'error'))[0])).toContain('404');
  const old = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-ws');
  expect(String((await once(old, 'error'))[0])).toContain('subprotocol');
});

test('more connections than one caller, or the gateway, may have are refused until others are gone', async () => {
  const served = await notes({ limits: { perCaller: 2, subscriptions: 3 } });
  const [first] = [await connected(served), await connected(served)];
  const third = await raw(served.url);
  third.send(await init());
  expect(await third.closed).toEqual([
    1013,
    expect.stringMatching(/^LIMIT_EXCEEDED: .*connections of one caller/),
  ]);
  await connected(served, { ...editor, subject: 'u-2' });
  const many = new WebSocket(`${served.url.replace('http', 'ws')}/graphql`, PROTOCOL);
  expect(String((await once(many, 'error'))[0])).toContain('503');
  first.socket.terminate();
  await first.closed;
  await vi.waitUntil(
    async () => {
      const again = await raw(served.url).catch(() => undefined);
      if (!again) return false;
      again.send(await init());
      await Promise.race([acknowledged(again), again.closed]);
      return again.received.length > 0;
    },
    { timeout: 60_000 },
  );
});

test('very many who come at once are all served, and each gets every message', async () => {
  const MANY = 200;
  const served = await notes();
  const all = await Promise.all(
    Array.from({ length: MANY }, async (_, n) => {
      const one = await connected(served, { ...editor, subject: `u-${n}` });
      one.send(subscribe('1', `subscription { noteEvents(division: "${COUNTY}") { n note { text } } }`));
      return one;
    }),
  );
  await served.open(MANY);
  await served.publish('a', 3);
  for (const { received } of all) {
    await vi.waitUntil(() => received.filter(({ type }) => type === 'next').length === 3, {
      timeout: 60_000,
    });
  }
  for (const { socket } of all) socket.terminate();
  await served.open(0);
  expect(await figure(served.gateway, 'dutyledger_subscription_messages_total')).toBe(3 * MANY);
});
