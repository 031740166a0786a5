import { describe, expect, test } from 'vitest';
import { run, testSubgraph } from '../test/fixture.ts';

const NAMES = ['Date', 'DateTime', 'DivisionCode', 'CreditCode', 'Base64', 'JSON'] as const;
const SDL = `type Query { ${NAMES.map((name) => `the${name}(v: ${name}): ${name} @access(roles: [LIST_EDITOR])`).join('\n')} }`;
const resolvers = {
  Query: Object.fromEntries(NAMES.map((name) => [`the${name}`, (_: never, { v }: { v: unknown }) => v])),
};

async function given(name: string, v: unknown) {
  const subgraph = await testSubgraph(SDL, resolvers);
  const byVariable = await run(subgraph, `query ($v: ${name}) { v: the${name}(v: $v) }`, { v });
  const byLiteral = await run(subgraph, `{ v: the${name}(v: ${JSON.stringify(v)}) }`);
  expect(byLiteral.data?.['v']).toEqual(byVariable.data?.['v']);
  expect(byLiteral.fault?.extensions?.['code']).toBe(byVariable.fault?.extensions?.['code']);
  return byVariable.fault ? byVariable.fault.extensions?.['code'] : byVariable.data?.['v'];
}

describe('scalars', () => {
  test.each([
    ['Date', '2026-02-28', '2026-02-28'],
    ['Date', '2024-02-29', '2024-02-29'],
    ['DateTime', '2026-03-01T08:30:00+08:00', '2026-03-01T00:30:00.000Z'],
    ['DivisionCode', '370114000000', '370114000000'],
    ['CreditCode', '91350100M000100Y43', '91350100M000100Y43'],
    ['Base64', 'aGVsbG8=', 'aGVsbG8='],
    ['Base64', '', ''],
    ['JSON', [1, 'a', null, true], [1, 'a', null, true]],
    ['JSON', null, null],
    ['Date', null, null],
  ])('%s takes %j', async (name, value, expected) => {
    expect(await given(name, value)).toEqual(expected);
  });

  test.each([
    ['Date', '2026-02-30'],
    ['Date', '2026-2-3'],
    ['Date', 20260203],
    ['DateTime', '2026-03-01T08:30:00'],
    ['DateTime', '2026-02-30T08:30:00Z'],
    ['DivisionCode', '370114'],
    ['DivisionCode', '990114000000'],
    ['CreditCode', '91350100M000100Y44'],
    ['Base64', 'aGVsbG8'],
    ['Base64', 'aGVs bG8='],
    ['Base64', 'aGVs_G8='],
    ['Base64', true],
  ])('%s refuses %j with INVALID_INPUT', async (name, value) => {
    expect(await given(name, value)).toBe('INVALID_INPUT');
  });

  test('a refusal is told in the language of the caller', async () => {
    const subgraph = await testSubgraph(SDL, resolvers);
    const query = 'query ($v: Date) { theDate(v: $v) }';
    const zh = await run(subgraph, query, { v: '2026-02-30' }, { language: 'zh-CN,en;q=0.5' });
    const en = await run(subgraph, query, { v: '2026-02-30' });
    expect(zh.fault?.message).toMatch(/2026-02-30.*不存在/);
    expect(en.fault?.message).toMatch(/2026-02-30 is not a day/);
  });
});
