import type { AsOf, ReadView } from '@dutyledger/read-store/read-store';
import { ancestors, division as divisionOf } from '@dutyledger/reference-data/divisions';
import type { Scope } from '../duty-list/postings.ts';
import type { ItemAsOf } from '../duty-list/queries.ts';
import { areaOf, type ItemRow, lists } from '../duty-list/rows.ts';
import { folded } from '../duty-list/terms.ts';
import { countsOf, type Weights, weightOf, wordsBeginningWith } from '../duty-list/word-counts.ts';
import { organsNamed, significantPart } from '../organs.ts';
import { candidatesFor, type Filters } from './candidates.ts';
import {
  isCharacter,
  LEAST_SHARE,
  type LookedUp,
  type Question,
  questionOf,
  shareOf,
  termsAsked,
  type Word,
  type Wording,
  wordWeight,
} from './question.ts';

/**
 * Full-text search over the items of all lists (docs/adr/0016): what may match is gathered from postings, read as of the
 * two clocks, and ranked.
 */

export interface SearchFor extends Filters {
  /** As `wordsIn` gives them. */
  words: readonly string[];
  asOf: AsOf;
}

export interface Found {
  item: ItemAsOf;
  /** 0 to 1. */
  score: number;
}

export interface SearchResult {
  question: Question;
  /** Best first. */
  found: Found[];
  /** False when the words are so common that only the candidates that come first were looked at. */
  complete: boolean;
}

const MOST_ORGANS = 20;

export async function searchItems(
  view: ReadView,
  organs: ReadView,
  search: SearchFor,
): Promise<SearchResult> {
  const scope = await scopeOf(view, search);
  const question = questionOf(search.words, await lookUp(view, organs, scope.place, search));
  const terms = termsAsked(question);
  const counts = await countsOf(view, scope.place, ['', ...terms]);
  const all = counts.get('') ?? 0;
  counts.delete('');
  const weights = new Map(Array.from(counts, ([term, items]) => [term, weightOf(items, all)]));
  const { rows, complete } = await candidatesFor({ view, search, scope, question, counts, weights });
  return { question, found: ranked(rows, question, weights), complete };
}

/** One division alone, or a town with its villages: their lists. Else all lists of the place. */
async function scopeOf(view: ReadView, { division, includeBelow, kind }: SearchFor): Promise<Scope> {
  const level = divisionOf(division)?.level;
  if (includeBelow && level !== 'town' && level !== 'village') {
    return { place: significantPart(division), lists: null };
  }
  const page = await view.documents(lists).find({
    index: 'byDivision',
    ...(includeBelow ? { prefix: significantPart(division) } : { where: { division } }),
    filter: (list) => kind === null || list.kind === kind,
    limit: 1_000,
  });
  return { place: areaOf(division), lists: new Set(page.rows.map(({ id }) => id)) };
}

async function lookUp(
  view: ReadView,
  organs: ReadView,
  place: string,
  { words, division }: SearchFor,
): Promise<LookedUp> {
  const beginnings = new Map<string, string[]>();
  const named = new Map<string, Set<string>>();
  const above = new Set(ancestors(division));
  const within = significantPart(division);
  for (const word of words) {
    if (isCharacter(word)) beginnings.set(word, await wordsBeginningWith(view, place, word));
    const here = (await organsNamed(organs, word)).filter(
      (organ) => above.has(organ.division) || organ.division.startsWith(within),
    );
    if (here.length > 0) named.set(word, new Set(here.slice(0, MOST_ORGANS).map(({ id }) => id)));
  }
  return { beginnings, organs: named };
}

const LEADS = 0.9;
const COOPERATES = 0.6;
/** What a wording counts by where it stands: whole in the name, whole elsewhere, in pieces. */
const IN_NAME = 1;
const IN_TEXT = 0.9;
const IN_PIECES = 0.8;

function ranked(rows: Iterable<ItemAsOf>, question: Question, weights: Weights): Found[] {
  const weighed = question.words.map((word) => ({ word, weight: wordWeight(word, weights) }));
  const all = weighed.reduce((sum, { weight }) => sum + weight, 0);
  const found: Found[] = [];
  for (const item of rows) {
    const { doc } = item.version;
    const held = new Set(doc.terms);
    let [share, score] = [0, 0];
    for (const { word, weight } of weighed) {
      const match = matchOf(word, doc, held, weights);
      share += weight * match.share;
      score += weight * match.score;
    }
    if (share / all >= LEAST_SHARE) found.push({ item, score: Math.round((score / all) * 1_000) / 1_000 });
  }
  const rank = ({ item }: Found) => item.version.doc.content.name.length;
  return found.sort(
    (a, b) => b.score - a.score || rank(a) - rank(b) || (a.item.version.id < b.item.version.id ? -1 : 1),
  );
}

function matchOf(word: Word, row: ItemRow, held: ReadonlySet<string>, weights: Weights) {
  const leads = row.leadOrgans.some((organ) => word.organs.has(organ));
  const helps = row.coopOrgans.some((organ) => word.organs.has(organ));
  const byOrgan = leads ? LEADS : helps ? COOPERATES : 0;
  const best = { share: byOrgan, score: byOrgan };
  for (const wording of word.wordings) {
    const share = shareOf(wording, held, weights);
    if (share === 0) continue;
    best.share = Math.max(best.share, share);
    best.score = Math.max(best.score, share * placeOf(wording, row));
  }
  return best;
}

function placeOf({ text }: Wording, { content, code }: ItemRow): number {
  if (folded(content.name).includes(text) || folded(code) === text) return IN_NAME;
  const others = [...content.keywords, ...content.situations.map(({ name }) => name)];
  return others.some((other) => folded(other).includes(text)) ? IN_TEXT : IN_PIECES;
}
