import type { StoredEvent } from '@dutyledger/event-store/event-store';
import type { Projection } from '@dutyledger/read-store/projection';
import { documents } from '@dutyledger/read-store/read-store';
import { provenanceOf } from '../duty-list/history-entries.ts';
import type { Provenance } from '../duty-list/rows.ts';
import { type StepRow, stepRow } from '../step-log.ts';
import type { Arrival, Cover, HandedTask, HandedTaskEvent } from './handed-task.ts';
import { admissionIdOf, evolve, initial, type TaskAdmission, type TaskAdmissionEvent } from './state.ts';

/** Admissions with their steps, and the ledger of tasks that were handed down. */

type KnownAdmission = Exclude<TaskAdmission, { status: 'ABSENT' }>;

export interface AdmissionRow {
  id: string;
  division: string;
  status: KnownAdmission['status'];
  applicant: string;
  towns: string[];
  endedOn: string | null;
  documentNumber: string | null;
  /** Of the application: the order of their coming. */
  position: number;
  applied: Provenance;
  state: KnownAdmission;
}

export interface HandedTaskRow extends HandedTask {
  receiverOrgan: string;
  issuerOrgan: string | null;
  /** What covers it; null: nothing does. */
  cover: Cover | null;
  arrival: Arrival | null;
  citation: { title: string; article?: string; documentNumber?: string } | null;
  recorded: Provenance;
}

export const admissions = documents<AdmissionRow>()('taskAdmissions', {
  byDivision: ['division', 'position'],
  byApplicant: ['applicant', 'position'],
  byTown: ['towns', 'position'],
});
export const admissionSteps = documents<StepRow>()('taskAdmissionSteps', {
  bySubject: ['subject', 'position'],
});
export const handedTasks = documents<HandedTaskRow>()('handedTasks', {
  byDivision: ['division', 'day'],
  byReceiver: ['receiverOrgan', 'day'],
  byIssuer: ['issuerOrgan', 'day'],
});

const ADMISSION_EVENTS: TaskAdmissionEvent['type'][] = [
  'TaskApplied',
  'TownOpinionGiven',
  'TownOpinionsLapsed',
  'TaskLegalityReviewed',
  'AdmissionStageOverdue',
  'TaskAdmitted',
  'TaskRefused',
  'TaskApplicationWithdrawn',
  'TaskStarted',
  'TaskEnded',
];

export const taskAdmissions: Projection = {
  name: 'taskAdmissions',
  version: 1,
  collections: [admissions, admissionSteps, handedTasks],
  handles: [...ADMISSION_EVENTS, 'TaskHandedDown', 'UnlistedTaskRecorded'],
  async project(stored, batch) {
    const handed = stored as StoredEvent & HandedTaskEvent;
    if (handed.type === 'TaskHandedDown' || handed.type === 'UnlistedTaskRecorded') {
      batch.put(handedTasks, handed.data.id, handedRow(handed));
      return;
    }
    const event = stored as StoredEvent & TaskAdmissionEvent;
    const id = admissionIdOf(event.stream);
    const row = await batch.get(admissions, id);
    batch.put(admissions, id, admissionRow(row, event));
    const step = stepRow(event, id);
    batch.put(admissionSteps, step.id, step);
  },
};

function admissionRow(row: AdmissionRow | undefined, event: StoredEvent & TaskAdmissionEvent): AdmissionRow {
  const state = evolve(row?.state ?? initial, event) as KnownAdmission;
  const { id, division, applicant, towns } = state.application;
  return {
    id,
    division,
    status: state.status,
    applicant: applicant.organ,
    towns: towns.map(({ organ }) => organ),
    endedOn: state.status === 'ENDED' ? state.endedOn : null,
    documentNumber: 'decision' in state ? state.decision.documentNumber : null,
    position: row?.position ?? event.position,
    applied: row?.applied ?? provenanceOf(event),
    state,
  };
}

function handedRow(event: StoredEvent & HandedTaskEvent): HandedTaskRow {
  const { receiver, issuer } = event.data;
  const unlisted = event.type === 'UnlistedTaskRecorded';
  return {
    ...event.data,
    receiverOrgan: receiver.organ,
    issuerOrgan: issuer.organ,
    cover: unlisted ? null : event.data.cover,
    arrival: unlisted ? event.data.arrival : null,
    citation: unlisted ? event.data.citation : null,
    recorded: provenanceOf(event),
  };
}
