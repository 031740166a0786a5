import { type OutgoingMessage, outgoing } from '@dutyledger/contracts/event-contract';
import { CallAnswered, CallIssued, CallOverdue, CallRated } from '@dutyledger/contracts/grid-events-calls';
import type { StoredEvent } from '@dutyledger/event-store/event-store';
import { type CallEvent, callIdOf } from './state.ts';

/** Types of events of a call that are other services' business. */
export const CALL_MESSAGES = [
  'CallIssued',
  'CallAccepted',
  'CalledOrganArrived',
  'CalledOrganDone',
  'CallRefused',
  'CallRefusalDecided',
  'CalledOrganSubstituted',
  'CallRated',
  'CallOverdue',
] as const;

/** What other services learn of a recorded event of a call; undefined when it is nobody else's business. */
export function callMessage(stored: StoredEvent): OutgoingMessage | undefined {
  const event = stored as StoredEvent & CallEvent;
  const call = callIdOf(stored.stream);
  switch (event.type) {
    case 'CallIssued': {
      const { county, division, town, kind, case: of, organs, at, appointedAt } = event.data;
      const place = { call, county, division, town: town.organ };
      return outgoing(CallIssued, { stored, data: { ...place, kind, case: of, organs, at, appointedAt } });
    }
    case 'CallAccepted':
    case 'CalledOrganArrived':
    case 'CalledOrganDone':
    case 'CallRefused': {
      const { organ, at } = event.data;
      return outgoing(CallAnswered, {
        stored,
        data: { call, organ, answer: ANSWERS[event.type], at, by: null },
      });
    }
    case 'CallRefusalDecided': {
      const { organ, at, stands } = event.data;
      const answer = stands ? 'RELEASED' : 'REFUSAL_REJECTED';
      return outgoing(CallAnswered, { stored, data: { call, organ, answer, at, by: null } });
    }
    case 'CalledOrganSubstituted': {
      const { organ, at, by } = event.data;
      return outgoing(CallAnswered, { stored, data: { call, organ, answer: 'SUBSTITUTED', at, by } });
    }
    case 'CallRated': {
      const { organ, at, rating } = event.data;
      const { points, scale } = rating;
      return outgoing(CallRated, { stored, data: { call, organ, points, scale, at } });
    }
    case 'CallOverdue': {
      const { organ, step, due } = event.data;
      return outgoing(CallOverdue, { stored, data: { call, organ, step, due } });
    }
    default:
      return undefined;
  }
}

const ANSWERS = {
  CallAccepted: 'ACCEPTED',
  CalledOrganArrived: 'ON_SITE',
  CalledOrganDone: 'DONE',
  CallRefused: 'REFUSED',
} as const;
