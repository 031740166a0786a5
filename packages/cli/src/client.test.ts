import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { createClient } from './client.ts';
import { translator } from './language.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A server that answers its requests by the listeners in turn, the last one for all that follow. */
async function serverOf(...listeners: RequestListener[]): Promise<{ url: string; requests: () => number }> {
  let requests = 0;
  const server = createServer((request, response) => {
    const listener = listeners[Math.min(requests, listeners.length - 1)];
    requests += 1;
    listener?.(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(
    () => server.closeAllConnections(),
    () => server.close(),
  );
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    requests: () => requests,
  };
}

const answer =
  (body: unknown, status = 200): RequestListener =>
  (_request, response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
const hangUp: RequestListener = (request) => request.socket.destroy();
const good = answer({ data: { ok: true } });

const clientOf = (url: string) => createClient({ url, token: 'token', language: 'en', t: translator('en') });

describe('client', () => {
  test('sends token and language, gives the data', async () => {
    let seen: unknown;
    const { url } = await serverOf((request, response) => {
      seen = [request.headers.authorization, request.headers['accept-language'], request.method];
      good(request, response);
    });
    expect(await clientOf(url).ask('{ ok }')).toEqual({ ok: true });
    expect(seen).toEqual(['Bearer token', 'en', 'POST']);
  });

  test('a refusal keeps code, rule, field and citation', async () => {
    const extensions = { code: 'RULE_VIOLATED', rule: 'L-2', field: 'items[0]', citation: { title: '条例' } };
    const { url } = await serverOf(answer({ errors: [{ message: 'no', extensions }] }, 422));
    await expect(clientOf(url).ask('{ ok }')).rejects.toMatchObject({
      exitCode: 1,
      fault: { ...extensions, message: 'no' },
    });
  });

  test.each(['UNAUTHENTICATED', 'NOT_PERMITTED'])('%s is not authorised', async (code) => {
    const { url } = await serverOf(answer({ errors: [{ message: 'no', extensions: { code } }] }, 401));
    await expect(clientOf(url).ask('{ ok }')).rejects.toMatchObject({ exitCode: 4 });
  });

  test('a server that never answered is reported at once', async () => {
    const { url, requests } = await serverOf(hangUp);
    await expect(clientOf(url).ask('{ ok }')).rejects.toMatchObject({ exitCode: 3 });
    expect(requests()).toBe(1);
  });

  test('a connection lost in between is taken up again', async () => {
    const away = answer({ errors: [{ message: 'stopping', extensions: { code: 'UNAVAILABLE' } }] }, 503);
    const { url, requests } = await serverOf(good, hangUp, away, good);
    const client = clientOf(url);
    await client.ask('{ ok }');
    expect(await client.ask('{ ok }')).toEqual({ ok: true });
    expect(requests()).toBe(4);
  });

  test('what is no GraphQL endpoint is told so', async () => {
    for (const listener of [answer('text'), answer({ hello: 1 }), answer(null)]) {
      const { url } = await serverOf(listener);
      await expect(clientOf(url).ask('{ ok }')).rejects.toMatchObject({
        exitCode: 3,
        fault: { code: 'NOT_GRAPHQL' },
      });
    }
  });
});
