import type { Refusal } from '@dutyledger/event-store/decider';
import { ask, type Consultation, dueOf, hear, lapse, nobodyAsked, outstanding } from '../consultation.ts';
import type {
  AdjustmentDecision,
  AdjustmentEvent,
  AdjustmentHead,
  AdjustmentStage,
  LegalityOpinion,
  OfficeReview,
} from './events.ts';

/**
 * How an adjustment goes (L-4): submitted, reviewed by the 编办, legality review, opinions, decision, application; or
 * withdrawn, or rejected. Shared by the decider and the read model; plain values, without the changes themselves.
 */

interface Review extends OfficeReview {
  silenceIsConsent: boolean;
}

export interface Course {
  head: AdjustmentHead;
  status: AdjustmentStage | 'APPLIED' | 'REJECTED' | 'WITHDRAWN';
  /** Last day of the stage; null when nothing is to be done any more. */
  due: string | null;
  review: Review | null;
  legality: LegalityOpinion | null;
  consultation: Consultation;
  decision: AdjustmentDecision | null;
  applications: ListApplication[];
  overdue: { stage: AdjustmentStage; due: string }[];
}

/** What became of the changes of one list; `edition` is null while they wait in its draft. */
export type ListApplication =
  | { list: string; status: 'PENDING' }
  | { list: string; status: 'APPLIED'; edition: number | null; draftNumber: number }
  | { list: string; status: 'FAILED'; refusal: Refusal };

type CourseEvent = Exclude<AdjustmentEvent, { type: 'AdjustmentSubmitted' | 'AdjustmentChangeProposed' }>;

export const begin = ({ due, ...head }: AdjustmentHead & { due: string }): Course => ({
  head,
  status: 'REVIEW',
  due,
  review: null,
  legality: null,
  consultation: nobodyAsked,
  decision: null,
  applications: [],
  overdue: [],
});

export function advance(course: Course, event: CourseEvent): Course {
  switch (event.type) {
    case 'AdjustmentReviewed': {
      const { passed, opinion, silenceIsConsent, alsoAsk, due } = event.data;
      const affected = [...course.head.affected, ...alsoAsk];
      const reviewed = {
        ...course,
        head: { ...course.head, affected },
        review: { passed, opinion, silenceIsConsent },
      };
      return passed ? at(reviewed, 'LEGALITY_REVIEW', due) : ended(reviewed, 'REJECTED');
    }
    case 'AdjustmentLegalityReviewed': {
      const { due, ...legality } = event.data;
      const reviewed = { ...course, legality };
      return legality.passed ? at(reviewed, 'DECISION', due) : ended(reviewed, 'REJECTED');
    }
    case 'AdjustmentOpinionsRequested':
      return consulted({ ...course, consultation: ask(course.consultation, event.data) });
    case 'AdjustmentOpinionGiven': {
      const { due, ...opinion } = event.data;
      return consulted({ ...course, consultation: hear(course.consultation, opinion) }, due);
    }
    case 'AdjustmentOpinionsLapsed':
      return consulted(
        { ...course, consultation: lapse(course.consultation, event.data.organs) },
        event.data.due,
      );
    case 'AdjustmentDecided':
      return decided(course, event.data);
    case 'AdjustmentWithdrawn':
      return ended(course, 'WITHDRAWN');
    case 'AdjustmentApplied': {
      const { list, edition, draftNumber } = event.data;
      return applied(course, { list, status: 'APPLIED', edition, draftNumber });
    }
    case 'AdjustmentApplicationFailed': {
      const { list, refusal } = event.data;
      return applied(course, { list, status: 'FAILED', refusal });
    }
    case 'AdjustmentApplicationRetried':
      return event.data.lists.reduce((before, list) => applied(before, { list, status: 'PENDING' }), course);
    case 'AdjustmentStageOverdue':
      return { ...course, overdue: [...course.overdue, event.data] };
    default:
      return event satisfies never;
  }
}

const at = (course: Course, status: Course['status'], due: string | undefined): Course => ({
  ...course,
  status,
  due: due ?? null,
});

const ended = (course: Course, status: 'APPLIED' | 'REJECTED' | 'WITHDRAWN'): Course => ({
  ...course,
  status,
  due: null,
});

function consulted(course: Course, due?: string): Course {
  if (outstanding(course.consultation).length > 0)
    return at(course, 'OPINIONS', dueOf(course.consultation) ?? due);
  return at(course, 'DECISION', due ?? course.due ?? undefined);
}

function decided(
  course: Course,
  { due, of: _, ...decision }: Extract<AdjustmentEvent, { type: 'AdjustmentDecided' }>['data'],
): Course {
  const done = { ...course, decision };
  if (!decision.application) return ended(done, 'REJECTED');
  const applications = course.head.lists.map(({ list }) => ({ list, status: 'PENDING' as const }));
  return at({ ...done, applications }, 'APPLICATION', due);
}

function applied(course: Course, application: ListApplication): Course {
  const applications = course.applications.map((one) => (one.list === application.list ? application : one));
  const after = { ...course, applications };
  return applications.every(({ status }) => status === 'APPLIED') ? ended(after, 'APPLIED') : after;
}
