import { accept, assertNever, type Decider, type Decision, refuse } from '@dutyledger/event-store/decider';
import { type ApplyAdjustment, applyAdjustment } from './adjusted.ts';
import { type ChangeDraft, changeDraft } from './draft.ts';
import { absentList } from './draft-refusals.ts';
import { type CorrectEdition, correctEdition, type PublishEdition, publishEdition } from './editions.ts';
import type { DutyListEvent, ListHead } from './events.ts';
import { type RebaseDraft, rebaseDraft } from './rebase.ts';
import { type DutyList, evolve, initial } from './state.ts';
import { type StepCommand, takeStep } from './steps.ts';

/**
 * The duty list (L-1) with its items (L-2), its working draft and its numbered editions (L-3). Changes are staged in
 * the draft; the draft goes through its procedure step by step, and any further change takes it out again; publication is
 * one event. Events are in events.ts, state and `evolve` in state.ts and stages.ts; the rules of the draft in draft.ts
 * and rebase.ts, those of the steps in steps.ts, of publication and correction in editions.ts, and what adjustments (L-4)
 * do to a list in adjusted.ts.
 */

export type DutyListCommand =
  | { type: 'OpenDutyList'; head: ListHead }
  | ChangeDraft
  | { type: 'DiscardDraft' }
  | RebaseDraft
  | StepCommand
  | PublishEdition
  | CorrectEdition
  | ApplyAdjustment;

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
    case 'RebaseDraft':
      return rebaseDraft(command, state);
    case 'SubmitDraft':
    case 'RecordLegalityReview':
    case 'RequestOpinions':
    case 'RecordOpinion':
    case 'RecordApproval':
    case 'RecordTime':
      return takeStep(command, state);
    case 'PublishEdition':
      return publishEdition(command, state);
    case 'CorrectEdition':
      return correctEdition(command, state);
    case 'ApplyAdjustment':
      return applyAdjustment(command, state);
    default:
      return assertNever(command);
  }
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
