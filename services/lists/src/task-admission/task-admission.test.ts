import { given } from '@dutyledger/event-store/given-when-then';
import { describe, test } from 'vitest';
import { DEFAULT_LIMITS } from '../stage-limits/stages.ts';
import type { Application, TaskAdmissionEvent } from './state.ts';
import { type TaskAdmissionCommand, taskAdmission } from './task-admission.ts';

const on = (today: string) => ({ timing: { today, limits: DEFAULT_LIMITS } });
const town = { organ: 'organ:370114-0008', organName: '垛庄镇人民政府' };
const application: Application = {
  id: 'admission:370114-1',
  division: '370114000000',
  applicant: { organ: 'organ:370114-0002', organName: '区农业农村局' },
  task: {
    title: '松材线虫病秋季普查',
    what: '逐小班踏查',
    whyUnlisted: '省级临时部署',
    from: '2026-03-16',
    to: '2026-04-15',
    funds: '3 万元',
    people: '2 人',
    technology: '定位终端',
    training: '集中培训',
    grid: false,
  },
  towns: [{ ...town, division: '370114101000' }],
  legalityReview: false,
};
const applied: TaskAdmissionEvent = {
  type: 'TaskApplied',
  data: { ...application, due: '2026-03-09', silenceIsConsent: false },
};
const agreed: TaskAdmissionEvent = {
  type: 'TownOpinionGiven',
  data: { ...town, position: 'AGREE', text: '同意', due: '2026-03-18' },
};
const decision = { body: '区政府常务会议', documentNumber: '章政字〔2026〕12号', reasons: null };
const admitted: TaskAdmissionEvent = { type: 'TaskAdmitted', data: { ...decision, ...application } };
const started: TaskAdmissionEvent = { type: 'TaskStarted', data: { from: '2026-03-16', to: '2026-04-15' } };
const ended: TaskAdmissionEvent = {
  type: 'TaskEnded',
  data: { on: '2026-04-15', early: false, towns: application.towns },
};
const time = (today: string): TaskAdmissionCommand => ({ type: 'RecordTime', ...on(today) });
const decide = (today: string, more: object = {}): TaskAdmissionCommand => ({
  type: 'DecideTask',
  admit: true,
  ...decision,
  ...on(today),
  ...more,
});

describe('what time does to an admission', () => {
  test('L-6 nothing before the deadline, once after it', () => {
    given(taskAdmission, applied).when(time('2026-03-09')).thenNothing();
    const lapsed: TaskAdmissionEvent = {
      type: 'TownOpinionsLapsed',
      data: { organs: [town], due: '2026-03-24' },
    };
    given(taskAdmission, applied).when(time('2026-03-10')).then(lapsed);
    given(taskAdmission, applied, lapsed).when(time('2026-03-24')).thenNothing();
    const overdue: TaskAdmissionEvent = {
      type: 'AdmissionStageOverdue',
      data: { stage: 'DECISION', due: '2026-03-24' },
    };
    given(taskAdmission, applied, lapsed).when(time('2026-03-25')).then(overdue);
    given(taskAdmission, applied, lapsed, overdue).when(time('2026-04-25')).thenNothing();
  });

  test('L-6 starts and ends on its days, also both at once after a downtime', () => {
    given(taskAdmission, applied, agreed, admitted).when(time('2026-03-15')).thenNothing();
    const starts = { ...started, effectiveAt: '2026-03-16' };
    const ends = { ...ended, effectiveAt: '2026-04-15' };
    given(taskAdmission, applied, agreed, admitted).when(time('2026-03-16')).then(starts);
    given(taskAdmission, applied, agreed, admitted, started).when(time('2026-04-15')).thenNothing();
    given(taskAdmission, applied, agreed, admitted, started).when(time('2026-04-16')).then(ends);
    given(taskAdmission, applied, agreed, admitted).when(time('2026-05-01')).then(starts, ends);
    given(taskAdmission, applied, agreed, admitted, started, ended).when(time('2027-01-01')).thenNothing();
    given(taskAdmission).when(time('2027-01-01')).thenNothing();
  });
});

describe('the decision', () => {
  test('L-6 before the town’s opinion is refused; after its deadline the lapse goes on record with it', () => {
    given(taskAdmission, applied)
      .when(decide('2026-03-09'))
      .thenRefused({ code: 'RULE_VIOLATED', rule: 'L-6' });
    given(taskAdmission, applied)
      .when(decide('2026-03-10', { reasons: '情况紧急' }))
      .then(
        { type: 'TownOpinionsLapsed', data: { organs: [town], due: '2026-03-24' } },
        { type: 'TaskAdmitted', data: { ...decision, reasons: '情况紧急', ...application } },
      );
  });

  test('L-6 starts a task at once whose first day has come, and admits none whose last day has passed', () => {
    given(taskAdmission, applied, agreed)
      .when(decide('2026-03-20'))
      .then(admitted, {
        type: 'TaskStarted',
        data: { from: '2026-03-20', to: '2026-04-15' },
        effectiveAt: '2026-03-20',
      });
    given(taskAdmission, applied, agreed)
      .when(decide('2026-04-16'))
      .thenRefused({ rule: 'L-6', field: 'id' });
  });

  test('L-6 of what was never applied for is not found', () => {
    given(taskAdmission).when(decide('2026-03-20')).thenRefused({ code: 'NOT_FOUND' });
  });
});
