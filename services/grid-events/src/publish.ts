import type { OutgoingMessage } from '@dutyledger/contracts/event-contract';
import type { StoredEvent } from '@dutyledger/event-store/event-store';
import { CALL_MESSAGES, callMessage } from './call/publish.ts';
import { CASE_EVENTS, caseMessage } from './case/publish.ts';
import { GRID_TASK_MESSAGES, gridTaskMessage } from './grid-admission/publish.ts';

/** Types of events that are other services' business. */
export const PUBLISHED = [...CASE_EVENTS, ...CALL_MESSAGES, ...GRID_TASK_MESSAGES] as const;

/** What other services learn of a recorded event of this one; undefined when it is nobody else's business. */
export const toIntegrationEvent = (stored: StoredEvent): OutgoingMessage | undefined =>
  caseMessage(stored) ?? callMessage(stored) ?? gridTaskMessage(stored);
