import type { Batch, ReadView } from '@dutyledger/read-store/read-store';
import { areaOf, type ItemRow, type ListRow, wordCountId, wordCounts } from './rows.ts';

/** How many items hold a word: what makes a search begin with the rarest one, and a rare word count more. */

/** The words that an event brings to items which did not hold them; written once per word. */
export class NewWords {
  readonly #area: string;
  readonly #counts = new Map<string, number>();

  constructor({ division }: ListRow) {
    this.#area = areaOf(division);
  }

  /** `before`: the newest version there was. Words that go are not taken off: earlier days still know them. */
  take(before: ItemRow | undefined, now: ItemRow | null): void {
    if (!now) return;
    const known = new Set(before && [...before.terms, '']);
    for (const word of [...now.terms, '']) {
      if (!known.has(word)) this.#counts.set(word, (this.#counts.get(word) ?? 0) + 1);
    }
  }

  async count(batch: Batch): Promise<void> {
    for (const [word, more] of this.#counts) {
      const id = wordCountId(this.#area, word);
      const { items } = (await batch.get(wordCounts, id)) ?? { items: 0 };
      batch.put(wordCounts, id, { area: this.#area, word, items: items + more });
    }
  }
}

/** How much each term tells. */
export type Weights = ReadonlyMap<string, number>;

/** A term that fewer items hold tells more. `all`: items there are. */
export const weightOf = (items: number, all: number): number => 1 + Math.log((all + 1) / (items + 1));

/** The areas that the words occur in. */
export interface Occurrence {
  items: number;
  areas: string[];
}

/** Where each word occurs among the areas whose codes begin with `place`; one that occurs nowhere is left out. */
export async function occurrences(
  view: ReadView,
  place: string,
  words: readonly string[],
): Promise<Map<string, Occurrence>> {
  const counts = view.documents(wordCounts);
  const found = new Map<string, Occurrence>();
  if (place.length === AREA_DIGITS) {
    const rows = await counts.getMany(words.map((word) => wordCountId(place, word)));
    for (const { word, items } of rows.values()) found.set(word, { items, areas: [place] });
    return found;
  }
  for (const word of words) {
    const occurrence: Occurrence = { items: 0, areas: [] };
    let after: string | undefined;
    do {
      const page = await counts.find({
        index: 'byWord',
        where: { word },
        prefix: place,
        limit: 1_000,
        ...(after && { after }),
      });
      for (const { doc } of page.rows) {
        occurrence.items += doc.items;
        occurrence.areas.push(doc.area);
      }
      after = page.more ? page.rows.at(-1)?.cursor : undefined;
    } while (after);
    if (occurrence.areas.length > 0) found.set(word, occurrence);
  }
  return found;
}

const AREA_DIGITS = 6;
const MOST_BEGINNINGS = 1_000;

/** The words that begin with a character among the areas whose codes begin with `place`, the most frequent first. */
export async function wordsBeginningWith(view: ReadView, place: string, start: string): Promise<string[]> {
  const page = await view.documents(wordCounts).find({
    ...(place.length === AREA_DIGITS
      ? { index: 'byArea', where: { area: place }, prefix: start }
      : { index: 'byWord', prefix: start, filter: ({ area }) => area.startsWith(place) }),
    limit: MOST_BEGINNINGS,
  });
  const counts = new Map<string, number>();
  for (const { doc } of page.rows) counts.set(doc.word, (counts.get(doc.word) ?? 0) + doc.items);
  return [...counts].sort(([, a], [, b]) => b - a).map(([word]) => word);
}
