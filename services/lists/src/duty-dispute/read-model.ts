import type { StoredEvent } from '@dutyledger/event-store/event-store';
import type { Projection } from '@dutyledger/read-store/projection';
import { documents } from '@dutyledger/read-store/read-store';
import { provenanceOf } from '../duty-list/history-entries.ts';
import type { Provenance } from '../duty-list/rows.ts';
import { type StepRow, stepRow } from '../step-log.ts';
import { type DutyGapEvent, type GapReport, gapOf } from './duty-gap.ts';
import { type DutyDispute, type DutyDisputeEvent, disputeIdOf, evolve, initial } from './state.ts';

/** Disputes with their steps, and gaps. */

type KnownDispute = Exclude<DutyDispute, { status: 'ABSENT' }>;

export interface DisputeRow {
  id: string;
  division: string;
  status: KnownDispute['status'];
  parties: string[];
  caseReference: string | null;
  position: number;
  opened: Provenance;
  state: KnownDispute;
}

export interface GapRow {
  id: string;
  division: string;
  caseClass: string;
  open: boolean;
  reports: number;
  /** Of the newest report. */
  last: Omit<GapReport, 'division' | 'caseClass'>;
  closedBy: { list: string; code: string; name: string } | null;
  position: number;
  first: Provenance;
}

export const disputes = documents<DisputeRow>()('dutyDisputes', {
  byDivision: ['division', 'position'],
  byParty: ['parties', 'position'],
  byCase: ['caseReference', 'position'],
});
export const disputeSteps = documents<StepRow>()('dutyDisputeSteps', { bySubject: ['subject', 'position'] });
export const gaps = documents<GapRow>()('dutyGaps', { byDivision: ['division', 'position'] });

export const DISPUTE_EVENTS: DutyDisputeEvent['type'][] = [
  'DisputeOpened',
  'DisputePositionTaken',
  'DisputeAgreed',
  'DisputeReferred',
  'DisputeOpinionGiven',
  'DisputeRuled',
  'DisputeWithdrawn',
  'DisputePaused',
  'DisputeResumed',
  'DisputeStageOverdue',
  'DisputeFollowedUp',
];

export const dutyDisputes: Projection = {
  name: 'dutyDisputes',
  version: 2,
  collections: [disputes, disputeSteps, gaps],
  handles: [...DISPUTE_EVENTS, 'GapReported', 'GapClosed'],
  async project(stored, batch) {
    const gap = stored as StoredEvent & DutyGapEvent;
    if (gap.type === 'GapReported' || gap.type === 'GapClosed') {
      const id = gapOf(gap.stream);
      batch.put(gaps, id, gapRow(id, await batch.get(gaps, id), gap));
      return;
    }
    const event = stored as StoredEvent & DutyDisputeEvent;
    const id = disputeIdOf(event.stream);
    batch.put(disputes, id, disputeRow(await batch.get(disputes, id), event));
    const step = stepRow(event, id);
    batch.put(disputeSteps, step.id, step);
  },
};

function disputeRow(row: DisputeRow | undefined, event: StoredEvent & DutyDisputeEvent): DisputeRow {
  const state = evolve(row?.state ?? initial, event) as KnownDispute;
  const { id, division, parties, matter } = state.dispute;
  return {
    id,
    division,
    status: state.status,
    parties: parties.map(({ organ }) => organ),
    caseReference: matter.caseReference,
    position: row?.position ?? event.position,
    opened: row?.opened ?? provenanceOf(event),
    state,
  };
}

function gapRow(id: string, row: GapRow | undefined, event: StoredEvent & DutyGapEvent): GapRow {
  if (event.type === 'GapClosed') {
    if (!row) throw new Error(`${id} was closed and never reported`);
    return { ...row, open: false, closedBy: event.data.item };
  }
  const { division, caseClass, ...last } = event.data;
  return {
    id,
    division,
    caseClass,
    open: true,
    reports: (row?.reports ?? 0) + 1,
    last,
    closedBy: null,
    position: row?.position ?? event.position,
    first: row?.first ?? provenanceOf(event),
  };
}
