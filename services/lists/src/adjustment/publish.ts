import { type OutgoingMessage, outgoing } from '@dutyledger/contracts/event-contract';
import { AdjustmentApplied, AdjustmentDecided } from '@dutyledger/contracts/lists-adjustments';
import type { StoredEvent } from '@dutyledger/event-store/event-store';
import { type AdjustmentEvent, adjustmentIdOf } from './events.ts';

/** Types of events of adjustments that are other services' business. */
export const ADJUSTMENT_EVENTS = ['AdjustmentDecided', 'AdjustmentApplied'] as const;

/** What other services learn of an adjustment; undefined for any other event. */
export function adjustmentMessage(stored: StoredEvent): OutgoingMessage | undefined {
  const event = stored as StoredEvent & AdjustmentEvent;
  switch (event.type) {
    case 'AdjustmentDecided': {
      const { of, application, documentNumber } = event.data;
      const adjustment = adjustmentIdOf(stored.stream);
      const approved = application !== null;
      const effectiveFrom = application?.edition?.effectiveFrom ?? null;
      return outgoing(AdjustmentDecided, {
        stored,
        data: { adjustment, ...of, approved, effectiveFrom, documentNumber },
      });
    }
    case 'AdjustmentApplied': {
      const { list, edition, last } = event.data;
      const adjustment = adjustmentIdOf(stored.stream);
      return outgoing(AdjustmentApplied, { stored, data: { adjustment, listId: list, edition, last } });
    }
    default:
      return undefined;
  }
}
