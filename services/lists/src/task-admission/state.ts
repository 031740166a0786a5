import { assertNever, type Fact } from '@dutyledger/event-store/decider';
import {
  ask,
  type Consultation,
  hear,
  lapse,
  nobodyAsked,
  type Opinion,
  type OrganName,
  outstanding,
} from '../consultation.ts';

/**
 * The admission of a task that no list gives (交办事项准入, L-6): its events (a storage format), its state, and how the one
 * makes the other. The rules are in task-admission.ts. The read model keeps the state as it is.
 */

export interface Task {
  title: string;
  /** What the towns are to do. */
  what: string;
  /** Why no list covers it. */
  whyUnlisted: string;
  /** First and last day (YYYY-MM-DD). */
  from: string;
  to: string;
  /** What the department gives along: 经费、人员、技术、培训. */
  funds: string;
  people: string;
  technology: string;
  training: string;
  /** Whether it goes to grid workers, too (G-3). */
  grid: boolean;
}

export interface Town extends OrganName {
  division: string;
}

export interface Application {
  id: string;
  /** 12-digit code of the county whose towns are concerned. */
  division: string;
  applicant: OrganName;
  task: Task;
  towns: Town[];
  /** Whether the county wants a legality review (司法局) before it decides. */
  legalityReview: boolean;
}

export interface TaskReview extends OrganName {
  outcome: 'PASSED' | 'RETURNED';
  opinion: string;
  documentNumber?: string;
}

/** Who decided (区委编委、区政府常务会议 …), by which document. */
export interface TaskDecision {
  body: string;
  documentNumber: string;
  /** Of an admission: why in spite of objections, null without any. Of a refusal: why. */
  reasons: string | null;
}

export type PendingStage = 'OPINIONS' | 'LEGALITY_REVIEW' | 'DECISION';

/** `due`: last day of the stage that the event begins, when it begins one. */
export type TaskAdmissionEvent =
  | Fact<'TaskApplied', Application & { due: string; silenceIsConsent: boolean }>
  | Fact<'TownOpinionGiven', Opinion & { due?: string }>
  | Fact<'TownOpinionsLapsed', { organs: OrganName[]; due?: string }>
  | Fact<'TaskLegalityReviewed', TaskReview & { due?: string }>
  | Fact<'AdmissionStageOverdue', { stage: PendingStage; due: string }>
  | Fact<'TaskAdmitted', TaskDecision & Application>
  | Fact<'TaskRefused', TaskDecision>
  | Fact<'TaskApplicationWithdrawn', { by: OrganName }>
  | Fact<'TaskStarted', { from: string; to: string }>
  | Fact<'TaskEnded', { on: string; early: boolean; towns: Town[] }>;

interface Applied {
  application: Application;
  consultation: Consultation;
  review: TaskReview | null;
  /** Stages that went over their limit. */
  overdue: { stage: PendingStage; due: string }[];
}

export interface PendingAdmission extends Applied {
  status: PendingStage;
  due: string;
}

export interface GrantedAdmission extends Applied {
  status: 'ADMITTED' | 'RUNNING';
  decision: TaskDecision;
}

export type TaskAdmission =
  | { status: 'ABSENT' }
  | PendingAdmission
  | GrantedAdmission
  | (Applied & { status: 'ENDED'; decision: TaskDecision; endedOn: string; early: boolean })
  | (Applied & { status: 'REFUSED'; decision: TaskDecision })
  | (Applied & { status: 'RETURNED' | 'WITHDRAWN' });

export const initial: TaskAdmission = { status: 'ABSENT' };

export const isPending = (state: TaskAdmission): state is PendingAdmission =>
  state.status === 'OPINIONS' || state.status === 'LEGALITY_REVIEW' || state.status === 'DECISION';

export function evolve(state: TaskAdmission, event: TaskAdmissionEvent): TaskAdmission {
  if (event.type === 'TaskApplied') return applied(event.data);
  if (state.status === 'ABSENT') throw new Error(`${event.type} before TaskApplied`);
  const { application, consultation, review, overdue } = state;
  const common: Applied = { application, consultation, review, overdue };
  switch (event.type) {
    case 'TownOpinionGiven': {
      const { due, ...opinion } = event.data;
      return advanced(state, { ...common, consultation: hear(consultation, opinion) }, due);
    }
    case 'TownOpinionsLapsed': {
      const { due, organs } = event.data;
      return advanced(state, { ...common, consultation: lapse(consultation, organs) }, due);
    }
    case 'TaskLegalityReviewed': {
      const { due, ...given } = event.data;
      if (given.outcome === 'RETURNED') return { ...common, review: given, status: 'RETURNED' };
      return advanced(state, { ...common, review: given }, due);
    }
    case 'AdmissionStageOverdue':
      return { ...state, overdue: [...overdue, event.data] };
    case 'TaskAdmitted':
      return { ...common, status: 'ADMITTED', decision: decisionOf(event.data) };
    case 'TaskRefused':
      return { ...common, status: 'REFUSED', decision: event.data };
    case 'TaskApplicationWithdrawn':
      return { ...common, status: 'WITHDRAWN' };
    case 'TaskStarted':
      return { ...common, status: 'RUNNING', decision: grantedDecision(state, event.type) };
    case 'TaskEnded': {
      const { on, early } = event.data;
      return { ...common, status: 'ENDED', decision: grantedDecision(state, event.type), endedOn: on, early };
    }
    default:
      return assertNever(event);
  }
}

function applied({
  due,
  silenceIsConsent,
  ...application
}: Application & { due: string; silenceIsConsent: boolean }): TaskAdmission {
  const organs = application.towns.map(({ organ, organName }) => ({ organ, organName }));
  const consultation = ask(nobodyAsked, { organs, due, silenceIsConsent });
  return { application, consultation, review: null, overdue: [], status: 'OPINIONS', due };
}

/** The stage that follows from what is on record. */
export function stageAfter({ application, consultation, review }: Omit<Applied, 'overdue'>): PendingStage {
  if (outstanding(consultation).length > 0) return 'OPINIONS';
  return application.legalityReview && review === null ? 'LEGALITY_REVIEW' : 'DECISION';
}

function advanced(before: TaskAdmission, now: Applied, due: string | undefined): TaskAdmission {
  if (!isPending(before)) throw new Error(`a step of an application that is ${before.status}`);
  return { ...now, status: stageAfter(now), due: due ?? before.due };
}

const decisionOf = ({ body, documentNumber, reasons }: TaskDecision): TaskDecision => ({
  body,
  documentNumber,
  reasons,
});

function grantedDecision(state: TaskAdmission, event: string): TaskDecision {
  if (state.status === 'ADMITTED' || state.status === 'RUNNING') return state.decision;
  throw new Error(`${event} of an admission that is ${state.status}`);
}

const PREFIX = 'lists.taskAdmission-';
const ID = 'admission:';

export const taskAdmissionStream = (id: string): string => `${PREFIX}${id.slice(ID.length)}`;
export const admissionIdOf = (stream: string): string => `${ID}${stream.slice(PREFIX.length)}`;
