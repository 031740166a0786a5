import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COUNTY, type Data, type Harness, REGISTER, register, startHarness, TOWN } from './harness.ts';

/** Queries over a county with two towns, as any reader asks them. */

const VILLAGE = '370114101201';
const OTHER_TOWN = '370114016000';
const integrator = { roles: ['INTEGRATOR'] as const, division: '110000000000' };

let h: Harness;
let ids: Record<string, string>;
const ask = (query: string, variables: object = {}) => h.ask(query, { ...variables }, integrator);

beforeAll(async () => {
  h = await startHarness();
  const names = ['水务局', '农业农村局', '垛庄镇人民政府', '某村村民委员会', '各镇街', '环保所'];
  const found = await register(h, [
    { name: '水务局', shortName: '区水务', aliases: ['水利局', ' 水利局 '], kind: 'DEPARTMENT' },
    { name: '农业农村局', kind: 'DEPARTMENT' },
    { name: '垛庄镇人民政府', kind: 'TOWN_GOVERNMENT', division: TOWN },
    { name: '某村村民委员会', kind: 'VILLAGE_ORGANISATION', division: VILLAGE },
    { name: '各镇街', kind: 'ORGAN_CLASS', level: 'TOWN', provisional: true },
    { name: '环保所', kind: 'STATIONED_UNIT', division: OTHER_TOWN },
  ]);
  ids = Object.fromEntries(names.map((name, i) => [name, found[i] as string]));
  const bodies = Array.from({ length: 7 }, (_, i) => ({
    name: `职能机构${i + 1}`,
    kind: 'TOWN_BODY',
    division: TOWN,
    superior: ids['垛庄镇人民政府'],
  }));
  await register(h, bodies, { effectiveFrom: '2026-02-01' });
});
afterAll(() => h.end());

const ORGANS = /* GraphQL */ `
  query ($division: DivisionCode!, $includeBelow: Boolean, $kind: OrganKind, $status: OrganStatus,
         $nameContains: String, $asOf: AsOf, $first: Int, $after: String) {
    organs(division: $division, includeBelow: $includeBelow, kind: $kind, status: $status,
           nameContains: $nameContains, asOf: $asOf, first: $first, after: $after) {
      edges { cursor node { id name } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`;
const names = (data: Data): string[] => data.organs.edges.map((edge: Data) => edge.node.name);

describe('organs', () => {
  test('S-1 one organ with everything it has', async () => {
    const { organ } = await ask(
      `query ($id: ID!) { organ(id: $id) {
        id name shortName aliases kind level status effectiveFrom creditCode
        division { code name fullName level parent { code name parent { name } } }
        superior { id } successors { id } } }`,
      { id: ids['水务局'] },
    );
    expect(organ).toEqual({
      id: 'organ:370114-0001',
      name: '水务局',
      shortName: '区水务',
      aliases: ['水利局'],
      kind: 'DEPARTMENT',
      level: 'COUNTY',
      status: 'ACTIVE',
      effectiveFrom: '2026-01-01',
      creditCode: null,
      division: {
        code: COUNTY,
        name: '章丘区',
        fullName: '山东省济南市章丘区',
        level: 'county',
        parent: { code: '370100000000', name: '济南市', parent: { name: '山东省' } },
      },
      superior: null,
      successors: [],
    });
  });
  test('an id that was never given is null, whatever it looks like', async () => {
    for (const id of ['organ:370114-9999', 'nothing', '']) {
      expect(await ask('query ($id: ID!) { organ(id: $id) { id } }', { id })).toEqual({ organ: null });
    }
  });
  test('organs of a division itself, and with those below it, in the order of their ids', async () => {
    expect(names(await ask(ORGANS, { division: COUNTY }))).toEqual(['水务局', '农业农村局', '各镇街']);
    const all = await ask(ORGANS, { division: COUNTY, includeBelow: true });
    const found = all.organs.edges.map((edge: Data) => edge.node.id);
    expect(found).toHaveLength(13);
    expect(found).toEqual([...found].sort());
    expect(names(await ask(ORGANS, { division: '370000000000', includeBelow: true }))).toHaveLength(13);
    expect(names(await ask(ORGANS, { division: TOWN, includeBelow: true }))).toContain('某村村民委员会');
    expect(names(await ask(ORGANS, { division: OTHER_TOWN }))).toEqual(['环保所']);
    expect(names(await ask(ORGANS, { division: '370112000000', includeBelow: true }))).toEqual([]);
  });
  test('by kind, by status, by part of a name or alias', async () => {
    const below = { division: COUNTY, includeBelow: true };
    expect(names(await ask(ORGANS, { ...below, kind: 'TOWN_GOVERNMENT' }))).toEqual(['垛庄镇人民政府']);
    expect(names(await ask(ORGANS, { division: COUNTY, kind: 'DEPARTMENT' }))).toHaveLength(2);
    expect(names(await ask(ORGANS, { ...below, status: 'PROVISIONAL' }))).toEqual(['各镇街']);
    expect(names(await ask(ORGANS, { ...below, nameContains: '水' }))).toEqual(['水务局']);
    expect(names(await ask(ORGANS, { ...below, nameContains: '水利' }))).toEqual(['水务局']);
    expect(names(await ask(ORGANS, { ...below, nameContains: '区水' }))).toEqual(['水务局']);
    expect(names(await ask(ORGANS, { ...below, nameContains: '%' }))).toEqual([]);
  });
  test('page by page, each organ once', async () => {
    const seen: string[] = [];
    let after: string | null = null;
    for (let pages = 0; pages < 10; pages++) {
      const { organs } = await ask(ORGANS, { division: COUNTY, includeBelow: true, first: 5, after });
      seen.push(...organs.edges.map((edge: Data) => edge.node.id));
      expect(organs.pageInfo.hasPreviousPage).toBe(after !== null);
      after = organs.pageInfo.endCursor;
      if (!organs.pageInfo.hasNextPage) break;
    }
    expect(seen).toHaveLength(13);
    expect(new Set(seen).size).toBe(13);
  });
  test('page sizes and cursors that cannot be', async () => {
    const page = (variables: object) => h.fault(ORGANS, { division: COUNTY, ...variables }, integrator);
    expect(await page({ first: 0 })).toMatchObject({ code: 'INVALID_INPUT', field: 'first' });
    expect(await page({ first: 201 })).toMatchObject({ code: 'LIMIT_EXCEEDED', field: 'first' });
    expect(await page({ after: 'tampered' })).toMatchObject({ code: 'INVALID_INPUT', field: 'after' });
  });
  test('before their day organs are not there, and as known before they were recorded neither', async () => {
    const below = { division: COUNTY, includeBelow: true };
    expect(names(await ask(ORGANS, { ...below, asOf: { effectiveAt: '2026-01-31' } }))).toHaveLength(6);
    expect(names(await ask(ORGANS, { ...below, asOf: { effectiveAt: '2025-12-31' } }))).toEqual([]);
    expect(names(await ask(ORGANS, { ...below, asOf: { recordedAt: '2020-01-01T00:00:00Z' } }))).toEqual([]);
  });
});

describe('S-2 structure of a town', () => {
  const STRUCTURE = /* GraphQL */ `
    query ($town: DivisionCode!, $asOf: AsOf) {
      townStructure(town: $town, asOf: $asOf) { town { name } bodies { name superior { name } } usual most }
    }
  `;
  test('S-2 the town government and its bodies against the limit', async () => {
    const { townStructure } = await ask(STRUCTURE, { town: TOWN });
    expect(townStructure).toMatchObject({ town: { name: '垛庄镇人民政府' }, usual: 7, most: 9 });
    expect(townStructure.bodies).toHaveLength(7);
    expect(townStructure.bodies[0]).toEqual({ name: '职能机构1', superior: { name: '垛庄镇人民政府' } });
  });
  test('S-2 on an earlier day, and of a town where nothing is registered', async () => {
    const earlier = await ask(STRUCTURE, { town: TOWN, asOf: { effectiveAt: '2026-01-15' } });
    expect(earlier.townStructure).toMatchObject({ town: { name: '垛庄镇人民政府' }, bodies: [] });
    const none = await ask(STRUCTURE, { town: OTHER_TOWN });
    expect(none.townStructure).toMatchObject({ town: null, bodies: [] });
  });
});

describe('divisions and references', () => {
  test('a division by its code; a village goes by its code', async () => {
    const query = 'query ($code: DivisionCode!) { division(code: $code) { name level parent { level } } }';
    expect(await ask(query, { code: VILLAGE })).toEqual({
      division: { name: VILLAGE, level: 'village', parent: { level: 'town' } },
    });
    expect(await ask(query, { code: '000000000000' })).toEqual({
      division: { name: '中华人民共和国', level: 'country', parent: null },
    });
  });
  test('organs that other subgraphs name, also one whose first day lies ahead', async () => {
    const { registerOrgans } = await h.ask(REGISTER, {
      input: {
        division: COUNTY,
        organs: [{ name: '未来局', kind: 'DEPARTMENT' }],
        effectiveFrom: '2099-01-01',
        change: { reason: '规划', basis: [{ title: '规划' }] },
      },
    });
    const ahead = registerOrgans.organs[0].id;
    const representations = [ids['水务局'], ahead, 'organ:370114-9999'].map((id) => ({
      __typename: 'Organ',
      id,
    }));
    const { _entities } = await ask(
      'query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Organ { id name } } }',
      { representations },
    );
    expect(_entities).toEqual([{ id: ids['水务局'], name: '水务局' }, { id: ahead, name: '未来局' }, null]);
    expect(await ask('query ($id: ID!) { organ(id: $id) { id } }', { id: ahead })).toEqual({ organ: null });
  });
});
