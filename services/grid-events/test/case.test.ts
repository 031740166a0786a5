import { outgoing } from '@dutyledger/contracts/event-contract';
import { DisputeSettled } from '@dutyledger/contracts/lists-disputes';
import type { StoredEvent } from '@dutyledger/event-store/event-store';
import { handleCommand } from '@dutyledger/event-store/handle-command';
import { commandIdOf, type Firing, type Timer } from '@dutyledger/timers/timers';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { gridCase } from '../src/case/case.ts';
import { caseStream } from '../src/case/events.ts';
import { county, staff } from '../src/case/samples.ts';
import { caseTimerHandlers } from '../src/case/timers.ts';
import { onTime } from '../src/on-time.ts';
import {
  CASE,
  of,
  otherTown,
  publishSandMining,
  result,
  sandMining,
  steps,
  town,
  worker,
} from './case-harness.ts';
import {
  COUNTY,
  type Data,
  type GridHarness,
  ORGANS,
  recordOf,
  say,
  startGridHarness,
  TOWN,
} from './harness.ts';

/** Cases through GraphQL, on real embedded stores (G-4 to G-8). */

const { water, police, forestry, planning } = ORGANS;

let h: GridHarness;
let step: ReturnType<typeof steps>;
beforeAll(async () => {
  h = await startGridHarness();
  step = steps(h);
  await publishSandMining(h);
  await at('2026-03-05 10:00');
});
afterAll(() => h.end());

const china = (text: string): string => new Date(`${text.replace(' ', 'T')}:00+08:00`).toISOString();
/** An instant of China's wall clock. */
const at = (text: string) => h.travelTo(china(text));

const one = async (id: string, as?: object): Promise<Data> =>
  (await h.ask(`query ($id: ID!) { case(id: $id) { ${CASE} } }`, { id }, as)).case;

/** Reported by citizens to the town, passed on to the county, filed and dispatched. */
async function dispatched(more: object = {}): Promise<Data> {
  const { id } = await step('reportCase', null, town, sandMining(more));
  await step('escalateCase', id, town);
  await step('acceptCase', id, undefined, { file: true });
  return step('dispatchCase', id, undefined);
}

describe('sand mining in Qujiang', () => {
  test('G-6 G-7 the water bureau leads, the others work in parallel, limits run, the town rates', async () => {
    const { id, tasks, clocks, route } = await dispatched();
    expect(route).toMatchObject({
      kind: 'MATTER',
      name: '非法采砂“一件事”',
      version: 1,
      lead: { name: water.name },
    });
    expect(tasks.map((task: Data) => [task.organName, task.role, task.status])).toEqual([
      [water.name, 'LEAD', 'ASSIGNED'],
      [police.name, 'COOPERATE', 'ASSIGNED'],
      [planning.name, 'COOPERATE', 'WAITING'],
      [forestry.name, 'COOPERATE', 'ASSIGNED'],
    ]);
    // Defaults of the class: five working days; the step's own limits: one working day, four hours.
    expect(clocks.map(({ task, phase, due }: Data) => [task, phase, due])).toEqual([
      [null, 'HANDLE', china('2026-03-13 00:00')],
      ['1', 'HANDLE', china('2026-03-07 00:00')],
      ['2', 'HANDLE', china('2026-03-05 14:00')],
      ['4', 'HANDLE', china('2026-03-13 00:00')],
    ]);
    const tasksOf = async (organ: { id: string }) =>
      (await h.ask('{ myTasks { edges { node { id due: clocks { due } } } } }', {}, of(organ))).myTasks.edges;
    expect(await tasksOf(police)).toHaveLength(1);
    expect(await tasksOf(planning)).toEqual([]);
    await step('acceptCaseTask', id, of(water), { task: '1' });
    await step('finishCaseTask', id, of(water), { task: '1', result });
    await step('finishCaseTask', id, of(police), { task: '2', result });
    expect(await tasksOf(planning)).toHaveLength(1);
    await step('finishCaseTask', id, of(planning), { task: '3', result });
    const handled = await step('finishCaseTask', id, of(forestry), { task: '4', result });
    expect(handled.status).toBe('HANDLED');
    await step('giveCaseFeedback', id, of(water), { text: '已查处' });
    const closed = await step('verifyCase', id, undefined, { result, close: true });
    expect(closed).toMatchObject({ status: 'CLOSED', onTime: true, clocks: [] });
    const rating = { by: 'TOWN', responded: true, resolved: true, satisfied: true };
    const rated = await step('evaluateCase', id, town, rating);
    expect(rated).toMatchObject({ status: 'EVALUATED', evaluations: [{ by: 'TOWN', satisfied: true }] });
    expect(await one(id)).toEqual(rated);
  });
});

describe('a report', () => {
  test('G-4 sent again with its key is one case; another key is another', async () => {
    const change = { reason: '巡查', basis: [{ title: '规定' }], idempotencyKey: 'report-1' };
    const REPORT = `mutation ($input: ReportCaseInput!) { reportCase(input: $input) { case { id } repeated } }`;
    const send = async (key: string, description = '采砂') => {
      const input = sandMining({ description, change: { ...change, idempotencyKey: key } });
      return (await h.ask(REPORT, { input }, town)).reportCase;
    };
    const first = await send('report-1');
    expect(first.repeated).toBe(false);
    expect(await send('report-1')).toEqual({ case: first.case, repeated: true });
    expect((await send('report-2')).case.id).not.toBe(first.case.id);
  });

  test('G-5 a grid worker settles at once; a class that no list carries goes to the triage of the town', async () => {
    const patrol = sandMining({ source: 'GRID_PATROL', settled: result });
    expect(await step('reportCase', null, worker, patrol)).toMatchObject({
      status: 'CLOSED',
      level: 'WORKER',
    });
    const unlisted = sandMining({ source: 'DEPARTMENT', class: '无人认领' });
    expect(await step('reportCase', null, of(water), { ...unlisted })).toMatchObject({
      level: 'TOWN',
      route: { kind: 'NONE' },
    });
  });
});

describe('clocks', () => {
  test('G-8 amber, then overdue, then supervised, each once, also after a restart', async () => {
    await at('2026-03-05 10:00');
    const { id } = await dispatched();
    await at('2026-03-05 13:30');
    expect((await one(id)).clocks.find(({ task }: Data) => task === '2')).toMatchObject({
      amber: true,
      overdue: false,
    });
    await h.restart();
    await at('2026-03-05 14:00');
    const late = await one(id);
    expect(late).toMatchObject({ overdue: true, status: 'HANDLING' });
    expect(late.supervisions).toEqual([
      { cause: 'OVERDUE', organs: [water, police, forestry].map(({ name }) => ({ name })) },
    ]);
    await h.restart('read');
    await at('2026-03-13 00:00');
    const { supervisions, clocks } = await one(id);
    expect(supervisions).toHaveLength(1);
    expect(clocks.every(({ overdue }: Data) => overdue)).toBe(true);
    const QUERY = `query ($division: DivisionCode!) { overdueCases(division: $division) { edges { node { id } } } }`;
    const overdue = async (division: string) =>
      (await h.ask(QUERY, { division })).overdueCases.edges.map(({ node }: Data) => node.id);
    expect(await overdue(COUNTY)).toContain(id);
    expect(await overdue(TOWN)).toContain(id);
    await step('voidCase', id, undefined);
    expect(await overdue(COUNTY)).not.toContain(id);
  });

  test('G-6 a suspension stops every clock and ends by itself on its day', async () => {
    await at('2026-04-07 10:00');
    const { id, closeBy } = await dispatched();
    await step('requestCaseSuspension', id, of(water), { cause: 'EXPERT_APPRAISAL', until: '2026-04-10' });
    const suspended = await step('decideCaseSuspension', id, undefined, { approve: true });
    expect(suspended).toMatchObject({ status: 'SUSPENDED', suspension: { until: '2026-04-10' } });
    expect(suspended.clocks.every(({ paused, due }: Data) => paused && due === null)).toBe(true);
    await at('2026-04-11 00:00');
    const resumed = await one(id);
    expect(resumed).toMatchObject({ status: 'HANDLING', suspension: null });
    // The 8th to the 10th are out; 13, 14, 15, 16, 17 April count.
    expect(resumed.clocks[0].due).toBe(china('2026-04-18 00:00'));
    expect(resumed.closeBy > closeBy).toBe(true);
    await step('voidCase', id, undefined);
  });
});

describe('mergers', () => {
  test('G-6 what is merged closes with the case that goes on; what was unmerged does not', async () => {
    const [main, merged, taken] = await Promise.all([1, 2, 3].map(() => dispatched()));
    await step('mergeCase', merged.id, undefined, { into: main.id });
    await step('mergeCase', taken.id, undefined, { into: main.id });
    const back = await step('unmergeCase', taken.id, undefined);
    expect(back).toEqual(taken);
    await h.travelTo(h.clock.now().toISOString());
    const RELATED = 'query ($id: ID!) { case(id: $id) { related { edges { node { id status } } } } }';
    const related = async () => (await h.ask(RELATED, { id: main.id })).case.related.edges;
    expect(await related()).toEqual([{ node: { id: merged.id, status: 'MERGED' } }]);
    for (const [task, organ] of [
      ['1', water],
      ['2', police],
      ['3', planning],
      ['4', forestry],
    ] as const)
      await step('finishCaseTask', main.id, of(organ), { task, result });
    await step('giveCaseFeedback', main.id, of(water), { text: '已查处' });
    await step('verifyCase', main.id, undefined, { result, close: true });
    await h.travelTo(h.clock.now().toISOString());
    expect(await related()).toEqual([{ node: { id: merged.id, status: 'CLOSED' } }]);
    expect((await one(taken.id)).status).toBe('HANDLING');
  });
});

async function recorded(stream: string): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  for await (const page of h.events.readStream(stream)) events.push(...page);
  return events;
}

/** As if a clock of the case that its report began were to be looked after. */
async function firingOf(stream: string): Promise<Firing> {
  const [report] = await recorded(stream);
  if (!report) throw new Error('nothing was recorded');
  const cause = { event: report.id, position: report.position, recordedAt: report.recordedAt };
  const timer: Timer = {
    id: `${stream}/clock-case`,
    kind: 'case',
    due: china('2026-05-06 12:00'),
    data: { stream },
    cause: { ...cause, correlationId: 'c', division: TOWN },
  };
  return { timer, commandId: commandIdOf(timer), now: new Date(china('2026-05-06 14:00')) };
}

describe('what may go wrong', () => {
  test('G-8 two instances that fire the same timer escalate once', async () => {
    await at('2026-05-06 10:00');
    const { id } = await step('reportCase', null, town, sandMining());
    const stream = caseStream(id);
    const firing = await firingOf(stream);
    // Each with its own view of the store, as two processes have.
    await Promise.all(
      Array.from({ length: 4 }, () => caseTimerHandlers({ store: h.events })['case']?.(firing)),
    );
    expect((await recorded(stream)).map(({ type }) => type)).toEqual([
      'CaseReported',
      'ClockOverdue',
      'CaseSupervised',
    ]);
    await step('voidCase', id, undefined);
  });

  test('G-6 a case that is merged into one that is voided in the same instant goes on by itself', async () => {
    const [one_, other] = await Promise.all([1, 2].map(() => dispatched()));
    await step('voidCase', other.id, undefined);
    // Who merged saw the other one as it was before.
    const into = { id: other.id, county: COUNTY, status: 'HANDLING' as const };
    const context = onTime(await firingOf(caseStream(one_.id)), '同一事项', 'G-6');
    const command = { ...staff({ type: 'MergeCase', into, reason: '同一事项' }, county) };
    await handleCommand({ store: h.events }, gridCase, caseStream(one_.id), command, context);
    await vi.waitUntil(async () => (await one(one_.id)).status === 'HANDLING', {
      timeout: 60_000,
      interval: 10,
    });
    const types = (await recorded(caseStream(one_.id))).map(({ type }) => type);
    expect(types.slice(-2)).toEqual(['CaseMerged', 'CaseUnmerged']);
    expect((await one(one_.id)).clocks).toEqual(one_.clocks);
    await step('voidCase', one_.id, undefined);
  });

  test('L-7 "not our duty": it stays with the first receiver, and moves when lists has settled whose it is', async () => {
    const { id } = await dispatched();
    const denied = await step('denyCaseDuty', id, of(forestry), {
      task: '4',
      proposed: planning.id,
      ground: '不涉及林地',
    });
    expect(denied.denial).toMatchObject({ by: { name: forestry.name }, proposed: { name: planning.name } });
    expect(denied.tasks[3]).toMatchObject({ organName: forestry.name, disputed: true });
    const settled = outgoing(DisputeSettled, {
      stored: recordOf('DisputeRuled', 'lists.dutyDispute-330803-1'),
      data: {
        dispute: 'dispute:330803-1',
        outcome: 'RULED',
        handler: planning.id,
        caseReference: id,
        caseClass: null,
        item: null,
        documentNumber: '衢江政办〔2026〕3号',
      },
    });
    await say(h, 'lists', [settled]);
    const moved = async () => (await one(id)).tasks[3].organName === planning.name;
    await vi.waitUntil(moved, { timeout: 60_000, interval: 10 });
    expect((await one(id)).denial).toBeNull();
    await step('voidCase', id, undefined);
  });

  test('G-6 every step is on record with who, why and where the case stood afterwards', async () => {
    const { id } = await dispatched();
    const HISTORY = `query ($id: ID!) { case(id: $id) { history { edges { node { step status level by { role } reason } } } } }`;
    const { edges } = (await h.ask(HISTORY, { id })).case.history;
    expect(edges.map(({ node }: Data) => [node.step, node.status, node.level, node.by.role])).toEqual([
      ['CaseReported', 'REPORTED', 'TOWN', 'TOWN_OPERATOR'],
      ['CaseEscalated', 'REPORTED', 'COUNTY', 'TOWN_OPERATOR'],
      ['CaseAccepted', 'ACCEPTED', 'COUNTY', 'COUNTY_OPERATOR'],
      ['CaseFiled', 'FILED', 'COUNTY', 'COUNTY_OPERATOR'],
      ['CaseDispatched', 'HANDLING', 'COUNTY', 'COUNTY_OPERATOR'],
    ]);
    await step('voidCase', id, undefined);
  });

  test('cases are found by place, grid, class, state and level; those of another town are not shown', async () => {
    const CASES = `query ($division: DivisionCode!, $class: String, $status: [CaseStatus!], $level: CaseLevel, $first: Int, $after: String) {
      cases(division: $division, class: $class, status: $status, level: $level, first: $first, after: $after) {
        edges { node { id status level class } } pageInfo { hasNextPage endCursor } } }`;
    const find = async (variables: object, as?: object) => (await h.ask(CASES, { ...variables }, as)).cases;
    const all = await find({ division: COUNTY, first: 200 });
    expect(all.edges.length).toBeGreaterThan(8);
    const voided = await find({ division: TOWN, status: ['VOIDED'], first: 200 });
    expect(voided.edges.length).toBeGreaterThan(3);
    expect(voided.edges.every(({ node }: Data) => node.status === 'VOIDED')).toBe(true);
    const nobodys = await find({ division: COUNTY, class: '无人认领' });
    expect(nobodys.edges).toHaveLength(1);
    expect((await find({ division: COUNTY, level: 'WORKER' })).edges).toHaveLength(1);
    const first = await find({ division: COUNTY, first: 2 });
    const second = await find({ division: COUNTY, first: 2, after: first.pageInfo.endCursor });
    expect([...first.edges, ...second.edges]).toEqual(all.edges.slice(0, 4));
    expect((await find({ division: COUNTY }, otherTown)).edges).toEqual([]);
    const [{ node }] = all.edges;
    expect(await one(node.id, otherTown)).toBeNull();
    expect(await one(node.id, of(forestry))).not.toBeNull();
  });

  test('the read model built anew is the same', async () => {
    const REBUILD = `mutation ($input: RebuildReadModelInput!) {
      rebuildGridEventsReadModel(input: $input) { digestBefore digestAfter } }`;
    const input = { name: 'gridEvents.cases' };
    const { rebuildGridEventsReadModel } = await h.ask(REBUILD, { input }, { roles: ['SYSTEM_ADMIN'] });
    expect(rebuildGridEventsReadModel.digestAfter).toBe(rebuildGridEventsReadModel.digestBefore);
  });
});
