import type { ReadView } from '@dutyledger/read-store/read-store';
import { isArea, itemId, type PostingRow, postings } from './rows.ts';

/**
 * From a word to the items that ever took it up (docs/adr/0016). Few rows, each of many items: one for the first items
 * of an area that hold the word, and when these are many one for each rank of the others.
 */

/** Items of an area that share one row whatever their rank. */
const MIXED = 64;
/** The rows of ranks take their shares of so many items of the area, then others follow. */
const IN_RANKS = 512;

/** Where an item is posted. `before`: items of the area that took the word up before it. */
export const postingId = (area: string, word: string, rank: number, before: number): string =>
  before < MIXED ? `${area}/${word}` : `${area}.${rank}.${Math.floor((before - MIXED) / IN_RANKS)}/${word}`;

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
 * `items`: how many items of the place took it up, as counted.
 */
export async function holdersOf(
  view: ReadView,
  { place, lists }: Scope,
  word: string,
  items: number,
  enough: number,
): Promise<Holders> {
  const holders: Holder[] = [];
  const take = (row: PostingRow): void => {
    for (const [list, posted] of Object.entries(row.lists)) {
      if (lists !== null && !lists.has(list)) continue;
      for (const [rank, code] of posted) holders.push({ id: itemId(list, code), list, rank });
    }
  };
  if (isArea(place) && items <= MIXED) {
    const row = await view.documents(postings).get(postingId(place, word, 0, 0));
    if (row) take(row);
    return { holders, all: true };
  }
  let area = '';
  for await (const row of byRank(view, place, word)) {
    // Of one area all rows are taken: the first of them may hold any rank.
    if (row.area !== area && holders.length >= enough) {
      const before = holders.filter(({ rank }) => rank <= row.least);
      if (before.length >= enough) return { holders: before, all: false };
    }
    area = row.area;
    take(row);
  }
  return { holders, all: true };
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
