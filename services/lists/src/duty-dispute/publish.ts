import { type OutgoingMessage, outgoing } from '@dutyledger/contracts/event-contract';
import { DisputeSettled } from '@dutyledger/contracts/lists-disputes';
import type { StoredEvent } from '@dutyledger/event-store/event-store';
import { type DutyDisputeEvent, disputeIdOf } from './state.ts';

/** Types of events about disputes that are other services' business. */
export const DISPUTES_SETTLED = ['DisputeAgreed', 'DisputeRuled', 'DisputeWithdrawn'] as const;

const OUTCOMES = { DisputeAgreed: 'AGREED', DisputeRuled: 'RULED', DisputeWithdrawn: 'WITHDRAWN' } as const;

/** What other services learn of a settled dispute; undefined of anything else. */
export function disputeMessage(stored: StoredEvent): OutgoingMessage | undefined {
  const event = stored as StoredEvent & DutyDisputeEvent;
  switch (event.type) {
    case 'DisputeAgreed':
    case 'DisputeRuled':
    case 'DisputeWithdrawn': {
      const { handler, matter } = event.data;
      const { caseReference, caseClass, item } = matter;
      return outgoing(DisputeSettled, {
        stored,
        data: {
          dispute: disputeIdOf(stored.stream),
          outcome: OUTCOMES[event.type],
          handler: handler.organ,
          caseReference,
          caseClass,
          item: item && { list: item.list, code: item.code },
          documentNumber: event.type === 'DisputeRuled' ? event.data.documentNumber : null,
        },
      });
    }
    default:
      return undefined;
  }
}
