import type { ReadView } from '@dutyledger/read-store/read-store';
import { AREA_DIGITS, isArea, type WordCounts, wordCounts } from './rows.ts';

/** How many items hold a word: what makes a search begin with the rarest one, and a rare word count more. */

/** How much each term tells. */
export type Weights = ReadonlyMap<string, number>;

/** A term that fewer items hold tells more. `all`: items there are. */
export const weightOf = (items: number, all: number): number => 1 + Math.log((all + 1) / (items + 1));

/** Words with the same beginning are counted in one row: their first character; of codes, numbers and Latin words the first two. */
export const beginningOf = (word: string): string =>
  [...word].slice(0, /^[#a-z0-9]/.test(word) ? 2 : 1).join('');

const PROVINCE_DIGITS = 2;

/** Counted for an area and for its province; cities and the country are added up of these. */
export const placesOf = (area: string): string[] => [area, area.slice(0, PROVINCE_DIGITS)];

export const wordCountsId = (place: string, beginning: string): string => `${place}/${beginning}`;

/** How many items of a place hold each of the words; one that none holds is left out. The empty word: all items. */
export async function countsOf(
  view: ReadView,
  place: string,
  words: readonly string[],
): Promise<Map<string, number>> {
  const rows = await rowsOf(view, place, [...new Set(words.map(beginningOf))]);
  const counts = new Map<string, number>();
  for (const word of words) {
    let count = 0;
    for (const { words: counted } of rows.get(beginningOf(word)) ?? []) {
      if (Object.hasOwn(counted, word)) count += counted[word] ?? 0;
    }
    if (count > 0) counts.set(word, count);
  }
  return counts;
}

/** The rows to add up, by beginning. */
async function rowsOf(
  view: ReadView,
  place: string,
  beginnings: readonly string[],
): Promise<Map<string, WordCounts[]>> {
  const counts = view.documents(wordCounts);
  if (isArea(place) || place.length === PROVINCE_DIGITS) {
    const rows = await counts.getMany(beginnings.map((beginning) => wordCountsId(place, beginning)));
    return Map.groupBy(rows.values(), ({ beginning }) => beginning);
  }
  const found = new Map<string, WordCounts[]>();
  const digits = place === '' ? PROVINCE_DIGITS : AREA_DIGITS;
  for (const beginning of beginnings) {
    const page = await counts.find({
      index: 'byBeginning',
      where: { beginning, digits },
      prefix: place,
      limit: 1_000,
    });
    found.set(
      beginning,
      page.rows.map(({ doc }) => doc),
    );
  }
  return found;
}

const MOST_BEGINNINGS = 1_000;

/** The words of a place that begin with a character, the most frequent first; at most 1,000. */
export async function wordsBeginningWith(view: ReadView, place: string, start: string): Promise<string[]> {
  const beginning = beginningOf(start);
  const counts = new Map<string, number>();
  for (const { words } of (await rowsOf(view, place, [beginning])).get(beginning) ?? []) {
    for (const [word, items] of Object.entries(words)) {
      if (word.startsWith(start)) counts.set(word, (counts.get(word) ?? 0) + items);
    }
  }
  const frequent = [...counts].sort(([, a], [, b]) => b - a).slice(0, MOST_BEGINNINGS);
  return frequent.map(([word]) => word);
}
