import { type OutgoingMessage, outgoing } from '@dutyledger/contracts/event-contract';
import {
  DelegationEvaluationOverdue,
  PowersDelegated,
  PowersRecalled,
} from '@dutyledger/contracts/lists-delegations';
import type { StoredEvent } from '@dutyledger/event-store/event-store';
import { countyOf, type PowerEvent } from './events.ts';

/** Types of events about powers that are other services' business. */
export const DELEGATION_EVENTS = [
  'DelegationDecided',
  'DelegationEvaluationOverdue',
  'PowersRecalled',
] as const;

/** What other services learn of delegated powers; undefined when a delegation was refused, or of anything else. */
export function delegationMessage(stored: StoredEvent): OutgoingMessage | undefined {
  const event = stored as StoredEvent & PowerEvent;
  switch (event.type) {
    case 'DelegationDecided': {
      const { delegation, decision } = event.data;
      const { handed, from, trialUntil, documentNumber } = decision;
      if (handed === null || from === null) return undefined;
      return outgoing(PowersDelegated, {
        stored,
        data: {
          delegation,
          county: countyOf(stored.stream),
          title: handed.title,
          powers: handed.powers.map(({ code, name, former }) => ({ code, name, formerOrgan: former.organ })),
          towns: handed.towns.map(({ town, organ }) => ({ division: town, organ })),
          from,
          trialUntil,
          documentNumber,
        },
      });
    }
    case 'DelegationEvaluationOverdue': {
      const { delegation, overdue } = event.data;
      const { title, town, due } = overdue;
      const county = countyOf(stored.stream);
      return outgoing(DelegationEvaluationOverdue, {
        stored,
        data: { delegation, county, title, town: { division: town.town, organ: town.organ }, due },
      });
    }
    case 'PowersRecalled': {
      const { delegation, recall } = event.data;
      const { powers, towns, from, documentNumber } = recall;
      const county = countyOf(stored.stream);
      return outgoing(PowersRecalled, {
        stored,
        data: { delegation, county, powers, towns, from, documentNumber },
      });
    }
    default:
      return undefined;
  }
}
