import { type OutgoingMessage, outgoing } from '@dutyledger/contracts/event-contract';
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
} from '@dutyledger/contracts/grid-events';
import type { StoredEvent } from '@dutyledger/event-store/event-store';
import type { RouteTarget } from '../routing/route.ts';
import { type CaseEvent, caseIdOf, WHOLE_CASE } from './events.ts';

const itemOf = (target: RouteTarget) => {
  if (target.kind !== 'ITEM') return null;
  const { list, edition, code, name } = target;
  return { list, edition, code, name };
};

type DataOf<T extends CaseEvent['type']> = Extract<CaseEvent, { type: T }>['data'];

/** Which case it is, and where: in every message. */
interface Head {
  case: string;
  division: string;
}

/** How each event that is other services' business is told. */
const MESSAGES: {
  [T in CaseEvent['type']]?: (stored: StoredEvent, head: Head, data: DataOf<T>) => OutgoingMessage;
} = {
  CaseReported: (
    stored,
    head,
    { county, division, grid, source, policy, urgency, level, route, class: of },
  ) => {
    const matter = route.target.kind === 'MATTER' ? route.target.matter : null;
    const place = { ...head, county, division, grid, class: of, className: policy.name };
    const item = itemOf(route.target);
    return outgoing(CaseReported, { stored, data: { ...place, source, urgency, level, item, matter } });
  },
  CaseClassUnlisted: (stored, head, { county, division, class: of, className }) =>
    outgoing(ClassWithoutItem, { stored, data: { ...head, county, division, class: of, className } }),
  CaseFiled: (stored, head, { level, closeBy }) =>
    outgoing(CaseFiled, { stored, data: { ...head, division: stored.metadata.division, level, closeBy } }),
  CaseDispatched: (stored, head, { level, tasks }) => {
    const told = tasks.map(({ id: task, name, organ, organName, role }) => ({
      task,
      name,
      organ,
      organName,
      role,
    }));
    return outgoing(CaseDispatched, {
      stored,
      data: { ...head, division: stored.metadata.division, level, tasks: told },
    });
  },
  CaseDutyDenied: (stored, head, { county, class: of, className, task, target, by, proposed, ground }) => {
    const parties = { firstReceiver: by, returnedBy: by, proposed };
    const item = itemOf(target);
    const data = {
      ...head,
      county,
      division: stored.metadata.division,
      class: of,
      className,
      task,
      item,
      ...parties,
      ground,
    };
    return outgoing(CaseReturned, { stored, data });
  },
  CaseEscalated: (stored, head, { from, to, cause }) =>
    outgoing(CaseEscalated, {
      stored,
      data: { ...head, division: stored.metadata.division, from, to, cause },
    }),
  ClockOverdue: (stored, head, { of, phase, organ, level, due }) => {
    const task = of === WHOLE_CASE ? null : of;
    return outgoing(CaseOverdue, {
      stored,
      data: { ...head, division: stored.metadata.division, phase, task, organ, level, due },
    });
  },
  CaseClosed: (stored, head, { level, at, onTime, reworks, transfers }) =>
    outgoing(CaseClosed, {
      stored,
      data: { ...head, division: stored.metadata.division, level, at, onTime, reworks, transfers },
    }),
  CaseEvaluated: (stored, head, { by, responded, resolved, satisfied }) =>
    outgoing(CaseRated, {
      stored,
      data: { ...head, division: stored.metadata.division, by, responded, resolved, satisfied },
    }),
};

/** Types of events of a case that are other services' business. */
export const CASE_EVENTS = Object.keys(MESSAGES) as CaseEvent['type'][];

/** What other services learn of a recorded event of a case; undefined when it is nobody else's business. */
export function caseMessage(stored: StoredEvent): OutgoingMessage | undefined {
  const { type, data, stream, metadata } = stored as StoredEvent & CaseEvent;
  const tell = MESSAGES[type] as
    | ((stored: StoredEvent, head: Head, data: unknown) => OutgoingMessage)
    | undefined;
  return tell?.(stored, { case: caseIdOf(stream), division: metadata.division }, data);
}
