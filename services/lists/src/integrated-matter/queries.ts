import type { AsOf, ReadView } from '@dutyledger/read-store/read-store';
import { ancestors, isWithin } from '@dutyledger/reference-data/divisions';
import { itemId, items } from '../duty-list/rows.ts';
import { termsOf } from '../duty-list/terms.ts';
import { itemKey, type MatterGiven } from './matter.ts';
import type { Rival } from './rivals.ts';
import { type MatterAsOf, type MatterInForce, matterRows, mattersInForce, matterVersions } from './rows.ts';

/** Reads over integrated matters that more than one answer needs. */

export async function matterAsOf(view: ReadView, id: string, asOf: AsOf): Promise<MatterAsOf | undefined> {
  const version = await view.temporal(mattersInForce).get(id, asOf);
  return version && { version, asOf };
}

/**
 * Names of the items that the lists hold on a day, by `itemKey`; an item of a list that has nothing to do with the
 * division counts as missing.
 */
export async function itemNames(
  view: ReadView,
  wanted: MatterGiven['items'],
  division: string,
  asOf: AsOf,
): Promise<Map<string, string>> {
  const ids = wanted.map(({ list, code }) => itemId(list, code));
  const found = await view.temporal(items).getMany(ids, asOf);
  const names = new Map<string, string>();
  for (const item of wanted) {
    const row = found.get(itemId(item.list, item.code))?.doc;
    if (row?.list !== item.list) continue;
    const related = isWithin(row.division, division) || isWithin(division, row.division);
    if (related) names.set(itemKey(item), row.content.name);
  }
  return names;
}

/** Every version of the other matters of the division with the days on which it is in force. */
export async function rivalsOf(view: ReadView, matter: string, division: string): Promise<Rival[]> {
  const { rows } = await view.documents(matterRows).find({
    index: 'byDivision',
    where: { division },
    filter: ({ id, version }) => id !== matter && version > 0,
    limit: MOST_OF_DIVISION,
  });
  const rivals: Rival[] = [];
  for (const { doc: other } of rows) {
    const versions = await view.documents(matterVersions).find({
      index: 'byMatter',
      where: { matter: other.id },
      limit: MOST_OF_DIVISION,
    });
    for (const [i, { doc }] of versions.rows.entries()) {
      const { effectiveFrom: from, content } = doc;
      const to = versions.rows[i + 1]?.doc.effectiveFrom ?? other.retiredFrom;
      rivals.push({ matter: other.id, name: content.name, caseClasses: content.caseClasses, from, to });
    }
  }
  return rivals;
}

export interface Triggered extends MatterAsOf {
  /** 0 to 1: how well the question fits the triggers. */
  score: number;
}

export interface TriggerQuestion {
  division: string;
  caseClass: string | null;
  text: string | null;
  asOf: AsOf;
  limit: number;
}

/** Below this share of its terms a question only happens to have some in common. */
const LEAST_SCORE = 0.3;
const HOLDS_SCORE = 0.9;
/** A class that is named comes before one that a pattern stands for. */
const PATTERN_SCORE = 0.95;
/** A county has some thirteen; more than this are not looked through. */
const MOST_OF_DIVISION = 1_000;

/**
 * L-8, L-9: matters of the division, or of one above it, that a case class or words of people open, the best first; of
 * equally good ones that of the nearest division.
 */
export async function triggeredMatters(view: ReadView, question: TriggerQuestion): Promise<Triggered[]> {
  const { division, caseClass, asOf, limit } = question;
  const found: Triggered[] = [];
  for (const code of [division, ...ancestors(division)]) {
    const page = await view.temporal(mattersInForce).find({
      ...(caseClass === null
        ? { index: 'byDivision', where: { division: code } }
        : { index: 'byCaseClass', where: { division: code, caseClasses: patternsFor(caseClass) } }),
      asOf,
      limit: MOST_OF_DIVISION,
    });
    for (const { version } of page.rows) {
      const score = scoreOf(version.doc, question);
      if (score >= LEAST_SCORE) found.push({ version, asOf, score });
    }
  }
  // Sorting keeps the order of equals: the nearest division was asked first.
  return found.sort((a, b) => b.score - a.score).slice(0, limit);
}

const LONGEST_CLASS = 60;

/** The class itself and every pattern that stands for it: SL.CS is one of SL.*, SL* and S*. */
const patternsFor = (caseClass: string): string[] => [
  caseClass,
  ...Array.from(
    { length: Math.min(caseClass.length, LONGEST_CLASS) },
    (_, i) => `${caseClass.slice(0, i + 1)}*`,
  ),
];

/** Asked by both, the case class decides and the words only rank. */
function scoreOf(
  { name, caseClasses, content }: MatterInForce,
  { caseClass, text }: TriggerQuestion,
): number {
  const named = caseClass !== null && caseClasses.includes(caseClass) ? 1 : PATTERN_SCORE;
  if (text === null) return named;
  return Math.max(caseClass === null ? 0 : LEAST_SCORE, wordScore([name, ...content.keywords], text));
}

/** What people say fits where it holds a trigger word or is part of one; else by the share of its terms that are known. */
function wordScore(words: readonly string[], text: string): number {
  if (words.includes(text)) return 1;
  if (words.some((word) => text.includes(word) || word.includes(text))) return HOLDS_SCORE;
  const [asked, known] = [termsOf(text), new Set(termsOf(words.join(' ')))];
  const share = asked.filter((term) => known.has(term)).length / Math.max(asked.length, 1);
  return Math.round(share * 1_000) / 1_000;
}
