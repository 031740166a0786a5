import type { AsOf, Find, Page, ReadView, Row, Version } from '@dutyledger/read-store/read-store';
import { ancestors } from '@dutyledger/reference-data/divisions';
import {
  type EditionRow,
  editionId,
  editions,
  type ItemRow,
  inForce,
  itemId,
  items,
  type ListRow,
  lineage,
  lists,
} from './rows.ts';

/** Reads over the rows of duty lists that more than one answer needs. */

/** An item together with the clocks it was asked as of, which its own fields keep to. */
export interface ItemAsOf {
  version: Version<ItemRow>;
  asOf: AsOf;
}

export async function itemAsOf(
  view: ReadView,
  list: string,
  code: string,
  asOf: AsOf,
): Promise<ItemAsOf | undefined> {
  const version = await view.temporal(items).get(itemId(list, code), asOf);
  return version?.doc.list === list ? { version, asOf } : undefined;
}

/** The edition in force, and the corrections of it that were known. */
export async function editionAsOf(view: ReadView, list: string, asOf: AsOf): Promise<EditionRow | undefined> {
  const version = await view.temporal(inForce).get(list, asOf);
  if (!version) return undefined;
  const row = await view.documents(editions).get(editionId(list, version.doc.edition));
  return row && knownAt(row, asOf.recordedAt);
}

/** An edition without the corrections that were recorded later. */
export const knownAt = (row: EditionRow, recordedAt: string | undefined): EditionRow =>
  recordedAt === undefined
    ? row
    : { ...row, corrections: row.corrections.filter(({ made }) => made.recordedAt <= recordedAt) };

/** The edition that an item's version came with. */
export const editionOf = (view: ReadView, list: string, number: number): Promise<EditionRow | undefined> =>
  view.documents(editions).get(editionId(list, number));

const MOST_FOREBEARS = 200;

/** Ids of the items that this one goes on from, and those before them (L-4: renumbered, split, merged); nearest first. */
export async function forebearsOf(view: ReadView, id: string): Promise<string[]> {
  const found = new Set([id]);
  for (const next of found) {
    const row = await view.documents(lineage).get(next);
    for (const code of row?.predecessors ?? []) found.add(itemId(row?.list ?? '', code));
    if (found.size > MOST_FOREBEARS) break;
  }
  return [...found].slice(1);
}

/** Walks all items in force, by code. */
export async function* itemsInForce(view: ReadView, list: string, asOf: AsOf): AsyncGenerator<ItemAsOf> {
  let after: string | undefined;
  for (;;) {
    const page = await view
      .temporal(items)
      .find({ index: 'byList', where: { list }, limit: 1_000, asOf, ...(after && { after }) });
    for (const { version } of page.rows) yield { version, asOf };
    if (!page.more) return;
    after = page.rows.at(-1)?.cursor;
  }
}

/** Lists of the division and of every division above it: those that speak for it. */
export async function listsFor(view: ReadView, division: string): Promise<ListRow[]> {
  const found: ListRow[] = [];
  for (const code of [division, ...ancestors(division)]) {
    let after: string | undefined;
    for (;;) {
      const page: Page<Row<ListRow>> = await view.documents(lists).find({
        index: 'byDivision',
        where: { division: code },
        limit: 1_000,
        ...(after && { after }),
      } satisfies Find<ListRow, typeof lists.indexes>);
      found.push(...page.rows.map((row) => row.doc));
      if (!page.more) break;
      after = page.rows.at(-1)?.cursor;
    }
  }
  return found;
}
