import { type OutgoingMessage, outgoing } from '@dutyledger/contracts/event-contract';
import { EditionCorrected, EditionPublished } from '@dutyledger/contracts/lists';
import type { StoredEvent } from '@dutyledger/event-store/event-store';
import { ADJUSTMENT_EVENTS, adjustmentMessage } from './adjustment/publish.ts';
import { DELEGATION_EVENTS, delegationMessage } from './delegation/publish.ts';
import { DISPUTES_SETTLED, disputeMessage } from './duty-dispute/publish.ts';
import type { DutyListEvent } from './duty-list/events.ts';
import { listIdOf } from './duty-list/state.ts';
import { MATTER_EVENTS, matterMessage } from './integrated-matter/publish.ts';
import { TASK_EVENTS, taskMessage } from './task-admission/publish.ts';

/** Types of events that are other services' business. */
export const PUBLISHED = [
  'EditionPublished',
  'EditionCorrected',
  ...ADJUSTMENT_EVENTS,
  ...MATTER_EVENTS,
  ...DELEGATION_EVENTS,
  ...TASK_EVENTS,
  ...DISPUTES_SETTLED,
] as const;

/** What other services learn of a recorded event of this one; undefined when it is nobody else's business. */
export function toIntegrationEvent(stored: StoredEvent): OutgoingMessage | undefined {
  const ofMatter = matterMessage(stored);
  if (ofMatter) return ofMatter;
  const event = stored as StoredEvent & DutyListEvent;
  const listId = listIdOf(stored.stream);
  switch (event.type) {
    case 'EditionPublished': {
      const {
        list,
        added,
        revised,
        retired,
        edition,
        effectiveFrom,
        documentNumber,
        itemCount,
        digest,
        adjustment,
      } = event.data;
      return outgoing(EditionPublished, {
        stored,
        data: {
          listId,
          ...list,
          edition,
          effectiveFrom,
          documentNumber,
          itemCount,
          digest,
          added: added.length,
          revised: revised.length,
          retired: retired.length,
          ...(adjustment && { adjustment: adjustment.id }),
        },
      });
    }
    case 'EditionCorrected': {
      const { edition, correction, effectiveFrom, documentNumber, corrections } = event.data;
      const codes = corrections.map(({ code }) => code);
      return outgoing(EditionCorrected, {
        stored,
        data: { listId, edition, correction, effectiveFrom, documentNumber, codes },
      });
    }
    default:
      return (
        adjustmentMessage(stored) ??
        delegationMessage(stored) ??
        taskMessage(stored) ??
        disputeMessage(stored)
      );
  }
}
