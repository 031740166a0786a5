import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, request as send } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { httpServer } from '@dutyledger/subgraph-kit/http';
import { createMetrics } from '@dutyledger/subgraph-kit/metrics';
import { expect, onTestFinished, test } from 'vitest';
import { bearer, editor, silent, tokens, verifier } from '../test/fixture.ts';
import { forwardedRoutes } from './forwarding.ts';
import { Instances } from './instances.ts';

/** A service's own server, and what it was asked. */
async function service(answer: RequestListener) {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    if (request.url === '/readyz') return void response.end('{}');
    seen.push(request);
    return void answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { seen, server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql` };
}

async function before(urls: string[], timeMs = 60_000): Promise<string> {
  const instances = new Instances(urls);
  const { routes, stop } = forwardedRoutes({
    sources: new Map([['files', instances]]),
    verifier,
    tokenOf: (caller) => tokens.sign(caller),
    timeMs,
    logger: silent,
    table: [
      { prefix: '/files', subgraph: 'files', anonymous: false },
      { prefix: '/open', subgraph: 'files', anonymous: true },
      { prefix: '/nowhere', subgraph: 'elsewhere', anonymous: true },
    ],
  });
  const never = async () => ({});
  const server = httpServer({
    ...{ name: 'gateway', verifier, logger: silent, metrics: createMetrics(), answer: never, routes },
    readiness: async () => [],
    bodyBytes: 10,
  });
  onTestFinished(async () => {
    await server.stop();
    await stop();
    await instances.stop();
  });
  return server.listen({ port: 0 });
}

const english = { 'accept-language': 'en' };

test('a request and its answer pass as they are, with the caller’s identity for the token and without what belongs to a connection', async () => {
  const { seen, url } = await service(async (request, response) => {
    const body = await text(request);
    response.writeHead(201, {
      'content-type': 'text/x-own',
      etag: '"1"',
      'set-cookie': ['a=1', 'b=2'],
      'x-hop': 'of the connection',
      connection: 'x-hop',
    });
    response.end(`${body} taken`);
  });
  const gateway = await before([url]);
  const answer = await fetch(`${gateway}/files/a%2Fb?personal=true&x=%E5%9B%BE`, {
    method: 'POST',
    headers: {
      ...english,
      authorization: await bearer(),
      'content-type': 'image/png',
      'x-correlation-id': 'case-7',
      'if-match': '"0"',
      cookie: 'c=1',
      'x-read-after': '9',
    },
    body: '图片'.repeat(20),
  });
  expect([answer.status, await answer.text()]).toEqual([201, `${'图片'.repeat(20)} taken`]);
  expect(answer.headers.get('content-type')).toBe('text/x-own');
  expect(answer.headers.get('etag')).toBe('"1"');
  expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  expect(answer.headers.get('x-hop')).toBeNull();
  expect(answer.headers.get('x-correlation-id')).toBe('case-7');
  const [{ url: asked, headers } = {} as IncomingMessage] = seen;
  expect(asked).toBe('/files/a%2Fb?personal=true&x=%E5%9B%BE');
  expect(headers).toMatchObject({
    ...english,
    'content-type': 'image/png',
    'content-length': '120',
    'x-correlation-id': 'case-7',
    'if-match': '"0"',
  });
  expect(headers).not.toHaveProperty('cookie');
  expect(headers).not.toHaveProperty('x-read-after');
  expect(await tokens.verifier.verify(headers.authorization)).toMatchObject({ ok: true, caller: editor });
});

test('without a good token nothing is asked, unless the service itself judges', async () => {
  const { seen, url } = await service((_, response) => response.end('open'));
  const gateway = await before([url]);
  const refused = await fetch(`${gateway}/files`, { method: 'POST', headers: english, body: 'x' });
  expect(refused.status).toBe(401);
  expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
  expect(seen).toEqual([]);
  expect(await (await fetch(`${gateway}/open/services.json`)).text()).toBe('open');
  expect(seen[0]?.headers).not.toHaveProperty('authorization');
  expect((await fetch(`${gateway}/open`, { headers: { authorization: 'Bearer x' } })).status).toBe(401);
  expect((await fetch(`${gateway}/openly`)).status).toBe(404);
  expect((await fetch(`${gateway}/nowhere`)).status).toBe(404);
  expect((await fetch(`${gateway}/open`, { method: 'HEAD' })).status).toBe(200);
  expect(seen.map(({ method }) => method)).toEqual(['GET', 'HEAD']);
});

test('bytes go through as they come, both ways', async () => {
  const { url } = await service((request, response) => void request.pipe(response));
  const gateway = await before([url]);
  const asking = send(`${gateway}/open`, { method: 'POST' });
  asking.write('one');
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  const ended = once(answer, 'end');
  const heard = async () => String((await once(answer, 'data'))[0]);
  expect(await heard()).toBe('one');
  const next = heard();
  asking.end('two');
  expect(await next).toBe('two');
  await ended;
});

test('an answer that comes before the body has come is passed on at once', async () => {
  const { url } = await service((request, response) => {
    request.once('data', () => {
      request.pause();
      response.writeHead(400, { connection: 'close' }).end('too large');
    });
  });
  const gateway = new URL(await before([url]));
  const socket = connect(Number(gateway.port), gateway.hostname);
  socket.write('POST /open HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999\r\n\r\nbegun');
  socket.setEncoding('utf8');
  let answer = '';
  for await (const part of socket) {
    answer += part;
    if (answer.includes('too large')) break;
  }
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  expect(answer).toMatch(/connection: close/i);
  expect(answer).toMatch(/too large/);
});

test('a service that is not there is 502, one that is silent 504, in the caller’s language', async () => {
  const { url, server, seen } = await service(() => undefined);
  const silentOne = await before([url], 1_000);
  const late = await fetch(`${silentOne}/open`, { headers: english });
  expect(late.status).toBe(504);
  expect(await late.json()).toEqual({
    errors: [
      {
        message: 'The service files did not answer in time; try again later.',
        extensions: { code: 'UNAVAILABLE' },
      },
    ],
  });
  expect(seen).toHaveLength(1);
  server.close();
  server.closeAllConnections();
  const gone = await fetch(`${silentOne}/open`, { method: 'POST', body: 'x'.repeat(1_000_000) });
  expect(gone.status).toBe(502);
  expect(await gone.json()).toMatchObject({
    errors: [{ message: '服务 files 暂时不可用，请稍后重试。', extensions: { code: 'UNAVAILABLE' } }],
  });
});

test('of several instances one that cannot be reached is passed over, with the whole body', async () => {
  const gone = await service(() => undefined);
  gone.server.close();
  const there = await service((request, response) => void request.pipe(response));
  const gateway = await before([gone.url, there.url]);
  for (let n = 0; n < 4; n++) {
    const answer = await fetch(`${gateway}/open`, { method: 'POST', body: `part ${n}` });
    expect(await answer.text()).toBe(`part ${n}`);
  }
});

test('a caller who goes away is given up: before the answer, and in the midst of it and of the body', async () => {
  const { url, server } = await service((request, response) => {
    if (request.url === '/open/begun') response.write('begun');
  });
  const gateway = await before([url]);
  for (const [path, method, until] of [
    ['/open', 'GET', 'request'],
    ['/open/begun', 'GET', 'response'],
    ['/open', 'POST', 'request'],
  ] as const) {
    const asked = once(server, 'request');
    const asking = send(`${gateway}${path}`, { method });
    asking.on('error', () => undefined);
    const answered = until === 'response' ? once(asking, 'response') : undefined;
    if (method === 'POST') asking.write('begun');
    else asking.end();
    const [, response] = await asked;
    await answered;
    const closed = once(response, 'close');
    asking.destroy();
    await closed;
    expect(response.writableFinished).toBe(false);
  }
});

test('an answer that breaks off breaks off', async () => {
  const { url } = await service((_, response) => {
    response.writeHead(200, { 'content-length': 100 });
    response.write('begun', () => response.destroy());
  });
  const gateway = await before([url]);
  await expect(fetch(`${gateway}/open`).then((answer) => answer.text())).rejects.toThrow();
});
