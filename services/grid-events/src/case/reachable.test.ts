import type { StoredEvent } from '@dutyledger/event-store/event-store';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gridCase, TRANSITIONS } from './case.ts';
import type { CaseCommand, CommandType, Party, StaffCommand } from './commands.ts';
import { type CaseEvent, caseStream } from './events.ts';
import { CASE_EVENTS, caseMessage } from './publish.ts';
import {
  china,
  county,
  facts,
  NO_ROUTE,
  officer,
  planning,
  police,
  reporting,
  result,
  START,
  staff,
  stateAfter,
  stranger,
  system,
  toHandling,
  told,
  town,
  water,
  worker,
} from './samples.ts';
import { type Case, isOpen, isRunning, STATUSES, type Status } from './state.ts';

/** Whatever is asked of a case, in whatever order and by whomever: nothing outside the table is reachable. */

const why = { reason: '情况需要' };
const into = { id: 'case:330803-2', county: facts.county, status: 'HANDLING' as const };
const rated = { responded: true, resolved: true, satisfied: false, comment: null };

/** Every step of staff, in the ways that make a difference. */
const STAFF: StaffCommand[] = [
  reporting(),
  reporting({ source: 'GRID_PATROL' }),
  reporting({ source: 'GRID_PATROL' }, { settled: result }),
  reporting({ source: 'COMMAND' }),
  reporting({}, { route: NO_ROUTE }),
  { type: 'AcceptCase', file: false },
  { type: 'AcceptCase', file: true },
  { type: 'RefuseCase', ...why },
  { type: 'FileCase' },
  { type: 'SettleCase', result },
  { type: 'EscalateCase', to: null, ...why },
  { type: 'SendBackCase', ...why },
  { type: 'HoldJointMeeting', participants: [water, police], decision: '会商', documentNumber: '1' },
  { type: 'DispatchCase', tasks: null },
  {
    type: 'DispatchCase',
    tasks: [{ key: 'a', name: '查', ...police, role: 'COOPERATE', after: [], limit: null }],
  },
  { type: 'DispatchCase', tasks: [{ key: 'a', name: '查', ...water, role: 'LEAD', after: [], limit: null }] },
  ...['1', '2', '3', '4'].flatMap((task): StaffCommand[] => [
    { type: 'AcceptTask', task },
    { type: 'FinishTask', task, result },
    { type: 'ReturnTask', task, ...why },
    { type: 'DenyDuty', task, proposed: planning, ground: '非本单位职责' },
    { type: 'TransferTask', task, to: planning, ...why },
  ]),
  { type: 'GiveFeedback', text: '已办' },
  { type: 'VerifyCase', result, close: false },
  { type: 'VerifyCase', result, close: true },
  { type: 'ReworkCase', ...why, tasks: null },
  { type: 'CloseCase' },
  { type: 'EvaluateCase', evaluation: { by: 'TOWN', ...rated } },
  { type: 'EvaluateCase', evaluation: { by: 'REPORTER', ...rated } },
  { type: 'RequestSuspension', cause: 'FORCE_MAJEURE', ...why, until: '2026-03-20' },
  { type: 'DecideSuspension', approve: true, ...why },
  { type: 'DecideSuspension', approve: false, ...why },
  { type: 'ResumeCase' },
  { type: 'RequestExtension', ...why, amount: 2 },
  { type: 'DecideExtension', approve: true, ...why },
  { type: 'DecideExtension', approve: false, ...why },
  { type: 'SuperviseCase', text: '限期办结', organs: [] },
  { type: 'VoidCase', ...why },
  { type: 'ReopenCase', ...why, thirdParty: null },
  { type: 'ReopenCase', ...why, thirdParty: '第三方' },
  { type: 'MergeCase', into, ...why },
  { type: 'UnmergeCase', ...why },
  { type: 'LinkCase', to: 'case:330803-3', note: '同一地点' },
];
const PARTIES: Party[] = [worker, town, county, officer(water), officer(police), officer(planning)];
const START_MS = Date.parse(START);

const system_ = (now: string): CaseCommand[] => [
  system({ type: 'RecordTime' }, now),
  system({ type: 'SettleDuty', dispute: 'dispute:1', handler: planning }, now),
  system({ type: 'RecordMerger', case: 'case:330803-9', merged: true, told: 't' }, now),
  system({ type: 'RecordMerger', case: 'case:330803-9', merged: false, told: 't' }, now),
  system({ type: 'CloseMerged', with: into.id }, now),
  system({ type: 'CloseMerged', with: into.id, ended: true }, now),
];

/** Commands by people who may, most of them; time goes on by minutes or by days. */
const asked = fc.record({
  n: fc.nat(STAFF.length + 5),
  who: fc.nat(PARTIES.length - 1),
  minutes: fc.oneof(fc.nat(60), fc.nat(60 * 24 * 4)),
});

type Asked = { n: number; who: number; minutes: number };

function* commandsOf(course: readonly Asked[]): Generator<CaseCommand> {
  let at = START_MS;
  for (const { n, who, minutes } of course) {
    at += minutes * 60_000;
    const now = new Date(at).toISOString();
    const step = STAFF[n];
    const by = PARTIES[who] as Party;
    yield step ? staff(step, by, now) : (system_(now)[n - STAFF.length] as CaseCommand);
  }
}

const envelope = { actor: { subject: 's', name: 'n', organ: null, role: 'r' }, reason: 'r', basis: [] };
const evolve = (state: Case, event: CaseEvent): Case =>
  gridCase.evolve(state, event, {
    ...envelope,
    effectiveAt: '2026-03-05',
    recordedAt: china('2026-03-05 10:00'),
  });

const ROWS: Record<string, { from: readonly Status[]; to: readonly string[] }> = TRANSITIONS;

function allowed(command: CommandType, before: Case['status'], after: Case['status']): boolean {
  if (command === 'ReportCase') return before === 'ABSENT' && (after === 'REPORTED' || after === 'CLOSED');
  const row = ROWS[command];
  if (!row || before === 'ABSENT' || !row.from.includes(before)) return false;
  return row.to.includes(after) || (row.to.includes('SAME') && before === after);
}

/** What holds of a case at every moment. */
function expectWhole(state: Case): void {
  if (state.status === 'ABSENT') return;
  const { status, clocks, tasks, closeBy, mergedInto, suspension, level } = state;
  if (!isOpen(state)) expect(clocks).toEqual([]);
  if (isOpen(state)) expect(clocks.filter(({ of }) => of === 'case')).toHaveLength(1);
  for (const { due } of clocks) expect(due === null).toBe(status === 'SUSPENDED');
  const ofTasks = clocks.filter(({ of }) => of !== 'case').map(({ of }) => of);
  const busy = status === 'HANDLING' || status === 'SUSPENDED' ? tasks.filter(isRunning) : [];
  expect(new Set(ofTasks)).toEqual(new Set(busy.map(({ id }) => id)));
  expect(status === 'MERGED' ? mergedInto : 'x').not.toBeNull();
  expect(suspension === null).toBe(status !== 'SUSPENDED');
  if (['FILED', 'HANDLING', 'SUSPENDED', 'HANDLED', 'FED_BACK', 'VERIFIED'].includes(status))
    expect(closeBy).not.toBeNull();
  if (status === 'HANDLING') expect(level).not.toBe('WORKER');
  expect(
    tasks.slice(state.earlier).filter((task) => task.role === 'LEAD' && task.status !== 'WITHDRAWN').length,
  ).toBeLessThanOrEqual(1);
}

/** Other services can be told of it: `outgoing` throws when its contract is broken. Nobody is told who reported it. */
function expectTold(event: CaseEvent): void {
  const { division } = facts;
  const metadata = { effectiveAt: '2026-03-05', correlationId: 'c', causationId: 'c', division };
  const stored = {
    ...event,
    id: 'e',
    stream: caseStream(facts.id),
    position: 1,
    recordedAt: START,
    metadata,
  };
  const message = caseMessage(stored as unknown as StoredEvent);
  if (CASE_EVENTS.includes(event.type)) expect(JSON.stringify(message)).not.toContain(facts.description);
  else expect(message).toBeUndefined();
}

/** The statuses that a course leads through; checks every step on the way. */
function run(course: Iterable<CaseCommand>): Set<string> {
  const seen = new Set<string>();
  const events: CaseEvent[] = [];
  let state: Case = gridCase.initial;
  for (const command of course) {
    const decision = gridCase.decide(command, state);
    if (!decision.ok) continue;
    const before = state;
    state = decision.events.reduce(evolve, state);
    events.push(...decision.events);
    if (decision.events.length > 0)
      expect([
        command.type,
        before.status,
        state.status,
        allowed(command.type, before.status, state.status),
      ]).toEqual([command.type, before.status, state.status, true]);
    else expect(state).toBe(before);
    expectWhole(state);
    seen.add(state.status);
  }
  for (const event of events) expectTold(event);
  // Built anew from what was recorded, it is the same.
  const recorded: CaseEvent[] = JSON.parse(JSON.stringify(events));
  expect(recorded.reduce(evolve, gridCase.initial)).toEqual(JSON.parse(JSON.stringify(state)));
  return seen;
}

describe('what is reachable', () => {
  test('G-6 random courses never leave the table, and keep a case whole', () => {
    fc.assert(
      fc.property(fc.array(asked, { minLength: 5, maxLength: 60 }), (course) => {
        run([staff(reporting(), town), ...commandsOf(course)]);
      }),
      { numRuns: 500 },
    );
  });

  test('G-6 courses that choose among what is accepted reach every status, and never leave the table', () => {
    const seen = new Set<string>();
    const choices = fc.array(fc.nat(1_000), { minLength: 4, maxLength: 25 });
    const one = (picks: readonly number[]): void => {
      const course: CaseCommand[] = [];
      let state: Case = gridCase.initial;
      for (const [i, pick] of picks.entries()) {
        const now = new Date(START_MS + i * 3_600_000).toISOString();
        const candidates = [
          ...STAFF.flatMap((step) => PARTIES.map((by) => staff(step, by, now))),
          ...system_(now),
        ];
        const possible = candidates.filter((command) => {
          const decision = gridCase.decide(command, state);
          return decision.ok && decision.events.length > 0 && command.type !== 'VoidCase';
        });
        const chosen = possible[pick % possible.length];
        if (!chosen) break;
        course.push(chosen);
        const decision = gridCase.decide(chosen, state);
        if (decision.ok) state = decision.events.reduce(evolve, state);
      }
      for (const status of run(course)) seen.add(status);
    };
    fc.assert(fc.property(choices, one), { numRuns: 60, seed: 20_260_305 });
    for (const status of seen) expect([...STATUSES, 'ABSENT']).toContain(status);
    expect(seen.size).toBeGreaterThan(6);
  });

  test('G-6 every step is refused where the table does not have it, with what is possible instead', () => {
    const closed = told(staff(reporting({ source: 'GRID_PATROL' }, { settled: result }), worker));
    const state = closed.reduce(evolve, gridCase.initial);
    for (const step of STAFF.filter(({ type }) => type !== 'ReportCase')) {
      const row = ROWS[step.type];
      if (row?.from.includes('CLOSED')) continue;
      const decision = gridCase.decide(staff(step, county), state);
      expect([step.type, decision.ok]).toEqual([step.type, false]);
      if (!decision.ok)
        expect(decision.refusal).toMatchObject({
          code: 'RULE_VIOLATED',
          rule: 'G-6',
          details: { possibleIn: row?.from },
        });
    }
  });
});

describe('who may', () => {
  test('G-6 nobody from another county takes any step, whatever their role', () => {
    const state = stateAfter(told(...toHandling));
    for (const step of STAFF.filter(({ type }) => ROWS[type]?.from.includes('HANDLING'))) {
      const decision = gridCase.decide(staff(step, stranger), state);
      expect([step.type, decision.ok]).toEqual([step.type, false]);
      if (!decision.ok) expect([step.type, decision.refusal.code]).toEqual([step.type, 'NOT_PERMITTED']);
    }
    const reportDecision = gridCase.decide(staff(reporting(), stranger), gridCase.initial);
    expect(reportDecision).toMatchObject({ ok: false, refusal: { code: 'NOT_PERMITTED' } });
  });

  test.each<[string, StaffCommand, Party[], Party[]]>([
    ['a task', { type: 'AcceptTask', task: '1' }, [officer(water)], [officer(police), county, town, worker]],
    [
      'transfer',
      { type: 'TransferTask', task: '1', to: police, ...why },
      [county],
      [town, worker, officer(water)],
    ],
    [
      'asking for suspension',
      { type: 'RequestSuspension', cause: 'FORCE_MAJEURE', ...why, until: '2026-03-20' },
      [officer(water), county],
      [officer(police), town],
    ],
    ['supervision', { type: 'SuperviseCase', text: '督办', organs: [] }, [county], [town, officer(water)]],
    ['voiding', { type: 'VoidCase', ...why }, [county], [town, officer(water)]],
    ['merging', { type: 'MergeCase', into, ...why }, [county], [town, officer(water)]],
  ])('G-6 %s is for those whose step it is', (_, step, may, mayNot) => {
    const state = stateAfter(told(...toHandling));
    for (const by of may)
      expect([by.roles, gridCase.decide(staff(step, by), state).ok]).toEqual([by.roles, true]);
    for (const by of mayNot)
      expect(gridCase.decide(staff(step, by), state)).toMatchObject({
        ok: false,
        refusal: { code: 'NOT_PERMITTED' },
      });
  });

  test('G-2 a grid worker on the roster settles in their own grids alone', () => {
    const settle: StaffCommand = { type: 'SettleCase', result };
    const at = stateAfter(told(staff(reporting({ source: 'GRID_PATROL' }), worker)));
    const own = (grids: string[] | null): boolean =>
      gridCase.decide(staff(settle, { ...worker, grids }), at).ok;
    expect([own(['grid:330803-1']), own(['grid:330803-2']), own([]), own(null)]).toEqual([
      true,
      false,
      false,
      true,
    ]);
    const atOnce = staff(reporting({ source: 'GRID_PATROL' }, { settled: result }), { ...worker, grids: [] });
    expect(gridCase.decide(atOnce, gridCase.initial)).toMatchObject({
      ok: false,
      refusal: { code: 'NOT_PERMITTED' },
    });
  });

  test('G-5 at each level its own people: the worker and the town, the town, the county', () => {
    const accept: StaffCommand = { type: 'AcceptCase', file: false };
    const at = (source: 'GRID_PATROL' | 'CITIZEN' | 'COMMAND') =>
      stateAfter(told(staff(reporting({ source }), county)));
    const may = (state: Case) =>
      [worker, town, county, officer(water)].map((by) => gridCase.decide(staff(accept, by), state).ok);
    expect(may(at('GRID_PATROL'))).toEqual([true, true, false, false]);
    expect(may(at('CITIZEN'))).toEqual([false, true, false, false]);
    expect(may(at('COMMAND'))).toEqual([false, false, true, false]);
  });
});
