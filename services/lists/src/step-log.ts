import type { StoredEvent } from '@dutyledger/event-store/event-store';
import { provenanceOf } from './duty-list/history-entries.ts';
import type { Provenance } from './duty-list/rows.ts';
import { author } from './history-resolvers.ts';

/** The steps of a procedure as they were recorded: what an auditor reads. */

export interface StepRow {
  id: string;
  /** What the procedure is about: an admission, a dispute. */
  subject: string;
  /** Name of the event. */
  step: string;
  content: unknown;
  effectiveAt: string;
  position: number;
  provenance: Provenance;
}

export const stepRow = (event: StoredEvent, subject: string): StepRow => ({
  id: event.id,
  subject,
  step: event.type,
  content: event.data,
  effectiveAt: event.metadata.effectiveAt,
  position: event.position,
  provenance: provenanceOf(event),
});

export const RecordedStep = {
  by: ({ provenance }: StepRow) => author(provenance),
  reason: ({ provenance }: StepRow) => provenance.reason,
  basis: ({ provenance }: StepRow) => provenance.basis,
  recordedAt: ({ provenance }: StepRow) => provenance.recordedAt,
  correlationId: ({ provenance }: StepRow) => provenance.correlationId,
};
