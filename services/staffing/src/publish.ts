import { type OutgoingMessage, outgoing } from '@dutyledger/contracts/event-contract';
import { OrganChanged, OrganRegistered, OrganSplit, OrgansMerged } from '@dutyledger/contracts/staffing';
import { assertNever } from '@dutyledger/event-store/decider';
import type { StoredEvent } from '@dutyledger/event-store/event-store';
import { isLive } from './organ-register/organ.ts';
import type { OrganEvent, OrganField } from './organ-register/state.ts';

/**
 * What other services are told of a recorded fact: one message per event. Pure and replayable, because each event
 * carries the organs it concerns as they are afterwards. Messages are ordered by register (the stream).
 */
export function toIntegrationEvent(stored: StoredEvent): OutgoingMessage {
  const event = stored as StoredEvent & OrganEvent;
  switch (event.type) {
    case 'OrganRegistered':
      return outgoing(OrganRegistered, { stored, data: event.data });
    case 'OrganRenamed':
      return outgoing(OrganChanged, { stored, data: { organ: event.data.organ, change: 'renamed' } });
    case 'OrganRevised': {
      const { organ, fields } = event.data;
      return outgoing(OrganChanged, { stored, data: { organ, change: mainChange(fields) } });
    }
    case 'OrganConfirmed':
      return outgoing(OrganChanged, { stored, data: { organ: event.data.organ, change: 'confirmed' } });
    case 'OrganAbolished':
      return outgoing(OrganChanged, { stored, data: { organ: event.data.organ, change: 'abolished' } });
    case 'OrgansMerged': {
      const { sources, into } = event.data;
      return outgoing(OrgansMerged, { stored, data: { sources: sources.map(({ id }) => id), into } });
    }
    case 'OrganSplit': {
      const { source, into } = event.data;
      return outgoing(OrganSplit, {
        stored,
        data: { source: source.id, into, sourceContinues: isLive(source) },
      });
    }
    default:
      return assertNever(event);
  }
}

/** A revision of several fields is told by the weightiest; consumers take the facts over whole in any case. */
function mainChange(fields: readonly OrganField[]): 'reclassified' | 'credit-code' | 'aliases' {
  if (fields.includes('kind') || fields.includes('superior')) return 'reclassified';
  return fields.includes('creditCode') ? 'credit-code' : 'aliases';
}
