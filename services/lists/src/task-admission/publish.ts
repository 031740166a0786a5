import { type OutgoingMessage, outgoing } from '@dutyledger/contracts/event-contract';
import { TaskAdmitted, TaskEnded, UnlistedTaskRecorded } from '@dutyledger/contracts/lists-tasks';
import type { StoredEvent } from '@dutyledger/event-store/event-store';
import type { HandedTaskEvent } from './handed-task.ts';
import { admissionIdOf, type TaskAdmissionEvent, type Town } from './state.ts';

/** Types of events about tasks that are other services' business. */
export const TASK_EVENTS = ['TaskAdmitted', 'TaskEnded', 'UnlistedTaskRecorded'] as const;

const placeOf = ({ organ, division }: Town) => ({ organ, division });

/** What other services learn of tasks outside the lists; undefined of anything else. */
export function taskMessage(stored: StoredEvent): OutgoingMessage | undefined {
  const event = stored as StoredEvent & (TaskAdmissionEvent | HandedTaskEvent);
  switch (event.type) {
    case 'TaskAdmitted': {
      const { id, division, applicant, task, towns, documentNumber } = event.data;
      const { title, from, to, grid } = task;
      const where = { division, applicant: applicant.organ, towns: towns.map(placeOf) };
      return outgoing(TaskAdmitted, {
        stored,
        data: { admission: id, title, ...where, from, to, grid, documentNumber },
      });
    }
    case 'TaskEnded': {
      const { towns, on, early } = event.data;
      const admission = admissionIdOf(stored.stream);
      return outgoing(TaskEnded, { stored, data: { admission, towns: towns.map(placeOf), on, early } });
    }
    case 'UnlistedTaskRecorded': {
      const { id, division, receiver, issuer, title, day, grid, arrival } = event.data;
      const names = { issuer: issuer.organ, issuerName: issuer.organName };
      return outgoing(UnlistedTaskRecorded, {
        stored,
        data: { task: id, division, receiver: placeOf(receiver), ...names, title, day, grid, arrival },
      });
    }
    default:
      return undefined;
  }
}
