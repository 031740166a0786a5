import type { ReadView } from '@dutyledger/read-store/read-store';
import { cityOf, isArea, itemId, type Posted, type PostingRow, postings } from './rows.ts';

/**
 * From a word to the items that ever took it up (docs/adr/0016). Few rows, each of many items: one for the first items
 * of a city that hold the word; for those that come later one for the first of each area, and then further ones by rank.
 */

/** Items of a city that share one row, so that a rare word of a province is read in as many rows as it has cities. */
export const SHARED = 128;
/** So many items of an area are in the row of its city or in one of its own, whatever their rank. */
const MIXED = 64;
/** The rows of ranks take their shares of so many items of the area, then others follow. */
const IN_RANKS = 512;

/** The row of a word in a city, or the first one in an area. */
export const postingId = (place: string, word: string): string => `${place}/${word}`;

/** One of the further rows. */
export const furtherId = (area: string, word: string, rank: number, part: number): string =>
  `${area}.${rank}.${part}/${word}`;

/**
 * In which part of the rows of its rank an item is posted; undefined: in the first row of its area. `before`: items of the area that
 * took the word up before it.
 */
export const partOf = (before: number): number | undefined =>
  before < MIXED ? undefined : Math.floor((before - MIXED) / IN_RANKS);

/** What is looked through. */
export interface Scope {
  /** An area, or what the codes of several begin with. */
  place: string;
  /** Ids of lists; null: all lists of the place. */
  lists: ReadonlySet<string> | null;
}

/** An item that holds a word, with its rank. */
export interface Holder {
  id: string;
  list: string;
  rank: number;
}

export interface Holders {
  holders: Holder[];
  /** False when these are only those with the lowest ranks. */
  all: boolean;
}

/**
 * Items in scope that ever held the word; when there are more than `enough`, at least so many with the lowest ranks.
 */
export async function holdersOf(
  view: ReadView,
  { place, lists }: Scope,
  word: string,
  enough: number,
): Promise<Holders> {
  const holders: Holder[] = [];
  const within = isArea(place);
  const groups = within ? ofArea(view, place, word) : ofPlace(view, place, word);
  for await (const { least, rows } of groups) {
    if (holders.length >= enough) {
      const before = holders.filter(({ rank }) => rank <= least);
      if (before.length >= enough) return { holders: before, all: false };
    }
    for (const { posted } of rows) take(holders, posted, within ? place : undefined, lists);
  }
  return { holders, all: true };
}

/** Items of one list, to be added to a row. Neither codes nor ids have any of the signs between the parts. */
export const postedText = (area: string, list: string, posted: readonly Posted[]): string =>
  `;${area}|${list}|${posted.map(([rank, code]) => `${rank}:${code}`).join()}`;

/** Reads what `postedText` wrote, of one area or of all. */
function take(holders: Holder[], posted: string, within: string | undefined, lists: Scope['lists']): void {
  for (const some of posted.split(';')) {
    const [area, list, items] = some.split('|');
    if (list === undefined || items === undefined) continue;
    if ((within !== undefined && area !== within) || (lists !== null && !lists.has(list))) continue;
    for (const item of items.split(',')) {
      const at = item.indexOf(':');
      holders.push({ id: itemId(list, item.slice(at + 1)), list, rank: Number(item.slice(0, at)) });
    }
  }
}

/** Rows that are taken together; no item of later ones has a lower rank than `least`. */
interface Group {
  least: number;
  rows: Iterable<PostingRow>;
}

async function* ofArea(view: ReadView, area: string, word: string): AsyncGenerator<Group> {
  const rows = view.documents(postings);
  const [own, ofCity] = [postingId(area, word), postingId(cityOf(area), word)];
  const first = await rows.getMany([own, ofCity]);
  yield { least: 0, rows: first.values() };
  const further = Map.groupBy(first.get(own)?.further ?? [], ([rank]) => rank);
  for (const [least, parts] of [...further].sort(([a], [b]) => a - b)) {
    const ids = parts.map(([rank, part]) => furtherId(area, word, rank, part));
    yield { least, rows: (await rows.getMany(ids)).values() };
  }
}

/** Place by place, those with the lowest rank first. */
async function* ofPlace(view: ReadView, place: string, word: string): AsyncGenerator<Group> {
  let group: PostingRow[] = [];
  for await (const row of byRank(view, place, word)) {
    const [first] = group;
    if (first !== undefined && (first.place !== row.place || first.least !== row.least)) {
      yield { least: first.least, rows: group };
      group = [];
    }
    group.push(row);
  }
  if (group[0] !== undefined) yield { least: group[0].least, rows: group };
}

/** Few rows are enough of a common word. */
const FIRST_PAGE = 8;
const MOST_PER_PAGE = 128;

/** The rows of a word by their least ranks; from one of these to the next, wherever it is, is one look-up. */
async function* byRank(view: ReadView, place: string, word: string): AsyncGenerator<PostingRow> {
  const find = view.documents(postings);
  for (let from = 0; ; ) {
    const next = await find.find({ index: 'byWord', where: { word }, range: { from }, limit: 1 });
    const least = next.rows[0]?.doc.least;
    if (least === undefined) return;
    let after: string | undefined;
    for (let limit = FIRST_PAGE; ; limit = Math.min(limit * 4, MOST_PER_PAGE)) {
      const page = await find.find({
        index: 'byWord',
        where: { word, least },
        prefix: place,
        limit,
        ...(after && { after }),
      });
      for (const { doc } of page.rows) yield doc;
      if (!page.more) break;
      after = page.rows.at(-1)?.cursor;
    }
    from = least + 1;
  }
}
