import { outgoing } from '@dutyledger/contracts/event-contract';
import { TaskAdmitted, TaskEnded } from '@dutyledger/contracts/lists-tasks';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  COUNTY,
  change,
  type GridHarness,
  ORGANS,
  OTHER_TOWN,
  recordOf,
  refused,
  say,
  startGridHarness,
  TOWN,
} from './harness.ts';

/** What enters grids, through GraphQL, on real embedded stores (G-3). */

const { water, forestry } = ORGANS;
const of = (organ: { id: string }) => ({
  roles: ['DEPARTMENT_OFFICER'] as const,
  organ: organ.id,
  division: COUNTY,
});
const worker = { roles: ['GRID_WORKER'] as const, organ: ORGANS.village.id, division: '330803114200' };

const CREATE = 'mutation ($input: CreateGridsInput!) { createGrids(input: $input) { grids { id } } }';
const TASK = 'id origin title issuer { id } towns gridIds from to endedOn';
const ADMIT = `mutation ($input: AdmitUrgentGridTaskInput!) { admitUrgentGridTask(input: $input) { task { ${TASK} } repeated } }`;
const END = `mutation ($input: EndUrgentGridTaskInput!) { endUrgentGridTask(input: $input) { task { ${TASK} } } }`;
const TASKS = `query ($grid: ID!, $on: Date) { gridTasks(grid: $grid, on: $on) { ${TASK} } }`;
const HANDED =
  'handed { id admitted arrival gridCode issuerName task { id } violates { title article } } repeated';
const HAND = `mutation ($input: HandTaskToGridInput!) { handTaskToGrid(input: $input) { ${HANDED} } }`;
const REPORT = `mutation ($input: ReportUnadmittedGridTaskInput!) { reportUnadmittedGridTask(input: $input) { ${HANDED} } }`;

let h: GridHarness;
/** Two grids of the town, and one of the other. */
let grids: [string, string, string];

beforeAll(async () => {
  h = await startGridHarness();
  await at('2026-06-20 09:00');
  const grid = (town: string, i: number) => ({
    town,
    code: `${town}00${i}`,
    name: `第${i + 1}网格`,
    households: 400,
    population: 1_000,
  });
  const input = { division: COUNTY, grids: [TOWN, TOWN, OTHER_TOWN].map(grid), change };
  const { createGrids } = await h.ask(CREATE, { input }, { roles: ['GRID_MANAGER'] });
  grids = createGrids.grids.map(({ id }: { id: string }) => id);
});
afterAll(() => h.end());

const at = (text: string) => h.travelTo(`${text.replace(' ', 'T')}:00+08:00`);
const titles = async (grid: string, on: string) =>
  (await h.ask(TASKS, { grid, on })).gridTasks.map(({ title }: { title: string }) => title);

const admission = (number: number, grid: boolean) => {
  const stream = `lists.taskAdmission-330803-${number}`;
  return {
    admitted: outgoing(TaskAdmitted, {
      stored: recordOf('TaskAdmitted', stream),
      data: {
        admission: `admission:330803-${number}`,
        division: COUNTY,
        title: grid ? '松材线虫病普查' : '只交镇街的事项',
        applicant: forestry.id,
        towns: [{ organ: ORGANS.town.id, division: TOWN }],
        from: '2026-06-01',
        to: '2026-07-31',
        grid,
        documentNumber: '衢江政字〔2026〕6号',
      },
    }),
    ended: () =>
      outgoing(TaskEnded, {
        stored: recordOf('TaskEnded', stream),
        data: {
          admission: `admission:330803-${number}`,
          towns: [{ organ: ORGANS.town.id, division: TOWN }],
          on: '2026-07-10',
          early: true,
        },
      }),
  };
};

const urgent = (more: object = {}) => ({
  county: COUNTY,
  issuer: water.id,
  title: '汛期险工险段巡查',
  what: '每日两次巡查沿江堤段',
  whyUrgent: '台风红色预警',
  towns: [TOWN],
  to: '2026-06-30',
  change,
  ...more,
});

describe('tasks of a grid', () => {
  test('G-3 what lists admitted for grids enters the grids of its towns, for its period, and ends early when lists says so', async () => {
    const [ofGrids, ofTowns] = [admission(1, true), admission(2, false)];
    await say(h, 'lists', [ofGrids.admitted, ofTowns.admitted]);
    expect(await titles(grids[0], '2026-06-20')).toEqual(['松材线虫病普查']);
    expect(await titles(grids[0], '2026-07-31')).toEqual(['松材线虫病普查']);
    expect(await titles(grids[0], '2026-08-01')).toEqual([]);
    expect(await titles(grids[2], '2026-06-20')).toEqual([]);
    await say(h, 'lists', [ofGrids.ended()]);
    expect(await titles(grids[0], '2026-07-10')).toEqual(['松材线虫病普查']);
    expect(await titles(grids[0], '2026-07-11')).toEqual([]);
    expect(await titles('grid:330803-999999', '2026-06-20')).toEqual([]);
  });

  test('G-3 the county admits what is urgent at once; it ends by itself, also when the service was down that day', async () => {
    await at('2026-06-20 09:00');
    const whole = (await h.ask(ADMIT, { input: urgent() })).admitUrgentGridTask.task;
    const one = { towns: null, grids: [grids[1]], title: '蓄滞洪区转移登记', to: '2026-06-22' };
    const single = (await h.ask(ADMIT, { input: urgent(one) })).admitUrgentGridTask.task;
    expect(whole).toMatchObject({ origin: 'URGENT', from: '2026-06-20', to: '2026-06-30', gridIds: null });
    expect(single).toMatchObject({ towns: [TOWN], gridIds: [grids[1]] });
    expect(await titles(grids[0], '2026-06-21')).toEqual(['汛期险工险段巡查', '松材线虫病普查']);
    expect(await titles(grids[1], '2026-06-21')).toEqual([
      '蓄滞洪区转移登记',
      '汛期险工险段巡查',
      '松材线虫病普查',
    ]);
    await h.restart();
    await at('2026-06-25 08:00');
    const listed = `{ urgentGridTasks(county: "${COUNTY}", running: false) { edges { node { id endedOn
      history { edges { node { step effectiveAt by { subject } } } } } } } }`;
    expect((await h.ask(listed)).urgentGridTasks.edges).toMatchObject([
      {
        node: {
          id: single.id,
          endedOn: '2026-06-22',
          history: {
            edges: [
              { node: { step: 'UrgentGridTaskAdmitted' } },
              {
                node: {
                  step: 'UrgentGridTaskEnded',
                  effectiveAt: '2026-06-22',
                  by: { subject: 'system:timers' },
                },
              },
            ],
          },
        },
      },
    ]);
    const ended = await h.ask(END, { input: { id: whole.id, change } });
    expect(ended.endUrgentGridTask.task.endedOn).toBe('2026-06-25');
    expect(await titles(grids[0], '2026-06-26')).toEqual(['松材线虫病普查']);
    await refused(h, [END, { id: whole.id, change }], { rule: 'G-3', field: 'id' });
    await refused(h, [END, { id: 'gridTask:330803-none', change }], { code: 'NOT_FOUND' });
  });

  test('G-3 only the county admits, only in the county, with a period, from registered organs, into grids that are there', async () => {
    await refused(h, [ADMIT, urgent(), of(water)], { code: 'NOT_PERMITTED' });
    await refused(h, [ADMIT, urgent(), { division: '330802000000' }], {
      code: 'NOT_PERMITTED',
      field: 'county',
    });
    await refused(h, [ADMIT, urgent({ to: '2026-12-31' })], { rule: 'G-3', field: 'to' });
    await refused(h, [ADMIT, urgent({ towns: ['370114101000'], to: '2026-06-30' })], {
      rule: 'G-3',
      field: 'towns',
    });
    await refused(h, [ADMIT, urgent({ towns: null })], { rule: 'G-3', field: 'towns' });
    await refused(h, [ADMIT, urgent({ grids: ['grid:330803-999999'] })], {
      code: 'NOT_FOUND',
      field: 'grids',
    });
  });
});

describe('what is handed to a grid', () => {
  const handing = (more: object = {}) => ({
    grid: grids[0],
    title: '枯死松树登记',
    what: '逐小班登记',
    day: '2026-06-21',
    change,
    ...more,
  });

  test('G-3 what was admitted is handed down; anything else is refused with the citation, recorded and told to other services', async () => {
    const task = 'admission:330803-1';
    const done = await h.ask(HAND, { input: handing({ task }) }, of(forestry));
    expect(done.handTaskToGrid.handed).toMatchObject({ admitted: true, task: { id: task }, arrival: null });
    const published: string[] = [];
    const listener = h.bus.subscribe(
      { group: 'test', topics: ['dutyledger.grid-events.v1'] },
      async ({ type }) => void published.push(type),
    );
    for (const [more, as, because] of [
      [{}, of(forestry), 'No admission'],
      [{ task: 'admission:330803-2' }, of(forestry), 'No task'],
      [{ task: 'admission:330803-none' }, of(forestry), 'No task'],
      [{ task }, of(water), 'another organ'],
      [{ task, grid: grids[2] }, of(forestry), 'not admitted for the grid'],
      [{ task, day: '2026-05-31' }, of(forestry), 'not for 2026-05-31'],
    ] as const) {
      const fault = await h.fault(HAND, { input: handing(more) }, as);
      expect(fault).toMatchObject({ code: 'RULE_VIOLATED', rule: 'G-3', citation: { article: 'G-3' } });
      expect(fault.message).toContain(because);
      expect(fault.details?.['ledgerEntry']).toMatch(/^handedTask:330803-/);
    }
    const told = 'cn.dutyledger.grid-events.UnadmittedGridTaskRecorded.v1';
    await vi.waitUntil(() => published.filter((type) => type === told).length === 6, { timeout: 60_000 });
    await listener.stop();
  });

  test('G-3 a retried refusal is one entry', async () => {
    const input = handing({ change: { ...change, idempotencyKey: 'hand-1' } });
    const [first, again] = [
      await h.fault(HAND, { input }, of(water)),
      await h.fault(HAND, { input }, of(water)),
    ];
    expect(again.details).toEqual(first.details);
  });

  test('G-3 a grid worker reports what arrived another way; the ledger tells all of it', async () => {
    const report = handing({ title: '水表抄录', issuerName: '某供水公司' });
    const { handed } = (await h.ask(REPORT, { input: report }, worker)).reportUnadmittedGridTask;
    expect(handed).toMatchObject({ admitted: false, arrival: 'REPORTED', issuerName: '某供水公司' });
    await refused(h, [REPORT, { ...report, grid: grids[2] }, worker], { code: 'NOT_PERMITTED' });
    const ledger = `query ($admitted: Boolean, $grid: ID) { tasksHandedToGrids(county: "${COUNTY}", admitted: $admitted, grid: $grid) {
      edges { node { title arrival violates { article } issuer { id } } } } }`;
    const all = (await h.ask(ledger, { admitted: false })).tasksHandedToGrids.edges;
    expect(all).toHaveLength(8);
    expect(all[0].node).toEqual({
      title: '水表抄录',
      arrival: 'REPORTED',
      violates: { article: 'G-3' },
      issuer: null,
    });
    expect((await h.ask(ledger, { grid: grids[2] })).tasksHandedToGrids.edges).toHaveLength(1);
    expect((await h.ask(ledger, { admitted: true })).tasksHandedToGrids.edges).toHaveLength(1);
  });

  test('G-3 who hands it down acts for an organ that serves the grid, and says what', async () => {
    await refused(h, [HAND, handing(), { ...of(water), organ: null }], {
      code: 'NOT_PERMITTED',
      rule: 'G-3',
    });
    const otherTown = { roles: ['TOWN_OPERATOR'], organ: ORGANS.otherTown.id, division: OTHER_TOWN };
    await refused(h, [HAND, handing(), otherTown], { rule: 'G-3', field: 'grid' });
    await refused(h, [HAND, handing({ title: ' ' }), of(water)], { rule: 'G-3', field: 'title' });
    await refused(h, [HAND, handing({ day: '2027-01-01' }), of(water)], { rule: 'G-3', field: 'day' });
    await refused(h, [HAND, handing({ grid: 'grid:330803-999999' }), of(water)], { code: 'NOT_FOUND' });
  });
});
