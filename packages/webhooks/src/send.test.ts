import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readAllowedTargets } from './addresses.ts';
import { openSender, type Sender } from './send.ts';

/** Attempts against a server on loopback, which the operator has allowed. */

let server: Server;
let url: string;
let sender: Sender;
const seen: string[] = [];
const answers: Record<string, RequestListener> = {
  '/ok': (_, response) => response.writeHead(201).end('taken'),
  '/no': (_, response) => response.writeHead(400).end(),
  '/gone': (_, response) => response.writeHead(410).end(),
  '/busy': (_, response) => response.writeHead(503, { 'retry-after': '30' }).end(),
  '/moved': (_, response) => response.writeHead(307, { location: '/ok' }).end(),
  '/broken': (request) => request.socket.destroy(),
  '/silent': () => undefined,
  // An answer that never ends.
  '/endless': (_, response) => {
    const more = (): boolean => response.destroyed || (response.write('x'.repeat(8_192)) && more());
    response.writeHead(200).on('drain', more);
    more();
  },
};

beforeAll(async () => {
  server = createServer((request, response) => {
    seen.push(request.url ?? '');
    request.resume();
    request.on('end', () => answers[request.url ?? '']?.(request, response));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  sender = openSender(readAllowedTargets('127.0.0.1'), 120_000);
});
afterAll(() => {
  sender.close();
  server.closeAllConnections();
  server.close();
});

const at = new Date('2026-03-05T02:00:00.000Z');
const post = (target: string, signal = new AbortController().signal) =>
  sender.post(target, { headers: { 'webhook-id': 'msg_1' }, body: '{}' }, { at, signal });

test('what counts as taken, and what everything else is called', async () => {
  expect(await post(`${url}/ok`)).toMatchObject({ at: at.toISOString(), failure: null, status: 201 });
  expect(await post(`${url}/endless`)).toMatchObject({ failure: null, status: 200 });
  expect(await post(`${url}/no`)).toMatchObject({ failure: 'STATUS', status: 400, askedMs: null });
  expect(await post(`${url}/gone`)).toMatchObject({ failure: 'GONE', status: 410 });
  expect(await post(`${url}/busy`)).toMatchObject({ failure: 'STATUS', status: 503, askedMs: 30_000 });
  expect(await post(`${url}/broken`)).toMatchObject({ failure: 'CONNECTION', status: null });
  expect(await post(url.replace('http', 'https'))).toMatchObject({ failure: 'TLS', status: null });
  expect(await post('http://127.0.0.1:1/')).toMatchObject({ failure: 'CONNECTION' });
  expect(await post('https://192.168.7.7/')).toMatchObject({ failure: 'PRIVATE_ADDRESS', status: null });
});

test('a redirect is not followed', async () => {
  const before = seen.length;
  expect(await post(`${url}/moved`)).toMatchObject({ failure: 'REDIRECT', status: 307 });
  expect(seen.slice(before)).toEqual(['/moved']);
});

test('an answer that does not come is given up; a stop breaks off at once and is no attempt', async () => {
  const hasty = openSender(readAllowedTargets('127.0.0.1'), 50);
  const message = { headers: {}, body: '{}' };
  const { signal } = new AbortController();
  const late = await hasty.post(`${url}/silent`, message, { at, signal });
  expect(late).toMatchObject({ failure: 'TIMEOUT', status: null });
  hasty.close();
  const stop = new AbortController();
  const broken = post(`${url}/silent`, stop.signal);
  stop.abort(new Error('stopped'));
  await expect(broken).rejects.toThrow('stopped');
});
