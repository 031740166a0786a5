import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COUNTY, change, type Data, type GridHarness, refused, startGridHarness, TOWN } from './harness.ts';

/** Classes of cases and their limits through GraphQL, on real embedded stores (G-8). */

const SAMPLE = readFileSync(new URL('../data/samples/event_types.csv', import.meta.url));
const PROVINCE = '330000000000';
const VILLAGE = '330803114200';
const NOW = '2026-03-02T01:00:00.000Z';
const TODAY = '2026-03-02';
const ofProvince = { roles: ['GRID_MANAGER'] as const, division: PROVINCE };
const manager = { roles: ['GRID_MANAGER'] as const, division: COUNTY };

const SET = /* GraphQL */ `
  mutation ($input: SetClassPolicyInput!) {
    setClassPolicy(input: $input) { policy { version } repeated pending }
  }
`;
const WITHDRAW = /* GraphQL */ `
  mutation ($input: WithdrawClassPolicyInput!) {
    withdrawClassPolicy(input: $input) { policy { version limits { phase isDefault } } repeated }
  }
`;
const IMPORT = /* GraphQL */ `
  mutation ($input: ImportCaseClassesInput!) {
    importCaseClasses(input: $input) {
      accepted applied rows problemCount added changed unchanged repeated
      problems { row column heading value cause }
    }
  }
`;
const POLICY = /* GraphQL */ `
  query ($division: DivisionCode!, $caseClass: String!, $asOf: AsOf) {
    classPolicy(division: $division, caseClass: $caseClass, asOf: $asOf) {
      name version category limitText stages { name limit { amount unit } } filingCondition closingCondition
      limits { phase limit { amount unit } isDefault division setFor effectiveFrom }
      amber { atShare isDefault } escalation { to isDefault division }
    }
  }
`;
const CLASSES = /* GraphQL */ `
  query ($division: DivisionCode!, $patterns: Boolean! = false, $first: Int, $after: String) {
    caseClasses(division: $division, patterns: $patterns, first: $first, after: $after) {
      edges { node { caseClass name division version setBy { name role } reason basis { title } policy { name } } }
      pageInfo { hasNextPage endCursor }
    }
  }
`;
const HISTORY = /* GraphQL */ `
  query ($division: DivisionCode!, $caseClass: String) {
    classPolicyHistory(division: $division, caseClass: $caseClass) {
      edges { node { change caseClass version effectiveFrom changed limits { phase limit { amount } } author { name role } reason } }
    }
  }
`;

let h: GridHarness;
beforeAll(async () => {
  h = await startGridHarness();
  h.clock.set(NOW);
});
afterAll(() => h.end());

const hours = (amount: number) => ({ amount, unit: 'WORKING_HOURS' });
const limit = (phase: string, amount: number) => ({ phase, limit: hours(amount) });
const set = (input: object, as: object = manager) =>
  h.ask(SET, { input: { division: COUNTY, change, ...input } }, as);
const policy = async (caseClass: string, division = TOWN, effectiveAt = TODAY): Promise<Data> =>
  (await h.ask(POLICY, { division, caseClass, asOf: { effectiveAt } })).classPolicy;
const importing = (input: object) => ({
  division: COUNTY,
  fileName: 'event_types.csv',
  content: SAMPLE.toString('base64'),
  standard: '济源市',
  change,
  ...input,
});
const csv = (text: string) => Buffer.from(text).toString('base64');

describe('G-8 the import of a catalogue', () => {
  test('counts what it would do, does it, and does nothing the second time', async () => {
    const counted = { rows: 6, accepted: true, problems: [], problemCount: 0 };
    const dry = await h.ask(IMPORT, { input: importing({ dryRun: true }) }, manager);
    expect(dry.importCaseClasses).toMatchObject({ ...counted, applied: false, added: 6, unchanged: 0 });
    const keyed = importing({ change: { ...change, idempotencyKey: 'catalogue' } });
    const done = await h.ask(IMPORT, { input: keyed }, manager);
    expect(done.importCaseClasses).toMatchObject({ ...counted, applied: true, added: 6, repeated: false });
    const retried = await h.ask(IMPORT, { input: keyed }, manager);
    expect(retried.importCaseClasses).toMatchObject({ applied: true, added: 6, repeated: true });
    const again = await h.ask(IMPORT, { input: importing({}) }, manager);
    expect(again.importCaseClasses).toMatchObject({ applied: true, added: 0, changed: 0, unchanged: 6 });
  });

  test('the classes have their limits and conditions, and those of the source that name none the default', async () => {
    expect(await policy('市容环境.暴露垃圾')).toMatchObject({
      name: '暴露垃圾',
      version: 1,
      category: '市容环境',
      filingCondition: '成堆成片垃圾',
      closingCondition: '清除',
      limits: [
        { phase: 'ACCEPT', isDefault: true, division: null },
        { phase: 'FILE', isDefault: true },
        { phase: 'DISPATCH', isDefault: true },
        {
          phase: 'HANDLE',
          limit: { amount: 1, unit: 'WORKING_DAYS' },
          isDefault: false,
          division: COUNTY,
          setFor: '市容环境.暴露垃圾',
          effectiveFrom: TODAY,
        },
        { phase: 'VERIFY', isDefault: true },
      ],
      amber: { atShare: 0.8, isDefault: true },
      escalation: { to: 'SUPERVISE', isDefault: true },
    });
    const { limits } = await policy('市容环境.绿地脏乱');
    expect(limits.every(({ isDefault }: Data) => isDefault)).toBe(true);
  });

  test('staged limits are kept as what they say, with the one that ends the handling', async () => {
    const staged = importing({ standard: '某市区（数字城管）', effectiveFrom: '2026-06-01' });
    const { importCaseClasses } = await h.ask(IMPORT, { input: staged }, manager);
    expect(importCaseClasses).toMatchObject({ accepted: true, rows: 8, added: 7, changed: 1 });
    const built = await policy('市容环境.私搭乱建', TOWN, '2026-06-01');
    expect(built).toMatchObject({
      limitText: '停工4工作时;处罚7工作日;拆除20工作日',
      stages: [{ name: '停工' }, { name: '处罚' }, { name: '拆除', limit: { amount: 20 } }],
    });
    expect(built.limits[3]).toMatchObject({ limit: { amount: 20, unit: 'WORKING_DAYS' } });
    expect((await policy('市容环境.暴露垃圾', TOWN, '2026-05-31')).limits[3].limit).toEqual({
      amount: 1,
      unit: 'WORKING_DAYS',
    });
    expect((await policy('市容环境.暴露垃圾', TOWN, '2026-06-01')).limits[3].limit).toEqual(hours(4));
  });

  test('every bad row is told, and nothing is taken', async () => {
    const rows = [
      '某市事件目录,,,,,',
      '大类,小类名称,立案条件(概括),处置时限,单位,结案条件',
      '市容环境,好的一类,,2,工作时,',
      '市容环境,,,2,工作时,',
      '市容环境,没有单位,,2,,',
      '市容环境,好的一类,,3,工作时,',
      '市容环境,说不清,,尽快,工作日,',
      '市容环境,太长,,9999,工作日,',
    ];
    const head = await h.events.head();
    const input = importing({ content: csv(rows.join('\n')), standard: null });
    const { importCaseClasses: report } = await h.ask(IMPORT, { input }, manager);
    expect(report).toMatchObject({ accepted: false, applied: false, rows: 7, problemCount: 5, added: 0 });
    expect(report.problems).toMatchObject([
      { row: 4, column: 'B', heading: '小类名称' },
      { row: 5, column: 'E', heading: '单位' },
      { row: 6, column: 'B', value: '好的一类' },
      { row: 7, column: 'D', value: '尽快' },
      { row: 8, column: 'D', value: '9999' },
    ]);
    expect(report.problems[2].cause).toContain('row 3');
    expect(await h.events.head()).toBe(head);
  });

  test('a file of several standards asks for one of them', async () => {
    const { importCaseClasses: report } = await h.ask(
      IMPORT,
      { input: importing({ standard: null }) },
      manager,
    );
    expect(report.accepted).toBe(false);
    expect(report.problems[0].cause).toContain('several standards');
  });

  test.each<[string, object, object]>([
    ['no catalogue', { content: csv('甲,乙\n1,2') }, { code: 'INVALID_INPUT', field: 'content' }],
    ['an empty file', { content: '' }, { code: 'INVALID_INPUT', field: 'content' }],
    ['an unknown standard', { standard: '乙市' }, { code: 'INVALID_INPUT', field: 'content' }],
    ['yesterday', { effectiveFrom: '2026-03-01' }, { rule: 'G-8', field: 'effectiveFrom' }],
    ['a village', { division: VILLAGE }, { rule: 'G-8', field: 'division' }],
    ['another county', { division: '370114000000' }, { code: 'NOT_PERMITTED', field: 'division' }],
  ])('is refused: %s', async (_, input, expected) => {
    await refused(h, [IMPORT, importing(input), manager], expected);
  });
});

describe('G-8 settings one by one', () => {
  test('of each part the nearest division counts, there the class before its patterns; else the default', async () => {
    await set(
      {
        division: PROVINCE,
        caseClass: '*',
        limits: [limit('ACCEPT', 1), limit('VERIFY', 9)],
        escalation: 'NEXT_LEVEL',
      },
      ofProvince,
    );
    await set(
      {
        division: PROVINCE,
        caseClass: 'SL.CS',
        name: '非法采砂',
        limits: [limit('FILE', 5)],
        amberAtShare: 0.5,
      },
      ofProvince,
    );
    await set({ caseClass: 'SL.*', limits: [limit('ACCEPT', 2), limit('HANDLE', 8)], escalation: 'NONE' });
    await set({ caseClass: 'SL.CS', limits: [limit('ACCEPT', 3)] });
    const { name, limits, amber, escalation } = await policy('SL.CS', VILLAGE);
    expect(name).toBe('SL.CS');
    expect(limits).toMatchObject([
      { limit: hours(3), division: COUNTY, setFor: 'SL.CS' },
      { limit: hours(5), division: PROVINCE, setFor: 'SL.CS' },
      { isDefault: true },
      { limit: hours(8), division: COUNTY, setFor: 'SL.*' },
      { limit: hours(9), division: PROVINCE, setFor: '*' },
    ]);
    expect(amber).toEqual({ atShare: 0.5, isDefault: false });
    expect(escalation).toEqual({ to: 'NONE', isDefault: false, division: COUNTY });
    expect((await policy('SL.CS', '330000000000')).name).toBe('非法采砂');
  });

  test('withdrawn, the wider ones hold again; the history tells each change', async () => {
    await set({ caseClass: 'A.1', name: '甲', limits: [limit('HANDLE', 4)] });
    await set({ caseClass: 'A.1', name: '甲', limits: [limit('HANDLE', 6)], effectiveFrom: '2026-04-01' });
    const input = { division: COUNTY, caseClass: 'A.1', effectiveFrom: '2026-05-01', change };
    const { withdrawClassPolicy } = await h.ask(WITHDRAW, { input }, manager);
    expect(withdrawClassPolicy.policy.limits[3]).toEqual({ phase: 'HANDLE', isDefault: true });
    const amounts = await Promise.all(
      [TODAY, '2026-04-01', '2026-05-01'].map(async (day) => (await policy('A.1', TOWN, day)).limits[3]),
    );
    expect(amounts).toMatchObject([
      { limit: hours(4) },
      { limit: hours(6) },
      { limit: { amount: 5, unit: 'WORKING_DAYS' }, isDefault: true },
    ]);
    const { classPolicyHistory } = await h.ask(HISTORY, { division: COUNTY, caseClass: 'A.1' });
    expect(classPolicyHistory.edges.map(({ node }: Data) => node)).toMatchObject([
      { change: 'WITHDRAWN', version: 3, effectiveFrom: '2026-05-01', limits: [] },
      { change: 'SET', version: 2, changed: ['limits'], limits: [{ phase: 'HANDLE', limit: { amount: 6 } }] },
      { change: 'SET', version: 1, author: { role: 'GRID_MANAGER' }, reason: change.reason },
    ]);
    await refused(h, [WITHDRAW, { ...input, caseClass: 'A.2' }, manager], { code: 'NOT_FOUND', rule: 'G-8' });
  });

  test('the classes of a town are its own and those above it, page by page, the nearest setting of each', async () => {
    await set({ division: TOWN, caseClass: '市容环境.暴露垃圾', name: '镇里的垃圾' });
    const all: Data[] = [];
    for (let after: string | null = null; ; ) {
      const { caseClasses } = await h.ask(CLASSES, { division: TOWN, first: 3, after });
      all.push(...caseClasses.edges.map(({ node }: Data) => node));
      expect(caseClasses.edges.length).toBeLessThanOrEqual(3);
      after = caseClasses.pageInfo.endCursor;
      if (!caseClasses.pageInfo.hasNextPage) break;
    }
    const codes = all.map(({ caseClass }) => caseClass);
    expect(codes).toEqual([...new Set(codes)].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
    expect(codes).toContain('市容环境.道路不洁');
    expect(codes).not.toContain('*');
    expect(all.find(({ caseClass }) => caseClass === '市容环境.暴露垃圾')).toMatchObject({
      name: '镇里的垃圾',
      division: TOWN,
    });
    const { caseClasses } = await h.ask(CLASSES, { division: TOWN, patterns: true, first: 1 });
    expect(caseClasses.edges[0].node.caseClass).toBe('*');
  });

  test.each<[string, object, object]>([
    ['a code with spaces', { caseClass: 'A B' }, { rule: 'G-8', field: 'caseClass' }],
    ['a star within', { caseClass: 'A*B' }, { rule: 'G-8', field: 'caseClass' }],
    ['no time', { limits: [limit('HANDLE', 0)] }, { rule: 'G-8', field: 'limits.handle' }],
    ['more than a year', { limits: [limit('HANDLE', 2_001)] }, { rule: 'G-8', field: 'limits.handle' }],
    ['amber at the end', { amberAtShare: 1 }, { rule: 'G-8', field: 'amberAtShare' }],
    [
      'a stage without a name',
      { stages: [{ name: ' ', limit: hours(1) }] },
      { rule: 'G-8', field: 'stages' },
    ],
    ['yesterday', { effectiveFrom: '2026-03-01' }, { rule: 'G-8', field: 'effectiveFrom' }],
  ])('is refused: %s', async (_, input, expected) => {
    await refused(h, [SET, { division: COUNTY, caseClass: 'X', change, ...input }, manager], expected);
  });

  test('only who keeps the grid may set them', async () => {
    const input = { division: COUNTY, caseClass: 'X', change };
    await refused(h, [SET, input], { code: 'NOT_PERMITTED' });
  });
});

test('G-8 the policy in force against a plain reading of the rule', async () => {
  const places = [PROVINCE, COUNTY, TOWN];
  const patterns = ['P.a', 'P.*', 'P*', '*', 'P.b'];
  const days = ['2027-01-01', '2027-02-01', '2027-03-01'];
  const setting = fc.record({
    division: fc.constantFrom(...places),
    caseClass: fc.constantFrom(...patterns),
    day: fc.constantFrom(...days),
    amount: fc.integer({ min: 1, max: 100 }),
  });
  const key = ({ division, caseClass, day }: { division: string; caseClass: string; day: string }) =>
    `${division}/${caseClass}/${day}`;
  // One history for all questions: the settings of one sample, in the order in which they were made.
  const settings = fc.sample(fc.uniqueArray(setting, { minLength: 12, maxLength: 12, selector: key }), {
    seed: 8,
    numRuns: 1,
  })[0] as { division: string; caseClass: string; day: string; amount: number }[];
  for (const { division, caseClass, day, amount } of settings) {
    const input = { division, caseClass, effectiveFrom: day, limits: [limit('DISPATCH', amount)] };
    await set(input, { roles: ['GRID_MANAGER'], division });
  }
  for (const division of [...places, VILLAGE]) {
    for (const caseClass of ['P.a', 'P.b', 'P.c', 'Pq']) {
      for (const on of ['2026-12-31', ...days]) {
        const above = [VILLAGE, TOWN, COUNTY, PROVINCE].filter((place) => places.includes(place));
        const near = above.slice(above.indexOf(division === VILLAGE ? TOWN : division));
        const fits = patterns
          .filter((one) => (one.endsWith('*') ? caseClass.startsWith(one.slice(0, -1)) : one === caseClass))
          .sort((a, b) => Number(b === caseClass) - Number(a === caseClass) || b.length - a.length);
        const [best] = near.flatMap((place) =>
          fits.flatMap((one) => {
            const made = settings.filter((s) => s.division === place && s.caseClass === one && s.day <= on);
            return made.sort((a, b) => (a.day < b.day ? 1 : -1)).slice(0, 1);
          }),
        );
        const found = (await policy(caseClass, division, on)).limits[2];
        expect(found.isDefault).toBe(best === undefined);
        if (best) expect(found).toMatchObject({ limit: hours(best.amount), setFor: best.caseClass });
      }
    }
  }
});
