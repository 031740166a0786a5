import { accessMatrix } from '@dutyledger/subgraph-kit/access';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { COUNTY, change, type Harness, register, startHarness, TOWN } from './harness.ts';

/** Every role against every root field and the entity. */

const input = (type: string, fields: string): string =>
  `(input: { ${fields}${type === 'none' ? '' : ', change: { reason: "机构改革", basis: [{ title: "方案" }] }'} })`;
const organ = 'organ: "organ:370114-0001"';

const REQUESTS: Record<string, string> = {
  'Query.organ': '{ organ(id: "organ:370114-0001") { id } }',
  'Query.organs': `{ organs(division: "${COUNTY}") { edges { node { id } } } }`,
  'Query.townStructure': `{ townStructure(town: "${TOWN}") { most } }`,
  'Query.division': `{ division(code: "${COUNTY}") { code } }`,
  'Query.staffingReadModels': '{ staffingReadModels { name } }',
  'Mutation.registerOrgans': `mutation { registerOrgans${input('', `division: "${COUNTY}", organs: []`)} { repeated } }`,
  'Mutation.renameOrgan': `mutation { renameOrgan${input('', `${organ}, name: "水务局"`)} { repeated } }`,
  'Mutation.reviseOrgan': `mutation { reviseOrgan${input('', `${organ}, aliases: []`)} { repeated } }`,
  'Mutation.confirmOrgan': `mutation { confirmOrgan${input('', organ)} { repeated } }`,
  'Mutation.mergeOrgans': `mutation { mergeOrgans${input('', 'sources: [], into: "organ:370114-0001"')} { repeated } }`,
  'Mutation.splitOrgan': `mutation { splitOrgan${input('', 'source: "organ:370114-0001", into: []')} { repeated } }`,
  'Mutation.abolishOrgan': `mutation { abolishOrgan${input('', 'organ: "organ:370114-9999"')} { repeated } }`,
  'Mutation.rebuildStaffingReadModel': `mutation { rebuildStaffingReadModel${input('none', 'name: "nothing"')} { digestAfter } }`,
  Organ:
    '{ _entities(representations: [{ __typename: "Organ", id: "organ:370114-0001" }]) { ... on Organ { name } } }',
};

let h: Harness;
beforeAll(async () => {
  h = await startHarness();
  await register(h, [{ name: '水务局', kind: 'DEPARTMENT' }], { change });
});
afterAll(() => h.end());

test('every role reaches what it may and nothing else', async () => {
  const matrix = accessMatrix(h.service.subgraph.schema);
  expect(new Set(matrix.map(({ target }) => target))).toEqual(new Set(Object.keys(REQUESTS)));
  for (const { target, role, allowed } of matrix) {
    const { errors = [] } = await h.send(REQUESTS[target] as string, {}, { roles: [role] });
    const codes = errors.map(({ extensions }) => extensions?.['code']);
    expect([target, role, codes.includes('NOT_PERMITTED')]).toEqual([target, role, !allowed]);
    expect([target, role, codes.includes('INTERNAL')]).toEqual([target, role, false]);
  }
});

test('who does not say who they are learns nothing', async () => {
  const answer = await h.service.subgraph.execute({ query: REQUESTS['Query.organ'] as string, headers: {} });
  expect(answer.errors?.[0]?.extensions?.['code']).toBe('UNAUTHENTICATED');
  expect(answer.data ?? null).toBeNull();
});
