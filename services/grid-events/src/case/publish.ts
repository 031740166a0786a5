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

/** Types of events of a case that are other services' business. */
export const CASE_EVENTS = [
  'CaseReported',
  'CaseClassUnlisted',
  'CaseFiled',
  'CaseDispatched',
  'CaseDutyDenied',
  'CaseEscalated',
  'ClockOverdue',
  'CaseClosed',
  'CaseEvaluated',
] as const;

const itemOf = (target: RouteTarget) => {
  if (target.kind !== 'ITEM') return null;
  const { list, edition, code, name } = target;
  return { list, edition, code, name };
};

/** What other services learn of a recorded event of a case; undefined when it is nobody else's business. */
export function caseMessage(stored: StoredEvent): OutgoingMessage | undefined {
  const event = stored as StoredEvent & CaseEvent;
  const id = caseIdOf(stored.stream);
  switch (event.type) {
    case 'CaseReported': {
      const { county, division, grid, source, class: of, policy, urgency, level, route } = event.data;
      const matter = route.target.kind === 'MATTER' ? route.target.matter : null;
      const place = { case: id, county, division, grid, class: of, className: policy.name };
      const item = itemOf(route.target);
      return outgoing(CaseReported, { stored, data: { ...place, source, urgency, level, item, matter } });
    }
    case 'CaseClassUnlisted': {
      const { county, division, class: of, className } = event.data;
      return outgoing(ClassWithoutItem, {
        stored,
        data: { case: id, county, division, class: of, className },
      });
    }
    case 'CaseFiled': {
      const { level, closeBy } = event.data;
      return outgoing(CaseFiled, { stored, data: { case: id, level, closeBy } });
    }
    case 'CaseDispatched': {
      const { level, tasks } = event.data;
      const told = tasks.map(({ id: task, name, organ, organName, role }) => ({
        task,
        name,
        organ,
        organName,
        role,
      }));
      return outgoing(CaseDispatched, { stored, data: { case: id, level, tasks: told } });
    }
    case 'CaseDutyDenied': {
      const { county, class: of, className, task, target, by, proposed, ground } = event.data;
      const parties = { firstReceiver: by, returnedBy: by, proposed };
      const item = itemOf(target);
      const data = { case: id, county, class: of, className, task, item, ...parties, ground };
      return outgoing(CaseReturned, { stored, data });
    }
    case 'CaseEscalated': {
      const { from, to, cause } = event.data;
      return outgoing(CaseEscalated, { stored, data: { case: id, from, to, cause } });
    }
    case 'ClockOverdue': {
      const { of, phase, organ, level, due } = event.data;
      const task = of === WHOLE_CASE ? null : of;
      return outgoing(CaseOverdue, { stored, data: { case: id, phase, task, organ, level, due } });
    }
    case 'CaseClosed': {
      const { level, at, onTime, reworks, transfers } = event.data;
      return outgoing(CaseClosed, { stored, data: { case: id, level, at, onTime, reworks, transfers } });
    }
    case 'CaseEvaluated': {
      const { by, responded, resolved, satisfied } = event.data;
      return outgoing(CaseRated, { stored, data: { case: id, by, responded, resolved, satisfied } });
    }
    default:
      return undefined;
  }
}
