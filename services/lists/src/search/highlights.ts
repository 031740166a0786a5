import type { ItemContent } from '../duty-list/item.ts';
import type { Question, Wording } from './question.ts';

/** Where the words of a question stand in an item, for those who show it. */

export interface Highlight {
  field: 'NAME' | 'KEYWORDS' | 'SITUATIONS';
  parts: { text: string; matched: boolean }[];
}

/** The name always; keywords and situations where a word is found. The parts of a text put together are the text. */
export function highlightsOf(content: ItemContent, question: Question): Highlight[] {
  const wordings = question.words.flatMap((word) => word.wordings);
  const of = (field: Highlight['field'], text: string): Highlight => ({
    field,
    parts: partsOf(text, wordings),
  });
  const others = [
    ...content.keywords.map((keyword) => of('KEYWORDS', keyword)),
    ...content.situations.map(({ name }) => of('SITUATIONS', name)),
  ];
  return [of('NAME', content.name), ...others.filter(({ parts }) => parts.some(({ matched }) => matched))];
}

function partsOf(text: string, wordings: readonly Wording[]): Highlight['parts'] {
  const characters = [...text];
  const same = characters.map(foldedCharacter);
  const marks = new Set(wordings.flatMap((wording) => placesOf(wording, same)));
  const parts: Highlight['parts'] = [];
  for (const [at, character] of characters.entries()) {
    const last = parts.at(-1);
    const matched = marks.has(at);
    if (last?.matched === matched) last.text += character;
    else parts.push({ text: character, matched });
  }
  return parts;
}

/** Keeps one place per character, which folding a whole text does not. */
function foldedCharacter(character: string): string {
  const folded = character.normalize('NFKC').toLowerCase();
  return [...folded].length === 1 ? folded : character;
}

/** Places of the characters that belong to the wording: to it as a whole, or else to its terms. */
function placesOf({ text, terms, anyTerm }: Wording, characters: readonly string[]): number[] {
  const whole = placesOfText(text, characters);
  if (whole.length > 0 || anyTerm) return whole;
  return terms.flatMap((term) => placesOfText(term, characters));
}

function placesOfText(text: string, characters: readonly string[]): number[] {
  const wanted = [...text];
  return characters.flatMap((_, at) =>
    wanted.every((character, i) => characters[at + i] === character) ? wanted.map((_, i) => at + i) : [],
  );
}
