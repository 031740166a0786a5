import { buildSchema, getIntrospectionQuery, getOperationAST, parse } from 'graphql/index.js';
import { describe, expect, test } from 'vitest';
import { running, verdict } from '../test/fixture.ts';
import { costOf } from './cost.ts';
import { DEFAULT_LIMITS, documentCheck, shapeOf } from './limits.ts';

const nested = (levels: number): string => `${'{ superior '.repeat(levels)}{ id }${' }'.repeat(levels)}`;
const organ = (below: string): string => `{ organ(id: "o") ${below} }`;

describe('limits through HTTP', () => {
  test.each<[string, string, string, number]>([
    ['depth', organ(nested(10)), organ(nested(11)), 12],
    [
      'cost',
      '{ organs(first: 4000) { edges { node { id } } } }',
      '{ organs(first: 9000) { edges { node { id } } } }',
      20_000,
    ],
  ])('%s over the limit is LIMIT_EXCEEDED with limit and value', async (_, within, over, limit) => {
    const { ask } = await running('in memory');
    expect(verdict(await ask(within))).toBe('ok');
    const { status, errors } = await ask(over);
    expect(status).toBe(400);
    expect(errors).toHaveLength(1);
    expect(errors?.[0]?.extensions).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      details: { limit, value: expect.any(Number) },
    });
  });

  test('aliases, root fields, fields and tokens each have theirs', async () => {
    const limits = { aliases: 5, rootFields: 3, fields: 20, tokens: 200 };
    const { ask } = await running('in memory', { limits });
    const limitOf = async (query: string) => {
      const { errors } = await ask(query);
      return (
        (errors?.[0]?.extensions['details'] as { limit: number } | undefined)?.limit ??
        verdict({ errors } as never)
      );
    };
    const aliased = (count: number): string => Array.from({ length: count }, (_, i) => `a${i}: id`).join(' ');
    expect(await limitOf(organ(`{ ${aliased(5)} }`))).toBe('ok');
    expect(await limitOf(organ(`{ ${aliased(6)} }`))).toBe(5);
    expect(await limitOf('{ a: whoAmI b: whoAmI c: whoAmI }')).toBe('ok');
    expect(await limitOf('{ a: whoAmI b: whoAmI c: whoAmI d: whoAmI }')).toBe(3);
    expect(await limitOf(organ(`{ ${'id '.repeat(20)} }`))).toBe(20);
    expect(await limitOf(organ(`{ ${'id '.repeat(300)} }`))).toBe(200);
  });

  test('a body over the limit is LIMIT_EXCEEDED', async () => {
    const { ask } = await running('in memory', { limits: { bodyBytes: 10_000 } });
    const { status, errors } = await ask('{ whoAmI }', { padding: 'x'.repeat(10_000) });
    expect(status).toBe(413);
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'LIMIT_EXCEEDED', details: { limit: 10_000 } });
  });

  test('an import file of 16 MiB gets through to the subgraph', async () => {
    const { ask } = await running('over HTTP');
    const file = Buffer.alloc(16 * 1024 * 1024).toString('base64');
    const query = 'mutation ($i: RenameInput!) { rename(input: $i) { name } }';
    expect(verdict(await ask(query, { i: { name: 'x', file } }))).toBe('RULE_VIOLATED');
  });

  test('introspection as the explorer does it is within the limits', async () => {
    const { ask } = await running('in memory');
    const { data, errors } = await ask(getIntrospectionQuery());
    expect(errors).toBeUndefined();
    expect(data).toHaveProperty('__schema');
  });
});

describe('shape of a document', () => {
  test('fragments count where they are spread, also when they double at every level', () => {
    const doubling = Array.from(
      { length: 60 },
      (_, i) => `fragment F${i} on T { a { ...F${i + 1} } b { ...F${i + 1} } }`,
    );
    const document = parse(`{ ...F0 } ${doubling.join(' ')} fragment F60 on T { x: c }`);
    const { depth, fields, aliases } = shapeOf(document);
    expect(depth).toBe(61);
    expect(fields).toBeGreaterThan(2 ** 60);
    expect(aliases).toBe(2 ** 60);
  });

  test('cycles of fragments end, and so do texts of thousands of levels', () => {
    expect(shapeOf(parse('{ ...A } fragment A on T { a { ...B } } fragment B on T { ...A }')).depth).toBe(1);
    const check = documentCheck(DEFAULT_LIMITS);
    expect(check('{ a'.repeat(3_300) + ' }'.repeat(3_300))).toMatchObject({
      refusal: { code: 'LIMIT_EXCEEDED' },
    });
    expect(check('{ a'.repeat(100_000))).toMatchObject({ refusal: { code: 'LIMIT_EXCEEDED' } });
    expect(check('{ a'.repeat(20))).toEqual({ long: false });
    expect(check('{ importThings }')).toEqual({ long: true });
  });
});

describe('cost', () => {
  const schema = buildSchema(`
    type Query { things(first: Int = 50): Things  thing: Thing }
    type Things { edges: [Edge!]! total: Int }
    type Edge { node: Thing! }
    type Thing { id: ID! parts: [Thing!]! tags: [String!]! below(first: Int = 10): Things }`);
  const cost = (query: string, variables = {}): number => {
    const document = parse(query);
    const operation = getOperationAST(document);
    if (!operation) throw new Error('no operation');
    return costOf({ schema, document, operation, variables });
  };

  test.each<[string, Record<string, unknown>, number]>([
    ['{ thing { id tags } }', {}, 3],
    ['{ thing { parts { id } } }', {}, 1 + 1 + 3],
    ['{ things { total } }', {}, 1 + 50],
    ['{ things(first: 10) { edges { node { id } } } }', {}, 1 + 10 * 3],
    ['query ($n: Int) { things(first: $n) { total } }', { n: 7 }, 1 + 7],
    ['query ($n: Int = 9) { things(first: $n) { total } }', {}, 1 + 9],
    ['query ($n: Int) { things(first: $n) { total } }', { n: 'x' }, 1 + 50],
    ['{ things(first: -5) { total } }', {}, 1 + 1],
    ['{ things(first: 10) { edges { node { below(first: 10) { total } } } } }', {}, 1 + 10 * (2 + 1 + 10)],
    [
      '{ thing { ...T ... on Thing { id } } } fragment T on Thing { id below(first: 2) { ...C } } fragment C on Things { edges { node { id } } }',
      {},
      1 + 1 + (1 + 2 * 3) + 1,
    ],
  ])('%s', (query, variables, expected) => {
    expect(cost(query, variables)).toBe(expected);
  });
});
