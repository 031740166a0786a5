import {
  accept,
  assertNever,
  type Decider,
  type Decision,
  type Fact,
  type Refusal,
  refuse,
} from '@dutyledger/event-store/decider';
import type { Basis } from '@dutyledger/event-store/event-store';
import { broken, documentMissing, MAX, unfit } from '@dutyledger/event-store/rule-texts';
import type { OrganName } from '../consultation.ts';
import { dueDay } from '../stage-limits/stages.ts';
import type { Timing } from '../timing.ts';

/**
 * A proposal to a higher level (L-4; ZQ's five): what a county, a department or a town proposes that a list of above it
 * should say. The addressee's lists are not kept here: the proposal is on record in writing, and so is the answer, item by
 * item, when it comes.
 */

export interface ProposedItem {
  /** From 1. */
  number: number;
  name: string;
  /** What is proposed, in words. */
  content: string;
  basis: Basis[];
  reason: string;
  /** The item of a list of ours that it is about, if there is one. */
  item: { list: string; code: string } | null;
}

export interface UpwardProposalHead {
  id: string;
  division: string;
  title: string;
  proposer: OrganName;
  /** Registered here, or only known by name. */
  addressee: { organ: string | null; name: string };
  documentNumber: string;
  items: ProposedItem[];
}

export type AnswerOutcome = 'ACCEPTED' | 'PARTLY' | 'REFUSED';

export interface ProposalAnswer {
  /** Of the item. */
  number: number;
  outcome: AnswerOutcome;
  text: string;
}

export type UpwardProposalEvent =
  | Fact<'UpwardProposalMade', UpwardProposalHead & { due: string }>
  | Fact<
      'UpwardProposalAnswered',
      { answers: ProposalAnswer[]; documentNumber: string; answeredOn: string; last: boolean }
    >
  | Fact<'UpwardProposalWithdrawn', Record<string, never>>
  | Fact<'UpwardProposalOverdue', { due: string }>;

export interface OpenProposal {
  status: 'OPEN' | 'ANSWERED' | 'WITHDRAWN';
  head: UpwardProposalHead;
  /** Last day by which an answer is expected; null when none is. */
  due: string | null;
  /** The days that passed without an answer, and that is on record. */
  overdue: string[];
  answers: (ProposalAnswer & { documentNumber: string; answeredOn: string })[];
}

export type UpwardProposal = { status: 'absent' } | OpenProposal;

/** Also what the read model keeps: plain values. */
export function evolve(state: UpwardProposal, event: UpwardProposalEvent): UpwardProposal {
  if (event.type === 'UpwardProposalMade') {
    const { due, ...head } = event.data;
    return { status: 'OPEN', head, due, overdue: [], answers: [] };
  }
  if (state.status === 'absent') throw new Error(`${event.type} before UpwardProposalMade`);
  switch (event.type) {
    case 'UpwardProposalAnswered': {
      const { answers, documentNumber, answeredOn, last } = event.data;
      return {
        ...state,
        status: last ? 'ANSWERED' : state.status,
        due: last ? null : state.due,
        answers: [...state.answers, ...answers.map((answer) => ({ ...answer, documentNumber, answeredOn }))],
      };
    }
    case 'UpwardProposalWithdrawn':
      return { ...state, status: 'WITHDRAWN', due: null };
    case 'UpwardProposalOverdue':
      return { ...state, overdue: [...state.overdue, event.data.due] };
    default:
      return assertNever(event);
  }
}

export type UpwardProposalCommand =
  | { type: 'Propose'; head: UpwardProposalHead; timing: Timing }
  | {
      type: 'RecordAnswer';
      answers: ProposalAnswer[];
      documentNumber: string;
      answeredOn: string;
      timing: Timing;
    }
  | { type: 'Withdraw' }
  | { type: 'RecordTime'; timing: Timing };

function decide(command: UpwardProposalCommand, state: UpwardProposal): Decision<UpwardProposalEvent> {
  if (command.type === 'Propose') return propose(command, state);
  if (state.status === 'absent') return refuse(absent);
  switch (command.type) {
    case 'RecordAnswer':
      return answer(command, state);
    case 'Withdraw':
      if (state.status === 'WITHDRAWN') return accept();
      return state.status === 'OPEN'
        ? accept<UpwardProposalEvent>({ type: 'UpwardProposalWithdrawn', data: {} })
        : refuse(closed(state));
    case 'RecordTime': {
      const { due, overdue } = state;
      const passed = due !== null && due < command.timing.today && !overdue.includes(due);
      return passed
        ? accept<UpwardProposalEvent>({ type: 'UpwardProposalOverdue', data: { due } })
        : accept();
    }
    default:
      return assertNever(command);
  }
}

const MOST_ITEMS = 500;

function propose(
  { head, timing }: Extract<UpwardProposalCommand, { type: 'Propose' }>,
  state: UpwardProposal,
): Decision<UpwardProposalEvent> {
  const refusal =
    (state.status === 'absent' ? undefined : exists(head.id)) ??
    unfit('L-4', 'title', head.title, MAX.title, { en: 'The title', 'zh-CN': '建议标题' }) ??
    unfit('L-4', 'addressee', head.addressee.name, MAX.name, { en: 'The addressee', 'zh-CN': '受理机关' }) ??
    documentMissing('L-4', head.documentNumber) ??
    itemsProblem(head.items);
  if (refusal) return refuse(refusal);
  const due = dueDay(timing.limits, 'ADJUSTMENT_ANSWER', timing.today);
  return accept<UpwardProposalEvent>({ type: 'UpwardProposalMade', data: { ...head, due } });
}

function itemsProblem(items: readonly ProposedItem[]): Refusal | undefined {
  if (items.length === 0 || items.length > MOST_ITEMS) {
    return {
      code: 'LIMIT_EXCEEDED',
      rule: 'L-4',
      field: 'items',
      message: {
        en: `A proposal holds 1 to ${MOST_ITEMS} items, not ${items.length}.`,
        'zh-CN': `一次建议应包含 1 至 ${MOST_ITEMS} 个事项，现为 ${items.length} 个。`,
      },
    };
  }
  for (const [i, { name, content, basis, reason }] of items.entries()) {
    const problem =
      unfit('L-4', `items[${i}].name`, name, MAX.name, { en: 'The name', 'zh-CN': '事项名称' }) ??
      unfit('L-4', `items[${i}].content`, content, MAX.text, { en: 'The content', 'zh-CN': '建议内容' }) ??
      unfit('L-4', `items[${i}].reason`, reason, MAX.text, { en: 'The reason', 'zh-CN': '理由' }) ??
      (basis.length > 0 && basis.every(({ title }) => title.trim() !== '') ? undefined : noBasis(i));
    if (problem) return problem;
  }
  return undefined;
}

const noBasis = (i: number): Refusal =>
  broken('L-4', `items[${i}].basis`, {
    en: 'Every proposed item rests on at least one law or document, with its title.',
    'zh-CN': '每个建议事项至少应有一条写明名称的法律法规或文件依据。',
  });

/** An item is answered once; the answers may come one by one. */
function answer(
  { answers, documentNumber, answeredOn, timing }: Extract<UpwardProposalCommand, { type: 'RecordAnswer' }>,
  state: OpenProposal,
): Decision<UpwardProposalEvent> {
  if (state.status !== 'OPEN') return refuse(closed(state));
  const open = new Set(state.head.items.map(({ number }) => number));
  for (const { number } of state.answers) open.delete(number);
  const problem =
    (answers.length === 0 ? nothing : undefined) ??
    documentMissing('L-4', documentNumber) ??
    (answeredOn > timing.today ? future(answeredOn) : undefined);
  if (problem) return refuse(problem);
  for (const [i, { number, text }] of answers.entries()) {
    if (!open.delete(number)) return refuse(notOpen(i, number));
    const unsaid = unfit('L-4', `answers[${i}].text`, text, MAX.text, {
      en: 'The answer',
      'zh-CN': '答复意见',
    });
    if (unsaid) return refuse(unsaid);
  }
  return accept<UpwardProposalEvent>({
    type: 'UpwardProposalAnswered',
    data: { answers, documentNumber, answeredOn, last: open.size === 0 },
  });
}

const nothing: Refusal = broken('L-4', 'answers', {
  en: 'An answer speaks of at least one item.',
  'zh-CN': '答复至少应涉及一个事项。',
});

const future = (day: string): Refusal =>
  broken('L-4', 'answeredOn', {
    en: `The answer cannot have come on ${day}, which is yet to come.`,
    'zh-CN': `答复日期 ${day} 尚未到来。`,
  });

const notOpen = (i: number, number: number): Refusal =>
  broken('L-4', `answers[${i}].number`, {
    en: `Item ${number} is not in the proposal, or was answered before.`,
    'zh-CN': `建议中没有第 ${number} 项，或该项已有答复。`,
  });

const absent: Refusal = {
  code: 'NOT_FOUND',
  rule: 'L-4',
  field: 'proposal',
  message: { en: 'There is no such proposal.', 'zh-CN': '没有这项上报建议。' },
};

const exists = (id: string): Refusal => ({
  code: 'CONFLICT',
  rule: 'L-4',
  field: 'proposal',
  message: { en: `The proposal ${id} exists already.`, 'zh-CN': `上报建议 ${id} 已存在。` },
});

const closed = ({ status }: OpenProposal): Refusal => ({
  code: 'CONFLICT',
  rule: 'L-4',
  field: 'proposal',
  message:
    status === 'WITHDRAWN'
      ? { en: 'The proposal was withdrawn.', 'zh-CN': '该建议已撤回。' }
      : { en: 'Every item of the proposal has been answered.', 'zh-CN': '该建议各事项均已答复。' },
  details: { status },
});

export const upwardProposal: Decider<UpwardProposal, UpwardProposalCommand, UpwardProposalEvent> = {
  initial: { status: 'absent' },
  evolve,
  decide,
};

const PREFIX = 'lists.upwardProposal-';

export const upwardProposalStream = (id: string): string => `${PREFIX}${id.slice('proposal:'.length)}`;

export const upwardProposalIdOf = (stream: string): string => `proposal:${stream.slice(PREFIX.length)}`;
