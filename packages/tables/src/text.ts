/** Small helpers for the texts of real lists: full-width characters, stray spaces, dashes for "nothing". */

const FULL_WIDTH = /[\uff01-\uff5e]/g;
const FULL_WIDTH_WORD = /[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff05]/g;
const half = (char: string) => String.fromCharCode(char.charCodeAt(0) - 0xfee0);

/** Letters, digits and % in their plain form; Chinese punctuation stays as it was written. */
const halfWidth = (text: string): string => text.replace(FULL_WIDTH_WORD, half);

/** All full-width characters plain, one for one: positions stay, so that the original can be cut by them. */
export const plain = (text: string): string => text.replace(FULL_WIDTH, half);

const CJK = '\\u2e80-\\u9fff\\uf900-\\ufaff\\u3001-\\u303f\\uff00-\\uffef“”‘’…—';
const SPACE_IN_CHINESE = new RegExp(`(?<=[${CJK}])\\s+|\\s+(?=[${CJK}])`, 'g');

/** A name on one line: spaces and line breaks within Chinese text go, between Latin words one space stays. */
export const tidyName = (text: string): string =>
  halfWidth(text).replace(SPACE_IN_CHINESE, '').replace(/\s+/g, ' ').trim();

/** What two spellings of one name have in common: for comparing, never for showing. */
export const nameKey = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s\p{P}\p{S}]/gu, '');

/** Marks that people put into a cell to say that nothing belongs there. */
export const isBlank = (text: string): boolean => /^[\s\-–—――_/\\*、.。]*$/u.test(text);

/** A code as it is compared: full-width characters plain, no spaces. */
export const tidyCode = (text: string): string => text.normalize('NFKC').replace(/\s+/g, '');

/** The text within brackets, when the brackets hold all of it: "(法条未规定)". */
export const bracketed = (text: string): string | null => /^\(([^()]*)\)$/.exec(plain(text))?.[1] ?? null;

/** Similarity of two names, 0 to 1: shared pairs of neighbouring characters (Dice). */
export function similarNames(a: string, b: string): number {
  if (a === b) return 1;
  if (a.length < 2 || b.length < 2) return 0;
  const pairs = new Map<string, number>();
  for (let i = 0; i < a.length - 1; i++) {
    const pair = a.slice(i, i + 2);
    pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
  }
  let shared = 0;
  for (let i = 0; i < b.length - 1; i++) {
    const pair = b.slice(i, i + 2);
    const left = pairs.get(pair) ?? 0;
    if (left === 0) continue;
    pairs.set(pair, left - 1);
    shared += 1;
  }
  return (2 * shared) / (a.length + b.length - 2);
}
