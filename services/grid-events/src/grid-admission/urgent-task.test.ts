import { given } from '@dutyledger/event-store/given-when-then';
import { describe, test } from 'vitest';
import { type UrgentTask, type UrgentTaskCommand, type UrgentTaskEvent, urgentTask } from './urgent-task.ts';

const task: UrgentTask = {
  id: 'gridTask:330803-1',
  county: '330803000000',
  issuer: { organ: 'organ:330803-0001', organName: '衢江区水利局' },
  title: '汛期险工险段巡查',
  what: '每日两次巡查沿江堤段',
  whyUrgent: '台风红色预警',
  towns: ['330803114000'],
  grids: null,
  from: '2026-06-20',
  to: '2026-06-30',
  documentNumber: null,
};
const admitted: UrgentTaskEvent = { type: 'UrgentGridTaskAdmitted', data: task };
const ended = (on: string, early: boolean): UrgentTaskEvent => ({
  type: 'UrgentGridTaskEnded',
  data: { id: task.id, on, early },
});
const admit = (more: Partial<UrgentTask> = {}): UrgentTaskCommand => ({
  type: 'AdmitUrgentTask',
  task: { ...task, ...more },
  today: '2026-06-20',
});
const time = (today: string): UrgentTaskCommand => ({ type: 'RecordTime', today });
const end = (today: string): UrgentTaskCommand => ({ type: 'EndUrgentTask', today });

describe('an urgent task of grids', () => {
  test('G-3 enters at once with its period, and ends after its last day by itself', () => {
    given(urgentTask).when(admit()).then(admitted);
    given(urgentTask, admitted).when(time('2026-06-30')).thenNothing();
    given(urgentTask, admitted)
      .when(time('2026-07-03'))
      .then({ ...ended('2026-06-30', false), effectiveAt: '2026-06-30' });
    given(urgentTask, admitted, ended('2026-06-30', false)).when(time('2026-07-04')).thenNothing();
    given(urgentTask).when(time('2026-07-04')).thenNothing();
  });

  test('G-3 is ended by the county before its last day, once', () => {
    given(urgentTask, admitted)
      .when(end('2026-06-25'))
      .then({ ...ended('2026-06-25', true), effectiveAt: '2026-06-25' });
    given(urgentTask, admitted, ended('2026-06-25', true))
      .when(end('2026-06-26'))
      .thenRefused({ code: 'RULE_VIOLATED', rule: 'G-3' });
    given(urgentTask).when(end('2026-06-26')).thenRefused({ code: 'NOT_FOUND' });
    given(urgentTask, admitted).when(admit()).thenRefused({ code: 'CONFLICT' });
  });

  test('G-3 is refused without its texts, its places, or a period from today of at most 90 days', () => {
    for (const [more, field] of [
      [{ title: ' ' }, 'title'],
      [{ what: '' }, 'what'],
      [{ whyUrgent: '' }, 'whyUrgent'],
      [{ documentNumber: 'x'.repeat(101) }, 'documentNumber'],
      [{ towns: [] }, 'towns'],
      [{ grids: [] }, 'towns'],
      [{ towns: Array.from({ length: 501 }, () => '330803114000') }, 'towns'],
      [{ from: '2026-06-21' }, 'to'],
      [{ to: '2026-06-19' }, 'to'],
      [{ to: '2026-09-18' }, 'to'],
    ] as const)
      given(urgentTask)
        .when(admit(more as Partial<UrgentTask>))
        .thenRefused({ code: 'RULE_VIOLATED', rule: 'G-3', field });
    given(urgentTask)
      .when(admit({ to: '2026-09-17' }))
      .then({ ...admitted, data: { ...task, to: '2026-09-17' } });
  });
});
