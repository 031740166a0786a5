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
import type { Town } from './state.ts';

/**
 * A task that was handed down to a town or village (L-6): by what it is covered, or that nothing covers it, which makes
 * it an entry in the ledger of unlisted work. Recorded once; a record is never changed.
 */

export interface HandedTask {
  id: string;
  /** County of the receiver, 12 digits. */
  division: string;
  receiver: Town;
  /** Who hands it down; `organ` is null for one that is not registered (of a higher level). */
  issuer: { organ: string | null; organName: string };
  title: string;
  what: string;
  /** The day on which it was handed down. */
  day: string;
  /** Whether it is for grid workers (G-3). */
  grid: boolean;
  /** Of the paper that it came with. */
  documentNumber: string | null;
}

/** What covers a task. */
export type Cover = { admission: string; title: string } | { list: string; code: string; title: string };

/** REFUSED: handed down here and refused. REPORTED: the receiver reported what arrived another way. */
export type Arrival = 'REFUSED' | 'REPORTED';

export type HandedTaskEvent =
  | Fact<'TaskHandedDown', HandedTask & { cover: Cover }>
  | Fact<'UnlistedTaskRecorded', HandedTask & { arrival: Arrival; citation: Basis }>;

export type HandedTaskCommand = { task: HandedTask; today: string } & (
  | { type: 'HandDownTask'; cover: Cover }
  | { type: 'RecordUnlistedTask'; arrival: Arrival; citation: Basis }
);

type HandedTaskState = { status: 'ABSENT' } | { status: 'RECORDED' };

function decide(command: HandedTaskCommand, state: HandedTaskState): Decision<HandedTaskEvent> {
  const { task, today } = command;
  if (state.status === 'RECORDED') return refuse(exists(task.id));
  const problem = taskProblem(task, today);
  if (problem) return refuse(problem);
  if (command.type === 'HandDownTask') {
    return accept<HandedTaskEvent>({ type: 'TaskHandedDown', data: { ...task, cover: command.cover } });
  }
  const { arrival, citation } = command;
  return accept<HandedTaskEvent>({ type: 'UnlistedTaskRecorded', data: { ...task, arrival, citation } });
}

function taskProblem(
  { title, what, day, issuer, documentNumber }: HandedTask,
  today: string,
): Refusal | undefined {
  const problem =
    unfit('L-6', 'title', title, MAX.title, { en: 'The name of the task', 'zh-CN': '事项名称' }) ??
    unfit('L-6', 'what', what, MAX.text, { en: 'What is to be done', 'zh-CN': '交办内容' }) ??
    unfit('L-6', 'issuerName', issuer.organName, MAX.name, {
      en: 'Who hands it down',
      'zh-CN': '交办单位',
    }) ??
    (documentNumber === null
      ? undefined
      : unfit('L-6', 'documentNumber', documentNumber, MAX.documentNumber, {
          en: 'The number of the document (文号)',
          'zh-CN': '文号',
        }));
  if (problem || day <= today) return problem;
  return broken('L-6', 'day', {
    en: `The task was handed down today (${today}) or before, not on ${day}.`,
    'zh-CN': `交办日期不得晚于今日（${today}），不能为 ${day}。`,
  });
}

const exists = (id: string): Refusal => ({
  code: 'CONFLICT',
  rule: 'L-6',
  field: 'id',
  message: { en: `The task ${id} is on record already.`, 'zh-CN': `交办事项 ${id} 已记录。` },
});

export const handedTask: Decider<HandedTaskState, HandedTaskCommand, HandedTaskEvent> = {
  initial: { status: 'ABSENT' },
  evolve: () => ({ status: 'RECORDED' }),
  decide,
};

const PREFIX = 'lists.handedTask-';
const ID = 'task:';

export const handedTaskStream = (id: string): string => `${PREFIX}${id.slice(ID.length)}`;
