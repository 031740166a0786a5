import type { StoredEvent } from '@dutyledger/event-store/event-store';
import type { Projection } from '@dutyledger/read-store/projection';
import type { Batch } from '@dutyledger/read-store/read-store';
import { correctedContent, fieldChanges, revision, type Staged, stagedContent } from './changes.ts';
import { entryOf, note, provenanceOf, takeBack } from './history-entries.ts';
import type { ItemContent } from './item.ts';
import {
  type DraftState,
  type EditionRow,
  editionId,
  editions,
  history,
  type ItemRow,
  inForce,
  itemId,
  items,
  type ListRow,
  lists,
  orderOf,
  type StagedRow,
  stagedChanges,
} from './rows.ts';
import type { DutyListEvent, EditionCorrection, ListHead, Publication } from './state.ts';
import { listIdOf } from './state.ts';
import { itemTerms } from './terms.ts';

/**
 * The read model of duty lists: lists, editions, items with both clocks, the working draft, and the history. One
 * projection, because a publication moves staged changes into the list and dates their history in the same instant.
 */
export const dutyLists: Projection = {
  name: 'dutyLists',
  version: 1,
  collections: [lists, editions, inForce, items, stagedChanges, history],
  handles: [
    'DutyListOpened',
    'ItemAdded',
    'ItemRevised',
    'ItemRetired',
    'ItemReset',
    'DraftDiscarded',
    'LegalityReviewed',
    'OpinionGiven',
    'EditionApproved',
    'EditionPublished',
    'EditionCorrected',
  ],
  prefetch(event) {
    const list = listOf(event);
    const { code } = event.data as { code?: string };
    if (code === undefined) return [{ spec: lists, id: list }];
    return [
      { spec: lists, id: list },
      { spec: stagedChanges, id: itemId(list, code) },
    ];
  },
  project,
};

type Recorded = StoredEvent & DutyListEvent;

const listOf = (event: StoredEvent): string => listIdOf(event.stream);

async function project(stored: StoredEvent, batch: Batch): Promise<void> {
  const event = stored as Recorded;
  if (event.type === 'DutyListOpened') {
    openList(event, event.data, batch);
    return;
  }
  const list = await batch.get(lists, listOf(event));
  if (!list) throw new Error(`${event.type} of ${listOf(event)}, which was never opened`);
  switch (event.type) {
    case 'ItemAdded':
      return stage(event, batch, list, event.data.code, () => ({ change: 'ADD', item: event.data.item }));
    case 'ItemRevised':
      return stage(event, batch, list, event.data.code, (before) => revision(before, event.data.changes));
    case 'ItemRetired':
      return stage(event, batch, list, event.data.code, () => ({ change: 'RETIRE' }));
    case 'ItemReset':
      return stage(event, batch, list, event.data.code, () => null);
    case 'DraftDiscarded':
      return discard(event, batch, list);
    case 'LegalityReviewed':
      putDraft(batch, list, { review: event.data });
      return note(event, batch, list, 'LEGALITY_REVIEWED', [
        { field: 'review', before: null, after: event.data },
      ]);
    case 'OpinionGiven':
      putDraft(batch, list, {
        opinions: [
          ...list.draft.opinions.filter((opinion) => opinion.organ !== event.data.organ),
          event.data,
        ],
      });
      return note(event, batch, list, 'OPINION_GIVEN', [
        { field: 'opinion', before: null, after: event.data },
      ]);
    case 'EditionApproved':
      putDraft(batch, list, { approval: event.data });
      return note(event, batch, list, 'APPROVED', [{ field: 'approval', before: null, after: event.data }]);
    case 'EditionPublished':
      return publish(event, event.data, batch, list);
    case 'EditionCorrected':
      return correct(event, event.data, batch, list);
    default:
      return event satisfies never;
  }
}

const emptyDraft = { added: 0, revised: 0, retired: 0, review: null, opinions: [], approval: null };

/** A list that was just opened. */
export const newList = (head: ListHead): ListRow => ({
  ...head,
  edition: 0,
  itemCount: 0,
  draft: { number: 0, ...emptyDraft },
});

function openList(event: StoredEvent, head: ListHead, batch: Batch): void {
  const row = newList(head);
  batch.put(lists, head.id, row);
  note(event, batch, row, 'LIST_OPENED', []);
}

function putDraft(batch: Batch, list: ListRow, changes: Partial<DraftState>): void {
  batch.put(lists, list.id, { ...list, draft: { ...list.draft, ...changes } });
}

const COUNTS = { ADD: 'added', REVISE: 'revised', RETIRE: 'retired' } as const;
const ENTRIES = {
  ItemAdded: 'ITEM_ADDED',
  ItemRevised: 'ITEM_REVISED',
  ItemRetired: 'ITEM_RETIRED',
  ItemReset: 'ITEM_RESET',
} as const;

/** Changes what the draft does to one item; null: it does nothing any more. */
async function stage(
  event: StoredEvent,
  batch: Batch,
  list: ListRow,
  code: string,
  change: (before: Staged | undefined) => Staged | null,
): Promise<void> {
  const id = itemId(list.id, code);
  const row = await batch.get(stagedChanges, id);
  const published = (await batch.getVersion(items, id))?.doc.content ?? null;
  const staged = change(row?.staged);
  const before = stagedContent(row?.staged, published);
  const after = stagedContent(staged ?? undefined, published);
  const entry = entryOf(
    event,
    list,
    ENTRIES[event.type as keyof typeof ENTRIES],
    fieldChanges(before, after),
    {
      code,
      name: (after ?? before)?.name ?? null,
    },
  );
  batch.put(history, entry.id, staged ? { ...entry, edition: list.edition + 1 } : entry);

  const by = provenanceOf(event);
  if (staged) {
    const entries = [...(row?.entries ?? []), entry.id];
    batch.put(stagedChanges, id, { list: list.id, code, order: orderOf(code), staged, by, entries });
  } else {
    await takeBack(batch, row?.entries ?? []);
    batch.delete(stagedChanges, id);
  }

  const counts = { ...list.draft };
  if (row) counts[COUNTS[row.staged.change]] -= 1;
  if (staged) counts[COUNTS[staged.change]] += 1;
  putDraft(batch, list, { ...counts, number: counts.number + 1, review: null, opinions: [], approval: null });
}

async function discard(event: StoredEvent, batch: Batch, list: ListRow): Promise<void> {
  for (const row of await stagedRows(batch, list.id)) {
    await takeBack(batch, row.entries);
    batch.delete(stagedChanges, itemId(list.id, row.code));
  }
  putDraft(batch, list, { ...emptyDraft, number: list.draft.number + 1 });
  note(event, batch, list, 'DRAFT_DISCARDED', []);
}

async function stagedRows(batch: Batch, list: string): Promise<StagedRow[]> {
  const rows: StagedRow[] = [];
  let after: string | undefined;
  for (;;) {
    const page = await batch.find(stagedChanges, { index: 'byList', where: { list }, limit: 1_000, after });
    rows.push(...page.rows.map((row) => row.doc));
    if (!page.more) return rows;
    after = page.rows.at(-1)?.cursor;
  }
}

async function publish(
  event: StoredEvent,
  publication: Publication,
  batch: Batch,
  list: ListRow,
): Promise<void> {
  const { edition, effectiveFrom, documentNumber } = publication;
  for (const code of [...publication.added, ...publication.revised, ...publication.retired]) {
    const id = itemId(list.id, code);
    const row = await batch.get(stagedChanges, id);
    const published = (await batch.getVersion(items, id))?.doc.content ?? null;
    const content = stagedContent(row?.staged, published);
    await batch.putVersion(items, id, effectiveFrom, content && itemRow(list, code, content, edition, null));
    batch.delete(stagedChanges, id);
  }
  const { review, opinions, approval } = list.draft;
  const row: EditionRow = {
    list: list.id,
    number: edition,
    effectiveFrom,
    documentNumber,
    itemCount: publication.itemCount,
    formerCount: list.edition === 0 ? null : list.itemCount,
    added: publication.added,
    revised: publication.revised,
    retired: publication.retired,
    digest: publication.digest,
    review: review as EditionRow['review'],
    opinions,
    approval: approval as EditionRow['approval'],
    published: provenanceOf(event),
    corrections: [],
  };
  batch.put(editions, editionId(list.id, edition), row);
  await batch.putVersion(inForce, list.id, effectiveFrom, { list: list.id, edition });
  batch.put(lists, list.id, {
    ...list,
    edition,
    itemCount: publication.itemCount,
    draft: { ...emptyDraft, number: list.draft.number },
  });
  const entry = entryOf(event, list, 'PUBLISHED', []);
  batch.put(history, entry.id, { ...entry, edition });
}

async function correct(
  event: StoredEvent,
  correction: EditionCorrection,
  batch: Batch,
  list: ListRow,
): Promise<void> {
  const { edition, effectiveFrom, documentNumber, corrections } = correction;
  let count = list.itemCount;
  for (const one of corrections) {
    const id = itemId(list.id, one.code);
    const newest = (await batch.getVersion(items, id))?.doc;
    const before = (await batch.getVersion(items, id, effectiveFrom))?.doc.content ?? null;
    const after = correctedContent(one, before);
    const row = after && itemRow(list, one.code, after, edition, correction.correction);
    await batch.putVersion(items, id, effectiveFrom, row);
    count += Number(Boolean((await batch.getVersion(items, id))?.doc)) - Number(Boolean(newest));
    const entry = entryOf(event, list, 'CORRECTED', fieldChanges(before, after), {
      code: one.code,
      name: (after ?? before)?.name ?? null,
    });
    batch.put(history, entry.id, { ...entry, edition, correction: correction.correction });
  }
  const row = await batch.get(editions, editionId(list.id, edition));
  if (!row) throw new Error(`correction of edition ${edition} of ${list.id}, which was never published`);
  const made = {
    number: correction.correction,
    effectiveFrom,
    documentNumber,
    codes: corrections.map((one) => one.code),
    made: provenanceOf(event),
  };
  batch.put(editions, editionId(list.id, edition), { ...row, corrections: [...row.corrections, made] });
  batch.put(lists, list.id, { ...list, itemCount: count });
}

function itemRow(
  list: ListRow,
  code: string,
  content: ItemContent,
  edition: number,
  correction: number | null,
): ItemRow {
  return {
    list: list.id,
    kind: list.kind,
    division: list.division,
    code,
    order: orderOf(code),
    edition,
    correction,
    content,
    leadOrgans: content.leads.map((entry) => entry.organ),
    coopOrgans: content.cooperators.map((entry) => entry.organ),
    caseClasses: content.caseClasses,
    terms: itemTerms(content),
  };
}
