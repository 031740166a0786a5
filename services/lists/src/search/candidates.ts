import type { AsOf, Find, ReadView } from '@dutyledger/read-store/read-store';
import type { HandlingClass, ListKind } from '../duty-list/item.ts';
import { type Holder, holdersOf, type Scope } from '../duty-list/postings.ts';
import type { ItemAsOf } from '../duty-list/queries.ts';
import { type ItemRow, items } from '../duty-list/rows.ts';
import type { Weights } from '../duty-list/word-counts.ts';
import { significantPart } from '../organs.ts';
import { bestShare, LEAST_SHARE, type Question } from './question.ts';

/**
 * Which items a search reads: postings tell which words an item ever held, so that only those are read that may hold
 * enough of the question; whether they do on the day asked for, the items themselves tell.
 */

export interface Filters {
  division: string;
  includeBelow: boolean;
  kind: ListKind | null;
  domain: string | null;
  leadOrgan: string | null;
  handlingClass: HandlingClass | null;
}

interface Asked {
  view: ReadView;
  search: Filters & { asOf: AsOf };
  scope: Scope;
  question: Question;
  /** Of the terms that occur in the place. */
  counts: ReadonlyMap<string, number>;
  weights: Weights;
}

const MOST_READ = 100;
/** With filters most candidates may be none. */
const MOST_READ_FILTERED = 1_000;
const PAGE = 100;
/** When so many items hold the whole question, those that hold a part of it need not be looked for. */
const ENOUGH = 50;
/** Next to 1: shares are sums of fractions. */
const WHOLE = 0.999;
/** A word that at most so many items hold is read whole, also where it brings no candidates in but rules others out. */
const MOST_WHOLE = 2_000;
/** Of another one so many items are gathered; more when too few of these were there on the day asked for. */
const HOLDERS = [400, 4_000, 40_000];

/** The items in scope that may match, as of the two clocks. `complete` is false when there may be others. */
export async function candidatesFor(asked: Asked): Promise<{ rows: ItemAsOf[]; complete: boolean }> {
  const reading = new Reading(asked);
  const { leadOrgan } = asked.search;
  if (leadOrgan !== null) {
    await reading.walk({ index: 'byLead', where: { leadOrgans: leadOrgan } });
    return reading.result(true);
  }
  const organs = asked.question.words.flatMap((word) => [...word.organs]);
  if (organs.length > 0) {
    await reading.walk({ index: 'byLead', where: { leadOrgans: organs } });
    await reading.walk({ index: 'byCooperator', where: { coopOrgans: organs } });
  }
  for (const most of HOLDERS) {
    const { candidates, complete } = await gather(asked, most);
    await reading.read(candidates);
    if (complete || reading.full) return reading.result(complete);
  }
  return reading.result(false);
}

interface Candidate {
  id: string;
  rank: number;
  /** The terms that it ever held, as characters: places in the order of the gathering. */
  held: string;
}

/** Candidates from the rarest term on, until what is left of the question cannot make a match; the best first. */
async function gather(
  { view, scope, question, counts, weights }: Asked,
  most: number,
): Promise<{ candidates: string[]; complete: boolean }> {
  const terms = [...counts].sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1));
  const candidates = new Map<string, Candidate>();
  const rest = new Set(weights.keys());
  /** Terms that a candidate may hold although no posting was seen. */
  const unsure = new Set(rest);
  const share = sharesOf(question, weights, terms);
  let complete = true;
  for (const [place, [term, items]] of terms.entries()) {
    const bringsIn = bestShare(question, rest, weights) >= LEAST_SHARE;
    if (!bringsIn && items > MOST_WHOLE) break;
    const enough = items > MOST_WHOLE ? most : items;
    const { holders, all } = await holdersOf(view, scope, term, enough);
    take(candidates, holders, String.fromCharCode(place), bringsIn);
    rest.delete(term);
    if (all) unsure.delete(term);
    complete &&= all || !bringsIn;
    if (bringsIn && rest.size > 0 && wholeAmong(candidates, share) >= ENOUGH) {
      complete = false;
      break;
    }
  }
  const known = ({ held }: Candidate) => share(held);
  const possible = [...candidates.values()].filter(({ held }) => share(held, unsure) >= LEAST_SHARE);
  possible.sort((a, b) => known(b) - known(a) || a.rank - b.rank || (a.id < b.id ? -1 : 1));
  return { candidates: possible.map(({ id }) => id), complete };
}

function take(
  candidates: Map<string, Candidate>,
  holders: readonly Holder[],
  mark: string,
  bringsIn: boolean,
): void {
  for (const { id, rank } of holders) {
    const candidate = candidates.get(id);
    if (candidate === undefined) {
      if (bringsIn) candidates.set(id, { id, rank, held: mark });
    } else if (!candidate.held.endsWith(mark)) candidate.held += mark;
  }
}

const wholeAmong = (candidates: ReadonlyMap<string, Candidate>, share: (held: string) => number): number => {
  let whole = 0;
  for (const { held } of candidates.values()) if (share(held) > WHOLE) whole += 1;
  return whole;
};

/** The share of the question that an item holds; worked out once for all that hold the same terms. */
function sharesOf(question: Question, weights: Weights, terms: readonly (readonly [string, number])[]) {
  const sure = new Map<string, number>();
  const possible = new Map<string, number>();
  return (held: string, unsure?: ReadonlySet<string>): number => {
    const known = unsure ? possible : sure;
    let share = known.get(held);
    if (share === undefined) {
      const holds = new Set(unsure);
      for (const place of held) holds.add(terms[place.charCodeAt(0)]?.[0] ?? '');
      share = bestShare(question, holds, weights);
      known.set(held, share);
    }
    return share;
  };
}

/** Reads candidates until there are enough of them. */
class Reading {
  readonly #rows = new Map<string, ItemAsOf>();
  readonly #seen = new Set<string>();
  readonly #asked: Asked;
  #left: number;
  #cut = false;

  constructor(asked: Asked) {
    const { kind, domain, handlingClass } = asked.search;
    this.#asked = asked;
    this.#left = kind || domain || handlingClass ? MOST_READ_FILTERED : MOST_READ;
  }

  get full(): boolean {
    return this.#left <= 0;
  }

  result(complete: boolean): { rows: ItemAsOf[]; complete: boolean } {
    return { rows: [...this.#rows.values()], complete: complete && !this.#cut };
  }

  async read(ids: readonly string[]): Promise<void> {
    const { view, search } = this.#asked;
    const fresh = ids.filter((id) => !this.#seen.has(id));
    for (let at = 0; at < fresh.length; at += PAGE) {
      if (this.full) this.#cut = true;
      if (this.full) return;
      const page = fresh.slice(at, at + PAGE);
      const found = await view.temporal(items).getMany(page, search.asOf);
      for (const id of page) this.#seen.add(id);
      this.#left -= found.size;
      for (const version of found.values()) this.#take({ version, asOf: search.asOf });
    }
  }

  async walk(query: Find<ItemRow, typeof items.indexes>): Promise<void> {
    const { view, search } = this.#asked;
    let after: string | undefined;
    do {
      if (this.full) this.#cut = true;
      if (this.full) return;
      const limit = Math.min(PAGE, this.#left);
      const page = await view
        .temporal(items)
        .find({ ...query, asOf: search.asOf, limit, ...(after && { after }) });
      this.#left -= page.rows.length;
      for (const { version } of page.rows) {
        this.#seen.add(version.id);
        this.#take({ version, asOf: search.asOf });
      }
      after = page.more ? page.rows.at(-1)?.cursor : undefined;
    } while (after);
  }

  #take(item: ItemAsOf): void {
    const { division, includeBelow, kind, domain, handlingClass } = this.#asked.search;
    const row = item.version.doc;
    const there = includeBelow
      ? row.division.startsWith(significantPart(division))
      : row.division === division;
    if (
      there &&
      (kind === null || row.kind === kind) &&
      (domain === null || row.content.domain === domain) &&
      (handlingClass === null || row.content.handlingClass === handlingClass)
    )
      this.#rows.set(item.version.id, item);
  }
}
