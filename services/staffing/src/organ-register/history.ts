import { assertNever } from '@dutyledger/event-store/decider';
import type { EventMetadata, StoredEvent } from '@dutyledger/event-store/event-store';
import type { Projection } from '@dutyledger/read-store/projection';
import { type AsOf, documents, type Page, type ReadView, type Row } from '@dutyledger/read-store/read-store';
import type { Organ } from './organ.ts';
import { changedBy, ORGAN_EVENTS, type OrganEvent } from './state.ts';

/** The read model of what happened to each organ: who, why, on what ground, when, field by field (L-10). */

export type OrganChange =
  | 'REGISTERED'
  | 'RENAMED'
  | 'REVISED'
  | 'CONFIRMED'
  | 'MERGED'
  | 'SUCCEEDED'
  | 'SPLIT'
  | 'ABOLISHED';

export interface FieldChange {
  field: string;
  before: unknown;
  after: unknown;
}

/** One change of one organ. */
export interface OrganHistoryEntry
  extends Pick<EventMetadata, 'actor' | 'reason' | 'basis' | 'correlationId'> {
  organ: string;
  event: string;
  position: number;
  change: OrganChange;
  /** Empty for a registration and for what did not change the organ itself. */
  changes: FieldChange[];
  onBehalfOf: string | null;
  recordedAt: string;
  effectiveFrom: string;
}

const entries = documents<OrganHistoryEntry>()('organHistory', {
  byOrgan: ['organ', 'recordedAt', 'position'],
});

/** The newest state of each organ, which the next change is compared with. */
const newest = documents<Organ>()('organNewest', {});

export const historyProjection: Projection = {
  name: 'organHistory',
  version: 1,
  collections: [entries, newest],
  handles: ORGAN_EVENTS,
  prefetch: (event) => changedBy(event as StoredEvent & OrganEvent).map(({ id }) => ({ spec: newest, id })),
  async project(stored, batch) {
    const event = stored as StoredEvent & OrganEvent;
    const states = new Map(changedBy(event).map((organ) => [organ.id, organ]));
    for (const [id, change] of happenedTo(event)) {
      const after = states.get(id);
      const before = after && (await batch.get(newest, id));
      const changes = before && after ? fieldChanges(before, after) : [];
      batch.put(entries, `${event.id}/${id}`, { ...entryOf(event), organ: id, change, changes });
      if (after) batch.put(newest, id, after);
    }
  },
};

/** The organs that an event happened to, and what it was to each. */
function happenedTo(event: OrganEvent): [string, OrganChange][] {
  const succeeded = (ids: readonly string[]) => ids.map((id): [string, OrganChange] => [id, 'SUCCEEDED']);
  switch (event.type) {
    case 'OrganRegistered':
      return [[event.data.organ.id, 'REGISTERED']];
    case 'OrganRenamed':
      return [[event.data.organ.id, 'RENAMED']];
    case 'OrganRevised':
      return [[event.data.organ.id, 'REVISED']];
    case 'OrganConfirmed':
      return [[event.data.organ.id, 'CONFIRMED']];
    case 'OrgansMerged':
      return [
        ...event.data.sources.map(({ id }): [string, OrganChange] => [id, 'MERGED']),
        ...succeeded([event.data.into.id]),
      ];
    case 'OrganSplit':
      return [[event.data.source.id, 'SPLIT'], ...succeeded(event.data.into.map(({ id }) => id))];
    case 'OrganAbolished':
      return [[event.data.organ.id, 'ABOLISHED'], ...succeeded(event.data.organ.successors)];
    default:
      return assertNever(event);
  }
}

/** `effectiveFrom` is told by the entry itself. */
function fieldChanges(before: Organ, after: Organ): FieldChange[] {
  const fields = Object.keys(after) as (keyof Organ)[];
  return fields
    .filter((field) => field !== 'effectiveFrom')
    .filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]))
    .map((field) => ({ field, before: before[field], after: after[field] }));
}

const entryOf = ({ id, position, recordedAt, metadata }: StoredEvent) => ({
  event: id,
  position,
  actor: metadata.actor,
  onBehalfOf: metadata.onBehalfOf ?? null,
  reason: metadata.reason,
  basis: metadata.basis,
  correlationId: metadata.correlationId,
  recordedAt,
  effectiveFrom: metadata.effectiveAt,
});

/** A page of an organ's life, newest first, as far as it was known at `asOf.recordedAt`. */
export function findHistory(
  view: ReadView,
  organ: string,
  { recordedAt }: AsOf,
  page: { limit: number; after?: string },
): Promise<Page<Row<OrganHistoryEntry>>> {
  return view.documents(entries).find({
    index: 'byOrgan',
    where: { organ },
    ...(recordedAt === undefined ? {} : { range: { to: recordedAt } }),
    reverse: true,
    ...page,
  });
}
