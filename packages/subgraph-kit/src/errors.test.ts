import { Writable } from 'node:stream';
import { EventStoreError } from '@dutyledger/event-store/event-store';
import { ReadStoreError } from '@dutyledger/read-store/read-store';
import { describe, expect, test } from 'vitest';
import { run, testSubgraph } from '../test/fixture.ts';
import { refusalError, unwrap } from './errors.ts';
import { createLogger } from './logging.ts';

const SDL = `
type Query {
  fail(kind: String): Int @access(roles: [LIST_EDITOR])
  count(of: Int!, days: [Date!], filter: Filter): Int @access(roles: [LIST_EDITOR])
}
input Filter { from: Date, codes: [DivisionCode!], nested: Filter }`;

const refusal = {
  code: 'RULE_VIOLATED' as const,
  message: { 'zh-CN': '份额之和应为 100%。', en: 'Shares must add up to 100%.' },
  rule: 'L-2',
  field: 'item.shares',
  citation: { title: '山东省乡镇人民政府工作条例', article: '第四条' },
  details: { sum: 90 },
};

const kinds: Record<string, () => unknown> = {
  refusal: () => unwrap({ ok: false, refusal }),
  defect: () => {
    throw new Error('password=hunter2 at /etc/secret');
  },
  cursor: () => {
    throw new ReadStoreError('BAD_CURSOR', 'x');
  },
  full: () => {
    throw new EventStoreError('DISK_FULL', 'x');
  },
  busy: async () => {
    throw new Error('wrapped', { cause: new ReadStoreError('BUSY', 'x') });
  },
  large: () => {
    throw new EventStoreError('TOO_LARGE', 'x');
  },
  reused: () => {
    throw new EventStoreError('ID_REUSED', 'x');
  },
  corrupt: () => {
    throw new EventStoreError('CORRUPT', 'page 7 of /data/events.db');
  },
};

const resolvers = {
  Query: { fail: (_: never, { kind }: { kind: string }) => kinds[kind]?.(), count: () => 1 },
};

describe('refusals', () => {
  test('carry code, rule, field, citation and details, in the language of the caller', async () => {
    const kit = await testSubgraph(SDL, resolvers);
    const { code, rule, field, citation, details } = refusal;
    for (const language of ['zh-CN', 'en'] as const) {
      const { fault, data } = await run(kit, '{ fail(kind: "refusal") }', {}, { language });
      expect(data).toEqual({ fail: null });
      expect(fault).toMatchObject({ message: refusal.message[language], path: ['fail'] });
      expect(fault?.extensions).toEqual({ code, rule, field, citation, details });
    }
  });

  test('unwrap returns what is good', () => {
    expect(unwrap({ ok: true, events: [] })).toEqual({ ok: true, events: [] });
    expect(() => unwrap({ ok: false, refusal }, 'en')).toThrow('Shares must add up');
    expect(refusalError(refusal).message).toBe(refusal.message['zh-CN']);
  });
});

describe('defects and stores', () => {
  test.each([
    ['cursor', 'INVALID_INPUT'],
    ['full', 'UNAVAILABLE'],
    ['busy', 'UNAVAILABLE'],
    ['large', 'LIMIT_EXCEEDED'],
    ['reused', 'CONFLICT'],
    ['corrupt', 'INTERNAL'],
  ])('%s is %s', async (kind, code) => {
    const { fault } = await run(await testSubgraph(SDL, resolvers), `{ fail(kind: "${kind}") }`);
    expect(fault?.extensions?.['code']).toBe(code);
  });

  test('a defect says nothing but a number, under which the log has it', async () => {
    const lines: string[] = [];
    const destination = new Writable({
      write(chunk, _encoding, done) {
        lines.push(String(chunk));
        done();
      },
    });
    const kit = await testSubgraph(SDL, resolvers, { logger: createLogger({ name: 'test', destination }) });
    const answer = await run(kit, '{ fail(kind: "defect") }');
    expect(JSON.stringify(answer)).not.toMatch(/hunter2|secret|stack/);
    const { code, correlationId } = answer.fault?.extensions ?? {};
    expect(code).toBe('INTERNAL');
    expect(answer.fault?.message).toContain(correlationId);
    const logged = lines.map((line) => JSON.parse(line)).find((line) => line.level === 'error');
    expect(logged).toMatchObject({ correlationId, subgraph: 'test', err: { message: expect.any(String) } });
  });
});

describe('requests that are wrong in themselves are INVALID_INPUT', () => {
  test.each([
    ['syntax', '{ count(', {}, undefined],
    ['unknown field', '{ nothing }', {}, undefined],
    ['literal of the wrong type', '{ count(of: "x") }', {}, undefined],
    ['literal that is no day', '{ count(of: 1, days: ["2026-02-30"]) }', {}, undefined],
    ['variable of the wrong type', 'query ($n: Int!) { count(of: $n) }', { n: 'x' }, 'n'],
    ['missing variable', 'query ($n: Int!) { count(of: $n) }', {}, 'n'],
    [
      'variable that is no day',
      'query ($d: [Date!]) { count(of: 1, days: $d) }',
      { d: ['2026-03-01', '2026-02-30'] },
      'd[1]',
    ],
    [
      'nested variable',
      'query ($f: Filter) { count(of: 1, filter: $f) }',
      { f: { nested: { codes: ['370114000000', '37'] } } },
      'f.nested.codes[1]',
    ],
    ['unknown input field', 'query ($f: Filter) { count(of: 1, filter: $f) }', { f: { x: 1 } }, 'f'],
    ['no such operation', 'query A { count(of: 1) } query B { count(of: 1) }', {}, undefined],
  ])('%s', async (_, query, variables, field) => {
    const kit = await testSubgraph(SDL, resolvers);
    const zh = await run(kit, query, variables, { language: 'zh-CN' });
    const en = await run(kit, query, variables);
    expect(zh.fault?.extensions?.['code']).toBe('INVALID_INPUT');
    expect(zh.fault?.extensions?.['field']).toBe(field);
    expect(zh.fault?.message).toMatch(/[\u4e00-\u9fff]/);
    expect(en.fault?.message).not.toBe(zh.fault?.message);
    expect('data' in en).toBe(false);
  });

  test('an operation chosen by name is carried out', async () => {
    const kit = await testSubgraph(SDL, resolvers);
    expect((await run(kit, '{ count(of: 1) }')).data).toEqual({ count: 1 });
  });
});
