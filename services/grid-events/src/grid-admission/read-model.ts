import type { StoredEvent } from '@dutyledger/event-store/event-store';
import type { Projection } from '@dutyledger/read-store/projection';
import { documents } from '@dutyledger/read-store/read-store';
import { type Provenance, provenanceOf } from '../provenance.ts';
import type { Arrival, HandedTask, HandedTaskEvent } from './handed-task.ts';
import type { UrgentTask, UrgentTaskEvent } from './urgent-task.ts';

/** Urgent tasks of grids with their steps, and the ledger of what was handed to grids (G-3). */

export interface UrgentTaskRow extends UrgentTask {
  status: 'RUNNING' | 'ENDED';
  endedOn: string | null;
  position: number;
  admitted: Provenance;
}

interface GridTaskStepRow {
  id: string;
  task: string;
  step: UrgentTaskEvent['type'];
  content: unknown;
  effectiveAt: string;
  position: number;
  provenance: Provenance;
}

export interface HandedTaskRow extends HandedTask {
  admitted: boolean;
  /** What admitted it; null: nothing did. */
  task: string | null;
  arrival: Arrival | null;
  citation: { title: string; article?: string; documentNumber?: string } | null;
  position: number;
  recorded: Provenance;
}

export const urgentTasks = documents<UrgentTaskRow>()('urgentGridTasks', {
  byTown: ['towns', 'to'],
  byCounty: ['county', 'position'],
});
export const gridTaskSteps = documents<GridTaskStepRow>()('gridTaskSteps', { byTask: ['task', 'position'] });
export const handedTasks = documents<HandedTaskRow>()('handedGridTasks', {
  byCounty: ['county', 'admitted', 'position'],
  byTown: ['town', 'admitted', 'position'],
  byGrid: ['grid', 'admitted', 'position'],
});

type Event = StoredEvent & (UrgentTaskEvent | HandedTaskEvent);

export const gridAdmissionProjection: Projection = {
  name: 'gridAdmission',
  version: 1,
  collections: [urgentTasks, gridTaskSteps, handedTasks],
  handles: [
    'UrgentGridTaskAdmitted',
    'UrgentGridTaskEnded',
    'TaskHandedToGrid',
    'UnadmittedGridTaskRecorded',
  ],
  async project(stored, batch) {
    const event = stored as Event;
    if (event.type === 'TaskHandedToGrid' || event.type === 'UnadmittedGridTaskRecorded') {
      batch.put(handedTasks, event.data.id, handedRow(event));
      return;
    }
    const { id } = event.data;
    const { position } = event;
    const provenance = provenanceOf(event);
    const step = { id: event.id, task: id, step: event.type, content: event.data, position, provenance };
    batch.put(gridTaskSteps, event.id, { ...step, effectiveAt: event.metadata.effectiveAt });
    if (event.type === 'UrgentGridTaskAdmitted') {
      const row = { ...event.data, status: 'RUNNING' as const, endedOn: null };
      batch.put(urgentTasks, id, { ...row, position, admitted: provenance });
      return;
    }
    const row = await batch.get(urgentTasks, id);
    if (!row) throw new Error(`${id} ended and never began`);
    batch.put(urgentTasks, id, { ...row, status: 'ENDED', endedOn: event.data.on });
  },
};

function handedRow(event: StoredEvent & HandedTaskEvent): HandedTaskRow {
  const admitted = event.type === 'TaskHandedToGrid';
  return {
    ...event.data,
    admitted,
    task: admitted ? event.data.task : null,
    arrival: admitted ? null : event.data.arrival,
    citation: admitted ? null : event.data.citation,
    position: event.position,
    recorded: provenanceOf(event),
  };
}
