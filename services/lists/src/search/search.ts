import type { AsOf, Find, ReadView } from '@dutyledger/read-store/read-store';
import { ancestors, division as divisionOf } from '@dutyledger/reference-data/divisions';
import type { HandlingClass, ListKind } from '../duty-list/item.ts';
import type { ItemAsOf } from '../duty-list/queries.ts';
import { areaOf, type ItemRow, items, lists } from '../duty-list/rows.ts';
import { folded } from '../duty-list/terms.ts';
import {
  type Occurrence,
  occurrences,
  type Weights,
  weightOf,
  wordsBeginningWith,
} from '../duty-list/word-counts.ts';
import { organsNamed, significantPart } from '../organs.ts';
import {
  isCharacter,
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
 * Full-text search over the items of all lists (docs/adr/0016). Candidates come from the rarest terms first and end when
 * what remains cannot make a match, or when enough were read; of common words the items with the shortest names come
 * first.
 */

export interface SearchFor extends Filters {
  /** As `wordsIn` gives them. */
  words: readonly string[];
  division: string;
  includeBelow: boolean;
  asOf: AsOf;
}

interface Filters {
  kind: ListKind | null;
  domain: string | null;
  leadOrgan: string | null;
  handlingClass: HandlingClass | null;
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

/** An item that holds less of the question is no answer to it. */
const LEAST_SHARE = 0.4;
const MOST_READ = 200;
/** With filters most candidates may be none. */
const MOST_READ_FILTERED = 1_000;
const PAGE = 100;
/** When so many items hold the whole question, those that hold a part of it need not be looked for. */
const ENOUGH = 50;
/** More areas than a province has are not merged. */
const MOST_AREAS = 300;
const MOST_ORGANS = 20;

export async function searchItems(
  view: ReadView,
  organs: ReadView,
  search: SearchFor,
): Promise<SearchResult> {
  const place = significantPart(search.division).slice(0, areaOf(search.division).length);
  const question = questionOf(search.words, await lookUp(view, organs, place, search));
  const terms = termsAsked(question);
  const found = await occurrences(view, place, ['', ...terms]);
  const all = found.get('')?.items ?? 0;
  const weights = new Map(
    terms.flatMap((term) => {
      const occurrence = found.get(term);
      return occurrence ? [[term, weightOf(occurrence.items, all)] as const] : [];
    }),
  );
  const candidates = new Candidates(view, search);
  await candidates.read(question, found, weights, await stretches(view, search));
  return { question, found: ranked(candidates.rows, question, weights), complete: candidates.complete };
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

type Stretch = Find<ItemRow, typeof items.indexes>;

/** How the items in scope that hold a term are walked. */
type Stretches = (term: string, { areas }: Occurrence) => Stretch[];

/** One division alone, or a town with its villages: list by list. Else area by area, merged by rank. */
async function stretches(view: ReadView, search: SearchFor): Promise<Stretches> {
  const { division, includeBelow, kind } = search;
  const level = divisionOf(division)?.level;
  if (includeBelow && level !== 'town' && level !== 'village') {
    return (term, { areas }) => [
      { index: 'byWord', where: { terms: term, area: areas.slice(0, MOST_AREAS) } },
    ];
  }
  const page = await view.documents(lists).find({
    index: 'byDivision',
    ...(includeBelow ? { prefix: significantPart(division) } : { where: { division } }),
    filter: (list) => kind === null || list.kind === kind,
    limit: 1_000,
  });
  return (term) => page.rows.map(({ id }) => ({ index: 'byTerm', where: { list: id, terms: term } }));
}

class Candidates {
  readonly rows = new Map<string, ItemAsOf>();
  complete = true;
  readonly #view: ReadView;
  readonly #search: SearchFor;
  #left: number;

  constructor(view: ReadView, search: SearchFor) {
    const { kind, domain, handlingClass } = search;
    this.#view = view;
    this.#search = search;
    this.#left = kind || domain || handlingClass ? MOST_READ_FILTERED : MOST_READ;
  }

  async read(
    question: Question,
    found: ReadonlyMap<string, Occurrence>,
    weights: Weights,
    walks: Stretches,
  ): Promise<void> {
    const { leadOrgan } = this.#search;
    if (leadOrgan !== null) return this.#walk({ index: 'byLead', where: { leadOrgans: leadOrgan } });
    const organs = question.words.flatMap((word) => [...word.organs]);
    if (organs.length > 0) {
      await this.#walk({ index: 'byLead', where: { leadOrgans: organs } });
      await this.#walk({ index: 'byCooperator', where: { coopOrgans: organs } });
    }
    const terms = [...weights.keys()].sort(
      (a, b) => (found.get(a)?.items ?? 0) - (found.get(b)?.items ?? 0) || (a < b ? -1 : 1),
    );
    const rest = new Set(terms);
    for (const term of terms) {
      if (bestShare(question, rest, weights) < LEAST_SHARE) return;
      const occurrence = found.get(term);
      if (!occurrence) continue;
      if (occurrence.areas.length > MOST_AREAS) this.complete = false;
      for (const walk of walks(term, occurrence)) await this.#walk(walk);
      rest.delete(term);
      if (rest.size > 0 && this.#whole(question, weights) >= ENOUGH) {
        this.complete = false;
        return;
      }
    }
  }

  #whole(question: Question, weights: Weights): number {
    let whole = 0;
    for (const { version } of this.rows.values()) {
      if (bestShare(question, new Set(version.doc.terms), weights) > WHOLE) whole += 1;
    }
    return whole;
  }

  async #walk(query: Stretch): Promise<void> {
    const { asOf } = this.#search;
    let after: string | undefined;
    do {
      if (this.#left === 0) this.complete = false;
      if (this.#left === 0) return;
      const limit = Math.min(PAGE, this.#left);
      const page = await this.#view.temporal(items).find({ ...query, asOf, limit, ...(after && { after }) });
      this.#left -= page.rows.length;
      for (const { version } of page.rows) {
        if (this.#inScope(version.doc)) this.rows.set(version.id, { version, asOf });
      }
      after = page.more ? page.rows.at(-1)?.cursor : undefined;
    } while (after);
  }

  #inScope(row: ItemRow): boolean {
    const { division, includeBelow, kind, domain, handlingClass } = this.#search;
    const there = includeBelow
      ? row.division.startsWith(significantPart(division))
      : row.division === division;
    return (
      there &&
      (kind === null || row.kind === kind) &&
      (domain === null || row.content.domain === domain) &&
      (handlingClass === null || row.content.handlingClass === handlingClass)
    );
  }
}

/** The most of the question that an item could hold whose terms are among these. */
function bestShare({ words }: Question, held: ReadonlySet<string>, weights: Weights): number {
  let [sum, all] = [0, 0];
  for (const word of words) {
    const weight = wordWeight(word, weights);
    sum += weight * Math.max(0, ...word.wordings.map((wording) => shareOf(wording, held, weights)));
    all += weight;
  }
  return all === 0 ? 0 : sum / all;
}

/** Next to 1: shares are sums of fractions. */
const WHOLE = 0.999;
const LEADS = 0.9;
const COOPERATES = 0.6;
/** What a wording counts by where it stands: whole in the name, whole elsewhere, in pieces. */
const IN_NAME = 1;
const IN_TEXT = 0.9;
const IN_PIECES = 0.8;

function ranked(rows: ReadonlyMap<string, ItemAsOf>, question: Question, weights: Weights): Found[] {
  const weighed = question.words.map((word) => ({ word, weight: wordWeight(word, weights) }));
  const all = weighed.reduce((sum, { weight }) => sum + weight, 0);
  const found: Found[] = [];
  for (const item of rows.values()) {
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
  const rank = ({ item }: Found) => item.version.doc.rank;
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
