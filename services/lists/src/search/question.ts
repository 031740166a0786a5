import { codeTerm, folded, termsOf } from '../duty-list/terms.ts';
import type { Weights } from '../duty-list/word-counts.ts';
import { synonymsOf } from './synonyms.ts';

/** What somebody typed, taken apart: words, each in several wordings, each of several terms. */

export interface Question {
  words: Word[];
}

/** A word matches by the best of its wordings. */
export interface Word {
  text: string;
  wordings: Wording[];
  /** Ids of the organs that are called so. */
  organs: ReadonlySet<string>;
}

export interface Wording {
  text: string;
  terms: string[];
  /** A single character or the beginning of one of the terms: any one of them is enough. */
  anyTerm: boolean;
  /** What a full match counts, 0 to 1: a synonym less than the word itself. */
  worth: number;
}

export const MOST_CHARACTERS = 100;
export const MOST_WORDS = 8;

const SYNONYM_WORTH = 0.9;

/** The words of a text, folded: runs without blanks and punctuation other than that of codes. */
export const wordsIn = (text: string): string[] => [...new Set(folded(text).match(WORD))];
const WORD = /[\p{L}\p{N}](?:[\p{L}\p{N}._-]*[\p{L}\p{N}])?/gu;

/** Whether a word is one character, which is looked up as the beginning of terms. */
export const isCharacter = (word: string): boolean => /^\p{Script=Han}$/u.test(word);

/** What the words were looked up as: terms that begin with a word of one character, organs that have it for a name. */
export interface LookedUp {
  beginnings: ReadonlyMap<string, string[]>;
  organs: ReadonlyMap<string, ReadonlySet<string>>;
}

export const questionOf = (words: readonly string[], { beginnings, organs }: LookedUp): Question => ({
  words: words.map((text) => ({
    text,
    wordings: isCharacter(text)
      ? [{ text, terms: beginnings.get(text) ?? [], anyTerm: true, worth: 1 }]
      : wordingsOf(text),
    organs: organs.get(text) ?? new Set(),
  })),
});

function wordingsOf(word: string): Wording[] {
  const wording = (text: string, worth: number): Wording => ({
    text,
    terms: termsOf(text),
    anyTerm: false,
    worth,
  });
  const code = { text: word, terms: [codeTerm(word)], anyTerm: true, worth: 1 };
  return [
    wording(word, 1),
    ...synonymsOf(word).map((synonym) => wording(synonym, SYNONYM_WORTH)),
    ...(/\p{Script=Han}/u.test(word) ? [] : [code]),
  ].filter(({ terms }) => terms.length > 0);
}

/** All terms that can bring an item in. */
export const termsAsked = ({ words }: Question): string[] => [
  ...new Set(words.flatMap(({ wordings }) => wordings.flatMap(({ terms }) => terms))),
];

/** A term that nothing holds may be where two words meet: it does not count against the others. */
const UNKNOWN = 1;
const weigh = (terms: readonly string[], weights: Weights): number =>
  terms.reduce((sum, term) => sum + (weights.get(term) ?? UNKNOWN), 0);

/** How much of a wording the terms of an item hold, 0 to its worth. */
export function shareOf(wording: Wording, held: ReadonlySet<string>, weights: Weights): number {
  if (wording.anyTerm) return wording.terms.some((term) => held.has(term)) ? wording.worth : 0;
  const matched = wording.terms.filter((term) => held.has(term));
  if (matched.length === 0) return 0;
  return wording.worth * (weigh(matched, weights) / weigh(wording.terms, weights));
}

/** What a word counts beside the others: as much as its heaviest wording's terms do. */
export const wordWeight = ({ wordings }: Word, weights: Weights): number =>
  Math.max(UNKNOWN, ...wordings.map(({ terms, anyTerm }) => (anyTerm ? UNKNOWN : weigh(terms, weights))));

/** An item that holds less of the question is no answer to it. */
export const LEAST_SHARE = 0.4;

/** The most of the question that an item could hold whose terms are among these. */
export function bestShare({ words }: Question, held: ReadonlySet<string>, weights: Weights): number {
  let [sum, all] = [0, 0];
  for (const word of words) {
    const weight = wordWeight(word, weights);
    sum += weight * Math.max(0, ...word.wordings.map((wording) => shareOf(wording, held, weights)));
    all += weight;
  }
  return all === 0 ? 0 : sum / all;
}
