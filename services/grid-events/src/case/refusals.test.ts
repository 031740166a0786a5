import { given } from '@dutyledger/event-store/given-when-then';
import { describe, expect, test } from 'vitest';
import { gridCase } from './case.ts';
import type { CaseCommand, Party, StaffCommand, TaskToGive } from './commands.ts';
import {
  china,
  county,
  dispatched,
  done,
  escalated,
  facts,
  filed,
  forestry,
  NO_ROUTE,
  officer,
  police,
  reported,
  reporting,
  result,
  START,
  staff,
  system,
  toHandling,
  told,
  toVerification,
  town,
  water,
  worker,
} from './samples.ts';

/** Every guard of a case's steps, provoked. */

const why = { reason: '情况需要' };
const task = (key: string, role: TaskToGive['role'], more: Partial<TaskToGive> = {}): TaskToGive => ({
  key,
  name: '查处',
  ...water,
  role,
  after: [],
  limit: null,
  ...more,
});
const give = (...tasks: TaskToGive[]): StaffCommand => ({ type: 'DispatchCase', tasks });
const file = { sha256: 'a'.repeat(64), mediaType: 'image/jpeg', bytes: 1, name: '照片.jpg' };
const patrol = staff(reporting({ source: 'GRID_PATROL' }), worker);
const acceptTown = staff({ type: 'AcceptCase', file: true }, town);
const filedHere = [reported, escalated, filed];
const joint = [reported, escalated, staff({ type: 'EscalateCase', to: null, ...why }, county), filed];
const denial: StaffCommand = { type: 'DenyDuty', task: '4', proposed: police, ground: '非本单位职责' };

const absorbing = system({ type: 'RecordMerger', case: 'case:330803-9', merged: true, told: 't' }, START);

type Provoked = [string, CaseCommand[], StaffCommand, Party, { rule?: string; field: string }];

describe('reports', () => {
  test.each<[string, StaffCommand, string]>([
    ['a division that is no town or village', reporting({ division: facts.county }), 'division'],
    ['a county that the place is not in', reporting({ county: '370114000000' }), 'division'],
    ['a place that is not on earth', reporting({ place: { lon: 181, lat: 0 } }), 'place'],
    ['nothing that happened', reporting({ description: ' ' }), 'description'],
    ['too much that happened', reporting({ description: '沙'.repeat(2_001) }), 'description'],
    ['no class', reporting({ class: '' }), 'class'],
    ['an address without end', reporting({ address: '路'.repeat(201) }), 'address'],
    ['too many files', reporting({ attachments: Array.from({ length: 21 }, () => file) }), 'attachments'],
    ['a joint meeting at once', reporting({ urgency: 'EMERGENCY' }, { level: 'JOINT' }), 'level'],
    ['a settlement by an office', reporting({}, { settled: result }), 'settled'],
  ])('G-4 refused with %s', (_, command, field) => {
    given(gridCase)
      .when(staff(command, { ...town, division: '000000000000' }))
      .thenRefused({ code: 'RULE_VIOLATED', field });
  });

  test('G-4 a second report of the same id is a conflict, a step without a report finds nothing', () => {
    given(gridCase, ...told(reported))
      .when(reported)
      .thenRefused({ code: 'CONFLICT', field: 'id' });
    given(gridCase).when(filed).thenRefused({ code: 'NOT_FOUND', field: 'id' });
  });
});

describe('steps', () => {
  test.each<Provoked>([
    [
      'filing at the grid worker',
      [patrol],
      { type: 'AcceptCase', file: true },
      worker,
      { rule: 'G-5', field: 'id' },
    ],
    ['settling before filing', [reported], { type: 'SettleCase', result }, town, { field: 'id' }],
    [
      'settling without words',
      [reported, acceptTown],
      { type: 'SettleCase', result: { text: '', attachments: [] } },
      town,
      { field: 'result.text' },
    ],
    [
      'a return below the grid worker',
      [patrol],
      { type: 'SendBackCase', ...why },
      worker,
      { rule: 'G-5', field: 'id' },
    ],
    [
      'a return to a worker of no grid',
      [staff(reporting({ grid: null }), town)],
      { type: 'SendBackCase', ...why },
      town,
      { rule: 'G-5', field: 'id' },
    ],
    [
      'an escalation without reason',
      [reported],
      { type: 'EscalateCase', to: null, reason: ' ' },
      town,
      { field: 'reason' },
    ],
    [
      'an escalation downwards',
      [reported],
      { type: 'EscalateCase', to: 'WORKER', ...why },
      town,
      { rule: 'G-5', field: 'to' },
    ],
    [
      'a meeting below its level',
      filedHere,
      { type: 'HoldJointMeeting', participants: [water, police], decision: '定', documentNumber: '1' },
      county,
      { rule: 'G-5', field: 'id' },
    ],
    [
      'a meeting of one',
      joint,
      { type: 'HoldJointMeeting', participants: [water], decision: '定', documentNumber: '1' },
      county,
      { rule: 'G-5', field: 'participants' },
    ],
    [
      'a meeting without minutes',
      joint,
      { type: 'HoldJointMeeting', participants: [water, police], decision: '定', documentNumber: '' },
      county,
      { rule: 'G-5', field: 'documentNumber' },
    ],
    ['a dispatch of nothing', filedHere, give(), county, { field: 'tasks' }],
    ['a dispatch without lead', filedHere, give(task('a', 'COOPERATE')), county, { field: 'tasks' }],
    ['two leads', filedHere, give(task('a', 'LEAD'), task('b', 'LEAD')), county, { field: 'tasks' }],
    ['a second lead later', toHandling, give(task('a', 'LEAD')), county, { field: 'tasks' }],
    [
      'tasks that wait for each other',
      filedHere,
      give(task('a', 'LEAD', { after: ['b'] }), task('b', 'COOPERATE', { after: ['a'] })),
      county,
      { field: 'tasks' },
    ],
    [
      'a task that waits for none there is',
      filedHere,
      give(task('a', 'LEAD', { after: ['c'] })),
      county,
      { field: 'tasks' },
    ],
    ['a key twice', filedHere, give(task('a', 'LEAD'), task('a', 'COOPERATE')), county, { field: 'tasks' }],
    [
      'more tasks than can be',
      filedHere,
      give(...Array.from({ length: 51 }, (_, n) => task(`${n}`, n ? 'COOPERATE' : 'LEAD'))),
      county,
      { field: 'tasks' },
    ],
    [
      'a task that is not there',
      toHandling,
      { type: 'AcceptTask', task: '9' },
      officer(water),
      { field: 'task' },
    ],
    [
      'a task that waits',
      toHandling,
      { type: 'TransferTask', task: '3', to: police, ...why },
      county,
      { field: 'task' },
    ],
    [
      'a task that is done',
      [...toHandling, done('1', water)],
      { type: 'FinishTask', task: '1', result },
      officer(water),
      { field: 'task' },
    ],
    [
      'a task to the organ that has it',
      toHandling,
      { type: 'TransferTask', task: '1', to: water, ...why },
      county,
      { field: 'to' },
    ],
    [
      'denying in favour of oneself',
      toHandling,
      { ...denial, proposed: forestry } as StaffCommand,
      officer(forestry),
      { field: 'proposed' },
    ],
    [
      'denying without ground',
      toHandling,
      { ...denial, ground: '' } as StaffCommand,
      officer(forestry),
      { rule: 'G-7', field: 'ground' },
    ],
    [
      'denying twice',
      [...toHandling, staff(denial, officer(forestry))],
      denial,
      officer(forestry),
      { field: 'task' },
    ],
    [
      'rework of a task that is not there',
      toVerification,
      { type: 'ReworkCase', ...why, tasks: ['9'] },
      county,
      { field: 'tasks' },
    ],
    [
      'rework of nothing',
      toVerification,
      { type: 'ReworkCase', ...why, tasks: [] },
      county,
      { field: 'tasks' },
    ],
    [
      'supervision without words',
      toHandling,
      { type: 'SuperviseCase', text: '', organs: [] },
      county,
      { field: 'text' },
    ],
    [
      'voiding what others were merged into',
      [...toHandling, absorbing],
      { type: 'VoidCase', ...why },
      county,
      { field: 'id' },
    ],
    [
      'not accepting what others were merged into',
      [reported, absorbing],
      { type: 'RefuseCase', ...why },
      town,
      { field: 'id' },
    ],
    ['a link to itself', toHandling, { type: 'LinkCase', to: facts.id, note: '同' }, county, { field: 'to' }],
    [
      'a decision on nothing',
      toHandling,
      { type: 'DecideExtension', approve: true, ...why },
      county,
      { field: 'id' },
    ],
    [
      'asking for nobody',
      toHandling,
      { type: 'RequestExtension', amount: 1, ...why },
      { ...county, organ: null },
      { field: 'id' },
    ],
  ])('G-6 refused: %s', (_, before, command, by, { rule = 'G-6', ...expected }) => {
    given(gridCase, ...told(...before))
      .when(staff(command, by))
      .thenRefused({ code: 'RULE_VIOLATED', rule, ...expected });
  });

  test('G-7 a case without an owner is dispatched only by naming who handles it', () => {
    const nobody = [staff(reporting({}, { route: NO_ROUTE }), town), acceptTown];
    const byRoute = staff({ type: 'DispatchCase', tasks: null }, town);
    given(gridCase, ...told(...nobody))
      .when(byRoute)
      .thenRefused({ rule: 'G-6', field: 'tasks' });
    given(gridCase, ...told(...nobody))
      .when(staff(give(task('a', 'LEAD')), town))
      .thenState((state) => expect(state.status).toBe('HANDLING'));
  });

  test('G-6 dispatched at the county, a task may be returned for another reason and then goes to somebody else', () => {
    const back = staff({ type: 'ReturnTask', task: '4', reason: '人手不足' }, officer(forestry));
    const anew = staff(
      { type: 'TransferTask', task: '4', to: forestry, ...why },
      county,
      china('2026-03-05 11:00'),
    );
    given(gridCase, ...told(...filedHere, dispatched, back))
      .when(anew)
      .thenState((state) => expect(state).toMatchObject({ transfers: 1 }));
  });
});
