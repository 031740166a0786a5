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
} from '../consultation.ts';
import { dueDay } from '../stage-limits/stages.ts';
import type { Timing } from '../timing.ts';
import type { Course } from './course.ts';
import type { AdjustmentEvent, AdjustmentStage, LegalityOpinion, OfficeReview } from './events.ts';

/** The steps from application to decision (L-4), each once and in this order. */

export type StepCommand =
  | {
      type: 'ReviewAdjustment';
      review: OfficeReview;
      alsoAsk: OrganName[];
      silenceIsConsent: boolean;
      timing: Timing;
    }
  | { type: 'ReviewLegality'; review: LegalityOpinion; timing: Timing }
  | { type: 'RequestOpinions'; organs: OrganName[]; silenceIsConsent: boolean; timing: Timing }
  | { type: 'RecordOpinion'; opinion: Opinion; timing: Timing }
  /** What time alone does: opinions lapse, stages go over their limit. */
  | { type: 'RecordTime'; timing: Timing };

type Of<T extends StepCommand['type']> = Extract<StepCommand, { type: T }>;

export function takeStep(command: StepCommand, course: Course): Decision<AdjustmentEvent> {
  switch (command.type) {
    case 'ReviewAdjustment':
      return outOfOrder(course, 'REVIEW') ?? review(command, course);
    case 'ReviewLegality':
      return outOfOrder(course, 'LEGALITY_REVIEW') ?? reviewLegality(command, course);
    case 'RequestOpinions':
      return outOfOrder(course, 'OPINIONS', 'DECISION') ?? request(command, course);
    case 'RecordOpinion':
      return outOfOrder(course, 'OPINIONS', 'DECISION') ?? opinion(command, course);
    case 'RecordTime':
      return accept(...timePassed(command.timing, course));
    default:
      return command satisfies never;
  }
}

/** A review that does not pass rejects the application, with its opinion as the reason. */
function review(command: Of<'ReviewAdjustment'>, { head }: Course): Decision<AdjustmentEvent> {
  const { review: given, silenceIsConsent, timing } = command;
  const problem = opinionProblem(given.opinion);
  if (problem) return refuse(problem);
  const known = new Set(head.affected.map(({ organ }) => organ));
  const alsoAsk = command.alsoAsk.filter(({ organ }) => !known.has(organ));
  const due = given.passed && { due: dueDay(timing.limits, 'ADJUSTMENT_LEGALITY_REVIEW', timing.today) };
  return accept<AdjustmentEvent>({
    type: 'AdjustmentReviewed',
    data: { ...given, silenceIsConsent, alsoAsk, ...due },
  });
}

/** A review that passes asks the organs concerned at once; where there are none, the decision is next. */
function reviewLegality(
  { review: given, timing }: Of<'ReviewLegality'>,
  { head, review: office }: Course,
): Decision<AdjustmentEvent> {
  const problem = opinionProblem(given.opinion) ?? paperProblem(given.documentNumber);
  if (problem) return refuse(problem);
  const reviewed = (data: LegalityOpinion & { due?: string }): AdjustmentEvent => ({
    type: 'AdjustmentLegalityReviewed',
    data,
  });
  if (!given.passed) return accept(reviewed(given));
  if (head.affected.length === 0) return accept(reviewed({ ...given, due: decisionDue(timing) }));
  const silenceIsConsent = office?.silenceIsConsent ?? false;
  return accept<AdjustmentEvent>(reviewed(given), {
    type: 'AdjustmentOpinionsRequested',
    data: { organs: head.affected, due: opinionDue(timing), silenceIsConsent },
  });
}

/** Who has been asked and still has time is not asked again. */
function request(command: Of<'RequestOpinions'>, { consultation }: Course): Decision<AdjustmentEvent> {
  const waiting = new Set(outstanding(consultation).map(({ organ }) => organ));
  const organs = command.organs.filter(({ organ }) => !waiting.has(organ));
  if (organs.length === 0) return accept();
  const { silenceIsConsent, timing } = command;
  return accept<AdjustmentEvent>({
    type: 'AdjustmentOpinionsRequested',
    data: { organs, due: opinionDue(timing), silenceIsConsent },
  });
}

function opinion(
  { opinion: given, timing }: Of<'RecordOpinion'>,
  { consultation }: Course,
): Decision<AdjustmentEvent> {
  const problem =
    notAsked('L-4', consultation, given) ??
    unfit('L-4', 'text', given.text, MAX.text, { en: 'The opinion of the organ', 'zh-CN': '单位意见' }) ??
    paperProblem(given.documentNumber);
  if (problem) return refuse(problem);
  const last = outstanding(consultation).length > 0 && outstanding(hear(consultation, given)).length === 0;
  return accept<AdjustmentEvent>({
    type: 'AdjustmentOpinionGiven',
    data: { ...given, ...(last && { due: decisionDue(timing) }) },
  });
}

const opinionDue = ({ limits, today }: Timing): string => dueDay(limits, 'ADJUSTMENT_OPINION', today);
const decisionDue = ({ limits, today }: Timing): string => dueDay(limits, 'ADJUSTMENT_DECISION', today);

const opinionProblem = (text: string): Refusal | undefined =>
  unfit('L-4', 'opinion', text, MAX.text, { en: 'The opinion of the review', 'zh-CN': '审核意见' });

const paperProblem = (documentNumber: string | undefined): Refusal | undefined =>
  documentNumber === undefined ? undefined : documentMissing('L-4', documentNumber);

export function lapsed(late: readonly AskedOrgan[], timing: Timing, heard: Consultation): AdjustmentEvent[] {
  if (late.length === 0) return [];
  const organs = late.map(({ organ, organName }) => ({ organ, organName }));
  return [{ type: 'AdjustmentOpinionsLapsed', data: { organs, due: dueOf(heard) ?? decisionDue(timing) } }];
}

/** Once each, however often it is looked at. */
function timePassed(timing: Timing, { status, due, consultation, overdue }: Course): AdjustmentEvent[] {
  if (status === 'OPINIONS') {
    const late = lapsedBy(consultation, timing.today);
    return lapsed(late, timing, lapse(consultation, late));
  }
  if (!due || timing.today <= due || status === 'APPLIED' || status === 'REJECTED' || status === 'WITHDRAWN')
    return [];
  if (overdue.some((entry) => entry.stage === status && entry.due === due)) return [];
  return [{ type: 'AdjustmentStageOverdue', data: { stage: status, due } }];
}

const ORDER: readonly Course['status'][] = [
  'REVIEW',
  'LEGALITY_REVIEW',
  'OPINIONS',
  'DECISION',
  'APPLICATION',
  'APPLIED',
];

const STANDS: Record<Course['status'], { en: string; zh: string }> = {
  REVIEW: {
    en: 'It waits for the review of the 编办 (reviewAdjustment).',
    zh: '现处于编办审核环节（reviewAdjustment）。',
  },
  LEGALITY_REVIEW: {
    en: 'It waits for the legality review (reviewAdjustmentLegality).',
    zh: '现处于合法性审核环节（reviewAdjustmentLegality）。',
  },
  OPINIONS: {
    en: 'The organs concerned are being asked (recordAdjustmentOpinion).',
    zh: '正在征求有关单位意见（recordAdjustmentOpinion）。',
  },
  DECISION: { en: 'It waits for the decision (decideAdjustment).', zh: '待决定（decideAdjustment）。' },
  APPLICATION: {
    en: 'It is approved and on its way to the lists.',
    zh: '已批准，正在应用到清单。',
  },
  APPLIED: { en: 'It is approved and applied.', zh: '已批准并应用。' },
  REJECTED: { en: 'It was rejected.', zh: '申请已被驳回。' },
  WITHDRAWN: { en: 'It was withdrawn.', zh: '申请已撤回。' },
};

/** Why a step that belongs to `stages` cannot be taken now. */
export function outOfOrder(
  { status }: Course,
  ...stages: AdjustmentStage[]
): { ok: false; refusal: Refusal } | undefined {
  const [first = 'REVIEW'] = stages;
  if (stages.some((stage) => stage === status)) return undefined;
  const behind = ORDER.indexOf(status) > ORDER.indexOf(first) || !ORDER.includes(status);
  return refuse(
    broken(
      'L-4',
      'adjustment',
      {
        en: `${behind ? 'This step is behind the adjustment already.' : 'This step is not next.'} ${STANDS[status].en}`,
        'zh-CN': `${behind ? '该环节已完成或申请已终结，不得重复办理。' : '尚不能办理该环节。'}${STANDS[status].zh}`,
      },
      { status },
    ),
  );
}
