import type { Refusal, Text } from '@dutyledger/event-store/decider';
import { broken } from '@dutyledger/event-store/rule-texts';
import type { Level } from './events.ts';
import type { Status } from './state.ts';

/** Why a step of a case is refused (G-4 to G-8). */

/** How the statute on petitions bounds an extension: the rule that the limits here follow. */
const PETITIONS = { title: '信访工作条例', article: '第三十四条' };

export const absent: Refusal = {
  code: 'NOT_FOUND',
  rule: 'G-4',
  field: 'id',
  message: { en: 'There is no such case.', 'zh-CN': '没有该案件。' },
};

export const exists = (id: string): Refusal => ({
  code: 'CONFLICT',
  rule: 'G-4',
  field: 'id',
  message: { en: `The case ${id} was reported already.`, 'zh-CN': `案件 ${id} 已上报。` },
});

const STANDS: Record<Status, { en: string; zh: string }> = {
  REPORTED: { en: 'It was reported and is to be accepted.', zh: '已上报，待受理。' },
  REFUSED: { en: 'It was not accepted.', zh: '不予受理。' },
  ACCEPTED: { en: 'It was accepted and is to be filed.', zh: '已受理，待立案。' },
  FILED: { en: 'It was filed and is to be dispatched.', zh: '已立案，待派遣。' },
  HANDLING: { en: 'It is being handled.', zh: '处置中。' },
  SUSPENDED: { en: 'It is suspended.', zh: '已中止。' },
  HANDLED: { en: 'It was handled; feedback is due.', zh: '已处置，待反馈。' },
  FED_BACK: { en: 'It is to be verified.', zh: '已反馈，待核实。' },
  VERIFIED: { en: 'It was verified and is to be closed.', zh: '已核实，待结案。' },
  CLOSED: { en: 'It is closed.', zh: '已结案。' },
  EVALUATED: { en: 'It is closed and was evaluated.', zh: '已结案并评价。' },
  VOIDED: { en: 'It was voided.', zh: '已作废。' },
  MERGED: { en: 'It was merged into another.', zh: '已并入其他案件。' },
};

export const outOfOrder = (step: Text, status: Status, from: readonly Status[]): Refusal =>
  broken(
    'G-6',
    'id',
    {
      en: `${step.en} is not possible now. ${STANDS[status].en}`,
      'zh-CN': `现在不能${step['zh-CN']}。${STANDS[status].zh}`,
    },
    { status, possibleIn: from },
  );

/** A case that others were merged into does not end and leave them behind, neither handled nor with a clock. */
export const goesOnFor = (absorbed: readonly string[]): Refusal | undefined =>
  absorbed.length === 0
    ? undefined
    : broken(
        'G-6',
        'id',
        {
          en: 'Others were merged into this case and end with it: unmerge them first.',
          'zh-CN': '已有案件并入本案、随本案办结，应先撤销并案。',
        },
        { merged: absorbed },
      );

const LEVEL_NAMES: Record<Level, { en: string; zh: string }> = {
  WORKER: { en: 'the grid worker', zh: '网格员' },
  TOWN: { en: 'the town centre', zh: '镇街网格中心' },
  COUNTY: { en: 'the county platform', zh: '区县指挥平台' },
  JOINT: { en: 'a joint meeting', zh: '联席会议' },
};

export const levelName = (level: Level): Text => ({
  en: LEVEL_NAMES[level].en,
  'zh-CN': LEVEL_NAMES[level].zh,
});

export const notTheirs = (who: Text, roles: readonly string[]): Refusal => ({
  code: 'NOT_PERMITTED',
  rule: 'G-6',
  field: 'id',
  message: {
    en: `This step is for ${who.en}.`,
    'zh-CN': `此步骤由${who['zh-CN']}办理。`,
  },
  details: { roles },
});

export const wrongLevel = (field: string, message: Text): Refusal => broken('G-5', field, message);

export const wrong = (field: string, message: Text, details?: Record<string, unknown>): Refusal =>
  broken('G-6', field, message, details);

/** A bound of suspension or extension. */
export const unbounded = (field: string, message: Text, details?: Record<string, unknown>): Refusal => ({
  ...broken('G-6', field, message, details),
  citation: PETITIONS,
});

export const noTask = (task: string): Refusal =>
  wrong('task', { en: `The case has no task ${task}.`, 'zh-CN': `该案件没有任务 ${task}。` });

const TASK_STANDS: Record<string, { en: string; zh: string }> = {
  WAITING: { en: 'waits for others', zh: '须待前序任务完成' },
  ASSIGNED: { en: 'is not taken on yet', zh: '待签收' },
  ACCEPTED: { en: 'is being done', zh: '正在办理' },
  DONE: { en: 'is done', zh: '已办结' },
  RETURNED: { en: 'was returned', zh: '已退回' },
  WITHDRAWN: { en: 'was withdrawn', zh: '已撤回' },
};

export const taskStands = (task: { id: string; status: string }): Refusal =>
  wrong(
    'task',
    {
      en: `Task ${task.id} ${TASK_STANDS[task.status]?.en}.`,
      'zh-CN': `任务 ${task.id} ${TASK_STANDS[task.status]?.zh}。`,
    },
    { status: task.status },
  );
