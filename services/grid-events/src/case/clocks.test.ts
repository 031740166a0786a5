import { given } from '@dutyledger/event-store/given-when-then';
import { describe, expect, test } from 'vitest';
import type { ClassPolicy, Limit } from '../class-policy/policy.ts';
import { gridCase } from './case.ts';
import { phaseClock } from './clocks.ts';
import type { StaffCommand } from './commands.ts';
import type { CaseEvent } from './events.ts';
import {
  china,
  county,
  done,
  officer,
  police,
  policy,
  reported,
  reporting,
  START,
  staff,
  stateAfter,
  time,
  toHandling,
  told,
  toVerification,
  water,
  worker,
} from './samples.ts';

/** The clocks of cases against dates that were worked out by hand, with the calendar of the State Council for 2026. */

const why = { reason: '情况需要' };
const handling = (limit: Limit): ClassPolicy => ({ ...policy, limits: { ...policy.limits, handle: limit } });
const days = (amount: number): Limit => ({ amount, unit: 'WORKING_DAYS' });
const dueOf = (limit: Limit, from: string) => {
  const { due, amberAt } = phaseClock(handling(limit), 'handle', { now: china(from) });
  return { due, amberAt };
};

describe('limits', () => {
  test.each([
    // Spring Festival 2026: 15 to 23 February off; Saturday 14 and Saturday 28 February worked. Counted: 13, 14, 24.
    [
      'working days over Spring Festival',
      days(3),
      '2026-02-12 10:00',
      '2026-02-25 00:00',
      '2026-02-15 00:00',
    ],
    // National Day 2026: 1 to 7 October off; Sunday 20 September and Saturday 10 October worked. Counted: 29, 30, 8, 9, 10.
    ['working days over National Day', days(5), '2026-09-28 09:00', '2026-10-11 00:00', '2026-10-10 00:00'],
    ['a make-up Sunday counts', days(1), '2026-09-19 11:00', '2026-09-21 00:00', '2026-09-20 00:00'],
    ['an ordinary weekend does not', days(1), '2026-03-06 11:00', '2026-03-10 00:00', '2026-03-09 00:00'],
    // Four of seven hours are left on Thursday afternoon: 15:00 to 17:00, then the next worked morning, 24 February.
    [
      'working hours over a night and a holiday',
      { amount: 4, unit: 'WORKING_HOURS' },
      '2026-02-14 15:00',
      '2026-02-24 11:00',
      '2026-02-24 10:12',
    ],
    [
      'hours run through the night',
      { amount: 6, unit: 'HOURS' },
      '2026-02-16 22:00',
      '2026-02-17 04:00',
      '2026-02-17 02:48',
    ],
    ['minutes', { amount: 30, unit: 'MINUTES' }, '2026-03-05 23:45', '2026-03-06 00:15', '2026-03-06 00:09'],
    // Ten days from 7 February end on the 17th, in the holiday: moved to the next working day, the 24th.
    [
      'calendar days that end on a holiday end on the next working day',
      { amount: 10, unit: 'CALENDAR_DAYS' },
      '2026-02-07 10:00',
      '2026-02-25 00:00',
      '2026-02-24 00:00',
    ],
  ] satisfies [string, Limit, string, string, string][])('G-8 %s', (_, limit, from, due, amber) => {
    const found = dueOf(limit, from);
    expect(found.due).toBe(china(due));
    expect(found.amberAt).toBe(china(amber));
  });
});

describe('the deadline of a case', () => {
  test('G-8 dispatch, handling and verification one after another, six working days over National Day', () => {
    const at = china('2026-09-28 09:00');
    const report = staff(reporting({ source: 'COMMAND' }), county, at);
    const events = told(report, staff({ type: 'AcceptCase', file: true }, county, at));
    // Dispatch by 11:00 on the 28th; 29, 30 September, 8, 9, 10 October; verification on Monday the 12th.
    expect(stateAfter(events).closeBy).toBe(china('2026-10-13 00:00'));
  });
});

describe('what time does', () => {
  const at = (text: string) => time(china(text));
  const types = (events: readonly CaseEvent[]) => events.map(({ type }) => type);

  test('G-8 amber before the limit, red after it, each once; then the next level takes over', () => {
    const amber = told(reported, at('2026-03-05 10:24'));
    expect(amber.at(-1)).toEqual({
      type: 'ClockAmber',
      data: { of: 'case', phase: 'accept', due: china('2026-03-05 10:30') },
    });
    given(gridCase, ...told(reported))
      .when(at('2026-03-05 10:23'))
      .thenNothing();
    given(gridCase, ...amber)
      .when(at('2026-03-05 10:29'))
      .thenNothing();
    const late = told(reported, at('2026-03-05 10:24'), at('2026-03-05 10:30'));
    expect(late.slice(-2)).toMatchObject([
      { type: 'ClockOverdue', data: { of: 'case', phase: 'accept', level: 'TOWN', organ: null } },
      { type: 'CaseEscalated', data: { from: 'TOWN', to: 'COUNTY', cause: 'OVERDUE' } },
    ]);
    given(gridCase, ...late)
      .when(at('2026-04-01 10:00'))
      .thenNothing();
    expect(stateAfter(late)).toMatchObject({ level: 'COUNTY', status: 'REPORTED' });
  });

  test('G-8 what slept through both is red at once', () => {
    expect(types(told(reported, at('2026-03-06 10:00'))).slice(1)).toEqual(['ClockOverdue', 'CaseEscalated']);
  });

  test('G-8 several clocks of a phase run out and escalate once; the next phase may again', () => {
    const events = told(...toHandling, at('2026-03-05 14:00'), at('2026-03-20 10:00'));
    expect(types(events).filter((type) => type === 'ClockOverdue')).toHaveLength(4);
    expect(types(events).filter((type) => type === 'CaseEscalated')).toHaveLength(2);
    expect(stateAfter(events)).toMatchObject({ level: 'JOINT', status: 'HANDLING' });
  });

  test('G-8 by policy it is supervised instead, or nothing follows; a desk at the county is supervised', () => {
    const by = (escalation: ClassPolicy['escalation'], source: 'CITIZEN' | 'COMMAND' = 'CITIZEN') =>
      types(
        told(
          staff(reporting({ source }, { policy: { ...policy, escalation } }), county),
          at('2026-03-06 10:00'),
        ),
      ).slice(1);
    expect(by('SUPERVISE')).toEqual(['ClockOverdue', 'CaseSupervised']);
    expect(by('NONE')).toEqual(['ClockOverdue']);
    expect(by('NEXT_LEVEL', 'COMMAND')).toEqual(['ClockOverdue', 'CaseSupervised']);
  });

  test('G-8 a grid worker who accepted a case and does nothing loses it to the town', () => {
    const accepted = staff({ type: 'AcceptCase', file: false }, worker);
    const events = told(
      staff(reporting({ source: 'GRID_PATROL' }), worker),
      accepted,
      at('2026-04-01 10:00'),
    );
    expect(stateAfter(events)).toMatchObject({ level: 'TOWN', status: 'ACCEPTED' });
  });
});

describe('suspension and extension', () => {
  const ask = (until: string, now = START): ReturnType<typeof staff> =>
    staff({ type: 'RequestSuspension', cause: 'EXPERT_APPRAISAL', until, ...why }, officer(water), now);
  const decide = (type: 'DecideSuspension' | 'DecideExtension', approve: boolean, now = START) =>
    staff({ type, approve, ...why } as StaffCommand, county, now);
  const at = (text: string) => time(china(text));

  test('G-6 every clock stands still over National Day and goes on when the suspension ends by itself', () => {
    const start = china('2026-09-24 10:00');
    const route = [
      staff(reporting({ source: 'COMMAND' }), county, start),
      staff({ type: 'AcceptCase', file: true }, county, start),
      staff({ type: 'DispatchCase', tasks: null }, county, start),
    ];
    const asked = ask('2026-10-08', china('2026-09-29 10:00'));
    const suspended = [
      ...route,
      done('2', police, start),
      asked,
      decide('DecideSuspension', true, china('2026-09-29 11:00')),
    ];
    const before = stateAfter(told(...suspended));
    expect(before.clocks.every(({ due }) => due === null)).toBe(true);
    given(gridCase, ...told(...suspended))
      .when(at('2026-10-08 23:59'))
      .thenNothing();
    const after = stateAfter(told(...suspended, at('2026-10-09 08:00')));
    // 25 and 27 September are a holiday and a Sunday. Counted: 28 September; 9, 10, 12, 13 October.
    expect(after.clocks[0]?.due).toBe(china('2026-10-14 00:00'));
    expect(after.closeBy).toBe(china('2026-10-15 00:00'));
    expect(after).toMatchObject({ status: 'HANDLING', suspension: null, suspendedDays: 10 });
  });

  test('G-6 bounded: 90 days in all, not in the past, decided by the county', () => {
    given(gridCase, ...told(...toHandling))
      .when(ask('2026-03-04'))
      .thenRefused({ rule: 'G-6', field: 'until' });
    given(gridCase, ...told(...toHandling))
      .when(ask('2026-06-03'))
      .thenRefused({ rule: 'G-6', field: 'until' });
    const asked = told(...toHandling, ask('2026-06-02'));
    given(gridCase, ...asked)
      .when(ask('2026-03-10'))
      .thenRefused({ rule: 'G-6' });
    given(gridCase, ...asked)
      .when(decide('DecideSuspension', false))
      .thenState((state) => expect(state).toMatchObject({ status: 'HANDLING', suspensionAsked: null }));
    const resumed = [
      ...toHandling,
      ask('2026-06-02'),
      decide('DecideSuspension', true),
      at('2026-06-03 00:00'),
    ];
    given(gridCase, ...told(...resumed))
      .when(ask('2026-06-03', china('2026-06-03 09:00')))
      .thenRefused({ rule: 'G-6', field: 'until' });
    given(gridCase, ...told(...toHandling))
      .when(decide('DecideSuspension', true))
      .thenRefused({ rule: 'G-6' });
  });

  test('G-6 days of a suspension that ends early are not used up', () => {
    const early = told(
      ...toHandling,
      ask('2026-06-02'),
      decide('DecideSuspension', true),
      staff({ type: 'ResumeCase' }, county, china('2026-03-06 09:00')),
    );
    expect(stateAfter(early)).toMatchObject({ status: 'HANDLING', suspendedDays: 2 });
    given(gridCase, ...early)
      .when(ask('2026-06-01', china('2026-03-06 10:00')))
      .thenState((state) => expect(state).toMatchObject({ suspensionAsked: { until: '2026-06-01' } }));
    given(gridCase, ...early)
      .when(ask('2026-06-02', china('2026-03-06 10:00')))
      .thenRefused({ rule: 'G-6', field: 'until', details: { most: 90, left: 88 } });
  });

  test('G-6 what was asked for and not decided ends with the handling', () => {
    const request = staff({ type: 'RequestExtension', amount: 1, ...why }, officer(water));
    const [before, last] = [toVerification.slice(0, -2), toVerification.slice(-2)];
    const state = stateAfter(told(...before, ask('2026-03-10'), request, ...last));
    expect(state).toMatchObject({ status: 'FED_BACK', suspensionAsked: null, extensionAsked: null });
  });

  test('G-6 an amber or overdue clock stays so through a suspension and does not warn again', () => {
    const overdue = [...toHandling, at('2026-03-05 14:00')];
    const again = told(
      ...overdue,
      ask('2026-03-06'),
      decide('DecideSuspension', true, china('2026-03-05 15:00')),
      at('2026-03-07 00:00'),
      at('2026-03-07 00:01'),
    );
    expect(again.filter(({ type }) => type === 'ClockOverdue')).toHaveLength(1);
  });

  test('G-6 an extension adds at most the limit itself, once, before it has run out', () => {
    const request = (amount: number, now = START) =>
      staff({ type: 'RequestExtension', amount, ...why }, officer(water), now);
    const approved = [...toHandling, request(5), decide('DecideExtension', true)];
    const state = stateAfter(told(...approved));
    // Ten working days from 5 March: 19 March; verification on the 20th.
    expect(state.clocks.find(({ of }) => of === 'case')?.due).toBe(china('2026-03-20 00:00'));
    expect(state.closeBy).toBe(china('2026-03-21 00:00'));
    // The task of the water bureau has the unit as well, that of the police counts hours.
    expect(state.clocks.map(({ of, due }) => [of, due])).toContainEqual(['2', china('2026-03-05 14:00')]);
    given(gridCase, ...told(...toHandling))
      .when(request(6))
      .thenRefused({ rule: 'G-6', field: 'amount' });
    given(gridCase, ...told(...toHandling))
      .when(request(0))
      .thenRefused({ rule: 'G-6', field: 'amount' });
    given(gridCase, ...told(...approved))
      .when(request(1))
      .thenRefused({ rule: 'G-6', field: 'id' });
    given(gridCase, ...told(...toHandling))
      .when(request(1, china('2026-03-13 00:00')))
      .thenRefused({ rule: 'G-6', field: 'id' });
  });
});
