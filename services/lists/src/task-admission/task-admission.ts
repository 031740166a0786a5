import {
  accept,
  assertNever,
  type Decider,
  type Decision,
  type Refusal,
  refuse,
} from '@dutyledger/event-store/decider';
import { broken, documentMissing, MAX, unfit } from '@dutyledger/event-store/rule-texts';
import {
  type Consultation,
  hear,
  lapse,
  lapsedBy,
  type Opinion,
  type OrganName,
  outstanding,
  stillWaiting,
  unanswered,
} from '../consultation.ts';
import { dueDay, type StageLimits } from '../stage-limits/stages.ts';
import { taskProblem, townsProblem } from './application-rules.ts';
import {
  absent,
  exists,
  notApplicant,
  notConcerned,
  notPending,
  notRunning,
  outOfOrder,
} from './refusals.ts';
import {
  type Application,
  evolve,
  initial,
  isPending,
  type PendingAdmission,
  stageAfter,
  type TaskAdmission,
  type TaskAdmissionEvent,
  type TaskReview,
} from './state.ts';

/**
 * L-6: a department applies in writing for what no list gives; each town concerned gives a written opinion or lets its
 * deadline pass, the legality review follows where the county wants one, the county admits or refuses; the task starts
 * and ends by itself on its days (山东省乡镇人民政府工作条例 art. 4; 徐州市镇级机构改革: 须书面征求镇街意见并报县级党委政府批准).
 */

/** The day on which it is done, and how long the county gives each stage. */
export interface Timing {
  today: string;
  limits: StageLimits;
}

export type TaskAdmissionCommand = { timing: Timing } & (
  | { type: 'ApplyForTask'; application: Application; silenceIsConsent: boolean }
  | { type: 'RecordTownOpinion'; opinion: Opinion }
  | { type: 'RecordTaskLegalityReview'; review: TaskReview }
  | { type: 'DecideTask'; admit: boolean; body: string; documentNumber: string; reasons: string | null }
  | { type: 'WithdrawTask'; by: OrganName }
  | { type: 'EndTask' }
  /** What time alone does: opinions lapse, stages go over their limit, the task starts and ends. */
  | { type: 'RecordTime' }
);

type Of<T extends TaskAdmissionCommand['type']> = Extract<TaskAdmissionCommand, { type: T }>;
type Outcome = Decision<TaskAdmissionEvent>;

function decide(command: TaskAdmissionCommand, state: TaskAdmission): Outcome {
  if (command.type === 'ApplyForTask') return apply(command, state);
  if (command.type === 'RecordTime') return accept(...timePassed(command.timing, state));
  if (state.status === 'ABSENT') return refuse(absent);
  if (command.type === 'EndTask') return endEarly(command, state);
  if (!isPending(state)) return refuse(notPending(state));
  switch (command.type) {
    case 'RecordTownOpinion':
      return opinion(command, state);
    case 'RecordTaskLegalityReview':
      return review(command, state);
    case 'DecideTask':
      return decideTask(command, state);
    case 'WithdrawTask':
      return command.by.organ === state.application.applicant.organ
        ? accept<TaskAdmissionEvent>({ type: 'TaskApplicationWithdrawn', data: { by: command.by } })
        : refuse(notApplicant(state));
    default:
      return assertNever(command);
  }
}

function apply({ application, silenceIsConsent, timing }: Of<'ApplyForTask'>, state: TaskAdmission): Outcome {
  if (state.status !== 'ABSENT') return refuse(exists(application.id));
  const problem = taskProblem(application.task, timing.today) ?? townsProblem(application);
  if (problem) return refuse(problem);
  const due = dueDay(timing.limits, 'ADMISSION_OPINION', timing.today);
  return accept<TaskAdmissionEvent>({ type: 'TaskApplied', data: { ...application, due, silenceIsConsent } });
}

function opinion({ opinion: given, timing }: Of<'RecordTownOpinion'>, state: PendingAdmission): Outcome {
  const { application, consultation } = state;
  const problem =
    notConcerned(application, given) ??
    unfit('L-6', 'text', given.text, MAX.text, {
      en: 'The written opinion of the town',
      'zh-CN': '镇街书面意见',
    }) ??
    (given.documentNumber === undefined ? undefined : documentMissing('L-6', given.documentNumber));
  if (problem) return refuse(problem);
  const due = nextDue(timing, state, { ...state, consultation: hear(consultation, given) });
  return accept<TaskAdmissionEvent>({ type: 'TownOpinionGiven', data: { ...given, ...due } });
}

function review({ review: given, timing }: Of<'RecordTaskLegalityReview'>, state: PendingAdmission): Outcome {
  const { events, now } = withLapsed(timing, state);
  if (now.status !== 'LEGALITY_REVIEW') return refuse(outOfOrder('LEGALITY_REVIEW', now));
  const problem =
    unfit('L-6', 'opinion', given.opinion, MAX.text, {
      en: 'The opinion of the legality review',
      'zh-CN': '合法性审核意见',
    }) ?? (given.documentNumber === undefined ? undefined : documentMissing('L-6', given.documentNumber));
  if (problem) return refuse(problem);
  const due = given.outcome === 'PASSED' ? nextDue(timing, now, { ...now, review: given }) : {};
  return accept<TaskAdmissionEvent>(...events, { type: 'TaskLegalityReviewed', data: { ...given, ...due } });
}

function decideTask(command: Of<'DecideTask'>, state: PendingAdmission): Outcome {
  const { admit, body, documentNumber, reasons, timing } = command;
  const { events, now } = withLapsed(timing, state);
  const waiting = outstanding(now.consultation);
  const { application } = now;
  const problem =
    (waiting.length > 0 ? stillWaiting('L-6', 'id', waiting) : undefined) ??
    (now.status === 'DECISION' ? undefined : outOfOrder('DECISION', now)) ??
    unfit('L-6', 'body', body, MAX.name, { en: 'Who decided', 'zh-CN': '决定机关' }) ??
    documentMissing('L-6', documentNumber) ??
    (admit ? admissionProblem(now, reasons, timing.today) : refusalWithoutReasons(reasons));
  if (problem) return refuse(problem);
  const decision = { body, documentNumber, reasons };
  if (!admit) return accept<TaskAdmissionEvent>(...events, { type: 'TaskRefused', data: decision });
  const admitted: TaskAdmissionEvent = { type: 'TaskAdmitted', data: { ...decision, ...application } };
  const starts = application.task.from <= timing.today ? [started(application, timing.today)] : [];
  return accept<TaskAdmissionEvent>(...events, admitted, ...starts);
}

function admissionProblem(
  { application, consultation }: PendingAdmission,
  reasons: string | null,
  today: string,
): Refusal | undefined {
  const { to } = application.task;
  if (to < today) {
    return broken(
      'L-6',
      'id',
      {
        en: `The task was to end on ${to}; what has passed is not admitted afterwards.`,
        'zh-CN': `该事项拟于 ${to} 结束，期限已过，不得事后补办准入。`,
      },
      { to },
    );
  }
  const overruling =
    reasons === null
      ? undefined
      : unfit('L-6', 'overruling', reasons, MAX.text, {
          en: 'Why the task is admitted in spite of objections',
          'zh-CN': '不予采纳异议的理由',
        });
  return overruling ?? unanswered('L-6', consultation, reasons);
}

const refusalWithoutReasons = (reasons: string | null): Refusal | undefined =>
  unfit('L-6', 'overruling', reasons ?? '', MAX.text, {
    en: 'Why the task is refused',
    'zh-CN': '不予准入的理由',
  });

/** Opinions whose deadline has passed go on record as not given before anything that rests on them. */
function withLapsed(
  timing: Timing,
  state: PendingAdmission,
): { events: TaskAdmissionEvent[]; now: PendingAdmission } {
  const late = lapsedBy(state.consultation, timing.today);
  if (late.length === 0) return { events: [], now: state };
  const organs = late.map(({ organ, organName }) => ({ organ, organName }));
  const after = { ...state, consultation: lapse(state.consultation, organs) };
  const event: TaskAdmissionEvent = {
    type: 'TownOpinionsLapsed',
    data: { organs, ...nextDue(timing, state, after) },
  };
  return { events: [event], now: evolve(state, event) as PendingAdmission };
}

const LIMITS = {
  OPINIONS: 'ADMISSION_OPINION',
  LEGALITY_REVIEW: 'ADMISSION_LEGALITY_REVIEW',
  DECISION: 'ADMISSION_DECISION',
} as const;

/** The last day of the stage that begins, if one begins. */
function nextDue(
  { limits, today }: Timing,
  before: PendingAdmission,
  after: Pick<PendingAdmission, 'application' | 'review'> & { consultation: Consultation },
): { due?: string } {
  const stage = stageAfter(after);
  return stage === before.status ? {} : { due: dueDay(limits, LIMITS[stage], today) };
}

const started = ({ task: { from, to } }: Application, today: string): TaskAdmissionEvent => {
  const on = from > today ? from : today;
  return { type: 'TaskStarted', data: { from: on, to }, effectiveAt: on };
};

function ended({ towns }: Application, on: string, early: boolean): TaskAdmissionEvent {
  return { type: 'TaskEnded', data: { on, early, towns }, effectiveAt: on };
}

function endEarly({ timing }: Of<'EndTask'>, state: TaskAdmission): Outcome {
  if (state.status === 'ENDED') return accept();
  if (state.status === 'ADMITTED' || state.status === 'RUNNING') {
    return accept<TaskAdmissionEvent>(ended(state.application, timing.today, true));
  }
  return refuse(notRunning(state));
}

/** Once each, however often it is looked at. */
function timePassed(timing: Timing, state: TaskAdmission): TaskAdmissionEvent[] {
  const { today } = timing;
  if (isPending(state)) {
    if (state.status === 'OPINIONS') return withLapsed(timing, state).events;
    const { status: stage, due, overdue } = state;
    if (today <= due || overdue.some((entry) => entry.stage === stage && entry.due === due)) return [];
    return [{ type: 'AdmissionStageOverdue', data: { stage, due } }];
  }
  if (state.status !== 'ADMITTED' && state.status !== 'RUNNING') return [];
  const { application } = state;
  const { from, to } = application.task;
  return [
    ...(state.status === 'ADMITTED' && from <= today ? [started(application, from)] : []),
    ...(to < today ? [ended(application, to, false)] : []),
  ];
}

export const taskAdmission: Decider<TaskAdmission, TaskAdmissionCommand, TaskAdmissionEvent> = {
  initial,
  evolve,
  decide,
};
