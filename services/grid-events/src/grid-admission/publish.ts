import { type OutgoingMessage, outgoing } from '@dutyledger/contracts/event-contract';
import { UnadmittedGridTaskRecorded } from '@dutyledger/contracts/grid-events-tasks';
import type { StoredEvent } from '@dutyledger/event-store/event-store';
import type { HandedTaskEvent } from './handed-task.ts';

/** Types of events about tasks of grids that are other services' business. */
export const GRID_TASK_MESSAGES = ['UnadmittedGridTaskRecorded'] as const;

/** What other services learn of tasks that were handed to grids; undefined when it is nobody else's business. */
export function gridTaskMessage(stored: StoredEvent): OutgoingMessage | undefined {
  const event = stored as StoredEvent & HandedTaskEvent;
  if (event.type !== 'UnadmittedGridTaskRecorded') return undefined;
  const { id, county, town, gridCode, issuer, title, day, arrival } = event.data;
  const names = { issuer: issuer.organ, issuerName: issuer.organName };
  const data = { task: id, county, division: town, grid: gridCode, ...names, title, day, arrival };
  return outgoing(UnadmittedGridTaskRecorded, { stored, data });
}
