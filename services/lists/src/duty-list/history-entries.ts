import type { StoredEvent } from '@dutyledger/event-store/event-store';
import type { Batch } from '@dutyledger/read-store/read-store';
import {
  type HistoryChange,
  type HistoryRow,
  history,
  itemId,
  type ListRow,
  type Provenance,
} from './rows.ts';

/** How events become entries of a history: who, why, on what ground, and what changed. */

export function note(
  event: StoredEvent,
  batch: Batch,
  list: ListRow,
  change: HistoryChange,
  changes: HistoryRow['changes'],
): void {
  const entry = entryOf(event, list, change, changes);
  batch.put(history, entry.id, entry);
}

export function entryOf(
  event: StoredEvent,
  list: ListRow,
  change: HistoryChange,
  changes: HistoryRow['changes'],
  item?: { code: string; name: string | null },
): HistoryRow {
  return {
    id: item ? `${event.id}/${item.code}` : event.id,
    list: list.id,
    item: item ? itemId(list.id, item.code) : null,
    code: item?.code ?? null,
    itemName: item?.name ?? null,
    change,
    changes,
    position: event.position,
    edition: null,
    correction: null,
    adjustment: adjustmentOf(event),
    provenance: provenanceOf(event),
  };
}

/** The changes of an adjustment and the edition that it makes name it, each in its way. */
function adjustmentOf({ data }: StoredEvent): string | null {
  const { adjustment } = data as { adjustment?: string | { id: string } };
  return (typeof adjustment === 'object' ? adjustment.id : adjustment) ?? null;
}

export function provenanceOf({ metadata, recordedAt }: StoredEvent): Provenance {
  const { actor, onBehalfOf, reason, basis, correlationId } = metadata;
  return { author: { ...actor, onBehalfOf: onBehalfOf ?? null }, reason, basis, recordedAt, correlationId };
}

/** Entries of a staged change that is taken back: they never come into force. */
export async function takeBack(batch: Batch, entries: readonly string[]): Promise<void> {
  for (const id of entries) {
    const entry = await batch.get(history, id);
    if (entry) batch.put(history, id, { ...entry, edition: null });
  }
}
