import type { ItemContent } from './item.ts';

/**
 * Chinese text is searched by pairs of neighbouring characters: 秸秆 is found in 秸秆禁烧专项整治 without a dictionary.
 * Runs of Latin letters and digits count as one term.
 */
export function termsOf(text: string): string[] {
  const terms = new Set<string>();
  for (const [run] of folded(text).matchAll(/[a-z0-9]+|\p{Script=Han}+/gu)) {
    if (/^[a-z0-9]/.test(run)) terms.add(run);
    else {
      const characters = [...run];
      for (let i = 0; i + 1 < characters.length; i++) terms.add(`${characters[i]}${characters[i + 1]}`);
    }
  }
  return [...terms];
}

/** A text as terms have it: other widths and cases of the same letters are the same. */
export const folded = (text: string): string => text.normalize('NFKC').toLowerCase();

/** What an item is found by: its name, the words that people use for it, its situations, and its code. */
export function itemTerms(code: string, item: ItemContent): string[] {
  const text = [item.name, ...item.keywords, ...item.situations.map((situation) => situation.name)].join(' ');
  return [...new Set([...termsOf(text), ...lastCharacters(text), codeTerm(code)])];
}

/** Apart from the words: a number in a question is no code. */
export const codeTerm = (code: string): string => `#${folded(code)}`;

/** With these, some term begins with each character there is: a single one is looked up as a beginning. */
const lastCharacters = (text: string): string[] =>
  Array.from(text.normalize('NFKC').matchAll(/\p{Script=Han}(?!\p{Script=Han})/gu), ([last]) => last);
