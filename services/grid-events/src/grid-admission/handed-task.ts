import {
  accept,
  type Decider,
  type Decision,
  type Fact,
  type Refusal,
  refuse,
} from '@dutyledger/event-store/decider';
import type { Basis } from '@dutyledger/event-store/event-store';
import { broken, MAX, unfit } from '@dutyledger/event-store/rule-texts';

/**
 * A task that was handed to a grid (G-3): what admitted it, or that nothing did, which makes it an entry of the ledger of
 * unadmitted tasks. Recorded once; a record is never changed.
 */

export interface HandedTask {
  /** `handedTask:<county>-<…>`. */
  id: string;
  county: string;
  /** 12-digit code of the town of the grid. */
  town: string;
  /** Id and code of the grid. */
  grid: string;
  gridCode: string;
  /** Who hands it down; `organ` is null for one that is not registered. */
  issuer: { organ: string | null; organName: string };
  title: string;
  what: string;
  /** The day on which it was handed down. */
  day: string;
}

/** REFUSED: handed down here and refused. REPORTED: it arrived another way, and the grid or its town reported it. */
export type Arrival = 'REFUSED' | 'REPORTED';

export type HandedTaskEvent =
  /** `task`: id of the admission, or of the urgent task. */
  | Fact<'TaskHandedToGrid', HandedTask & { task: string }>
  | Fact<'UnadmittedGridTaskRecorded', HandedTask & { arrival: Arrival; citation: Basis }>;

export type HandedTaskCommand = { handed: HandedTask; today: string } & (
  | { type: 'HandTaskToGrid'; task: string }
  | { type: 'RecordUnadmittedTask'; arrival: Arrival; citation: Basis }
);

type HandedTaskState = { status: 'ABSENT' } | { status: 'RECORDED' };

function decide(command: HandedTaskCommand, state: HandedTaskState): Decision<HandedTaskEvent> {
  const { handed, today } = command;
  const problem = state.status === 'ABSENT' ? taskProblem(handed, today) : exists(handed.id);
  if (problem) return refuse(problem);
  if (command.type === 'HandTaskToGrid') {
    return accept<HandedTaskEvent>({ type: 'TaskHandedToGrid', data: { ...handed, task: command.task } });
  }
  const { arrival, citation } = command;
  return accept<HandedTaskEvent>({
    type: 'UnadmittedGridTaskRecorded',
    data: { ...handed, arrival, citation },
  });
}

function taskProblem({ title, what, day, issuer }: HandedTask, today: string): Refusal | undefined {
  const problem =
    unfit('G-3', 'title', title, MAX.title, { en: 'The name of the task', 'zh-CN': '事项名称' }) ??
    unfit('G-3', 'what', what, MAX.text, { en: 'What is to be done', 'zh-CN': '交办内容' }) ??
    unfit('G-3', 'issuerName', issuer.organName, MAX.name, { en: 'Who hands it down', 'zh-CN': '交办单位' });
  if (problem || day <= today) return problem;
  return broken('G-3', 'day', {
    en: `The task was handed down today (${today}) or before, not on ${day}.`,
    'zh-CN': `交办日期不得晚于今日（${today}），不能为 ${day}。`,
  });
}

const exists = (id: string): Refusal => ({
  code: 'CONFLICT',
  rule: 'G-3',
  field: 'id',
  message: { en: `The task ${id} is on record already.`, 'zh-CN': `交办事项 ${id} 已记录。` },
});

export const handedTask: Decider<HandedTaskState, HandedTaskCommand, HandedTaskEvent> = {
  initial: { status: 'ABSENT' },
  evolve: () => ({ status: 'RECORDED' }),
  decide,
};

const PREFIX = 'gridEvents.handedTask-';
const ID = 'handedTask:';

export const handedTaskStream = (id: string): string => `${PREFIX}${id.slice(ID.length)}`;
