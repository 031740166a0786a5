import type { RelayOptions } from '@dutyledger/bus/relay';
import { ADJUSTMENT_EVENTS, adjustmentMessage } from './adjustment/publish.ts';
import { DELEGATION_EVENTS, delegationMessage } from './delegation/publish.ts';
import { DISPUTES_SETTLED, disputeMessage } from './duty-dispute/publish.ts';
import { EDITION_EVENTS, editionMessages } from './duty-list/publish.ts';
import { MATTER_EVENTS, matterMessage } from './integrated-matter/publish.ts';
import { TASK_EVENTS, taskMessage } from './task-admission/publish.ts';

/** Types of events that are other services' business. */
const PUBLISHED = [
  ...EDITION_EVENTS,
  ...ADJUSTMENT_EVENTS,
  ...MATTER_EVENTS,
  ...DELEGATION_EVENTS,
  ...TASK_EVENTS,
  ...DISPUTES_SETTLED,
] as const;

/** What other services learn of the recorded events of this one, for one relay. */
export function publishing(): Pick<RelayOptions, 'types' | 'toIntegrationEvent'> {
  const ofEdition = editionMessages();
  return {
    types: PUBLISHED,
    toIntegrationEvent: (stored, events) =>
      ofEdition(stored, events) ??
      matterMessage(stored) ??
      adjustmentMessage(stored) ??
      delegationMessage(stored) ??
      taskMessage(stored) ??
      disputeMessage(stored),
  };
}
