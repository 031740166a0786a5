import type { StoredEvent } from '@dutyledger/event-store/event-store';
import type { Projection } from '@dutyledger/read-store/projection';
import { documents, type ReadView } from '@dutyledger/read-store/read-store';
import { provenanceOf } from '../duty-list/history-entries.ts';
import type { Provenance } from '../duty-list/rows.ts';
import type { Line } from './check.ts';
import { advance, begin, type Course } from './course.ts';
import { type AdjustmentEvent, adjustmentIdOf } from './events.ts';

/** Adjustments (L-4): where each stands, its changes, its history. */

export interface AdjustmentRow extends Course {
  id: string;
  division: string;
  applicant: string;
  position: number;
  submitted: Provenance;
  decided: Provenance | null;
}

export interface LineRow extends Line {
  adjustment: string;
  name: string;
}

export interface StepRow {
  adjustment: string;
  position: number;
  event: AdjustmentEvent['type'];
  /** What the step said; of a submission its head. */
  data: Record<string, unknown>;
  by: Provenance;
}

export const adjustments = documents<AdjustmentRow>()('adjustments', {
  byDivision: ['division', 'position'],
  byApplicant: ['applicant', 'position'],
});
export const lines = documents<LineRow>()('adjustmentLines', {
  byAdjustment: ['adjustment', 'number'],
});
export const steps = documents<StepRow>()('adjustmentSteps', { byAdjustment: ['adjustment', 'position'] });

type Recorded = StoredEvent & AdjustmentEvent;

const lineId = (adjustment: string, number: number): string => `${adjustment}/${number}`;

/** A row, right after its submission. */
const newAdjustment = (
  head: Parameters<typeof begin>[0],
  submitted: Provenance,
  position: number,
): AdjustmentRow => ({
  ...begin(head),
  id: head.id,
  division: head.division,
  applicant: head.applicant.organ,
  position,
  submitted,
  decided: null,
});

export const adjustmentModel: Projection = {
  name: 'adjustments',
  version: 1,
  collections: [adjustments, lines, steps],
  handles: [
    'AdjustmentSubmitted',
    'AdjustmentChangeProposed',
    'AdjustmentReviewed',
    'AdjustmentLegalityReviewed',
    'AdjustmentOpinionsRequested',
    'AdjustmentOpinionGiven',
    'AdjustmentOpinionsLapsed',
    'AdjustmentDecided',
    'AdjustmentWithdrawn',
    'AdjustmentApplied',
    'AdjustmentApplicationFailed',
    'AdjustmentApplicationRetried',
    'AdjustmentStageOverdue',
  ],
  async project(stored, batch) {
    const event = stored as Recorded;
    const id = adjustmentIdOf(stored.stream);
    const by = provenanceOf(stored);
    if (event.type === 'AdjustmentChangeProposed') {
      batch.put(lines, lineId(id, event.data.number), { ...event.data, adjustment: id });
      return;
    }
    if (event.type === 'AdjustmentSubmitted') {
      batch.put(adjustments, id, newAdjustment(event.data, by, stored.position));
    } else {
      const row = await batch.get(adjustments, id);
      if (!row) throw new Error(`${event.type} of ${id}, which was never submitted`);
      const decided = event.type === 'AdjustmentDecided' ? by : row.decided;
      batch.put(adjustments, id, { ...row, ...advance(row, event), decided });
    }
    batch.put(steps, stored.id, {
      adjustment: id,
      position: stored.position,
      event: event.type,
      data: event.data as unknown as Record<string, unknown>,
      by,
    });
  },
};

/** All lines of an adjustment, in their order. */
export async function linesOf(view: ReadView, adjustment: string): Promise<LineRow[]> {
  const page = await view
    .documents(lines)
    .find({ index: 'byAdjustment', where: { adjustment }, limit: 1_000 });
  return page.rows.map(({ doc }) => doc);
}
