import { children } from '@dutyledger/reference-data/divisions';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  announce,
  CORRECT,
  COUNTY,
  change,
  type Data,
  dogs,
  fact,
  type ListsHarness,
  ORGANS,
  openList,
  publish,
  stage,
  startListsHarness,
  straw,
  TOWN,
} from './harness.ts';

/** L-12 through the API: what a town carries over all lists, and counts over divisions, as of any day. */

const OTHER_TOWN = '370114003000';
const basis = [{ title: '济南市县乡属地管理事项清单' }];
const FIGURES = '{ total byRole { key count } byKind { key count } byDomain { key count } }';
const BURDEN = /* GraphQL */ `
  query ($town: DivisionCode!, $asOf: AsOf, $since: AsOf!) {
    townBurden(town: $town, asOf: $asOf) {
      town townName effectiveAt
      all ${FIGURES}
      named ${FIGURES}
      items { edges { role named node { code list { id } } } }
      since(asOf: $since) { slimmedBy enteredCount entered { code } leftCount left { code name } before { total } }
    }
  }
`;
const ITEMS = /* GraphQL */ `
  query ($town: DivisionCode!, $role: BurdenRole, $named: Boolean, $kind: ListKind, $domain: String, $first: Int, $after: String) {
    townBurden(town: $town) {
      items(role: $role, named: $named, kind: $kind, domain: $domain, first: $first, after: $after) {
        edges { node { code } } pageInfo { hasNextPage endCursor }
      }
    }
  }
`;
const COUNTS = /* GraphQL */ `
  query ($division: DivisionCode!, $below: Boolean, $kind: ListKind, $asOf: AsOf, $level: LeadLevel, $domain: String) {
    dutyFigures(division: $division, includeBelow: $below, kind: $kind, asOf: $asOf) {
      lists total
      byLeadLevel { departments towns villages joint none }
      byDomain { key count } byHandlingClass { key count } byTownRole { key count }
      byKind { kind lists total } byDivision { division lists total }
      items(leadLevel: $level, domain: $domain) { edges { node { code } } }
    }
  }
`;

let h: ListsHarness;
let county: string;
let town: string;

const burden = async (args: object = {}): Promise<Data> =>
  (await h.ask(BURDEN, { town: TOWN, since: { effectiveAt: '2024-06-01' }, ...args })).townBurden;
const counts = async (args: object = {}): Promise<Data> =>
  (await h.ask(COUNTS, { division: COUNTY, ...args })).dutyFigures;

beforeAll(async () => {
  h = await startListsHarness();
  await announce(h, [
    fact(30, '枣园街道办事处', { kind: 'TOWN_GOVERNMENT', level: 'town', division: OTHER_TOWN }),
  ]);
  county = await openList(h);
  await stage(h, county, 0, [
    { code: '1', add: dogs },
    { code: '2', add: straw },
    { code: '3', add: { ...dogs, name: '餐饮油烟治理', cooperators: [{ organ: ORGANS.farming.id }] } },
    { code: '4', add: { ...dogs, name: '河道采砂', cooperators: [{ organ: ORGANS.body.id }] } },
    { code: '5', add: { ...straw, name: '山林防火', cooperators: [{ organ: ORGANS.street.id }] } },
  ]);
  await publish(h, county, '2024-01-01', 5);
  town = await openList(h, { division: TOWN, kind: 'COOPERATIVE', title: '垛庄镇配合履职事项清单' });
  await stage(h, town, 0, [
    { code: '1', add: { ...dogs, name: '学校周边安全', cooperators: [{ organ: ORGANS.street.id }] } },
    { code: '2', add: { ...dogs, name: '广告管理', cooperators: [], townRole: null } },
  ]);
  await publish(h, town, '2024-01-01', 2);
  const withdrawn = await openList(h, { division: TOWN, kind: 'WITHDRAWN', title: '上级部门收回事项清单' });
  await stage(h, withdrawn, 0, [
    { code: '1', add: { name: '燃气经营许可', leads: [{ organ: ORGANS.enforcement.id }], basis } },
  ]);
  await publish(h, withdrawn, '2024-01-01', 1);
  const other = await openList(h, {
    division: OTHER_TOWN,
    kind: 'COOPERATIVE',
    title: '枣园街道配合履职事项清单',
  });
  await stage(h, other, 0, [{ code: '1', add: { ...straw, name: '邻镇事项' } }]);
  await publish(h, other, '2024-01-01', 1);
  await stage(h, county, 5, [
    { code: '2', retire: true },
    { code: '6', add: { ...straw, name: '防汛抗旱', domain: '应急管理' } },
    { code: '5', retire: true },
  ]);
  await publish(h, county, '2025-01-01', 8);
}, 120_000);
afterAll(() => h.end());

describe('L-12 a town’s full burden', () => {
  test('L-12 all lists that name it, its organs or its class, with and without the class', async () => {
    const { all, named, items, townName } = await burden();
    expect(townName).toMatch('垛庄');
    expect(
      items.edges
        .map(({ role, named: byName, node }: Data) => [node.list.id, node.code, role, byName])
        .sort(),
    ).toEqual(
      [
        [county, '1', 'COOPERATE', false],
        [county, '4', 'COOPERATE', true],
        [county, '6', 'LEAD', false],
        [town, '1', 'COOPERATE', true],
        [town, '2', 'LISTED', true],
      ].sort(),
    );
    expect(all).toEqual({
      total: 5,
      byRole: [
        { key: 'COOPERATE', count: 3 },
        { key: 'LEAD', count: 1 },
        { key: 'LISTED', count: 1 },
      ],
      byKind: [
        { key: 'TERRITORIAL', count: 3 },
        { key: 'COOPERATIVE', count: 2 },
      ],
      byDomain: [
        { key: '城市管理', count: 4 },
        { key: '应急管理', count: 1 },
      ],
    });
    expect(named.total).toBe(3);
  });

  test('L-12 what came and went between editions; as of then the class and the name each count', async () => {
    const { since } = await burden();
    expect(since).toMatchObject({ slimmedBy: 1, before: { total: 6 }, enteredCount: 1, leftCount: 2 });
    expect(since.entered).toEqual([{ code: '6' }]);
    expect(since.left.map(({ name }: Data) => name)).toEqual(['秸秆禁烧专项整治', '山林防火']);
    const then = await burden({ asOf: { effectiveAt: '2024-06-01' } });
    expect(then.all.byRole[0]).toEqual({ key: 'COOPERATE', count: 3 });
    // By the class the town leads it, by its name it cooperates.
    expect(then.named.byRole).toContainEqual({ key: 'COOPERATE', count: 3 });
    expect((await burden({ asOf: { effectiveAt: '2020-01-01' } })).all.total).toBe(0);
  });

  test('L-12 the counts open to their items, page by page', async () => {
    const open = async (args: object): Promise<Data> =>
      (await h.ask(ITEMS, { town: TOWN, ...args })).townBurden.items;
    expect((await open({ role: 'COOPERATE' })).edges).toHaveLength(3);
    expect((await open({ role: 'COOPERATE', named: true })).edges).toHaveLength(2);
    expect((await open({ kind: 'COOPERATIVE', domain: '城市管理' })).edges).toHaveLength(2);
    const one = await open({ first: 3 });
    const two = await open({ first: 3, after: one.pageInfo.endCursor });
    expect([one.edges.length, two.edges.length, two.pageInfo.hasNextPage]).toEqual([3, 2, false]);
    const fault = await h.fault(ITEMS, { town: TOWN, domain: '生态环境', after: one.pageInfo.endCursor });
    expect(fault).toMatchObject({ code: 'INVALID_INPUT', field: 'after' });
  });

  test('L-12 towns side by side; what is no town, and too many, are refused', async () => {
    const query = 'query ($towns: [DivisionCode!]!) { townBurdens(towns: $towns) { town all { total } } }';
    expect((await h.ask(query, { towns: [OTHER_TOWN, TOWN] })).townBurdens).toEqual([
      { town: OTHER_TOWN, all: { total: 3 } },
      { town: TOWN, all: { total: 5 } },
    ]);
    expect(await h.fault(query, { towns: [COUNTY] })).toMatchObject({ rule: 'L-12', field: 'town' });
    const many = [COUNTY, '370112000000'].flatMap((code) => children(code).map((each) => each.code));
    expect(await h.fault(query, { towns: many })).toMatchObject({ code: 'LIMIT_EXCEEDED', field: 'towns' });
  });
});

describe('L-12 counts over divisions', () => {
  test('L-12 by lead level, domain, class, kind and division, with those below and without', async () => {
    expect(await counts({ level: 'TOWNS' })).toEqual({
      lists: 4,
      total: 8,
      byLeadLevel: { departments: 6, towns: 2, villages: 0, joint: 0, none: 0 },
      byDomain: [
        { key: '城市管理', count: 5 },
        { key: null, count: 1 },
        { key: '生态环境', count: 1 },
        { key: '应急管理', count: 1 },
      ].sort((a, b) => b.count - a.count || (a.key ?? '').localeCompare(b.key ?? '')),
      byHandlingClass: [{ key: null, count: 8 }],
      byTownRole: [
        { key: 'COOPERATE', count: 4 },
        { key: 'LEAD', count: 2 },
        { key: null, count: 2 },
      ].sort((a, b) => b.count - a.count || (a.key ?? '').localeCompare(b.key ?? '')),
      byKind: [
        { kind: 'TERRITORIAL', lists: 1, total: 4 },
        { kind: 'COOPERATIVE', lists: 2, total: 3 },
        { kind: 'WITHDRAWN', lists: 1, total: 1 },
      ],
      byDivision: [
        { division: COUNTY, lists: 1, total: 4 },
        { division: OTHER_TOWN, lists: 1, total: 1 },
        { division: TOWN, lists: 2, total: 3 },
      ],
      items: { edges: [{ node: { code: '6' } }, { node: { code: '1' } }] },
    });
    expect(await counts({ below: false })).toMatchObject({ lists: 1, total: 4 });
    expect(await counts({ kind: 'WITHDRAWN' })).toMatchObject({ lists: 1, total: 1 });
    expect(await counts({ division: '370000000000' })).toMatchObject({
      total: 8,
      byDivision: [{ division: '370100000000', lists: 4 }],
    });
    expect(await counts({ division: '110000000000' })).toMatchObject({ lists: 0, total: 0, byKind: [] });
  });

  test('L-10 L-12 a correction that reaches under later editions counts on each of their days', async () => {
    const correction = (edition: number, effectiveFrom: string, corrections: object[]) =>
      h.ask(CORRECT, {
        input: {
          list: county,
          edition,
          effectiveFrom,
          documentNumber: '章更〔2025〕1号',
          corrections,
          change,
        },
      });
    await correction(1, '2024-03-01', [
      { code: '3', revise: { domain: '市场监管' } },
      { code: '4', strike: true },
    ]);
    await correction(1, '2024-02-01', [{ code: '3', revise: { townRole: null } }]);
    for (const effectiveAt of ['2023-01-01', '2024-01-15', '2024-02-15', '2024-06-01', '2025-06-01']) {
      const walked = await h.ask(
        `query ($list: ID!, $asOf: AsOf) { dutyList(id: $list) {
          figures(asOf: $asOf) { total byDomain { key count } byTownRole { key count } byLeadLevel { departments towns } }
          items(asOf: $asOf, first: 200) { edges { node { domain townRole leads { level } } } } } }`,
        { list: county, asOf: { effectiveAt } },
      );
      const { figures, items } = walked.dutyList;
      const tally = (key: (node: Data) => string | null) =>
        [...Map.groupBy(items.edges, ({ node }: Data) => key(node) ?? null)]
          .map(([each, some]) => ({ key: each, count: some.length }))
          .sort((a, b) => b.count - a.count || (a.key ?? '').localeCompare(b.key ?? ''));
      const towns = items.edges.filter(({ node }: Data) => node.leads[0].level === 'town').length;
      expect([effectiveAt, figures]).toEqual([
        effectiveAt,
        {
          total: items.edges.length,
          byDomain: tally(({ domain }) => domain),
          byTownRole: tally(({ townRole }) => townRole),
          byLeadLevel: { departments: items.edges.length - towns, towns },
        },
      ]);
    }
  });
});
