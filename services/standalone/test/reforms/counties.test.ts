import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Standalone } from '../../src/standalone.ts';
import { embeddedNode } from '../embedded.ts';
import {
  APPROVE,
  added,
  CHANGE,
  County,
  change,
  DUTIES,
  DUTIES_FILE,
  type Duty,
  duties,
  IN_FORCE,
  itemOf,
  PUBLISH,
  SUBMIT,
} from './county.ts';

/** Lists of counties in the reforms, built through the gateway alone; the figures come out of queries. Items are samples (样例). */

let node: Standalone;
beforeAll(async () => {
  node = await embeddedNode();
});
afterAll(() => node.stop());

interface Count {
  key: string | null;
  count: number;
}
interface Figures {
  total: number;
  byLeadLevel: Record<string, number>;
  byDomain: Count[];
}

async function figuresOf(county: County, list: string): Promise<Figures> {
  const query = `query ($list: ID!) { dutyList(id: $list) { figures {
    total byLeadLevel { departments towns villages joint none } byDomain { key count } } } }`;
  return (await county.ask<{ dutyList: { figures: Figures } }>(query, { list })).dutyList.figures;
}

const leadLevels = (levels: Record<string, number>) => ({
  departments: 0,
  towns: 0,
  villages: 0,
  joint: 0,
  none: 0,
  ...levels,
});

const classes = [
  { name: '各镇街', aliases: ['镇街'], kind: 'ORGAN_CLASS', level: 'TOWN' },
  { name: '区直有关部门', kind: 'ORGAN_CLASS', level: 'COUNTY' },
];
const departments = [...new Set(DUTIES.map(({ department }) => department))].filter(
  (name) => name !== '镇街',
);

describe('Zhangqiu', () => {
  const county = () => new County(node, '370114000000');

  test('L-12 81 items in 11 domains, 78 led by departments and 3 by towns', async () => {
    const zhangqiu = county();
    const offices = ['区委编办', '区司法局', ...departments].map((name) => ({ name, kind: 'DEPARTMENT' }));
    const [office = '', justice = ''] = await zhangqiu.register([...offices, ...classes]);
    const list = await zhangqiu.open('TERRITORIAL', office);
    const query = `mutation ($input: ImportDutyItemsInput!) { importDutyItems(input: $input) {
      applied problems { row column value cause } unresolvedOrgans { name } list { draft { number added } } } }`;
    const input = { list, fileName: '清单.csv', content: DUTIES_FILE.toString('base64'), change };
    const { importDutyItems } = await zhangqiu.ask<{
      importDutyItems: { applied: boolean; list: { draft: { number: number; added: number } } };
    }>(query, { input });
    expect(importDutyItems).toMatchObject({ applied: true, problems: [], list: { draft: { added: 81 } } });
    await zhangqiu.publish(list, importDutyItems.list.draft.number, justice);

    const figures = await figuresOf(zhangqiu, list);
    expect(figures).toMatchObject({ total: 81, byLeadLevel: leadLevels({ departments: 78, towns: 3 }) });
    expect(figures.byDomain).toHaveLength(11);
    const led = `query ($division: DivisionCode!) { dutyFigures(division: $division, kind: TERRITORIAL) {
      items(leadLevel: TOWNS) { edges { node { name townRole } } } } }`;
    const { dutyFigures } = await zhangqiu.ask<{ dutyFigures: object }>(led, { division: zhangqiu.division });
    expect(dutyFigures).toEqual({
      items: {
        edges: [
          '投资不足30万且面积不足300平方米的乡村建设工程质量和安全监管',
          '农村危房改造的组织实施',
          '秸秆禁烧专项整治',
        ].map((name) => ({ node: { name, townRole: 'LEAD' } })),
      },
    });
  });
});

describe('Lanshan', () => {
  let lanshan: County;
  let office: string;
  let justice: string;
  let enforcement: string;
  let finance: string;
  let towns: string;
  const lists: Record<string, string> = {};

  const names = (first: readonly string[], count: number): Duty[] => [
    ...first.map((name) => ({
      name,
      domain: '兰山区清单所载',
      department: '',
      basis: { title: '兰山区三张事权清单' },
    })),
    ...duties(count - first.length),
  ];
  const shares = (i: number) =>
    i % 2 === 0
      ? [
          { organ: enforcement, percent: 33.33 },
          { organ: finance, percent: 33.33 },
          { organ: towns, percent: 33.34 },
        ]
      : [
          { organ: enforcement, percent: 60.5 },
          { organ: towns, percent: 39.5 },
        ];
  const sharedItem = (duty: Duty, i: number) =>
    itemOf(duty, enforcement, {
      cooperators: [{ organ: finance }, { organ: towns }],
      fiscalShares: shares(i),
      townRole: { role: 'SHARED' },
    });

  beforeAll(async () => {
    lanshan = new County(node, '371302000000');
    const offices = ['区委编办', '区司法局', '区综合执法局', '区财政局'];
    const organs = offices.map((name) => ({ name, kind: 'DEPARTMENT' }));
    [office = '', justice = '', enforcement = '', finance = '', towns = ''] = await lanshan.register([
      ...organs,
      ...classes,
    ]);
    const contents: [string, object[]][] = [
      ['CORE_COORDINATED', duties(10).map((duty) => itemOf(duty, enforcement))],
      ['SHARED', names(['城管执法', '道路维护', '城乡环卫一体化'], 18).map(sharedItem)],
      [
        'DELEGATED',
        names(['工商登记', '食品经营许可', '卫生许可'], 54).map((duty) =>
          itemOf(duty, towns, { townRole: { role: 'ENTRUSTED' } }),
        ),
      ],
    ];
    for (const [kind, items] of contents) {
      const list = await lanshan.open(kind, office);
      await lanshan.publish(list, await lanshan.stage(list, 0, added(items)), justice);
      lists[kind] = list;
    }
  });

  test('L-12 three lists: 10 core, 18 shared, 54 delegated', async () => {
    const query = `query ($division: DivisionCode!) { dutyFigures(division: $division) {
      lists total byKind { kind total } byTownRole { key count } } }`;
    const { dutyFigures } = await lanshan.ask<{ dutyFigures: { byKind: object[] } }>(query, {
      division: lanshan.division,
    });
    expect(dutyFigures).toMatchObject({
      lists: 3,
      total: 82,
      byKind: [
        { kind: 'DELEGATED', total: 54 },
        { kind: 'SHARED', total: 18 },
        { kind: 'CORE_COORDINATED', total: 10 },
      ],
    });
  });

  test('L-2 the shares of each shared item are exactly 100%', async () => {
    const query = `query ($list: ID!) { dutyList(id: $list) { items { edges { node {
      fiscalShares { percent organ { id } } leads { organ { id } } cooperators { organ { id } } } } } } }`;
    const { dutyList } = await lanshan.ask<{
      dutyList: { items: { edges: { node: { fiscalShares: { percent: number }[] } }[] } };
    }>(query, { list: lists['SHARED'] });
    const hundredths = dutyList.items.edges.map(({ node: { fiscalShares } }) =>
      fiscalShares.reduce((sum, { percent }) => sum + Math.round(percent * 100), 0),
    );
    expect(hundredths).toEqual(Array(18).fill(10_000));
  });

  test.each<[string, () => object, object]>([
    [
      'shares of 99.9%',
      () => ({
        fiscalShares: [
          { organ: enforcement, percent: 60 },
          { organ: towns, percent: 39.9 },
        ],
      }),
      { rule: 'L-2', field: 'changes[0].item.fiscalShares' },
    ],
    [
      'a second lead',
      () => ({ leads: [{ organ: enforcement }, { organ: finance }], cooperators: [] }),
      { rule: 'L-2', field: 'changes[0].item.leads[1].organ' },
    ],
    [
      'a lead among the cooperators',
      () => ({ cooperators: [{ organ: enforcement }] }),
      { rule: 'L-2', field: 'changes[0].item.cooperators[0].organ' },
    ],
    ['no basis', () => ({ basis: [] }), { rule: 'L-2', field: 'changes[0].item.basis' }],
    [
      'an unknown organ',
      () => ({ leads: [{ organ: 'organ:371302-9999' }] }),
      { rule: 'L-2', field: 'changes[0].item.leads[0].organ' },
    ],
  ])('L-2 refuses %s', async (_, more, expected) => {
    const add = { ...sharedItem(DUTIES[40] as Duty, 1), ...more() };
    const input = { list: lists['SHARED'], basedOn: 1, changes: [{ code: '99', add }], change };
    const { extensions } = await lanshan.refused(CHANGE, input);
    expect(extensions).toMatchObject({ code: 'RULE_VIOLATED', citation: {}, ...expected });
  });

  test('L-3 refuses a step out of order, a step twice, and the wrong role', async () => {
    const list = await lanshan.open('POWER', office);
    const draftNumber = await lanshan.stage(list, 0, added([itemOf(DUTIES[5] as Duty, enforcement)]));
    const approval = { list, body: '区委编委', documentNumber: '编〔2024〕2号', change };
    const edition = { list, draftNumber, effectiveFrom: IN_FORCE, documentNumber: '政发〔2024〕2号', change };
    for (const [query, input] of [
      [APPROVE, approval],
      [PUBLISH, edition],
    ] as const) {
      expect((await lanshan.refused(query, input)).extensions).toMatchObject({ rule: 'L-3' });
    }
    await lanshan.ask(SUBMIT, { input: { list, draftNumber, change } });
    const twice = await lanshan.refused(SUBMIT, { list, draftNumber, change });
    expect(twice.extensions).toMatchObject({ rule: 'L-3' });
    const wrong = await lanshan.refused(APPROVE, approval, ['LIST_EDITOR', 'DEPARTMENT_OFFICER']);
    expect(wrong.extensions).toMatchObject({ code: 'NOT_PERMITTED' });
    expect(wrong.message).toMatch(/COUNTY_APPROVER/);
  });
});
