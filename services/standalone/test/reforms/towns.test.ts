import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Standalone } from '../../src/standalone.ts';
import { embeddedNode } from '../embedded.ts';
import { added, County, change, duties, itemOf } from './county.ts';

/** Lists of towns in the reforms, built through the gateway alone; the figures come out of queries. Items are samples (样例). */

let node: Standalone;
beforeAll(async () => {
  node = await embeddedNode();
});
afterAll(() => node.stop());

describe('Xuzhou', () => {
  const TOWN = '320312001000';
  const KINDS = [
    'RESPONSIBILITY',
    'POWER',
    'PUBLIC_SERVICE',
    'ADMISSION',
    'VILLAGE_ACCEPTED',
    'DATA_SHARING',
  ];
  const BODIES = [
    '党政办公室',
    '党群工作局',
    '综合行政执法局',
    '行政审批局',
    '经济发展局',
    '财政和资产管理局',
    '农村工作局',
    '建设局',
    '社会事业局',
  ];

  test('S-2 six lists of a town, every duty mapped to one of nine bodies; the tenth is refused', async () => {
    const xuzhou = new County(node, '320312000000');
    const [justice = '', town = ''] = await xuzhou.register([
      { name: '区司法局', kind: 'DEPARTMENT' },
      { name: '三河尖街道办事处', kind: 'TOWN_GOVERNMENT', division: TOWN },
    ]);
    const body = (name: string) => ({ name, kind: 'TOWN_BODY', division: TOWN, superior: town });
    const bodies = await xuzhou.register(BODIES.map(body));
    const tenth = await xuzhou.refused(
      'mutation ($input: RegisterOrgansInput!) { registerOrgans(input: $input) { organs { id } } }',
      { division: xuzhou.division, organs: [body('文化旅游局')], effectiveFrom: '2020-01-01', change },
    );
    expect(tenth.extensions).toMatchObject({ code: 'RULE_VIOLATED', rule: 'S-2', citation: {} });

    const perList = 9;
    const sample = duties(KINDS.length * perList);
    const unmapped = `query ($town: DivisionCode!) { unmappedDuties(town: $town) { edges { node { code list { kind } } } } }`;
    const unmappedNow = () => xuzhou.ask<{ unmappedDuties: { edges: object[] } }>(unmapped, { town: TOWN });
    for (const [k, kind] of KINDS.entries()) {
      const list = await xuzhou.open(kind, town, TOWN);
      const items = sample.slice(k * perList, (k + 1) * perList);
      const content = items.map((duty, i) =>
        itemOf(duty, town, k === 0 && i === 0 ? {} : { townBody: bodies[i % bodies.length] }),
      );
      await xuzhou.publish(list, await xuzhou.stage(list, 0, added(content)), justice);
      if (k === 0) {
        const { unmappedDuties } = await unmappedNow();
        expect(unmappedDuties.edges).toEqual([{ node: { code: '1', list: { kind } } }]);
        const revise = { townBody: bodies[0] };
        await xuzhou.publish(list, await xuzhou.stage(list, 1, [{ code: '1', revise }]), justice);
      }
    }
    expect(await unmappedNow()).toEqual({ unmappedDuties: { edges: [] } });
    const query = `query ($town: DivisionCode!) {
      dutyFigures(division: $town) { lists total byKind { kind total } }
      dutyLists(division: $town) { edges { node { items { edges { node { townBodyName } } } } } } }`;
    const { dutyFigures, dutyLists } = await xuzhou.ask<{
      dutyFigures: { byKind: { kind: string; total: number }[] };
      dutyLists: { edges: { node: { items: { edges: { node: { townBodyName: string } }[] } } }[] };
    }>(query, { town: TOWN });
    expect(dutyFigures).toMatchObject({ lists: 6, total: 54 });
    expect(dutyFigures.byKind.map(({ kind }) => kind).sort()).toEqual([...KINDS].sort());
    const carriers = dutyLists.edges.flatMap(({ node: { items } }) =>
      items.edges.map(({ node: { townBodyName } }) => townBodyName),
    );
    expect(carriers).toHaveLength(54);
    expect(new Set(carriers)).toEqual(new Set(BODIES));
  });
});

describe('The three lists of 2025', () => {
  const TOWN = '320583100000';
  test('L-12 117 basic, 99 cooperative and 124 withdrawn items; a town carries the first two', async () => {
    const county = new County(node, '320583000000');
    const [justice = '', bureau = '', town = ''] = await county.register([
      { name: '市司法局', kind: 'DEPARTMENT' },
      { name: '市农业农村局', kind: 'DEPARTMENT' },
      { name: '玉山镇人民政府', kind: 'TOWN_GOVERNMENT', division: TOWN },
    ]);
    const sample = duties(340);
    const contents: [string, object[]][] = [
      ['BASIC', sample.slice(0, 117).map((duty) => itemOf(duty, town))],
      [
        'COOPERATIVE',
        sample
          .slice(117, 216)
          .map((duty) => itemOf(duty, bureau, { cooperators: [{ organ: town, duty: '配合' }] })),
      ],
      ['WITHDRAWN', sample.slice(216).map((duty) => itemOf(duty, bureau))],
    ];
    for (const [kind, items] of contents) {
      const list = await county.open(kind, town, TOWN);
      await county.publish(list, await county.stage(list, 0, added(items)), justice);
    }
    const query = `query ($town: DivisionCode!) {
      dutyFigures(division: $town) { lists total byKind { kind total } byLeadLevel { departments towns } }
      townBurden(town: $town) { all { total byRole { key count } byKind { key count } } named { total } } }`;
    expect(await county.ask(query, { town: TOWN })).toEqual({
      dutyFigures: {
        lists: 3,
        total: 340,
        byKind: [
          { kind: 'WITHDRAWN', total: 124 },
          { kind: 'BASIC', total: 117 },
          { kind: 'COOPERATIVE', total: 99 },
        ],
        byLeadLevel: { departments: 223, towns: 117 },
      },
      townBurden: {
        all: {
          total: 216,
          byRole: [
            { key: 'LEAD', count: 117 },
            { key: 'COOPERATE', count: 99 },
          ],
          byKind: [
            { key: 'BASIC', count: 117 },
            { key: 'COOPERATIVE', count: 99 },
          ],
        },
        named: { total: 216 },
      },
    });
  });
});
