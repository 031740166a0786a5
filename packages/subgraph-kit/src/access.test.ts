import { describe, expect, test } from 'vitest';
import { editor, run, testSubgraph } from '../test/fixture.ts';
import { accessMatrix, mayActIn, requireDivision } from './access.ts';
import { type Caller, ROLES } from './identity.ts';

const SDL = `
type Query {
  "A thing."
  thing: Thing @access(roles: [LIST_EDITOR, AUDITOR])
  things: [Thing!]! @access(roles: [LIST_EDITOR, AUDITOR])
  any: Any @access(roles: [AUDITOR, INTEGRATOR])
}
type Mutation { change: String! @access(roles: [LIST_PUBLISHER, LIST_EDITOR]) }
union Any = Thing | Plain
type Plain { id: ID! }
type Thing @key(fields: "id") @access(roles: [LIST_EDITOR, AUDITOR]) {
  id: ID!
  draft: String @access(roles: [LIST_EDITOR])
}`;

const thing = { __typename: 'Thing', id: '1', draft: 'secret' };
const resolvers = {
  Query: { thing: () => thing, things: () => [thing, thing], any: () => thing },
  Mutation: { change: (_: never, __: never, context: { actingAs: string | null }) => context.actingAs },
  Thing: { __resolveReference: ({ id }: { id: string }) => ({ id, draft: 'secret' }) },
};
const subgraph = () => testSubgraph(SDL, resolvers);
const as = (...roles: Caller['roles']): { caller: Caller } => ({ caller: { ...editor, roles } });

describe('@access', () => {
  test('root fields and entities that say nothing keep the subgraph from starting, all of them named', async () => {
    const sdl = `type Query { a: Int b: Int @access(roles: [AUDITOR]) } type Mutation { c: Int }
      type E @key(fields: "id") { id: ID! }`;
    const some = { Query: { a: () => 1, b: () => 1 }, Mutation: { c: () => 1 } };
    await expect(testSubgraph(sdl, some)).rejects.toThrow(/Query\.a, Mutation\.c, E$/);
  });

  test('every root field, guarded field and entity lets in the roles it names and no other', async () => {
    const kit = await subgraph();
    const queries: Record<string, string> = {
      'Query.thing': '{ thing { id } }',
      'Query.things': '{ things { id } }',
      'Query.any': '{ any { ... on Plain { id } } }',
      'Mutation.change': 'mutation { change }',
      'Thing.draft':
        '{ _entities(representations: [{ __typename: "Thing", id: "1" }]) { ... on Thing { draft } } }',
      Thing: '{ _entities(representations: [{ __typename: "Thing", id: "1" }]) { ... on Thing { id } } }',
    };
    const matrix = accessMatrix(kit.schema);
    expect(new Set(matrix.map(({ target }) => target))).toEqual(new Set(Object.keys(queries)));
    expect(matrix).toHaveLength(Object.keys(queries).length * ROLES.length);
    for (const { target, role, allowed } of matrix) {
      const { fault } = await run(kit, queries[target] as string, {}, as(role));
      const refused = fault?.extensions?.['details'] as { target: string } | undefined;
      const stopped = refused?.target === target;
      if (allowed) expect(stopped, `${target} as ${role}`).toBe(false);
      else expect(fault?.extensions?.['code'], `${target} as ${role}`).toBe('NOT_PERMITTED');
    }
  });

  test('an entity is refused on every way to it: field, list, union and reference', async () => {
    const kit = await subgraph();
    const { fault } = await run(kit, '{ any { ... on Thing { id } } }', {}, as('INTEGRATOR'));
    expect(fault).toMatchObject({
      path: ['any'],
      extensions: { code: 'NOT_PERMITTED', details: { target: 'Thing' } },
    });
  });

  test('a guarded field is null with an error, the rest of the object is answered', async () => {
    const { data, fault } = await run(await subgraph(), '{ thing { id draft } }', {}, as('AUDITOR'));
    expect(data).toEqual({ thing: { id: '1', draft: null } });
    expect(fault?.message).toContain('AUDITOR');
    expect(fault?.path).toEqual(['thing', 'draft']);
  });

  test('resolvers see the role that entitled the caller', async () => {
    const { data } = await run(await subgraph(), 'mutation { change }', {}, as('AUDITOR', 'LIST_PUBLISHER'));
    expect(data).toEqual({ change: 'LIST_PUBLISHER' });
  });
});

describe('division', () => {
  const caller = (division: string): Caller => ({ ...editor, division });

  test.each([
    ['000000000000', '370114101000', true],
    ['370000000000', '371302000000', true],
    ['370100000000', '370114101000', true],
    ['370114000000', '370114101000', true],
    ['370114101000', '370114101201', true],
    ['370114000000', '370114000000', true],
    ['370114000000', '371302000000', false],
    ['370114101000', '370114000000', false],
    ['370114101000', '370114102000', false],
    ['370114000000', '370100000000', false],
    ['370114000000', '', false],
  ])('%s may act in %s: %s', (own, other, allowed) => {
    expect(mayActIn(caller(own), other)).toBe(allowed);
  });

  test('a refusal names both divisions', async () => {
    const sdl = 'type Query { act(division: DivisionCode!): Int @access(roles: [LIST_EDITOR]) }';
    const kit = await testSubgraph(sdl, {
      Query: {
        act: (_: never, { division }: { division: string }, context) =>
          requireDivision(context, division, 'division'),
      },
    });
    const { fault } = await run(kit, '{ act(division: "371302000000") }');
    expect(fault?.message).toMatch(/章丘区.*370114000000.*兰山区.*371302000000/);
    expect(fault?.extensions).toMatchObject({ code: 'NOT_PERMITTED', field: 'division' });
  });
});
