import { given } from '@dutyledger/event-store/given-when-then';
import { describe, expect, test } from 'vitest';
import { gridCase } from './case.ts';
import type { Of } from './commands.ts';
import {
  china,
  county,
  dispatched,
  done,
  escalated,
  filed,
  forestry,
  NO_ROUTE,
  officer,
  planning,
  police,
  reported,
  reporting,
  result,
  START,
  staff,
  stateAfter,
  system,
  toHandling,
  told,
  toVerification,
  town,
  water,
  worker,
} from './samples.ts';

/** The life of a case, given, when, then. */

const after = (...commands: Parameters<typeof told>) => given(gridCase, ...told(...commands));
const why = { reason: '情况需要' };
const typesOf = (...commands: Parameters<typeof told>) => told(...commands).map(({ type }) => type);

describe('arrival', () => {
  test('G-4 a report begins the clock of acceptance at the level of its source', () => {
    const [first] = told(reported);
    expect(first).toMatchObject({
      type: 'CaseReported',
      data: {
        level: 'TOWN',
        reportedAt: START,
        clocks: { set: [{ of: 'case', phase: 'accept', due: china('2026-03-05 10:30') }] },
      },
    });
    expect(stateAfter(told(staff(reporting({ source: 'GRID_PATROL' }), worker))).level).toBe('WORKER');
    expect(stateAfter(told(staff(reporting({ source: 'COMMAND' }), county))).level).toBe('COUNTY');
  });

  test('G-7 a class that no list carries goes to the triage of the town, and the gap is told', () => {
    const events = told(staff(reporting({ source: 'DEPARTMENT' }, { route: NO_ROUTE }), county));
    expect(events.map(({ type }) => type)).toEqual(['CaseReported', 'CaseClassUnlisted']);
    expect(stateAfter(events).level).toBe('TOWN');
  });

  test('G-5 a grid worker settles at once what they report: closed in the same breath', () => {
    const events = told(staff(reporting({ source: 'GRID_PATROL' }, { settled: result }), worker));
    expect(events.map(({ type }) => type)).toEqual(['CaseReported', 'CaseSettled', 'CaseClosed']);
    const state = stateAfter(events);
    expect(state).toMatchObject({ status: 'CLOSED', level: 'WORKER', onTime: true, clocks: [] });
  });

  test('G-5 a case climbs from grid worker to town, county and joint meeting, and comes back, with reasons', () => {
    const patrol = staff(reporting({ source: 'GRID_PATROL' }), worker);
    const up = (by = town) => staff({ type: 'EscalateCase', to: null, ...why }, by);
    const climbed = [patrol, up(worker), up(town), up(county)];
    expect(stateAfter(told(...climbed))).toMatchObject({ level: 'JOINT', status: 'REPORTED' });
    const back = staff({ type: 'SendBackCase', ...why }, county);
    expect(stateAfter(told(...climbed, back, back))).toMatchObject({ level: 'TOWN', status: 'REPORTED' });
    after(...climbed)
      .when(up(county))
      .thenRefused({ code: 'RULE_VIOLATED', rule: 'G-5', field: 'to' });
  });

  test('G-5 what was filed stays filed at another level, with its deadline', () => {
    const fileTown = staff({ type: 'AcceptCase', file: true }, town);
    const state = stateAfter(told(reported, fileTown, escalated));
    expect(state).toMatchObject({ level: 'COUNTY', status: 'FILED' });
    expect(state.closeBy).toBe(stateAfter(told(reported, fileTown)).closeBy);
  });

  test('G-5 only an emergency skips levels', () => {
    const skip = staff({ type: 'EscalateCase', to: 'COUNTY', ...why }, worker);
    const patrol = (urgency: 'ORDINARY' | 'EMERGENCY') =>
      staff(reporting({ source: 'GRID_PATROL', urgency }), worker);
    after(patrol('ORDINARY')).when(skip).thenRefused({ code: 'RULE_VIOLATED', rule: 'G-5' });
    expect(stateAfter(told(patrol('EMERGENCY'), skip)).level).toBe('COUNTY');
    const at = (urgency: 'ORDINARY' | 'EMERGENCY') =>
      staff(reporting({ source: 'GRID_PATROL', urgency }, { level: 'COUNTY' }), worker);
    given(gridCase).when(at('ORDINARY')).thenRefused({ code: 'RULE_VIOLATED', rule: 'G-5', field: 'level' });
    expect(stateAfter(told(at('EMERGENCY'))).level).toBe('COUNTY');
  });

  test('G-5 a joint meeting comes before dispatch at its level', () => {
    const joint = [reported, escalated, staff({ type: 'EscalateCase', to: null, ...why }, county), filed];
    after(...joint)
      .when(dispatched)
      .thenRefused({ code: 'RULE_VIOLATED', rule: 'G-5' });
    const meeting: Parameters<typeof staff>[0] = {
      type: 'HoldJointMeeting',
      participants: [water, police],
      decision: '水利局牵头查处',
      documentNumber: '会纪〔2026〕1号',
    };
    expect(stateAfter(told(...joint, staff(meeting, county), dispatched)).status).toBe('HANDLING');
  });
});

describe('handling in parallel', () => {
  test('G-6 lead and cooperators work at once as the route says; who waits begins when the others are done', () => {
    const events = told(...toHandling);
    const state = stateAfter(events);
    expect(
      state.tasks.map(({ id, organ, role, status, after: before }) => [id, organ, role, status, before]),
    ).toEqual([
      ['1', water.organ, 'LEAD', 'ASSIGNED', []],
      ['2', police.organ, 'COOPERATE', 'ASSIGNED', []],
      ['3', planning.organ, 'COOPERATE', 'WAITING', ['1', '2']],
      ['4', forestry.organ, 'COOPERATE', 'ASSIGNED', []],
    ]);
    // Each its own clock: a working day, four hours, and the limit of the class.
    expect(state.clocks.map(({ of, due }) => [of, due])).toEqual([
      ['case', china('2026-03-13 00:00')],
      ['1', china('2026-03-07 00:00')],
      ['2', china('2026-03-05 14:00')],
      ['4', china('2026-03-13 00:00')],
    ]);
    after(...toHandling, done('1', water))
      .when(done('2', police))
      .thenState((known) =>
        expect(known).toMatchObject({ status: 'HANDLING', tasks: [{}, {}, { status: 'ASSIGNED' }, {}] }),
      );
  });

  test('G-6 through feedback, verification, closing and evaluation', () => {
    const verify = staff({ type: 'VerifyCase', result, close: false }, county);
    const close = staff({ type: 'CloseCase' }, county);
    const rated = { responded: true, resolved: true, satisfied: true, comment: null };
    const rate = (by: 'TOWN' | 'REPORTER') =>
      staff({ type: 'EvaluateCase', evaluation: { by, ...rated } }, town);
    const events = told(...toVerification, verify, close, rate('TOWN'), rate('REPORTER'));
    expect(events.slice(-4).map(({ type }) => type)).toEqual([
      'CaseVerified',
      'CaseClosed',
      'CaseEvaluated',
      'CaseEvaluated',
    ]);
    expect(stateAfter(events)).toMatchObject({ status: 'EVALUATED', onTime: true, clocks: [] });
    given(gridCase, ...events)
      .when(rate('TOWN'))
      .thenRefused({ rule: 'G-6', field: 'by' });
  });

  test('G-6 three reworks make a problem order, raised a level, once', () => {
    const again = staff({ type: 'ReworkCase', ...why, tasks: null }, county);
    const feedback = staff({ type: 'GiveFeedback', text: '已重新查处' }, officer(water));
    const round = [again, done('1', water), feedback];
    const events = told(...toVerification, ...round, ...round, again);
    expect(events.slice(-3).map(({ type }) => type)).toEqual([
      'CaseReworked',
      'CaseMadeProblemOrder',
      'CaseEscalated',
    ]);
    expect(stateAfter(events)).toMatchObject({
      level: 'JOINT',
      status: 'HANDLING',
      problemOrder: true,
      reworks: 3,
    });
    expect(
      typesOf(...toVerification, ...round, ...round, ...round, again).filter(
        (type) => type === 'CaseMadeProblemOrder',
      ),
    ).toHaveLength(1);
  });

  test('G-6 three transfers do as well; the task begins anew with each organ', () => {
    const move = (to: typeof water) =>
      staff({ type: 'TransferTask', task: '4', to, ...why }, county, china('2026-03-06 10:00'));
    const events = told(...toHandling, move(police), move(planning), move(water));
    expect(stateAfter(events)).toMatchObject({ level: 'JOINT', problemOrder: true, transfers: 3 });
    expect(stateAfter(events).clocks.find(({ of }) => of === '4')?.due).toBe(china('2026-03-14 00:00'));
  });

  test('L-7 "not our duty": the first receiver keeps handling until the dispute is settled, then the case moves', () => {
    const deny = staff(
      { type: 'DenyDuty', task: '4', proposed: planning, ground: '不涉及林地' },
      officer(forestry),
    );
    const disputed = [...toHandling, deny];
    expect(stateAfter(told(...disputed)).tasks[3]).toMatchObject({
      organ: forestry.organ,
      status: 'ASSIGNED',
    });
    after(...disputed)
      .when(staff({ type: 'TransferTask', task: '4', to: planning, ...why }, county))
      .thenRefused({ code: 'RULE_VIOLATED', rule: 'G-6' });
    after(...disputed)
      .when(staff({ type: 'ReturnTask', task: '4', ...why }, officer(forestry)))
      .thenRefused({ rule: 'G-6' });
    const settle = system(
      { type: 'SettleDuty', dispute: 'dispute:1', handler: planning },
      china('2026-03-06 10:00'),
    );
    const state = stateAfter(told(...disputed, settle));
    expect(state.tasks[3]).toMatchObject({ organ: planning.organ, status: 'ASSIGNED' });
    expect(state.denial).toBeNull();
    // Told again, it is nothing; and settled on the first receiver, it stays there.
    after(...disputed, settle)
      .when(settle)
      .thenNothing();
    const stays = system({ type: 'SettleDuty', dispute: 'dispute:1', handler: forestry }, START);
    expect(stateAfter(told(...disputed, stays)).tasks[3]).toMatchObject({ organ: forestry.organ });
    after(...disputed, done('4', forestry))
      .when(settle)
      .then({
        type: 'CaseDutySettled',
        data: { task: '4', dispute: 'dispute:1', handler: planning, moved: false },
      });
  });
});

describe('mergers and links', () => {
  const into = { id: 'case:330803-2', county: '330803000000', status: 'HANDLING' as const };
  const merge = staff({ type: 'MergeCase', into, ...why }, county);

  test('G-6 a case is merged into another, and goes on where it was when it is unmerged', () => {
    const merged = [...toHandling, merge];
    expect(stateAfter(told(...merged))).toMatchObject({ status: 'MERGED', mergedInto: into.id, clocks: [] });
    const unmerge = staff({ type: 'UnmergeCase', ...why }, county);
    const { beforeMerge: _b, mergedInto: _m, ...again } = stateAfter(told(...merged, unmerge));
    const { beforeMerge: _c, mergedInto: _n, ...before } = stateAfter(told(...toHandling));
    expect(again).toEqual(before);
  });

  test('G-6 it closes with the case that it was merged into, and not when it went its own way', () => {
    const close = system({ type: 'CloseMerged', with: into.id }, START);
    expect(stateAfter(told(...toHandling, merge, close))).toMatchObject({ status: 'CLOSED' });
    after(...toHandling)
      .when(close)
      .then({ type: 'CaseKeptApart', data: { with: into.id } });
    const told1 = system({ type: 'RecordMerger', case: 'case:330803-9', merged: true, told: 't' }, START);
    const verify = staff({ type: 'VerifyCase', result, close: true }, county);
    const closed = told(...toVerification, told1, verify).at(-1);
    expect(closed).toMatchObject({ type: 'CaseClosed', data: { merged: ['case:330803-9'] } });
    after(...toVerification, verify)
      .when(told1)
      .then({ type: 'CaseAbsorbed', data: { case: 'case:330803-9', closed: true, told: 't' } });
  });

  test('G-6 into a case that ended without being dealt with in the same instant: it goes on by itself', () => {
    const told1 = system({ type: 'RecordMerger', case: 'case:330803-9', merged: true, told: 't' }, START);
    const released = {
      type: 'CaseReleased',
      data: { case: 'case:330803-9', told: 't', ended: true },
    } as const;
    after(...toHandling, staff({ type: 'VoidCase', ...why }, county))
      .when(told1)
      .then(released);
    after(reported, staff({ type: 'RefuseCase', ...why }, town))
      .when(told1)
      .then(released);

    const goOn = system({ type: 'CloseMerged', with: into.id, ended: true }, START);
    const { beforeMerge: _b, mergedInto: _m, ...again } = stateAfter(told(...toHandling, merge, goOn));
    const { beforeMerge: _c, mergedInto: _n, ...before } = stateAfter(told(...toHandling));
    expect(again).toEqual(before);
    after(...toHandling)
      .when(goOn)
      .then({ type: 'CaseKeptApart', data: { with: into.id } });
  });

  test.each([
    ['none', null],
    ['itself', { ...into, id: 'case:330803-1' }],
    ['one of another county', { ...into, county: '370114000000' }],
    ['one that is closed', { ...into, status: 'CLOSED' as const }],
  ])('G-6 never into %s', (_, target) => {
    after(...toHandling)
      .when(staff({ type: 'MergeCase', into: target, ...why }, county))
      .thenRefused({ code: 'RULE_VIOLATED', rule: 'G-6', field: 'into' });
  });
});

describe('ends', () => {
  const closed = [...toVerification, staff({ type: 'VerifyCase', result, close: true }, county)];

  test('G-6 reopened by an office or on the finding of a third party: filed anew with a new deadline', () => {
    const at = china('2026-03-10 10:00');
    const reopen = (thirdParty: string | null) =>
      staff({ type: 'ReopenCase', ...why, thirdParty }, county, at);
    for (const thirdParty of [null, '某调查公司']) {
      const state = stateAfter(told(...closed, reopen(thirdParty)));
      expect(state).toMatchObject({ status: 'FILED', closedAt: null, reopenings: 1 });
      // Dispatch: 2 working hours to Tuesday 13:00; handling to the 17th; verification to the 18th.
      expect(state.closeBy).toBe(china('2026-03-19 00:00'));
      const again = told(
        ...closed,
        reopen(thirdParty),
        staff({ type: 'DispatchCase', tasks: null }, county, at),
      );
      expect(stateAfter(again)).toMatchObject({ status: 'HANDLING', earlier: 4 });
      expect(stateAfter(again).tasks.map(({ id, status }) => `${id} ${status}`)).toEqual([
        ...['1 DONE', '2 DONE', '3 DONE', '4 DONE'],
        ...['5 ASSIGNED', '6 ASSIGNED', '7 WAITING', '8 ASSIGNED'],
      ]);
    }
  });

  test('G-6 refused and voided with the reason', () => {
    const no = staff({ type: 'RefuseCase', reason: '不属受理范围' }, town);
    expect(stateAfter(told(reported, no))).toMatchObject({ status: 'REFUSED', refusal: '不属受理范围' });
    const never = staff({ type: 'VoidCase', reason: '误报' }, county);
    expect(stateAfter(told(...toHandling, never))).toMatchObject({ status: 'VOIDED', clocks: [] });
    after(reported)
      .when(staff({ type: 'RefuseCase', reason: ' ' }, town))
      .thenRefused({ field: 'reason' });
  });

  test('G-8 closed after its deadline is not on time', () => {
    const late: Of<'VerifyCase'> = {
      type: 'VerifyCase',
      result,
      close: true,
      by: county,
      timing: { now: china('2026-04-01 10:00') },
    };
    expect(told(...toVerification, late).at(-1)).toMatchObject({
      type: 'CaseClosed',
      data: { onTime: false },
    });
  });
});
