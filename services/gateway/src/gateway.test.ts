import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { bearer, editor, running, type Topology, verdict, verifier } from '../test/fixture.ts';

const topologies: Topology[] = ['in memory', 'over HTTP'];

describe.each(topologies)('gateway, subgraphs %s', (topology) => {
  test('one query crosses subgraphs', async () => {
    const { ask } = await running(topology);
    const { data, errors } = await ask(
      '{ organ(id: "o-1") { name dutiesLed { code lead { name } } } duties { lead { name } } }',
    );
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      organ: { name: 'organ o-1', dutiesLed: [{ code: 'of o-1', lead: { name: 'organ o-1' } }] },
      duties: [{ lead: { name: 'organ o-9' } }],
    });
  });

  test('caller, language and correlation id reach the subgraph; the outer token does not', async () => {
    const { ask } = await running(topology);
    const { data, headers } = await ask(
      '{ whoAmI }',
      {},
      { 'x-correlation-id': 'case-1', 'accept-language': 'en' },
    );
    expect(data).toEqual({ whoAmI: { caller: editor, locale: 'en', correlationId: 'case-1' } });
    expect(headers.get('x-correlation-id')).toBe('case-1');
  });

  test('a refusal of a subgraph comes through whole, and nothing with it', async () => {
    const { ask } = await running(topology);
    const query = 'mutation { rename(input: { name: "x" }) { name } }';
    const { status, data, errors } = await ask(query);
    expect([status, data]).toEqual([200, { rename: null }]);
    expect(errors).toEqual([
      {
        message: 'The name is taken.',
        path: ['rename'],
        extensions: {
          code: 'RULE_VIOLATED',
          rule: 'S-1',
          field: 'name',
          citation: { title: '机构编制条例', article: '第四条' },
          details: { by: 'organ:1' },
          service: 'organs',
        },
      },
    ]);
    expect((await ask(query, {}, { 'accept-language': 'zh-CN' })).errors?.[0]?.message).toBe(
      '名称已被使用。',
    );
  });

  test('errors of entities carry the path of the whole query', async () => {
    const { ask } = await running(topology);
    const { data, errors } = await ask('{ organs(first: 2) { edges { node { id secret } } } }');
    expect(data).toEqual({
      organs: { edges: [{ node: { id: 'o-0', secret: null } }, { node: { id: 'o-1', secret: null } }] },
    });
    expect(errors?.map(({ path }) => path)).toEqual([
      ['organs', 'edges', 0, 'node', 'secret'],
      ['organs', 'edges', 1, 'node', 'secret'],
    ]);
    expect(errors?.[0]?.extensions['code']).toBe('NOT_PERMITTED');
  });

  test('a defect says nothing but the number of the request', async () => {
    const hooks = {
      wait: () => {
        throw new Error('password=hunter2');
      },
    };
    const { ask } = await running(topology, {}, hooks);
    const { text, errors } = await ask('{ wait }', {}, { 'x-correlation-id': 'case-2' });
    expect(text).not.toMatch(/hunter2|stack|DOWNSTREAM/);
    expect(errors?.[0]?.extensions).toEqual({ code: 'INTERNAL', correlationId: 'case-2', service: 'organs' });
  });

  test('wrong values are INVALID_INPUT with their field', async () => {
    const { ask } = await running(topology);
    const query = 'mutation ($i: RenameInput!) { rename(input: $i) { name } }';
    const day = await ask(query, { i: { name: 'x', since: '2026-02-30' } });
    expect(day.errors?.[0]?.extensions).toMatchObject({ code: 'INVALID_INPUT', field: 'i.since' });
    const type = await ask(query, { i: { name: 7 } });
    expect(type.errors?.[0]?.extensions).toMatchObject({ code: 'INVALID_INPUT', field: 'i.name' });
    const control = await ask(query, { i: { name: 'a\u0000' } });
    expect(control.errors?.[0]?.extensions).toMatchObject({ code: 'INVALID_INPUT', field: 'i.name' });
    const reserved = await ask('query ($representations: ID!) { organ(id: $representations) { name } }', {
      representations: 'x',
    });
    expect(verdict(reserved)).toBe('INVALID_INPUT');
  });

  test('a subgraph that is down is UNAVAILABLE for its fields, the rest is answered', async () => {
    const { ask, duties } = await running(topology);
    await duties.stop();
    const { data, errors } = await ask('{ organs(first: 2) { edges { node { name dutiesLed { code } } } } }');
    expect(data?.['organs']).toMatchObject({
      edges: [
        { node: { name: 'organ o-0', dutiesLed: null } },
        { node: { name: 'organ o-1', dutiesLed: null } },
      ],
    });
    expect(errors?.every(({ extensions }) => extensions['code'] === 'UNAVAILABLE')).toBe(true);
    const root = await ask('{ duties { code } organ(id: "o-1") { name } }');
    expect(verdict(root)).toBe('UNAVAILABLE');
  });

  test('readiness asks the subgraphs', async () => {
    const { url } = await running(topology);
    const response = await fetch(`${url}/readyz`);
    expect(await response.json()).toEqual({
      ok: true,
      checks: [
        { name: 'organs.store', ok: true, detail: 'open' },
        { name: 'duties.store', ok: true, detail: 'open' },
      ],
    });
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });
});

describe('gateway', () => {
  test('a request without a good token is refused before its body is read', async () => {
    const { url } = await running('in memory');
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write(
      'POST /graphql HTTP/1.1\r\nhost: x\r\nauthorization: Bearer x\r\ncontent-type: application/json\r\ncontent-length: 20000000\r\n\r\n{',
    );
    const [chunk] = await once(socket, 'data');
    socket.destroy();
    expect(String(chunk)).toMatch(/^HTTP\/1\.1 401[\s\S]*"UNAUTHENTICATED"/);
  });

  test('malformed JSON, batches and forms are one INVALID_INPUT', async () => {
    const { send } = await running('in memory');
    for (const [body, headers] of [
      ['{"query":', {}],
      ['[{"query":"{ duties { code } }"}]', {}],
      ['query=x', { 'content-type': 'application/x-www-form-urlencoded' }],
      ['{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"x"}}}', {}],
      ['{"query":"{ nothing }"}', {}],
      ['{"query":"{"}', {}],
    ] as [string, Record<string, string>][]) {
      const answer = await send(body, headers);
      expect([verdict(answer), answer.errors?.length], body).toEqual(['INVALID_INPUT', 1]);
    }
  });

  test('production refuses a development verifier, hides the schema and serves no page', async () => {
    const { url, ask, gateway } = await running('in memory', { production: true });
    expect((await fetch(url)).status).toBe(404);
    expect(verdict(await ask('{ __schema { types { name } } }'))).toBe('INVALID_INPUT');
    expect((await ask('{ dutie { code } }')).text).not.toContain('duties');
    await gateway.stop();
    const unfit = { ...verifier, development: true };
    await expect(running('in memory', { production: true, verifier: unfit })).rejects.toThrow(/OIDC/);
  });

  test('a supergraph that names a subgraph which is not given does not start', async () => {
    await expect(running('in memory', { subgraphs: {} })).rejects.toThrow(/organs|duties/);
  });

  test('a caller with another role is told so', async () => {
    const { ask } = await running('in memory');
    const authorization = await bearer({ ...editor, roles: ['SYSTEM_ADMIN'] });
    const { errors } = await ask('{ duties { code } }', {}, { authorization });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'NOT_PERMITTED', service: 'duties' });
  });

  test('what takes too long is given up, an import later than a query', async () => {
    const never = Promise.withResolvers<string>();
    const limits = { timeMs: 50, longTimeMs: 60_000 };
    const { ask } = await running('in memory', { limits }, { wait: () => never.promise });
    const late = await ask('{ wait }');
    expect(late.errors?.[0]?.extensions).toMatchObject({ code: 'LIMIT_EXCEEDED', details: { limit: 0.05 } });
    const importing = ask('{ importWait }');
    expect(verdict(await ask('{ wait }'))).toBe('LIMIT_EXCEEDED');
    never.resolve('done');
    expect((await importing).data).toEqual({ importWait: 'done' });
  });

  test('a stop lets running requests finish', async () => {
    const entered = Promise.withResolvers<void>();
    const release = Promise.withResolvers<string>();
    const wait = () => {
      entered.resolve();
      return release.promise;
    };
    const { ask, gateway } = await running('over HTTP', {}, { wait });
    const answer = ask('{ wait }');
    await entered.promise;
    const stopped = gateway.stop();
    release.resolve('done');
    expect((await answer).data).toEqual({ wait: 'done' });
    await stopped;
  });
});
