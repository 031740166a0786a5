import type { StoredEvent } from '@dutyledger/event-store/event-store';
import type { Projection } from '@dutyledger/read-store/projection';
import type { Batch } from '@dutyledger/read-store/read-store';
import { fieldChanges, retirement, revision, type Staged, stagedContent } from './changes.ts';
import type { DutyListEvent, ListHead, Publication, Rebase } from './events.ts';
import { entryOf, note, provenanceOf, takeBack } from './history-entries.ts';
import { correct, publish } from './project-editions.ts';
import {
  adjustedItems,
  type DraftState,
  editions,
  history,
  inForce,
  itemId,
  items,
  type ListRow,
  lineage,
  listFigures,
  lists,
  orderOf,
  postings,
  type StagedRow,
  stagedChanges,
  wordCounts,
} from './rows.ts';
import { afterStep, type StepEvent } from './stages.ts';
import { listIdOf } from './state.ts';

/**
 * The read model of duty lists: lists, editions, items with both clocks, the working draft, and the history. One
 * projection, because a publication moves staged changes into the list and dates their history in the same instant.
 */
export const dutyLists: Projection = {
  name: 'dutyLists',
  version: 6,
  collections: [
    lists,
    editions,
    inForce,
    items,
    listFigures,
    wordCounts,
    postings,
    stagedChanges,
    adjustedItems,
    lineage,
    history,
  ],
  handles: [
    'DutyListOpened',
    'ItemAdded',
    'ItemRevised',
    'ItemRetired',
    'ItemReset',
    'DraftDiscarded',
    'ProcedureVoided',
    'DraftRebased',
    'DraftSubmitted',
    'LegalityReviewed',
    'OpinionsRequested',
    'OpinionGiven',
    'OpinionsLapsed',
    'EditionApproved',
    'EditionStageOverdue',
    'ItemAdjusted',
    'EditionPublished',
    'EditionCorrected',
  ],
  prefetch(event) {
    const list = listOf(event);
    const { code, ...data } = event.data as { code?: string };
    const ids = code === undefined ? [] : [itemId(list, code)];
    const head = [{ spec: lists, id: list }, ...ids.map((id) => ({ spec: stagedChanges, id }))];
    return event.type === 'EditionPublished' ? [...head, ...itemsOf(list, data as Publication)] : head;
  },
  project,
};

/** What a publication looks up of each of its items: thousands of look-ups in one round trip. */
const itemsOf = (list: string, { added, revised, retired, adjustment }: Publication) =>
  [...added, ...revised, ...retired].flatMap((code) => {
    const id = itemId(list, code);
    return [
      { spec: adjustment ? adjustedItems : stagedChanges, id },
      { spec: items, id },
    ];
  });

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
      return stage(event, batch, list, event.data.code, () => retirement(event.data));
    case 'ItemReset':
      return stage(event, batch, list, event.data.code, () => null);
    case 'DraftDiscarded':
      return discard(event, batch, list);
    case 'ProcedureVoided':
      putDraft(batch, list, { procedure: null, submitted: null });
      return note(event, batch, list, 'PROCEDURE_VOIDED', [
        { field: 'stage', before: event.data.stage, after: 'EDITING' },
      ]);
    case 'DraftRebased':
      return rebase(event, event.data, batch, list);
    case 'DraftSubmitted':
    case 'LegalityReviewed':
    case 'OpinionsRequested':
    case 'OpinionGiven':
    case 'OpinionsLapsed':
    case 'EditionApproved':
    case 'EditionStageOverdue':
      return takeStep(event, batch, list);
    case 'ItemAdjusted':
      return adjust(event, event.data.code, event.data.staged, batch, list);
    case 'EditionPublished':
      return publish(event, event.data, batch, list, emptyDraft);
    case 'EditionCorrected':
      return correct(event, event.data, batch, list);
    default:
      return event satisfies never;
  }
}

const emptyDraft = {
  added: 0,
  revised: 0,
  retired: 0,
  baseEdition: null,
  procedure: null,
  submitted: null,
};

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
  const untouched = counts.added + counts.revised + counts.retired === 0;
  if (row) counts[COUNTS[row.staged.change]] -= 1;
  if (staged) counts[COUNTS[staged.change]] += 1;
  putDraft(batch, list, {
    ...counts,
    number: counts.number + 1,
    baseEdition: untouched ? list.edition : counts.baseEdition,
    procedure: null,
    submitted: null,
  });
}

const STEPS = {
  DraftSubmitted: ['DRAFT_SUBMITTED', 'submission'],
  LegalityReviewed: ['LEGALITY_REVIEWED', 'review'],
  OpinionsRequested: ['OPINIONS_REQUESTED', 'request'],
  OpinionGiven: ['OPINION_GIVEN', 'opinion'],
  OpinionsLapsed: ['OPINIONS_LAPSED', 'lapsed'],
  EditionApproved: ['APPROVED', 'approval'],
  EditionStageOverdue: ['STAGE_OVERDUE', 'stage'],
} as const;

function takeStep(event: StoredEvent & StepEvent, batch: Batch, list: ListRow): void {
  putDraft(batch, list, {
    procedure: afterStep(list.draft.procedure, event),
    ...(event.type === 'DraftSubmitted' && { submitted: provenanceOf(event) }),
  });
  const [change, field] = STEPS[event.type];
  note(event, batch, list, change, [{ field, before: null, after: event.data }]);
}

function rebase(event: StoredEvent, { edition, conflicts }: Rebase, batch: Batch, list: ListRow): void {
  const { draft } = list;
  const voided = { number: draft.number + 1, procedure: null, submitted: null };
  putDraft(batch, list, { baseEdition: edition, ...(conflicts.length > 0 && voided) });
  note(event, batch, list, 'DRAFT_REBASED', [
    { field: 'baseEdition', before: draft.baseEdition, after: edition },
    ...(conflicts.length > 0 ? [{ field: 'conflicts', before: null, after: conflicts }] : []),
  ]);
}

const ADJUSTED = { ADD: 'ITEM_ADDED', REVISE: 'ITEM_REVISED', RETIRE: 'ITEM_RETIRED' } as const;

async function adjust(
  event: StoredEvent,
  code: string,
  staged: Staged,
  batch: Batch,
  list: ListRow,
): Promise<void> {
  const id = itemId(list.id, code);
  const before = (await batch.getVersion(items, id))?.doc.content ?? null;
  const after = stagedContent(staged, before);
  const entry = entryOf(event, list, ADJUSTED[staged.change], fieldChanges(before, after), {
    code,
    name: (after ?? before)?.name ?? null,
  });
  batch.put(history, entry.id, { ...entry, edition: list.edition + 1 });
  const by = provenanceOf(event);
  batch.put(adjustedItems, id, {
    list: list.id,
    code,
    order: orderOf(code),
    staged,
    by,
    entries: [entry.id],
  });
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
