import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, test } from 'vitest';
import { bearer, editor, temporaryFolder, testSubgraph } from '../test/fixture.ts';
import type { RequestContext } from './request-context.ts';
import type { Resolvers } from './subgraph.ts';

const SDL = `type Query {
  hello(name: String): String @access(roles: [LIST_EDITOR])
  wait: String @access(roles: [LIST_EDITOR])
  audit: String @access(roles: [AUDITOR])
}`;
interface Json {
  data?: unknown;
  errors: { message: string; extensions: Record<string, unknown> }[];
}
const jsonOf = async (response: Response): Promise<Json> => (await response.json()) as Json;

const hello = (_: never, { name }: { name: string | null }) => `hello ${name}`;

async function served(wait: () => unknown = () => 'done', overrides = {}) {
  const resolvers: Resolvers<RequestContext> = { Query: { hello, wait, audit: () => 'x' } };
  const subgraph = await testSubgraph(SDL, resolvers, overrides);
  const url = await subgraph.listen({ port: 0 });
  const post = async (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(await bearer(editor)), ...headers },
      body,
    });
    const json = await jsonOf(response);
    return {
      status: response.status,
      headers: response.headers,
      json,
      code: json.errors?.[0]?.extensions['code'],
    };
  };
  return { subgraph, url, post };
}

describe('over HTTP', () => {
  test('answers as in memory does', async () => {
    const { subgraph, post } = await served();
    const request = { query: 'query ($n: String) { hello(name: $n) audit }', variables: { n: '章丘' } };
    const { status, json, headers } = await post(JSON.stringify(request), { 'x-correlation-id': 'c-1' });
    expect(status).toBe(200);
    expect(headers.get('x-correlation-id')).toBe('c-1');
    expect(json.data).toEqual({ hello: 'hello 章丘', audit: null });
    const inMemory = await subgraph.execute({ ...request, headers: await bearer(editor) });
    expect(JSON.parse(JSON.stringify(inMemory))).toEqual(json);
  });

  test('a request without a good token is refused before its body is read', async () => {
    const { url, subgraph } = await served();
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write(
      'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 20000000\r\n\r\n{',
    );
    const [chunk] = await once(socket, 'data');
    socket.destroy();
    expect(String(chunk)).toMatch(/^HTTP\/1\.1 401/);
    expect(String(chunk)).toContain('"UNAUTHENTICATED"');
    const { errors } = await subgraph.execute({ query: '{ hello }', headers: {} });
    expect(errors?.[0]?.extensions?.['code']).toBe('UNAUTHENTICATED');
  });

  test.each([
    ['malformed JSON', '{"query":', {}, 400],
    ['no body', '', {}, 400],
    ['a number', '7', {}, 400],
    ['a batch', '[{"query":"{ hello }"}]', {}, 400],
    ['no query', '{"variables":{}}', {}, 400],
    ['a persisted query', '{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"x"}}}', {}, 400],
    ['variables that are a list', '{"query":"{ hello }","variables":[]}', {}, 400],
    ['an operation name that is no text', '{"query":"{ hello }","operationName":1}', {}, 400],
    ['prototype pollution', '{"query":"{ hello }","variables":{"__proto__":{"x":1}}}', {}, 400],
    ['a form', 'query={hello}', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['plain text', '{"query":"{ hello }"}', { 'content-type': 'text/plain' }, 415],
  ])('%s is one INVALID_INPUT', async (_, body, headers, status) => {
    const { post } = await served();
    const answer = await post(body, headers);
    expect(answer).toMatchObject({ code: 'INVALID_INPUT', status });
    expect(answer.json.errors).toHaveLength(1);
  });

  test('a body that is not UTF-8 is INVALID_INPUT', async () => {
    const { post } = await served();
    const gb18030 = Buffer.concat([
      Buffer.from('{"query":"{ hello(name: \\"'),
      Buffer.from([0xd5, 0xc2, 0xc7, 0xf0]),
    ]);
    const answer = await post(gb18030);
    expect(answer.code).toBe('INVALID_INPUT');
    expect(answer.json.errors[0]?.message).toContain('UTF-8');
  });

  test('a body over the limit is LIMIT_EXCEEDED with limit and value', async () => {
    const { post } = await served();
    const body = JSON.stringify({ query: '{ hello }', padding: 'x'.repeat(33 * 1024 * 1024) });
    const { status, json } = await post(body);
    expect(status).toBe(413);
    expect(json.errors[0]?.extensions).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      details: { limit: 32 * 1024 * 1024, value: body.length },
    });
  });

  test('other methods and addresses are told so', async () => {
    const { url } = await served();
    const get = await fetch(`${url}/graphql?query={hello}`, { headers: { 'accept-language': 'en' } });
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST']);
    const lost = await fetch(`${url}/nothing`);
    expect([lost.status, (await jsonOf(lost)).errors[0]?.extensions['code']]).toEqual([404, 'NOT_FOUND']);
  });

  test('health, readiness and metrics', async () => {
    let ok = true;
    const readiness = async () => [{ name: 'store', ok, detail: 'file' }];
    const { url, post } = await served(undefined, { readiness });
    await post('{"query":"{ hello }"}');
    await post('{"query":"{ audit }"}');
    await post('{"query":"{ hello }"}', { authorization: 'Bearer x' });
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ ok: true, checks: await readiness() });
    ok = false;
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toMatch(/_count\{server="test",operation="query",outcome="ok"\} 1/);
    expect(metrics).toMatch(/_count\{server="test",operation="query",outcome="NOT_PERMITTED"\} 1/);
    expect(metrics).toMatch(/_count\{server="test",operation="none",outcome="UNAUTHENTICATED"\} 1/);
    expect(metrics).not.toContain(editor.subject);
  });

  test('readiness that fails is not ready', async () => {
    const readiness = async () => Promise.reject(new Error('store is gone'));
    const { url } = await served(undefined, { readiness });
    const response = await fetch(`${url}/readyz`);
    expect(response.status).toBe(503);
    expect(JSON.stringify(await response.json())).toContain('store is gone');
  });

  test('production hides the schema', async () => {
    const { post } = await served(undefined, { production: true });
    expect((await post('{"query":"{ __schema { types { name } } }"}')).code).toBe('INVALID_INPUT');
    expect((await post('{"query":"{ helo }"}')).json.errors[0]?.message).not.toContain('hello');
  });

  test('a stop finishes what runs and takes nothing more', async () => {
    const entered = Promise.withResolvers<void>();
    const release = Promise.withResolvers<string>();
    const { subgraph, post } = await served(() => {
      entered.resolve();
      return release.promise;
    });
    const running = post('{"query":"{ wait }"}');
    await entered.promise;
    const stopped = subgraph.stop();
    const late = await subgraph.execute({ query: '{ hello }', headers: await bearer(editor) });
    expect(late.errors?.[0]?.extensions?.['code']).toBe('UNAVAILABLE');
    release.resolve('finished');
    expect((await running).json.data).toEqual({ wait: 'finished' });
    await stopped;
    await expect(post('{"query":"{ hello }"}')).rejects.toThrow();
  });
});

describe('signals', () => {
  /** A process that says `up`, and `slow` or never finishes its stop. */
  async function processThat(stop: string) {
    const lifecycle = new URL('./lifecycle.ts', import.meta.url).href;
    const script = join(temporaryFolder(), 'main.ts');
    writeFileSync(
      script,
      `import { stopOnSignals } from '${lifecycle}';
       const logger = { info() {}, error() {} } as never;
       stopOnSignals(() => ${stop}, logger);
       setInterval(() => {}, 1000);
       process.stdout.write('up\\n');`,
    );
    const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    expect((await lines.next()).value).toBe('up');
    return { child, lines, exit: once(child, 'exit') };
  }

  test('a clean stop ends the process with 0', async () => {
    const { child, exit } = await processThat('Promise.resolve()');
    child.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
  });

  test('a second signal ends it at once', async () => {
    const { child, lines, exit } = await processThat(
      "{ process.stdout.write('stopping\\n'); return new Promise(() => {}); }",
    );
    child.kill('SIGTERM');
    expect((await lines.next()).value).toBe('stopping');
    child.kill('SIGINT');
    expect(await exit).toEqual([1, null]);
  });
});
