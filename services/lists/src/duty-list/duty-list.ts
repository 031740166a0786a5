import {
  accept,
  assertNever,
  type Decider,
  type Decision,
  type Refusal,
  refuse,
} from '@dutyledger/event-store/decider';
import { absentList, type ChangeDraft, changeDraft, nothingStaged } from './draft.ts';
import {
  type CorrectEdition,
  correctEdition,
  draftMoved,
  type PublishEdition,
  publishEdition,
} from './editions.ts';
import {
  type Approval,
  type DutyList,
  type DutyListEvent,
  evolve,
  initial,
  type LegalityReview,
  type ListHead,
  type OpenList,
  type Opinion,
} from './state.ts';
import { approvalProblem, opinionProblem, reviewProblem } from './steps.ts';

/**
 * The duty list (L-1) with its items (L-2), its working draft and its numbered editions (L-3). Changes are staged in
 * the draft; review, opinions and approval are recorded for the draft as it stands, and any further change voids them;
 * publication is one event. Events, state and `evolve` are in state.ts, the rules of the draft in draft.ts, those of
 * publication and correction in editions.ts.
 */

export type DutyListCommand =
  | { type: 'OpenDutyList'; head: ListHead }
  | ChangeDraft
  | { type: 'DiscardDraft' }
  | { type: 'RecordLegalityReview'; review: LegalityReview; draftNumber: number | null }
  | { type: 'RecordOpinion'; opinion: Opinion; draftNumber: number | null }
  | { type: 'RecordApproval'; approval: Approval; draftNumber: number | null }
  | PublishEdition
  | CorrectEdition;

function decide(command: DutyListCommand, state: DutyList): Decision<DutyListEvent> {
  if (command.type === 'OpenDutyList') return openDutyList(command.head, state);
  if (state.status === 'absent') return refuse(absentList);
  switch (command.type) {
    case 'ChangeDraft':
      return changeDraft(command, state);
    case 'DiscardDraft':
      return state.draft.isEmpty()
        ? accept()
        : accept<DutyListEvent>({ type: 'DraftDiscarded', data: { changes: state.draft.size } });
    case 'RecordLegalityReview':
      return step(command, state, reviewProblem(command.review), {
        type: 'LegalityReviewed',
        data: command.review,
      });
    case 'RecordOpinion':
      return step(command, state, opinionProblem(command.opinion), {
        type: 'OpinionGiven',
        data: command.opinion,
      });
    case 'RecordApproval':
      return step(command, state, approvalProblem(command.approval), {
        type: 'EditionApproved',
        data: command.approval,
      });
    case 'PublishEdition':
      return publishEdition(command, state);
    case 'CorrectEdition':
      return correctEdition(command, state);
    default:
      return assertNever(command);
  }
}

/** A step speaks of the draft as it stands; who says which draft was looked at is told when it went on since. */
function step(
  { draftNumber }: { draftNumber: number | null },
  state: OpenList,
  problem: Refusal | undefined,
  event: DutyListEvent,
): Decision<DutyListEvent> {
  if (state.draft.isEmpty()) return refuse(nothingStaged);
  const moved = draftNumber === null ? undefined : draftMoved(draftNumber, state);
  const refusal = moved ?? problem;
  return refusal ? refuse(refusal) : accept(event);
}

function openDutyList(head: ListHead, state: DutyList): Decision<DutyListEvent> {
  if (state.status === 'open') {
    return refuse({
      code: 'CONFLICT',
      rule: 'L-1',
      field: 'id',
      message: { en: `The list ${head.id} exists already.`, 'zh-CN': `清单 ${head.id} 已存在。` },
    });
  }
  if (head.title.trim() === '' || head.title.length > 200) {
    return refuse({
      code: 'RULE_VIOLATED',
      rule: 'L-1',
      field: 'title',
      citation: { title: 'DutyLedger domain rules', article: 'L-1' },
      message: { en: 'A list has a title of 1 to 200 characters.', 'zh-CN': '清单标题应为 1 至 200 字。' },
    });
  }
  return accept<DutyListEvent>({ type: 'DutyListOpened', data: head });
}

export const dutyList: Decider<DutyList, DutyListCommand, DutyListEvent> = {
  initial,
  evolve,
  decide,
};
