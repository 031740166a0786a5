import type { CloudEvent } from './envelope.ts';
import { type EventContract, is } from './event-contract.ts';
import {
  CaseClosed,
  CaseDispatched,
  CaseEscalated,
  CaseFiled,
  CaseOverdue,
  CaseRated,
  CaseReported,
  CaseReturned,
  ClassWithoutItem,
  GRID_EVENTS_TOPIC,
} from './grid-events.ts';
import { CallAnswered, CallIssued, CallOverdue, CallRated } from './grid-events-calls.ts';
import { type SubscriptionContract, upwardOf } from './subscription.ts';

const common = { subgraph: 'gridEvents', topic: GRID_EVENTS_TOPIC } as const;

const CASE_EVENTS: readonly EventContract[] = [
  CaseReported,
  ClassWithoutItem,
  CaseFiled,
  CaseDispatched,
  CaseReturned,
  CaseEscalated,
  CaseOverdue,
  CaseClosed,
  CaseRated,
];

/** What every event of a case says; those of before the division was told name the county in the id of the case. */
interface OfCase {
  case: string;
  division?: string;
}

const divisionOf = ({
  case: id,
  division = `${id.slice('case:'.length).slice(0, 6)}000000`,
}: OfCase): string => division;

/** What happens to cases (G-4 to G-8). */
export const caseEvents: SubscriptionContract = {
  ...common,
  field: 'caseEvents',
  entities: { case: 'case' },
  tell(event) {
    if (!CASE_EVENTS.some(({ type }) => type === event.type)) return undefined;
    const data = event.data as OfCase;
    const { case: id } = data;
    const division = divisionOf(data);
    return {
      values: { division },
      entities: { case: id },
      meets: { division: upwardOf(division), case: [id] },
    };
  },
};

/** Limits of cases and tasks that ran out (G-8). */
export const overdue: SubscriptionContract = {
  ...common,
  field: 'overdue',
  entities: { case: 'case' },
  tell(event) {
    if (!is(CaseOverdue, event)) return undefined;
    const { case: id, phase, task, organ, level, due } = event.data;
    const division = divisionOf(event.data);
    return {
      values: { division, phase: phase.toUpperCase(), task, level, due, organId: organ },
      entities: { case: id },
      meets: { division: upwardOf(division), organ: organ === null ? [] : [organ] },
    };
  },
};

/** The organs that a message of a call is for. */
function calledBy(event: CloudEvent): { call: string; organs: string[] } | undefined {
  if (is(CallIssued, event)) {
    return { call: event.data.call, organs: event.data.organs.map(({ organ }) => organ) };
  }
  if (is(CallAnswered, event)) {
    const { call, organ, by } = event.data;
    return { call, organs: [organ, ...(by ? [by.organ] : [])] };
  }
  if (is(CallRated, event) || is(CallOverdue, event)) {
    return { call: event.data.call, organs: [event.data.organ] };
  }
  return undefined;
}

/** Calls of towns to departments (G-9). */
export const callsFor: SubscriptionContract = {
  ...common,
  field: 'callsFor',
  entities: { call: 'call' },
  tell(event) {
    const told = calledBy(event);
    return told && { values: {}, entities: { call: told.call }, meets: { organ: told.organs } };
  },
};
