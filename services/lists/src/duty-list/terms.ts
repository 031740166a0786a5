import type { ItemContent } from './item.ts';

/**
 * Chinese text is searched by pairs of neighbouring characters: 秸秆 is found in 秸秆禁烧专项整治 without a dictionary.
 * Runs of Latin letters and digits count as one term.
 */
export function termsOf(text: string): string[] {
  const terms = new Set<string>();
  for (const [run] of text
    .normalize('NFKC')
    .toLowerCase()
    .matchAll(/[a-z0-9]+|\p{Script=Han}+/gu)) {
    if (/^[a-z0-9]/.test(run)) terms.add(run);
    else {
      const characters = [...run];
      for (let i = 0; i + 1 < characters.length; i++) terms.add(`${characters[i]}${characters[i + 1]}`);
    }
  }
  return [...terms];
}

/** What an item is found by: its name, the words that people use for it, and its situations. */
export const itemTerms = (item: ItemContent): string[] =>
  termsOf([item.name, ...item.keywords, ...item.situations.map((situation) => situation.name)].join(' '));
