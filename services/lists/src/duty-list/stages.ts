import {
  ask,
  type Consultation,
  dueOf,
  hear,
  lapse,
  nobodyAsked,
  outstanding,
  silent,
} from '../consultation.ts';
import type {
  Approval,
  DutyListEvent,
  LegalityReview,
  RecordedOpinion,
  RunningStage,
  Submission,
} from './events.ts';

/**
 * How far a draft is on its way to an edition (L-3): submitted, legality review, opinions, approval, publication. Shared
 * by the decider and the read model, so that both always agree; plain values.
 */
export interface EditionProcedure {
  /** RETURNED: the legality review sent the draft back; it is submitted again. PUBLICATION: approved. */
  stage: RunningStage | 'RETURNED';
  /** Last day of the stage; null where it has no limit. */
  due: string | null;
  /** Null only in drafts of before there were submissions. */
  submission: Submission | null;
  review: LegalityReview | null;
  consultation: Consultation;
  approval: Approval | null;
  /** Stages that went over their limit. */
  overdue: { stage: RunningStage; due: string }[];
}

const begun: EditionProcedure = {
  stage: 'LEGALITY_REVIEW',
  due: null,
  submission: null,
  review: null,
  consultation: nobodyAsked,
  approval: null,
  overdue: [],
};

export type StepEvent = Extract<
  DutyListEvent,
  {
    type:
      | 'DraftSubmitted'
      | 'LegalityReviewed'
      | 'OpinionsRequested'
      | 'OpinionGiven'
      | 'OpinionsLapsed'
      | 'EditionApproved'
      | 'EditionStageOverdue';
  }
>;

/**
 * The procedure after a step. Events of before there were submissions came in any order and asked nobody: they are
 * folded as they come, and the stage is what is still missing.
 */
export function afterStep(before: EditionProcedure | null, event: StepEvent): EditionProcedure {
  const procedure = before ?? begun;
  switch (event.type) {
    case 'DraftSubmitted':
      return { ...begun, submission: event.data, due: event.data.due };
    case 'LegalityReviewed':
      return staged({ ...procedure, review: event.data }, event.data.due);
    case 'OpinionsRequested':
      return staged({ ...procedure, consultation: ask(procedure.consultation, event.data) });
    case 'OpinionGiven': {
      const { due, ...opinion } = event.data;
      return staged({ ...procedure, consultation: hear(procedure.consultation, opinion) }, due);
    }
    case 'OpinionsLapsed': {
      const { due, organs } = event.data;
      return staged({ ...procedure, consultation: lapse(procedure.consultation, organs) }, due);
    }
    case 'EditionApproved':
      return staged({ ...procedure, approval: event.data }, event.data.due);
    case 'EditionStageOverdue':
      return { ...procedure, overdue: [...procedure.overdue, event.data] };
    default:
      return event satisfies never;
  }
}

/** With the stage that follows from what is on record; `due` is that of the stage when the event opened it. */
function staged(procedure: EditionProcedure, due?: string): EditionProcedure {
  const { review, consultation, approval } = procedure;
  if (review?.outcome === 'RETURNED') return { ...procedure, stage: 'RETURNED', due: null };
  if (!review) return procedure;
  if (outstanding(consultation).length > 0) {
    return { ...procedure, stage: 'OPINIONS', due: dueOf(consultation) };
  }
  if (approval) return { ...procedure, stage: 'PUBLICATION', due: due ?? null };
  return {
    ...procedure,
    stage: 'APPROVAL',
    due: due ?? (procedure.stage === 'APPROVAL' ? procedure.due : null),
  };
}

/** What the organs said, for the edition: silence is on record as such. */
export const recordedOpinions = (consultation: Consultation): RecordedOpinion[] => [
  ...consultation.given,
  ...silent(consultation).map(({ organ, organName, silenceIsConsent }) => ({
    organ,
    organName,
    position: 'NONE' as const,
    silenceIsConsent,
  })),
];
