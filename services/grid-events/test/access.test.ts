import { accessMatrix } from '@dutyledger/subgraph-kit/access';
import {
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLInputType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from 'graphql/index.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { publishSandMining, sandMining, steps, town } from './case-harness.ts';
import { COUNTY, type GridHarness, startGridHarness } from './harness.ts';

/** Every role against every root field, with requests made out of the schema, and against a case. */

let h: GridHarness;
let id: string;
beforeAll(async () => {
  h = await startGridHarness();
  await publishSandMining(h);
  id = (await steps(h)('reportCase', null, town, sandMining())).id;
});
afterAll(() => h.end());

const SCALARS: Record<string, string> = {
  Int: '1',
  Float: '1',
  Boolean: 'true',
  Date: '"2026-03-05"',
  DateTime: '"2026-03-05T02:00:00.000Z"',
  DivisionCode: `"${COUNTY}"`,
  Base64: '"eA=="',
  JSON: '{}',
};

/** Something of the type, with what it cannot be without. */
function literal(type: GraphQLInputType): string {
  if (isNonNullType(type)) return literal(type.ofType);
  if (isListType(type)) return `[${literal(type.ofType)}]`;
  if (isEnumType(type)) return type.getValues()[0]?.name ?? '';
  if (isInputObjectType(type)) return `{ ${given(Object.values(type.getFields()))} }`;
  return SCALARS[type.name] ?? '"x"';
}

const given = (inputs: readonly (GraphQLArgument | GraphQLInputField)[]): string =>
  inputs
    .filter(({ type, defaultValue }) => isNonNullType(type) && defaultValue === undefined)
    .map(({ name, type }) => `${name}: ${literal(type)}`)
    .join(', ');

/** `Query.case` as a request; undefined for what is no root field. */
function requestFor(target: string): string | undefined {
  const { schema } = h.service.subgraph;
  const [type = '', name = ''] = target.split('.');
  const root = { Query: schema.getQueryType(), Mutation: schema.getMutationType() }[type];
  const field = root?.getFields()[name];
  if (!field) return undefined;
  const args = given(field.args);
  const selection =
    /^(?:\[)?[A-Z]/.test(String(field.type)) &&
    !/^(ID|Int|String|Boolean|Float|JSON)/.test(String(field.type));
  return `${type.toLowerCase()} { ${name}${args && `(${args})`}${selection ? ' { __typename }' : ''} }`;
}

test('every role reaches what it may and nothing else', async () => {
  const matrix = accessMatrix(h.service.subgraph.schema);
  const asked = matrix.flatMap((row) => {
    const query = requestFor(row.target);
    return query === undefined ? [] : [{ ...row, query }];
  });
  expect(asked.length).toBeGreaterThan(500);
  const check = async ({ target, role, allowed, query }: (typeof asked)[number]): Promise<void> => {
    const { errors = [] } = await h.send(query, {}, { roles: [role] });
    const refusals = errors.map(
      ({ extensions }) => extensions as { code: string; details?: { target?: string } },
    );
    const denied = refusals.some(
      ({ code, details }) => code === 'NOT_PERMITTED' && details?.target === target,
    );
    expect([target, role, denied]).toEqual([target, role, !allowed]);
    const broken = refusals.filter(({ code }) => code === 'INTERNAL' || code === 'GRAPHQL_VALIDATION_FAILED');
    expect([target, role, broken]).toEqual([target, role, []]);
  };
  for (const [, rows] of Map.groupBy(asked, ({ target }) => target)) await Promise.all(rows.map(check));
});

test('a case is shown to the offices of its place and to organs that take part in it', async () => {
  const ENTITY = `{ _entities(representations: [{ __typename: "Case", id: "${id}" }]) { ... on Case { status } } }`;
  for (const { role, allowed } of accessMatrix(h.service.subgraph.schema).filter(
    ({ target }) => target === 'Case',
  )) {
    const { data } = await h.send(ENTITY, {}, { roles: [role], organ: null });
    const seen = data?.['_entities'] as ({ status: string } | null)[] | null | undefined;
    const expected = allowed && role !== 'DEPARTMENT_OFFICER' ? 'REPORTED' : undefined;
    expect([role, seen?.[0]?.status]).toEqual([role, expected]);
  }
  const elsewhere = { roles: ['AUDITOR'] as const, division: '370114000000', organ: null };
  expect((await h.ask(ENTITY, {}, elsewhere))._entities).toEqual([null]);
});

test('who does not say who they are learns nothing', async () => {
  const answer = await h.service.subgraph.execute({ query: `{ case(id: "${id}") { id } }`, headers: {} });
  expect(answer.errors?.[0]?.extensions?.['code']).toBe('UNAUTHENTICATED');
  expect(answer.data ?? null).toBeNull();
});
