import { given } from '@dutyledger/event-store/given-when-then';
import { describe, expect, test } from 'vitest';
import type { OrganName } from '../consultation.ts';
import { dutyList } from './duty-list.ts';
import type { DutyListEvent } from './events.ts';
import { added, approved, change, justice, opened, passed, publish, submitted, timing } from './samples.ts';
import type { StepCommand } from './steps.ts';

const police: OrganName = { organ: 'organ:1', organName: '章丘区公安局' };
const farming: OrganName = { organ: 'organ:2', organName: '章丘区农业农村局' };

const submit = (affected: OrganName[] = [], silenceIsConsent = false): StepCommand => ({
  type: 'SubmitDraft',
  draftNumber: 1,
  affected,
  silenceIsConsent,
  timing,
});
const review = (
  outcome: 'PASSED' | 'RETURNED' = 'PASSED',
  draftNumber: number | null = null,
): StepCommand => ({
  type: 'RecordLegalityReview',
  draftNumber,
  review: { ...justice, outcome, opinion: outcome === 'PASSED' ? '合法' : '依据不足' },
  timing,
});
const say = (
  organ: OrganName,
  position: 'AGREE' | 'OBJECT' = 'AGREE',
  today = timing.today,
): StepCommand => ({
  type: 'RecordOpinion',
  draftNumber: null,
  opinion: { ...organ, position, text: '意见' },
  timing: { ...timing, today },
});
const approve = (overruling: string | null = null, today = timing.today): StepCommand => ({
  type: 'RecordApproval',
  draftNumber: null,
  approval: { ...approved.data, overruling },
  timing: { ...timing, today },
});

/** Approved with the last day of publication, 20 working days on. */
const decided = (due: string, overruling: string | null = null): DutyListEvent => ({
  ...approved,
  data: { ...approved.data, overruling, due },
});

const asked = (due: string, silenceIsConsent: boolean, ...organs: OrganName[]): DutyListEvent => ({
  type: 'OpinionsRequested',
  data: { organs, due, silenceIsConsent },
});
const said = (organ: OrganName, position: 'AGREE' | 'OBJECT' = 'AGREE'): DutyListEvent => ({
  type: 'OpinionGiven',
  data: { ...organ, position, text: '意见' },
});
const drafted = [opened(), added('1')];
const consulted = [
  ...drafted,
  submitted(1, [police, farming]),
  passed,
  asked('2026-03-09', false, police, farming),
];
const refusedAt = (field = 'list') => ({ code: 'RULE_VIOLATED' as const, rule: 'L-3', field });

describe('L-3 the steps from draft to edition', () => {
  test('L-3 a submission begins the legality review, with its last day by working days', () =>
    given(dutyList, ...drafted)
      .when(submit([police]))
      .then({
        type: 'DraftSubmitted',
        data: { draftNumber: 1, affected: [police], silenceIsConsent: false, due: '2026-03-09' },
      }));

  test('L-3 a review that passes asks the affected organs; where there are none, the approval is next', () => {
    given(dutyList, ...drafted, submitted(1, [police]))
      .when(review())
      .then(
        { type: 'LegalityReviewed', data: { ...justice, outcome: 'PASSED', opinion: '合法' } },
        asked('2026-03-09', false, police),
      );
    given(dutyList, ...drafted, submitted(1))
      .when(review())
      .then({
        type: 'LegalityReviewed',
        data: { ...justice, outcome: 'PASSED', opinion: '合法', due: '2026-03-16' },
      });
  });

  test('L-3 the last opinion opens the approval', () => {
    given(dutyList, ...consulted)
      .when(say(police))
      .then(said(police));
    given(dutyList, ...consulted, said(police))
      .when(say(farming, 'OBJECT'))
      .then({
        type: 'OpinionGiven',
        data: { ...farming, position: 'OBJECT', text: '意见', due: '2026-03-16' },
      });
  });

  test('L-3 an organ may say something else until the approval', () =>
    given(dutyList, ...consulted, said(police, 'OBJECT'), said(farming))
      .when(say(police, 'AGREE'))
      .thenState((state) =>
        expect(state).toMatchObject({
          procedure: {
            stage: 'APPROVAL',
            consultation: { given: [farming, { ...police, position: 'AGREE' }] },
          },
        }),
      ));

  test('L-3 a return sends the draft back, and it is submitted again', () => {
    const returned: DutyListEvent = { ...passed, data: { ...passed.data, outcome: 'RETURNED' } };
    given(dutyList, ...drafted, submitted(1), returned)
      .when(review())
      .thenRefused(refusedAt());
    given(dutyList, ...drafted, submitted(1), returned)
      .when(approve())
      .thenRefused(refusedAt());
    given(dutyList, ...drafted, submitted(1), returned)
      .when(submit())
      .thenState((state) =>
        expect(state).toMatchObject({ procedure: { stage: 'LEGALITY_REVIEW', review: null } }),
      );
  });

  test('L-3 refuses a step out of order', () => {
    for (const step of [review(), say(police), approve()])
      given(dutyList, ...drafted)
        .when(step)
        .thenRefused(refusedAt());
    for (const step of [say(police), approve()])
      given(dutyList, ...drafted, submitted(1))
        .when(step)
        .thenRefused(refusedAt());
    given(dutyList, ...consulted)
      .when(approve())
      .thenRefused(refusedAt());
    given(dutyList, ...consulted, said(police), said(farming))
      .when(publish('2026-04-01', 1))
      .thenRefused(refusedAt());
  });

  test('L-3 refuses a stage twice', () => {
    given(dutyList, ...drafted, submitted(1))
      .when(submit())
      .thenRefused(refusedAt());
    given(dutyList, ...consulted)
      .when(review())
      .thenRefused(refusedAt());
    const done = [...consulted, said(police), said(farming), approved];
    for (const step of [submit(), review(), say(police), approve()])
      given(dutyList, ...done)
        .when(step)
        .thenRefused(refusedAt());
  });

  test('L-3 refuses steps on an empty draft, and on one that moved on', () => {
    for (const step of [submit(), review(), say(police), approve()])
      given(dutyList, opened()).when(step).thenRefused(refusedAt());
    given(dutyList, ...drafted, added('2'))
      .when(submit())
      .thenRefused({ code: 'CONFLICT', rule: 'L-3', field: 'draftNumber' });
    given(dutyList, ...drafted, added('2'), submitted(2))
      .when(review('PASSED', 1))
      .thenRefused({ code: 'CONFLICT', rule: 'L-3', field: 'draftNumber' });
  });

  test('L-3 any change takes the draft out of its procedure', () =>
    given(dutyList, ...consulted, said(police), said(farming), approved)
      .when(change([{ change: 'REVISE', code: '1', changes: { remarks: '再改' } }]))
      .thenState((state) => expect(state).toMatchObject({ procedure: null })));

  test('L-3 an organ that was not asked is asked first', () => {
    const stranger = { organ: 'organ:5', organName: '章丘区自然资源局' };
    given(dutyList, ...consulted)
      .when(say(stranger))
      .thenRefused(refusedAt('organ'));
    const request: StepCommand = {
      type: 'RequestOpinions',
      draftNumber: null,
      organs: [police, stranger],
      silenceIsConsent: true,
      timing,
    };
    given(dutyList, ...consulted)
      .when(request)
      .then(asked('2026-03-09', true, stranger));
  });
});

describe('L-3 opinions that do not come', () => {
  const after = '2026-03-10';
  const lapsed = (due: string, ...organs: OrganName[]): DutyListEvent => ({
    type: 'OpinionsLapsed',
    data: { organs, due },
  });

  test('L-3 are on record as not given once their day has passed, and open the approval', () => {
    const look = (today: string): StepCommand => ({
      type: 'RecordTime',
      draftNumber: null,
      timing: { ...timing, today },
    });
    given(dutyList, ...consulted, said(police))
      .when(look('2026-03-09'))
      .thenNothing();
    given(dutyList, ...consulted, said(police))
      .when(look(after))
      .then(lapsed('2026-03-24', farming));
    given(dutyList, ...consulted, said(police), lapsed('2026-03-24', farming))
      .when(look(after))
      .thenNothing();
  });

  test('L-3 silence is no consent unless the request said so', () => {
    given(dutyList, ...consulted, said(police))
      .when(approve(null, after))
      .thenRefused(refusedAt('overruling'));
    given(dutyList, ...consulted, said(police))
      .when(approve('多次催办未复', after))
      .then(lapsed('2026-03-24', farming), decided('2026-04-08', '多次催办未复'));
    const announced = [...drafted, submitted(1, [farming]), passed, asked('2026-03-09', true, farming)];
    given(dutyList, ...announced)
      .when(approve(null, after))
      .then(lapsed('2026-03-24', farming), decided('2026-04-08'));
  });

  test('L-3 a late opinion counts until the approval', () =>
    given(dutyList, ...consulted, said(police), lapsed('2026-03-24', farming))
      .when(say(farming, 'OBJECT', after))
      .then(said(farming, 'OBJECT')));

  test('L-3 a stage over its limit is on record once', () => {
    const look: StepCommand = { type: 'RecordTime', draftNumber: null, timing: { ...timing, today: after } };
    const overdue: DutyListEvent = {
      type: 'EditionStageOverdue',
      data: { stage: 'LEGALITY_REVIEW', due: '2026-03-09' },
    };
    given(dutyList, ...drafted, submitted(1))
      .when(look)
      .then(overdue);
    given(dutyList, ...drafted, submitted(1), overdue)
      .when(look)
      .thenNothing();
    given(dutyList, ...drafted)
      .when(look)
      .thenNothing();
  });

  // 2 March 2026 and 20 working days: 3 to 6 (4), 9 to 13 (9), 16 to 20 (14), 23 to 27 (19), Mon 30 (20).
  test('L-3 what is approved is published within its limit, or is overdue, once', () => {
    const heard = [...consulted, said(police), said(farming)];
    const waiting = [...heard, decided('2026-03-30')];
    const look = (today: string): StepCommand => ({
      type: 'RecordTime',
      draftNumber: null,
      timing: { ...timing, today },
    });
    const overdue: DutyListEvent = {
      type: 'EditionStageOverdue',
      data: { stage: 'PUBLICATION', due: '2026-03-30' },
    };
    given(dutyList, ...heard)
      .when(approve())
      .then(decided('2026-03-30'));
    given(dutyList, ...waiting)
      .when(look('2026-03-30'))
      .thenNothing();
    given(dutyList, ...waiting)
      .when(look('2026-03-31'))
      .then(overdue);
    given(dutyList, ...waiting, overdue)
      .when(look('2026-04-30'))
      .thenNothing();
    given(dutyList, ...waiting, overdue)
      .when(publish('2026-05-01', 1))
      .thenState((state) => expect(state).toMatchObject({ editions: [{ edition: 1 }], procedure: null }));
    // Approved before publication had a limit.
    given(dutyList, ...heard, approved)
      .when(look('2027-01-01'))
      .thenNothing();
  });
});

test('L-3 steps of before there were submissions are read as they came', () => {
  given(dutyList, ...drafted, approved, passed)
    .when(publish('2026-04-01', 1))
    .thenState((state) => expect(state).toMatchObject({ editions: [{ edition: 1 }] }));
  given(dutyList, ...drafted, said(police, 'OBJECT'), passed, approved)
    .when(publish('2026-04-01', 1))
    .thenRefused(refusedAt('overruling'));
});
