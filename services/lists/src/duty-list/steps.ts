import { accept, type Decision, type Refusal, refuse } from '@dutyledger/event-store/decider';
import { broken, documentMissing, MAX, unfit } from '@dutyledger/event-store/rule-texts';
import {
  type AskedOrgan,
  type Consultation,
  dueOf,
  hear,
  lapse,
  lapsedBy,
  notAsked,
  type Opinion,
  type OrganName,
  outstanding,
  stillWaiting,
  unanswered,
} from '../consultation.ts';
import { dueDay } from '../stage-limits/stages.ts';
import type { Timing } from '../timing.ts';
import { draftMoved, nothingStaged } from './draft-refusals.ts';
import type { Approval, DutyListEvent, LegalityReview } from './events.ts';
import { superseded } from './rebase.ts';
import type { EditionProcedure } from './stages.ts';
import type { OpenList } from './state.ts';

/**
 * The steps between draft and edition (L-3), each once and in this order: submission, legality review, opinions of the
 * affected organs, approval. Any change of the draft takes it out of the procedure again.
 */

/** A step speaks of one draft; left out (null): the draft as it is. */
interface OfDraft {
  draftNumber: number | null;
  timing: Timing;
}

export type StepCommand =
  | ({ type: 'SubmitDraft'; affected: OrganName[]; silenceIsConsent: boolean } & OfDraft)
  | ({ type: 'RecordLegalityReview'; review: LegalityReview } & OfDraft)
  | ({ type: 'RequestOpinions'; organs: OrganName[]; silenceIsConsent: boolean } & OfDraft)
  | ({ type: 'RecordOpinion'; opinion: Opinion } & OfDraft)
  | ({ type: 'RecordApproval'; approval: Approval } & OfDraft)
  /** What time alone does: opinions lapse, stages go over their limit. */
  | ({ type: 'RecordTime' } & OfDraft);

type Step = Exclude<StepCommand['type'], 'RecordTime'>;
type Stage = EditionProcedure['stage'] | 'EDITING';

export function takeStep(command: StepCommand, state: OpenList): Decision<DutyListEvent> {
  if (command.type === 'RecordTime') return accept(...timePassed(command.timing, state.procedure));
  if (state.draft.isEmpty()) return refuse(nothingStaged);
  const moved = command.draftNumber === null ? undefined : draftMoved(command.draftNumber, state);
  const refusal = moved ?? superseded(state) ?? outOfOrder(command.type, state);
  if (refusal) return refuse(refusal);
  const { procedure } = state;
  if (command.type === 'SubmitDraft') return submit(command, state);
  if (!procedure) return refuse(tooEarly(command.type, 'EDITING'));
  switch (command.type) {
    case 'RecordLegalityReview':
      return review(command, procedure);
    case 'RequestOpinions':
      return request(command, procedure);
    case 'RecordOpinion':
      return opinion(command, procedure);
    case 'RecordApproval':
      return approve(command, procedure);
    default:
      return command satisfies never;
  }
}

type Of<T extends StepCommand['type']> = Extract<StepCommand, { type: T }>;

function submit(command: Of<'SubmitDraft'>, state: OpenList): Decision<DutyListEvent> {
  const { affected, silenceIsConsent, timing } = command;
  const { draftNumber } = state;
  const due = dueDay(timing.limits, 'EDITION_LEGALITY_REVIEW', timing.today);
  return accept<DutyListEvent>({
    type: 'DraftSubmitted',
    data: { draftNumber, affected, silenceIsConsent, due },
  });
}

/** A review that passes asks the affected organs at once; where there are none, the approval is next. */
function review(
  { review: given, timing }: Of<'RecordLegalityReview'>,
  procedure: EditionProcedure,
): Decision<DutyListEvent> {
  const problem =
    unfit('L-3', 'opinion', given.opinion, MAX.text, {
      en: 'The opinion of the legality review',
      'zh-CN': '合法性审核意见',
    }) ?? (given.documentNumber === undefined ? undefined : documentMissing('L-3', given.documentNumber));
  if (problem) return refuse(problem);
  if (given.outcome === 'RETURNED') return accept<DutyListEvent>({ type: 'LegalityReviewed', data: given });
  const { affected = [], silenceIsConsent = false } = procedure.submission ?? {};
  if (affected.length === 0) {
    return accept<DutyListEvent>({ type: 'LegalityReviewed', data: { ...given, due: approvalDue(timing) } });
  }
  return accept<DutyListEvent>(
    { type: 'LegalityReviewed', data: given },
    { type: 'OpinionsRequested', data: { organs: affected, due: opinionDue(timing), silenceIsConsent } },
  );
}

/** Who has been asked and still has time is not asked again. */
function request(
  command: Of<'RequestOpinions'>,
  { consultation }: EditionProcedure,
): Decision<DutyListEvent> {
  const { organs: wanted, silenceIsConsent, timing } = command;
  const waiting = new Set(outstanding(consultation).map(({ organ }) => organ));
  const organs = wanted.filter(({ organ }) => !waiting.has(organ));
  if (organs.length === 0) return accept();
  return accept<DutyListEvent>({
    type: 'OpinionsRequested',
    data: { organs, due: opinionDue(timing), silenceIsConsent },
  });
}

function opinion(
  { opinion: given, timing }: Of<'RecordOpinion'>,
  { consultation }: EditionProcedure,
): Decision<DutyListEvent> {
  const problem =
    notAsked('L-3', consultation, given) ??
    unfit('L-3', 'text', given.text, MAX.text, { en: 'The opinion of the organ', 'zh-CN': '单位意见' }) ??
    (given.documentNumber === undefined ? undefined : documentMissing('L-3', given.documentNumber));
  if (problem) return refuse(problem);
  const last = outstanding(consultation).length > 0 && outstanding(hear(consultation, given)).length === 0;
  return accept<DutyListEvent>({
    type: 'OpinionGiven',
    data: { ...given, ...(last && { due: approvalDue(timing) }) },
  });
}

/** Opinions whose deadline has passed are on record as not given before the approval is. */
function approve(
  { approval, timing }: Of<'RecordApproval'>,
  { consultation }: EditionProcedure,
): Decision<DutyListEvent> {
  const late = lapsedBy(consultation, timing.today);
  const heard = lapse(consultation, late);
  const waiting = outstanding(heard);
  const problem =
    (waiting.length > 0 ? stillWaiting('L-3', 'list', waiting) : undefined) ??
    unfit('L-3', 'body', approval.body, MAX.name, { en: 'Who approved', 'zh-CN': '批准机关' }) ??
    documentMissing('L-3', approval.documentNumber) ??
    (approval.overruling === null
      ? undefined
      : unfit('L-3', 'overruling', approval.overruling, MAX.text, {
          en: 'Why the list goes on in spite of objections',
          'zh-CN': '不予采纳异议的理由',
        })) ??
    unanswered('L-3', heard, approval.overruling);
  if (problem) return refuse(problem);
  const due = dueDay(timing.limits, 'EDITION_PUBLICATION', timing.today);
  return accept<DutyListEvent>(...lapsed(late, timing, heard), {
    type: 'EditionApproved',
    data: { ...approval, due },
  });
}

const opinionDue = ({ limits, today }: Timing): string => dueDay(limits, 'EDITION_OPINION', today);
const approvalDue = ({ limits, today }: Timing): string => dueDay(limits, 'EDITION_APPROVAL', today);

function lapsed(late: readonly AskedOrgan[], timing: Timing, heard: Consultation): DutyListEvent[] {
  if (late.length === 0) return [];
  const organs = late.map(({ organ, organName }) => ({ organ, organName }));
  return [{ type: 'OpinionsLapsed', data: { organs, due: dueOf(heard) ?? approvalDue(timing) } }];
}

/** Once each, however often it is looked at. */
function timePassed(timing: Timing, procedure: EditionProcedure | null): DutyListEvent[] {
  if (!procedure) return [];
  const { stage, due, consultation, overdue } = procedure;
  if (stage === 'OPINIONS') {
    const late = lapsedBy(consultation, timing.today);
    return lapsed(late, timing, lapse(consultation, late));
  }
  if (!due || timing.today <= due || stage === 'RETURNED') return [];
  if (overdue.some((entry) => entry.stage === stage && entry.due === due)) return [];
  return [{ type: 'EditionStageOverdue', data: { stage, due } }];
}

const STEPS: Record<Step, { at: Stage[]; en: string; zh: string }> = {
  SubmitDraft: { at: ['EDITING', 'RETURNED'], en: 'submission (submitDraft)', zh: '提交审核（submitDraft）' },
  RecordLegalityReview: {
    at: ['LEGALITY_REVIEW'],
    en: 'legality review (recordLegalityReview)',
    zh: '合法性审核（recordLegalityReview）',
  },
  RequestOpinions: {
    at: ['OPINIONS', 'APPROVAL'],
    en: 'request for opinions (requestOpinions)',
    zh: '征求意见（requestOpinions）',
  },
  RecordOpinion: {
    at: ['OPINIONS', 'APPROVAL'],
    en: 'opinion (recordOpinion)',
    zh: '单位意见（recordOpinion）',
  },
  RecordApproval: {
    at: ['OPINIONS', 'APPROVAL'],
    en: 'approval (recordApproval)',
    zh: '审批（recordApproval）',
  },
};

const ORDER: Stage[] = ['EDITING', 'RETURNED', 'LEGALITY_REVIEW', 'OPINIONS', 'APPROVAL', 'PUBLICATION'];
const STANDS: Record<Stage, { en: string; zh: string }> = {
  EDITING: {
    en: 'The draft, as it stands, is being edited; it has not been submitted (submitDraft).',
    zh: '现草案处于编辑状态，尚未提交审核（submitDraft）。',
  },
  RETURNED: {
    en: 'The legality review returned the draft; it is submitted again (submitDraft).',
    zh: '合法性审核已退回草案，须重新提交（submitDraft）。',
  },
  LEGALITY_REVIEW: {
    en: 'The draft, as it stands, has not passed legality review (司法局).',
    zh: '现草案尚未通过合法性审核（司法局）。',
  },
  OPINIONS: {
    en: 'The affected organs are being asked for their opinions.',
    zh: '正在征求有关单位意见。',
  },
  APPROVAL: {
    en: 'The draft, as it stands, has not been approved by the county (编委 or government).',
    zh: '现草案尚未经编委或政府批准。',
  },
  PUBLICATION: {
    en: 'The draft is approved and waits for publication (publishEdition).',
    zh: '草案已获批准，待公布（publishEdition）。',
  },
};

export const stageOf = (procedure: EditionProcedure | null): Stage => procedure?.stage ?? 'EDITING';

function outOfOrder(step: Step, { procedure }: OpenList): Refusal | undefined {
  const stage = stageOf(procedure);
  const { at, en, zh } = STEPS[step];
  if (at.includes(stage)) return undefined;
  if (ORDER.indexOf(stage) < ORDER.indexOf(at[0] ?? 'EDITING') || stage === 'RETURNED')
    return tooEarly(step, stage);
  return broken(
    'L-3',
    'list',
    {
      en: `The ${en} is behind this draft already. ${STANDS[stage].en}`,
      'zh-CN': `本草案的${zh}环节已完成，不得重复办理。${STANDS[stage].zh}`,
    },
    { stage },
  );
}

function tooEarly(step: Step, stage: Stage): Refusal {
  const { en, zh } = STEPS[step];
  return broken(
    'L-3',
    'list',
    {
      en: `The ${en} is not next. ${STANDS[stage].en}`,
      'zh-CN': `尚不能办理${zh}。${STANDS[stage].zh}`,
    },
    { stage },
  );
}

/** Why the draft cannot be published yet. */
export function missingStep({ procedure }: OpenList): Refusal | undefined {
  const stage = stageOf(procedure);
  if (stage !== 'PUBLICATION') {
    const returned = stage === 'RETURNED' ? procedure?.review?.opinion : undefined;
    return broken(
      'L-3',
      'list',
      {
        en: returned ? `Legality review returned the draft: ${returned}` : STANDS[stage].en,
        'zh-CN': returned ? `合法性审核退回：${returned}` : STANDS[stage].zh,
      },
      { stage },
    );
  }
  // Before there were submissions, an objection could come after the approval.
  return procedure
    ? unanswered('L-3', procedure.consultation, procedure.approval?.overruling ?? null)
    : undefined;
}
