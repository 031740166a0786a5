import type { StoredEvent } from '@dutyledger/event-store/event-store';
import { Pace } from '@dutyledger/read-store/pace';
import type { Batch } from '@dutyledger/read-store/read-store';
import { correctedContent, fieldChanges, stagedContent } from './changes.ts';
import type { EditionCorrection, Publication } from './events.ts';
import { count as countItem, figuresToCount } from './figures.ts';
import { entryOf, provenanceOf } from './history-entries.ts';
import type { ItemContent } from './item.ts';
import { NewWords } from './new-words.ts';
import {
  adjustedItems,
  type EditionRow,
  editionId,
  editions,
  type FiguresRow,
  history,
  type ItemRow,
  inForce,
  itemId,
  items,
  type LineageRow,
  type ListRow,
  lineage,
  listFigures,
  lists,
  orderOf,
  type StagedRow,
  stagedChanges,
} from './rows.ts';
import { recordedOpinions } from './stages.ts';
import { itemTerms } from './terms.ts';

/** What publications and corrections make of the rows of a duty list. */

export async function publish(
  event: StoredEvent,
  publication: Publication,
  batch: Batch,
  list: ListRow,
  emptyDraft: Omit<ListRow['draft'], 'number'>,
): Promise<void> {
  const { edition, effectiveFrom, adjustment } = publication;
  const changes = adjustment ? adjustedItems : stagedChanges;
  const words = new NewWords(list);
  // Thousands of items in one event: queries are answered in between.
  const pace = new Pace();
  const figures = figuresToCount(list, (await batch.getVersion(listFigures, list.id))?.doc);
  for (const code of [...publication.added, ...publication.revised, ...publication.retired]) {
    await pace.step();
    const id = itemId(list.id, code);
    const row = await batch.get(changes, id);
    const published = (await batch.getVersion(items, id))?.doc;
    const content = stagedContent(row?.staged, published?.content ?? null);
    const next = content && itemRow(list, code, content, edition, null);
    await batch.putVersion(items, id, effectiveFrom, next);
    words.take(published, next);
    if (published) countItem(figures, published.content, -1);
    if (content) countItem(figures, content, 1);
    if (row) await follow(row, batch);
    batch.delete(changes, id);
  }
  await words.post(batch);
  await batch.putVersion(listFigures, list.id, effectiveFrom, figures);
  batch.put(editions, editionId(list.id, edition), editionRow(event, publication, list));
  await batch.putVersion(inForce, list.id, effectiveFrom, { list: list.id, edition });
  batch.put(lists, list.id, {
    ...list,
    edition,
    itemCount: publication.itemCount,
    draft: adjustment ? list.draft : { ...emptyDraft, number: list.draft.number },
  });
  const entry = entryOf(event, list, 'PUBLISHED', []);
  batch.put(history, entry.id, { ...entry, edition });
}

function editionRow(event: StoredEvent, publication: Publication, list: ListRow): EditionRow {
  const { edition, effectiveFrom, documentNumber, adjustment } = publication;
  const { procedure } = list.draft;
  const { review, opinions, approval } = adjustment ?? {
    review: procedure?.review,
    opinions: procedure ? recordedOpinions(procedure.consultation) : [],
    approval: procedure?.approval,
  };
  return {
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
    adjustment: adjustment?.id ?? null,
    published: provenanceOf(event),
    corrections: [],
  };
}

/** Ties an item that was renumbered, split or merged to those that go on from it, and them to it. */
async function follow({ list, code, staged }: StagedRow, batch: Batch): Promise<void> {
  if (staged.change !== 'RETIRE' || !staged.successors) return;
  await tie(batch, list, code, { successors: staged.successors });
  for (const successor of staged.successors) await tie(batch, list, successor, { predecessors: [code] });
}

async function tie(
  batch: Batch,
  list: string,
  code: string,
  { predecessors = [], successors = [] }: Partial<LineageRow>,
): Promise<void> {
  const id = itemId(list, code);
  const known = await batch.get(lineage, id);
  batch.put(lineage, id, {
    list,
    code,
    predecessors: [...new Set([...(known?.predecessors ?? []), ...predecessors])],
    successors: [...new Set([...(known?.successors ?? []), ...successors])],
  });
}

export async function correct(
  event: StoredEvent,
  correction: EditionCorrection,
  batch: Batch,
  list: ListRow,
): Promise<void> {
  const { edition, effectiveFrom, documentNumber, corrections } = correction;
  let count = list.itemCount;
  const words = new NewWords(list);
  const spans = await figureSpans(correction, batch, list);
  for (const one of corrections) {
    const id = itemId(list.id, one.code);
    const newest = (await batch.getVersion(items, id))?.doc;
    const before = (await batch.getVersion(items, id, effectiveFrom))?.doc.content ?? null;
    const after = correctedContent(one, before);
    const row = after && itemRow(list, one.code, after, edition, correction.correction);
    const take = async (by: 1 | -1) => {
      for (const { day, figures } of spans) {
        const held = await batch.getVersion(items, id, day);
        if (held) countItem(figures, held.doc.content, by);
      }
    };
    await take(-1);
    await batch.putVersion(items, id, effectiveFrom, row);
    await take(1);
    words.take(newest, row);
    count += Number(Boolean((await batch.getVersion(items, id))?.doc)) - Number(Boolean(newest));
    const entry = entryOf(event, list, 'CORRECTED', fieldChanges(before, after), {
      code: one.code,
      name: (after ?? before)?.name ?? null,
    });
    batch.put(history, entry.id, { ...entry, edition, correction: correction.correction });
  }
  await words.post(batch);
  for (const { day, figures } of spans) await batch.putVersion(listFigures, list.id, day, figures);
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

/**
 * The figures that a correction may change: from its day on, and from each later day on which figures change. What was
 * wrong stays wrong in later editions that did not touch the item.
 */
async function figureSpans(
  { edition, effectiveFrom }: EditionCorrection,
  batch: Batch,
  list: ListRow,
): Promise<{ day: string; figures: FiguresRow }[]> {
  const days = new Set([effectiveFrom]);
  for (let number = edition; number <= list.edition; number++) {
    const row = await batch.get(editions, editionId(list.id, number));
    if (row) for (const { effectiveFrom: day } of [row, ...row.corrections]) days.add(day);
  }
  const spans: { day: string; figures: FiguresRow }[] = [];
  for (const day of days) {
    if (day < effectiveFrom) continue;
    const version = await batch.getVersion(listFigures, list.id, day);
    spans.push({ day, figures: figuresToCount(list, version?.doc) });
  }
  return spans;
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
    terms: itemTerms(code, content),
  };
}
