import {
  accept,
  assertNever,
  type Decider,
  type Decision,
  type Fact,
  type Refusal,
  refuse,
} from '@dutyledger/event-store/decider';
import { broken, MAX, unfit } from '@dutyledger/event-store/rule-texts';
import { addDays } from '@dutyledger/reference-data/china-time';
import type { OrganName } from '../organs.ts';

/**
 * G-3: what cannot wait for the ordinary admission (L-6) enters grids at once, by the county, with its period stated, and
 * ends by itself (浙江某市网格条例: 紧急临时事项须同意并明确纳入期限). What is to last goes the ordinary way.
 */

export interface UrgentTask {
  /** `gridTask:<county>-<…>`. */
  id: string;
  county: string;
  /** The organ that asks for it. */
  issuer: OrganName;
  title: string;
  what: string;
  /** Why it cannot wait. */
  whyUrgent: string;
  /** 12-digit codes of the towns whose grids it enters. */
  towns: string[];
  /** Ids of the only grids of these towns that it enters; null: all of them. */
  grids: string[] | null;
  /** First and last day (YYYY-MM-DD). */
  from: string;
  to: string;
  documentNumber: string | null;
}

export type UrgentTaskEvent =
  | Fact<'UrgentGridTaskAdmitted', UrgentTask>
  | Fact<'UrgentGridTaskEnded', { id: string; on: string; early: boolean }>;

export type UrgentTaskState =
  | { status: 'ABSENT' }
  | { status: 'RUNNING'; task: UrgentTask }
  | { status: 'ENDED'; task: UrgentTask; on: string };

/** `today`: the day in China. */
export type UrgentTaskCommand = { today: string } & (
  | { type: 'AdmitUrgentTask'; task: UrgentTask }
  | { type: 'EndUrgentTask' }
  /** What time alone does: it ends after its last day. */
  | { type: 'RecordTime' }
);

function evolve(state: UrgentTaskState, event: UrgentTaskEvent): UrgentTaskState {
  switch (event.type) {
    case 'UrgentGridTaskAdmitted':
      return { status: 'RUNNING', task: event.data };
    case 'UrgentGridTaskEnded':
      if (state.status !== 'RUNNING') throw new Error(`${event.type} of a task that is ${state.status}`);
      return { status: 'ENDED', task: state.task, on: event.data.on };
    default:
      return assertNever(event);
  }
}

function decide(command: UrgentTaskCommand, state: UrgentTaskState): Decision<UrgentTaskEvent> {
  const { today } = command;
  switch (command.type) {
    case 'AdmitUrgentTask': {
      const { task } = command;
      const problem = state.status === 'ABSENT' ? taskProblem(task, today) : exists(task.id);
      if (problem) return refuse(problem);
      return accept<UrgentTaskEvent>({ type: 'UrgentGridTaskAdmitted', data: task });
    }
    case 'EndUrgentTask':
      if (state.status === 'RUNNING') return accept(ended(state.task, today, today < state.task.to));
      return refuse(state.status === 'ABSENT' ? absent : over(state.on));
    case 'RecordTime':
      return state.status === 'RUNNING' && today > state.task.to
        ? accept(ended(state.task, state.task.to, false))
        : accept();
    default:
      return assertNever(command);
  }
}

const ended = ({ id }: UrgentTask, on: string, early: boolean): UrgentTaskEvent => ({
  type: 'UrgentGridTaskEnded',
  data: { id, on, early },
  effectiveAt: on,
});

/** The longest period: nobody publishes one; what lasts a quarter is no emergency and can be admitted the ordinary way. */
const MOST_DAYS = 90;
const MOST_PLACES = 500;

function taskProblem(task: UrgentTask, today: string): Refusal | undefined {
  const { title, what, whyUrgent, documentNumber } = task;
  return (
    unfit('G-3', 'title', title, MAX.title, { en: 'The name of the task', 'zh-CN': '事项名称' }) ??
    unfit('G-3', 'what', what, MAX.text, { en: 'What is to be done', 'zh-CN': '事项内容' }) ??
    unfit('G-3', 'whyUrgent', whyUrgent, MAX.text, { en: 'Why it cannot wait', 'zh-CN': '紧急理由' }) ??
    (documentNumber === null
      ? undefined
      : unfit('G-3', 'documentNumber', documentNumber, MAX.documentNumber, {
          en: 'The number of the document (文号)',
          'zh-CN': '文号',
        })) ??
    placesProblem(task) ??
    periodProblem(task, today)
  );
}

function placesProblem({ towns, grids }: UrgentTask): Refusal | undefined {
  const places = towns.length + (grids?.length ?? 0);
  if (towns.length > 0 && places <= MOST_PLACES && grids?.length !== 0) return undefined;
  return broken('G-3', 'towns', {
    en: `Name the towns or grids that it enters, ${MOST_PLACES} at most.`,
    'zh-CN': `请写明进入的镇街或网格，至多 ${MOST_PLACES} 个。`,
  });
}

function periodProblem({ from, to }: UrgentTask, today: string): Refusal | undefined {
  if (from === today && to >= from && to <= addDays(from, MOST_DAYS - 1)) return undefined;
  return broken(
    'G-3',
    'to',
    {
      en: `An urgent task runs from today (${today}) for a stated period of at most ${MOST_DAYS} days; what takes longer is admitted the ordinary way (applyForTask).`,
      'zh-CN': `紧急临时事项自今日（${today}）起，须明确纳入期限，最长 ${MOST_DAYS} 天；需更长时间的，按程序申请准入（applyForTask）。`,
    },
    { most: MOST_DAYS },
  );
}

const exists = (id: string): Refusal => ({
  code: 'CONFLICT',
  rule: 'G-3',
  field: 'id',
  message: { en: `The task ${id} exists already.`, 'zh-CN': `事项 ${id} 已存在。` },
});

export const absent: Refusal = {
  code: 'NOT_FOUND',
  rule: 'G-3',
  field: 'id',
  message: { en: 'There is no such urgent task.', 'zh-CN': '没有该紧急临时事项。' },
};

const over = (on: string): Refusal =>
  broken('G-3', 'id', { en: `The task ended on ${on}.`, 'zh-CN': `该事项已于 ${on} 结束。` }, { on });

export const urgentTask: Decider<UrgentTaskState, UrgentTaskCommand, UrgentTaskEvent> = {
  initial: { status: 'ABSENT' },
  evolve,
  decide,
};

const PREFIX = 'gridEvents.gridAdmission-';
const ID = 'gridTask:';

export const urgentTaskStream = (id: string): string => `${PREFIX}${id.slice(ID.length)}`;
