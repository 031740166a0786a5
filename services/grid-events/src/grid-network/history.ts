import { assertNever } from '@dutyledger/event-store/decider';
import type { EventMetadata, StoredEvent } from '@dutyledger/event-store/event-store';
import { type AsOf, documents, type Page, type ReadView, type Row } from '@dutyledger/read-store/read-store';
import type { Grid } from './grid.ts';
import type { GridEvent } from './state.ts';

/** What happened to each grid: who, why, on what ground, when, field by field. Written by the network's projection. */

export type GridChange = 'CREATED' | 'REVISED' | 'REDRAWN' | 'SPLIT' | 'MERGED' | 'ABOLISHED';

export interface FieldChange {
  field: string;
  before: unknown;
  after: unknown;
}

/** One change of one grid. */
export interface GridHistoryEntry
  extends Pick<EventMetadata, 'actor' | 'reason' | 'basis' | 'correlationId'> {
  county: string;
  grid: string;
  event: string;
  position: number;
  change: GridChange;
  changes: FieldChange[];
  onBehalfOf: string | null;
  recordedAt: string;
  effectiveFrom: string;
}

export const history = documents<GridHistoryEntry>()('gridHistory', {
  byGrid: ['grid', 'recordedAt', 'position'],
  byCounty: ['county', 'recordedAt', 'position'],
});

function changeOf({ type }: GridEvent): GridChange {
  switch (type) {
    case 'GridCreated':
      return 'CREATED';
    case 'GridRevised':
      return 'REVISED';
    case 'GridRedrawn':
      return 'REDRAWN';
    case 'GridSplit':
      return 'SPLIT';
    case 'GridMerged':
      return 'MERGED';
    case 'GridAbolished':
      return 'ABOLISHED';
    default:
      return assertNever(type);
  }
}

export const entryOf = (event: StoredEvent & GridEvent, before: Grid | undefined): GridHistoryEntry => ({
  county: event.data.grid.county,
  grid: event.data.grid.id,
  event: event.id,
  position: event.position,
  change: changeOf(event),
  changes: before ? fieldChanges(before, event.data.grid) : [],
  actor: event.metadata.actor,
  onBehalfOf: event.metadata.onBehalfOf ?? null,
  reason: event.metadata.reason,
  basis: event.metadata.basis,
  correlationId: event.metadata.correlationId,
  recordedAt: event.recordedAt,
  effectiveFrom: event.metadata.effectiveAt,
});

/** `effectiveFrom` is told by the entry itself. */
export function fieldChanges(before: Grid, after: Grid): FieldChange[] {
  const fields = Object.keys(after) as (keyof Grid)[];
  return fields
    .filter((field) => field !== 'effectiveFrom')
    .filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]))
    .map((field) => ({ field, before: before[field], after: after[field] }));
}

/** What a page of history is asked of: one grid, or a whole network. */
export type HistoryOf = { grid: string } | { county: string };

/** A page of history, newest first, as far as it was known at `asOf.recordedAt`. */
export function findHistory(
  view: ReadView,
  of: HistoryOf,
  { recordedAt }: Pick<AsOf, 'recordedAt'>,
  page: { limit: number; after?: string },
): Promise<Page<Row<GridHistoryEntry>>> {
  const range = recordedAt === undefined ? {} : { range: { to: recordedAt } };
  const index = 'grid' in of ? 'byGrid' : 'byCounty';
  return view.documents(history).find({ index, where: { ...of }, ...range, reverse: true, ...page });
}

/** Entries of history by the ids of their events: as many as an import tells. */
export const historyByEvent = (
  view: ReadView,
  events: readonly string[],
): Promise<Map<string, GridHistoryEntry>> => view.documents(history).getMany(events.slice(0, 1_000));
