import { accept, assertNever, type Decider, type Decision, refuse } from '@dutyledger/event-store/decider';
import { type ApplyAdjustment, applyAdjustment } from './adjusted.ts';
import { type ChangeDraft, changeDraft } from './draft.ts';
import { absentList } from './draft-refusals.ts';
import { type CorrectEdition, correctEdition, type PublishEdition, publishEdition } from './editions.ts';
import type { DutyListEvent, ListHead } from './events.ts';
import { type RebaseDraft, rebaseDraft } from './rebase.ts';
import { type DutyList, evolve, initial, type OpenList } from './state.ts';
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
      return voiding(changeDraft(command, state), state);
    case 'DiscardDraft':
      return voiding(discardDraft(state), state);
    case 'RebaseDraft':
      return voiding(rebaseDraft(command, state), state);
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
      return voiding(applyAdjustment(command, state), state);
    default:
      return assertNever(command);
  }
}

const discardDraft = ({ draft }: OpenList): Decision<DutyListEvent> =>
  draft.isEmpty()
    ? accept()
    : accept<DutyListEvent>({ type: 'DraftDiscarded', data: { changes: draft.size } });

/** What changes a draft that is in its procedure takes it out of that, and says so. */
function voiding(decision: Decision<DutyListEvent>, { procedure }: OpenList): Decision<DutyListEvent> {
  if (!decision.ok || !procedure || !decision.events.some(changesDraft)) return decision;
  return accept<DutyListEvent>(
    { type: 'ProcedureVoided', data: { stage: procedure.stage } },
    ...decision.events,
  );
}

const CHANGING: readonly DutyListEvent['type'][] = [
  'ItemAdded',
  'ItemRevised',
  'ItemRetired',
  'ItemReset',
  'DraftDiscarded',
];
const changesDraft = (event: DutyListEvent): boolean =>
  event.type === 'DraftRebased' ? event.data.conflicts.length > 0 : CHANGING.includes(event.type);

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
