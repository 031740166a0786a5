import { given } from '@dutyledger/event-store/given-when-then';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../stage-limits/stages.ts';
import { type DutyDisputeCommand, dutyDispute } from './duty-dispute.ts';
import { type Dispute, type DutyDispute, type DutyDisputeEvent, isOpen } from './state.ts';

const police = { organ: 'organ:370114-0001', organName: '章丘分局' };
const farming = { organ: 'organ:370114-0002', organName: '区农业农村局' };
const office = { organ: 'organ:370114-0006', organName: '区委编办' };
const dispute: Dispute = {
  id: 'dispute:370114-1',
  division: '370114000000',
  matter: { item: null, caseReference: 'case:1', caseClass: null, description: '流浪犬伤人' },
  firstReceiver: police,
  returnedBy: police,
  ground: '不属本单位职责',
  parties: [police, farming],
};
const at = (now: string) => ({ timing: { now, today: now.slice(0, 10), limits: DEFAULT_LIMITS } });
const MONDAY = '2026-03-02T01:00:00.000Z';
const clock = { workingDays: 5, startedAt: MONDAY, pauses: [] };
const opened: DutyDisputeEvent = { type: 'DisputeOpened', data: { ...dispute, clock, due: '2026-03-09' } };
const says = (organ: typeof police, handler: typeof police): DutyDisputeEvent => ({
  type: 'DisputePositionTaken',
  data: { ...organ, handler, text: '依据条例' },
});
const saying = (organ: typeof police, handler: typeof police): DutyDisputeCommand => ({
  type: 'TakePosition',
  position: { ...organ, handler, text: '依据条例' },
  ...at(MONDAY),
});
const overdue: DutyDisputeEvent = {
  type: 'DisputeStageOverdue',
  data: { stage: 'NEGOTIATION', due: '2026-03-09' },
};

describe('the negotiation', () => {
  test('L-7 opens with its last day', () => {
    given(dutyDispute)
      .when({ type: 'OpenDispute', dispute, ...at(MONDAY) })
      .then(opened);
  });

  test('L-7 is agreed when the last party names whom all others name', () => {
    const { matter } = dispute;
    given(dutyDispute, opened).when(saying(police, farming)).then(says(police, farming));
    given(dutyDispute, opened, says(police, farming))
      .when(saying(farming, police))
      .then(says(farming, police));
    given(dutyDispute, opened, says(police, farming), says(farming, police))
      .when(saying(farming, farming))
      .then(says(farming, farming), { type: 'DisputeAgreed', data: { handler: farming, matter } });
  });

  test('L-7 is overdue once, and a limit that ran out is not paused', () => {
    const time = (now: string): DutyDisputeCommand => ({ type: 'RecordTime', ...at(now) });
    given(dutyDispute, opened).when(time('2026-03-09T15:00:00.000Z')).thenNothing();
    given(dutyDispute, opened).when(time('2026-03-10T01:00:00.000Z')).then(overdue);
    given(dutyDispute, opened, overdue).when(time('2026-03-11T01:00:00.000Z')).thenNothing();
    given(dutyDispute, opened)
      .when({ type: 'PauseDispute', ...at('2026-03-10T01:00:00.000Z') })
      .thenRefused({ code: 'RULE_VIOLATED', rule: 'L-7' });
  });

  test('L-7 a pause moves the last day by the working days that it touches', () => {
    const from = '2026-03-04T02:00:00.000Z';
    const to = '2026-03-06T02:00:00.000Z';
    // Tue 3 (1), the 4th to the 6th are touched, Mon 9 (2), Tue 10 (3), Wed 11 (4), Thu 12 (5).
    given(dutyDispute, opened, { type: 'DisputePaused', data: { from } })
      .when({ type: 'ResumeDispute', ...at(to) })
      .then({ type: 'DisputeResumed', data: { to, due: '2026-03-12' } });
  });
});

test('L-7 whatever is asked in whatever order: the first receiver handles it until it is settled, and what is settled stays', () => {
  const text = '意见';
  const documentNumber = '章政字〔2026〕20号';
  const position = { ...office, handler: farming, text };
  const ruling = { handler: farming, body: '区政府', documentNumber, reasons: text };
  const steps: DutyDisputeCommand[] = [
    saying(police, farming),
    saying(farming, farming),
    saying(farming, police),
    { type: 'ReferDispute', by: police, text, ...at(MONDAY) },
    { type: 'GiveDisputeOpinion', opinion: position, ...at(MONDAY) },
    { type: 'RuleDispute', ruling, ...at(MONDAY) },
    { type: 'WithdrawDispute', by: police, ...at(MONDAY) },
    { type: 'PauseDispute', ...at(MONDAY) },
    { type: 'ResumeDispute', ...at(MONDAY) },
    { type: 'RecordTime', ...at('2027-01-04T01:00:00.000Z') },
  ];
  const envelope = { actor: { subject: 's', name: 'n', organ: null, role: 'r' }, reason: 'r', basis: [] };
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...steps), { maxLength: 12 }), (commands) => {
      const evolve = (state: DutyDispute, event: DutyDisputeEvent) =>
        dutyDispute.evolve(state, event, { ...envelope, effectiveAt: '2026-03-02', recordedAt: MONDAY });
      let state = evolve(dutyDispute.initial, opened);
      for (const command of commands) {
        const before = state;
        const decision = dutyDispute.decide(command, state);
        if (decision.ok) state = decision.events.reduce(evolve, state);
        if (!isOpen(before)) expect(state).toBe(before);
        if (isOpen(state)) expect(state.handler).toEqual(police);
        if (state.status === 'RULED') expect(state.opinion).not.toBe(null);
      }
    }),
  );
});
