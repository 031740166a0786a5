import { listZip, unpackZip } from '@dutyledger/tables/zip';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  CHANGE,
  change,
  EXPORT,
  type ListsHarness,
  ORGANS,
  openList,
  publish,
  refused,
  stage,
  startListsHarness,
} from './harness.ts';

/** L-2: the linear procedure of an item re-cut into parallel branches (ZQ), with figures out of queries. */

let h: ListsHarness;
let list: string;
beforeAll(async () => {
  h = await startListsHarness();
  list = await openList(h);
});
afterAll(() => h.end());

const { enforcement, police, street, towns, farming } = ORGANS;
const days = (amount: number) => ({ amount, unit: 'WORKING_DAYS' });
const step = (id: string, name: string, organ: { id: string }, limit: object | null, ...after: string[]) => ({
  id,
  name,
  organ: organ.id,
  limit,
  after,
});
/** Row 4 of the project's data; the steps are a sample. */
const building = {
  name: '规划区内城镇违法建设查处',
  domain: '自然资源与规划',
  leads: [{ organ: enforcement.id, duty: '巡查、查处违反规划的建设' }],
  cooperators: [
    { organ: police.id, duty: '维护现场秩序' },
    { organ: towns.id, duty: '配合巡查查处并告知线索' },
  ],
  basis: [{ title: '济南市城乡规划条例(2017)', article: '第八十、八十一条' }],
};
const linear = [
  step('1', '发现告知', street, days(1)),
  step('2', '立案并责令停止建设', enforcement, days(2), '1'),
  step('3', '规划认定与测绘', farming, days(7), '2'),
  step('4', '调查取证', enforcement, days(5), '3'),
  step('5', '现场秩序风险评估', police, days(3), '4'),
  step('6', '处罚决定并送达', enforcement, days(7), '5'),
];
/** Two points, one line (两点划线): what the three do between discovery and decision they do at the same time. */
const parallel = linear.map((one) => {
  const after: Record<string, string[]> = {
    '2': ['1'],
    '3': ['1'],
    '4': ['2'],
    '5': ['1'],
    '6': ['3', '4', '5'],
  };
  return { ...one, after: after[one.id] ?? [] };
});

const PLAN = /* GraphQL */ `
  query ($list: ID!, $asOf: AsOf) {
    dutyItem(list: $list, code: "4", asOf: $asOf) {
      promised { amount unit }
      procedurePlan {
        steps { step { id organ { id } limit { amount unit } } layer critical start { amount } slack { amount unit exact text } }
        criticalPath unlimited
        total { amount unit exact text } linear { text } saved { amount text } reserve { text }
      }
      procedurePicture
      chinese: procedurePicture(form: PARALLEL, language: ZH_CN)
    }
  }
`;

describe('a procedure re-cut', () => {
  test('L-2 the list says how long both forms take, what runs at the same time, and what is saved', async () => {
    await stage(h, list, 0, [{ code: '4', add: { ...building, procedure: linear, promised: days(30) } }]);
    await publish(h, list, '2023-01-01', 1);
    await stage(h, list, 1, [{ code: '4', revise: { procedure: parallel, promised: days(15) } }]);
    await publish(h, list, '2024-01-01', 2);

    const before = (await h.ask(PLAN, { list, asOf: { effectiveAt: '2023-06-01' } })).dutyItem;
    expect(before.procedurePlan).toMatchObject({
      total: { text: '25 working days' },
      linear: { text: '25 working days' },
      saved: { amount: 0 },
      reserve: { text: '5 working days' },
    });
    const after = (await h.ask(PLAN, { list })).dutyItem;
    expect(after.promised).toEqual(days(15));
    expect(after.procedurePlan).toMatchObject({
      criticalPath: ['1', '3', '6'],
      total: { amount: 15, unit: 'WORKING_DAYS', exact: true, text: '15 working days' },
      linear: { text: '25 working days' },
      saved: { amount: 10 },
      reserve: { text: '0 working days' },
      unlimited: 0,
    });
    const layers = after.procedurePlan.steps.map((one: { layer: number; step: { id: string } }) => [
      one.step.id,
      one.layer,
    ]);
    expect(layers).toEqual([
      ['1', 1],
      ['2', 2],
      ['3', 2],
      ['4', 3],
      ['5', 2],
      ['6', 4],
    ]);
    expect(after.procedurePlan.steps[4]).toMatchObject({
      step: { organ: { id: police.id }, limit: days(3) },
      critical: false,
      start: { amount: 1 },
      slack: { text: '4 working days' },
    });
  });

  test('L-2 its picture is drawn from the data, in the language asked for', async () => {
    const { dutyItem } = await h.ask(PLAN, { list });
    expect(dutyItem.procedurePicture).toMatch(/^<\?xml .*\n<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    for (const words of [
      '规划区内城镇违法建设查处',
      '25 working days',
      '15 working days',
      'saved 10 working days (40%)',
    ])
      expect(dutyItem.procedurePicture).toContain(words);
    expect(dutyItem.chinese).toContain(
      '《章丘区属地管理事项责任清单》事项 4，第 2 版（章政发〔2024〕1号，自 2024-01-01 起施行）',
    );
    expect(dutyItem.chinese).toContain('机动 4个工作日');
  });

  test('L-11 the pictures of a list come as an archive; a list without procedures has none', async () => {
    const { exportDutyList: file } = await h.ask(EXPORT, { list, format: 'SVG' });
    expect(file).toMatchObject({
      fileName: '章丘区属地管理事项责任清单.zip',
      mediaType: 'application/zip',
      itemCount: 1,
    });
    const bytes = Buffer.from(file.content, 'base64');
    const entries = listZip(bytes);
    if (!entries.ok) throw new Error(entries.refusal.message.en);
    const parts = unpackZip(bytes, entries.value, () => true);
    if (!parts.ok) throw new Error(parts.refusal.message.en);
    expect([...parts.value.keys()]).toEqual(['4_规划区内城镇违法建设查处.svg']);
    expect(parts.value.get('4_规划区内城镇违法建设查处.svg')?.toString()).toContain('saved 10 working days');
    const empty = await openList(h, { title: '空清单' });
    expect(await h.fault(EXPORT, { list: empty, format: 'SVG' })).toMatchObject({
      code: 'NOT_FOUND',
      field: 'format',
    });
  });

  test.each([
    [
      'a promise that the critical path does not keep',
      { procedure: parallel, promised: days(14) },
      { field: 'changes[0].item.promised', details: { criticalPath: ['1', '3', '6'], promised: days(14) } },
    ],
    [
      'the same promise in calendar days',
      { procedure: parallel, promised: { amount: 20, unit: 'CALENDAR_DAYS' } },
      { field: 'changes[0].item.promised' },
    ],
    [
      'steps in a circle, and shows it',
      { procedure: [step('a', '甲', police, null, 'b'), step('b', '乙', police, null, 'a')] },
      { field: 'changes[0].item.procedure', details: { circle: ['a', 'b'] } },
    ],
    [
      'a promise of no time',
      { procedure: parallel, promised: days(0) },
      { field: 'changes[0].item.promised.amount' },
    ],
    [
      'a step of an organ that nobody knows',
      { procedure: [step('a', '甲', { id: 'organ:370114-9999' }, null)] },
      { field: 'changes[0].item.procedure[0].organ' },
    ],
  ])('L-2 refuses %s', async (_, revise, expected) => {
    const input = { list, basedOn: 2, changes: [{ code: '4', revise }], change };
    await refused(h, [CHANGE, input], { code: 'RULE_VIOLATED', rule: 'L-2', ...expected });
  });

  test('L-2 limits in minutes and hours are added exactly, working days with them about', async () => {
    const procedure = [
      step('1', '接警', police, { amount: 30, unit: 'MINUTES' }),
      step('2', '到场', police, { amount: 2, unit: 'HOURS' }, '1'),
    ];
    await stage(h, list, 2, [
      { code: '4', revise: { procedure, promised: { amount: 1, unit: 'CALENDAR_DAYS' } } },
    ]);
    await publish(h, list, '2024-02-01', 3);
    const plan = async () => (await h.ask(PLAN, { list })).dutyItem.procedurePlan;
    expect((await plan()).total).toEqual({
      amount: 150,
      unit: 'MINUTES',
      exact: true,
      text: '2 hours 30 minutes',
    });
    const more = [...procedure, step('3', '查处', enforcement, days(3), '2')];
    await stage(h, list, 3, [{ code: '4', revise: { procedure: more, promised: null } }]);
    await publish(h, list, '2024-03-01', 4);
    expect(await plan()).toMatchObject({
      total: { amount: 3.1, unit: 'WORKING_DAYS', exact: false, text: 'about 3.1 working days' },
      reserve: null,
    });
  });
});
