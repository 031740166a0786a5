import { readFileSync } from 'node:fs';
import type { Act } from './acts.ts';
import {
  ASKERS,
  act,
  attachment,
  COUNTY,
  DESK,
  explained,
  FIELD,
  result,
  TASKS,
  task,
  withOptions,
} from './case-act-parts.ts';
import { ending, pausing } from './case-ending-acts.ts';
import { CliFailure, EXIT, usageError } from './failure.ts';
import type { Translate } from './language.ts';

/** What is done with a case, from its acceptance to its end (G-5 to G-8). */

/** Tasks as the contract's CaseTaskInput takes them. */
function tasksOf(path: string, t: Translate): { tasks: unknown } {
  try {
    return { tasks: JSON.parse(readFileSync(path, 'utf8')) };
  } catch (error) {
    const told = error instanceof Error ? error.message : String(error);
    if (error instanceof SyntaxError) {
      const message = t(`${path} 不是 JSON：${told}`, `${path} is not JSON: ${told}`);
      throw new CliFailure(EXIT.usage, { code: 'USAGE', message });
    }
    throw usageError(t(`无法读取 ${path}：${told}`, `Cannot read ${path}: ${told}`));
  }
}

/** From the report to the tasks. */
const arriving = (t: Translate): Act[] => [
  act(
    'accept',
    'acceptCase',
    'AcceptCaseInput',
    FIELD,
    ['受理', 'Accept a case at its level.'],
    withOptions({ flags: '--file', zh: '同时立案', en: 'file it in the same breath' }),
  ),
  act('refuse', 'refuseCase', 'RefuseCaseInput', FIELD, ['不予受理', 'Do not accept a case.'], explained),
  act('file', 'fileCase', 'OnCaseInput', DESK, ['立案', 'File an accepted case.']),
  act(
    'settle',
    'settleCase',
    'SettleCaseInput',
    FIELD,
    ['本级自行处置', 'The level settles the case itself.'],
    withOptions(result, attachment(t)),
  ),
  act(
    'escalate',
    'escalateCase',
    'EscalateCaseInput',
    FIELD,
    ['上报上一级', 'Pass a case on to the next level.'],
    {
      ...explained,
      ...withOptions({
        flags: '--to <level>',
        zh: '层级（默认上一级）',
        en: 'level (default: the next)',
        choices: ['TOWN', 'COUNTY', 'JOINT'],
      }),
    },
  ),
  act(
    'send-back',
    'sendBackCase',
    'SendBackCaseInput',
    DESK,
    ['退回下一级', 'Return a case to the level below.'],
    explained,
  ),
  act(
    'meet',
    'holdJointMeeting',
    'HoldJointMeetingInput',
    COUNTY,
    ['记录联席会议', 'Record the joint meeting on a case.'],
    withOptions(
      {
        flags: '--participant <organ>',
        zh: '参会机构，至少两个',
        en: 'organ that took part; at least two',
        required: true,
        many: true,
        kind: 'organ',
        as: (participants) => ({ participants }),
      },
      { flags: '--decision <text>', zh: '议定事项', en: 'what was decided', required: true },
      {
        flags: '--document-number <number>',
        zh: '会议纪要文号',
        en: 'number of the minutes',
        required: true,
      },
    ),
  ),
  act(
    'dispatch',
    'dispatchCase',
    'DispatchCaseInput',
    DESK,
    ['派遣：按清单路线，或按文件', 'Give out the tasks: as the route says, or as a file does.'],
    withOptions({
      flags: '--tasks <file>',
      zh: '任务（JSON：key、name、organ、role、after、limit）',
      en: 'tasks (JSON: key, name, organ, role, after, limit)',
      as: (path) => tasksOf(String(path), t),
    }),
  ),
];

/** The tasks of organs. */
const handling = (t: Translate): Act[] => [
  act(
    'accept-task',
    'acceptCaseTask',
    'OnCaseTaskInput',
    TASKS,
    ['接收任务', 'Take a task on.'],
    withOptions(task),
  ),
  act(
    'finish-task',
    'finishCaseTask',
    'FinishCaseTaskInput',
    TASKS,
    ['完成任务', 'Say what was done.'],
    withOptions(task, result, attachment(t)),
  ),
  act(
    'return-task',
    'returnCaseTask',
    'ReturnCaseTaskInput',
    TASKS,
    ['退回任务（职责以外的理由）', 'Return a task, for another reason than whose duty it is.'],
    { ...explained, ...withOptions(task) },
  ),
  act(
    'deny-duty',
    'denyCaseDuty',
    'DenyCaseDutyInput',
    TASKS,
    ['不属本单位职责：提起争议，首接负责', '"Not our duty": a dispute is opened, the organ keeps handling.'],
    {
      reasonAs: 'ground',
      ...withOptions(task, {
        flags: '--proposed <organ>',
        zh: '应由谁负责',
        en: 'whose duty it is',
        required: true,
        kind: 'organ',
      }),
    },
  ),
  act(
    'transfer',
    'transferCaseTask',
    'TransferCaseTaskInput',
    DESK,
    ['转办任务', 'Give a task to another organ.'],
    {
      ...explained,
      ...withOptions(task, {
        flags: '--to <organ>',
        zh: '接办机构',
        en: 'the organ',
        required: true,
        kind: 'organ',
      }),
    },
  ),
  act(
    'feedback',
    'giveCaseFeedback',
    'GiveCaseFeedbackInput',
    ASKERS,
    ['反馈', 'Feed back what came of it.'],
    withOptions({ flags: '--text <text>', zh: '反馈内容', en: 'what came of it', required: true }),
  ),
];

/** In the order in which they come in the life of a case. */
export const caseActs = (t: Translate): Act[] => [...arriving(t), ...handling(t), ...pausing, ...ending(t)];
