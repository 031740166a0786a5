import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { Instances } from './instances.ts';

const QUERY = { query: '{ a }', variables: {} };
const MUTATION = { query: 'mutation M { a }', variables: {} };
const never = new AbortController().signal;

/** An instance: its address, and how many GraphQL requests came. */
async function instance(
  answer: RequestListener,
  ready: RequestListener = (_, response) => response.end('{}'),
) {
  const seen = { url: '', requests: 0 };
  const server = createServer((request, response) => {
    if (request.url === '/readyz') return void ready(request, response);
    seen.requests += 1;
    return void answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  seen.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
  return { seen, server };
}

function among(...urls: string[]) {
  const instances = new Instances(urls);
  onTestFinished(() => instances.stop());
  return instances;
}

const works: RequestListener = (_, response) => response.end('{"data":{"a":1}}');
const breaksOff: RequestListener = (_, response) => response.destroy();
const isWaiting: RequestListener = (_, response) => response.writeHead(503).end('{"ok":false,"checks":[]}');
const stands: RequestListener = () => undefined;

test('instances share the work, and one that is not there, or does not serve yet, is passed over', async () => {
  const one = await instance(works);
  const two = await instance(works);
  const waiting = await instance(isWaiting, isWaiting);
  const gone = await instance(works);
  gone.server.close();
  const instances = among(gone.seen.url, one.seen.url, waiting.seen.url, two.seen.url);
  for (let n = 0; n < 12; n++) {
    expect(await instances.execute(n % 2 === 0 ? QUERY : MUTATION, {}, never)).toEqual({ data: { a: 1 } });
  }
  expect(Math.min(one.seen.requests, two.seen.requests)).toBeGreaterThan(2);
  expect(one.seen.requests + two.seen.requests).toBe(12);
});

test('a query is repeated on another instance, a change that may have arrived is not', async () => {
  const one = await instance(breaksOff);
  const two = await instance(breaksOff);
  const instances = among(one.seen.url, two.seen.url);
  await expect(instances.execute(MUTATION, {}, never)).rejects.toThrow();
  expect(one.seen.requests + two.seen.requests).toBe(1);
  await expect(instances.execute(QUERY, {}, never)).rejects.toThrow();
  expect(one.seen.requests + two.seen.requests).toBe(3);
});

test('queries leave an instance that stands still', async () => {
  const still = await instance(stands, stands);
  const other = await instance(works);
  const instances = among(still.seen.url, other.seen.url);
  const answers = await Promise.all(Array.from({ length: 4 }, () => instances.execute(QUERY, {}, never)));
  expect(answers).toEqual(Array(4).fill({ data: { a: 1 } }));
  expect(still.seen.requests).toBeGreaterThan(0);
});

test('a single address is asked as it is, without probes', async () => {
  let probes = 0;
  const one = await instance(works, (_, response) => {
    probes += 1;
    response.end('{"checks":[{"name":"store","ok":true,"detail":"open"}]}');
  });
  const instances = among(one.seen.url);
  expect(await instances.execute(QUERY, {}, never)).toEqual({ data: { a: 1 } });
  expect(probes).toBe(0);
  expect(await instances.readiness()).toEqual([{ name: 'store', ok: true, detail: 'open' }]);
});
