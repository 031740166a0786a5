import type { AsOf, ReadView } from '@dutyledger/read-store/read-store';
import { memberOf, organsById } from '../organs.ts';
import type { OrganDuty } from './item.ts';
import { holdersOf, type Scope } from './postings.ts';
import { editionAsOf, type ItemAsOf, listsFor } from './queries.ts';
import { areaOf, type EditionRow, type ItemRow, items, type ListRow } from './rows.ts';
import { termsOf } from './terms.ts';
import { countsOf, type Weights, weightOf } from './word-counts.ts';

/**
 * L-9: who is responsible? The lists of the division and of all divisions above it are looked through in the editions
 * in force; items match by case class, by text, or by both.
 */

export interface Question {
  division: string;
  caseClass: string | null;
  text: string | null;
  asOf: AsOf;
  limit: number;
}

export interface Match {
  item: ItemAsOf;
  list: ListRow;
  edition: EditionRow;
  score: number;
}

export interface Answer {
  matches: Match[];
  searched: { list: ListRow; edition: EditionRow }[];
}

/** Matches below this share of the question's weight are noise: 管理 alone stands in every second item. */
const LEAST_SCORE = 0.2;
/** Items of a list that are read. */
const MOST_CANDIDATES = 400;
const MOST_OF_CASE_CLASS = 1_000;
/** Items of the lists of an area that are gathered per word. */
const MOST_HOLDERS = 2_000;

export async function whoIsResponsible(view: ReadView, question: Question): Promise<Answer> {
  const searched: Answer['searched'] = [];
  for (const list of await listsFor(view, question.division)) {
    const edition = await editionAsOf(view, list.id, question.asOf);
    if (edition) searched.push({ list, edition });
  }
  const areas = Map.groupBy(searched, ({ list }) => areaOf(list.division));
  const words = await weigh(view, question.text, [...areas.keys()]);
  const ids = new Map<string, string[]>();
  for (const [place, some] of question.caseClass === null ? areas : []) {
    const scope = { place, lists: new Set(some.map(({ list }) => list.id)) };
    for (const [list, found] of await candidates(view, scope, words)) ids.set(list, found);
  }
  const matches: Match[] = [];
  for (const { list, edition } of searched) {
    for (const item of await read(view, list.id, question, ids.get(list.id) ?? [])) {
      const score = scoreOf(item.version.doc, question, words.weights);
      if (score >= LEAST_SCORE) matches.push({ item, list, edition, score });
    }
  }
  matches.sort(
    (a, b) => b.score - a.score || nearer(a, b) || (a.item.version.id < b.item.version.id ? -1 : 1),
  );
  return { matches: matches.slice(0, question.limit), searched };
}

/** Of two equally good answers the list nearer to the division asked about comes first. */
const nearer = (a: Match, b: Match): number => b.list.division.localeCompare(a.list.division);

interface Words {
  /** The heaviest first. */
  weights: Weights;
  /** By area. */
  counts: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

/**
 * Ids by list: the items that ever held so much of the question that they may match, the best first, at most 400 of a
 * list. The rarest terms come first, until what is left of the question could not make a match.
 */
async function candidates(
  view: ReadView,
  scope: Scope,
  { weights, counts }: Words,
): Promise<Map<string, string[]>> {
  const all = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  const held = new Map<string, { id: string; list: string; weight: number }>();
  let rest = all;
  for (const [term, weight] of weights) {
    if (rest / all < LEAST_SCORE) break;
    rest -= weight;
    if (!counts.get(scope.place)?.has(term)) continue;
    const { holders } = await holdersOf(view, scope, term, MOST_HOLDERS);
    for (const { id, list } of new Map(holders.map((holder) => [holder.id, holder])).values()) {
      const before = held.get(id)?.weight ?? 0;
      held.set(id, { id, list, weight: before + weight });
    }
  }
  const possible = [...held.values()].filter(({ weight }) => (weight + rest) / all >= LEAST_SCORE);
  possible.sort((a, b) => b.weight - a.weight || (a.id < b.id ? -1 : 1));
  const byList = Map.groupBy(possible, ({ list }) => list);
  return new Map(
    Array.from(byList, ([list, some]) => [list, some.slice(0, MOST_CANDIDATES).map(({ id }) => id)]),
  );
}

async function read(
  view: ReadView,
  list: string,
  { caseClass, asOf }: Question,
  ids: readonly string[],
): Promise<ItemAsOf[]> {
  const versions = view.temporal(items);
  if (caseClass === null) {
    return Array.from((await versions.getMany(ids, asOf)).values(), (version) => ({ version, asOf }));
  }
  const page = await versions.find({
    index: 'byCaseClass',
    where: { caseClasses: caseClass, list },
    limit: MOST_OF_CASE_CLASS,
    asOf,
  });
  return page.rows.map(({ version }) => ({ version, asOf }));
}

/** A term that fewer items of these areas hold tells more, one that none holds the most. */
async function weigh(view: ReadView, text: string | null, areas: readonly string[]): Promise<Words> {
  const terms = termsOf(text ?? '');
  const counts = new Map<string, ReadonlyMap<string, number>>();
  for (const area of areas) counts.set(area, await countsOf(view, area, ['', ...terms]));
  const of = (word: string) => [...counts.values()].reduce((sum, inArea) => sum + (inArea.get(word) ?? 0), 0);
  const all = of('');
  const weighed = terms.map((term) => [term, weightOf(of(term), all)] as const);
  return { weights: new Map(weighed.sort(([, a], [, b]) => b - a)), counts };
}

function scoreOf(row: ItemRow, { caseClass, text }: Question, weights: Weights): number {
  if (text === null) return caseClass !== null && row.caseClasses.includes(caseClass) ? 1 : 0;
  const words = [row.content.name, ...row.content.keywords];
  if (words.includes(text.trim())) return 1;
  let [matched, all] = [0, 0];
  const terms = new Set(row.terms);
  for (const [term, weight] of weights) {
    all += weight;
    if (terms.has(term)) matched += weight;
  }
  const score = all === 0 ? 0 : Math.round((matched / all) * 1_000) / 1_000;
  // Asked by both, the case class decides and the words only rank: people seldom speak as lists do.
  return caseClass === null ? score : Math.max(score, LEAST_SCORE);
}

export interface ResponsibleOrgan {
  organ: string;
  name: string;
  listedAs: string | null;
  particular: boolean;
  duty: string | null;
}

/** The organs that act: where the list names each town or each village, the one of the division asked about. */
export async function actingOrgans(
  view: ReadView,
  duties: readonly OrganDuty[],
  division: string,
): Promise<ResponsibleOrgan[]> {
  const facts = await organsById(
    view,
    duties.map(({ organ }) => organ),
    0,
  );
  return Promise.all(
    duties.map(async ({ organ, name, duty }) => {
      const listed = facts.get(organ);
      if (listed?.kind !== 'ORGAN_CLASS') return { organ, name, listedAs: null, particular: true, duty };
      const member = await memberOf(view, listed, division);
      return member
        ? { organ: member.id, name: member.name, listedAs: name, particular: true, duty }
        : { organ, name, listedAs: name, particular: false, duty };
    }),
  );
}
