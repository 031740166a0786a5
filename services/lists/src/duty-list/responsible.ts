import type { AsOf, Find, ReadView } from '@dutyledger/read-store/read-store';
import { memberOf, organsById } from '../organs.ts';
import type { OrganDuty } from './item.ts';
import { editionAsOf, type ItemAsOf, listsFor } from './queries.ts';
import { areaOf, type EditionRow, type ItemRow, items, type ListRow } from './rows.ts';
import { termsOf } from './terms.ts';
import { occurrences, type Weights, weightOf } from './word-counts.ts';

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
const MOST_CANDIDATES = 400;
const MOST_OF_CASE_CLASS = 1_000;

export async function whoIsResponsible(view: ReadView, question: Question): Promise<Answer> {
  const searched: Answer['searched'] = [];
  for (const list of await listsFor(view, question.division)) {
    const edition = await editionAsOf(view, list.id, question.asOf);
    if (edition) searched.push({ list, edition });
  }
  const areas = new Set(searched.map(({ list }) => areaOf(list.division)));
  const weights = await weigh(view, question.text, [...areas]);
  const found: ItemAsOf[][] = [];
  for (const { list } of searched) found.push(await candidates(view, list.id, question, weights));
  const matches = searched.flatMap(({ list, edition }, i) =>
    (found[i] ?? []).flatMap((item) => {
      const score = scoreOf(item.version.doc, question, weights);
      return score >= LEAST_SCORE ? [{ item, list, edition, score }] : [];
    }),
  );
  matches.sort(
    (a, b) => b.score - a.score || nearer(a, b) || (a.item.version.id < b.item.version.id ? -1 : 1),
  );
  return { matches: matches.slice(0, question.limit), searched };
}

/** Of two equally good answers the list nearer to the division asked about comes first. */
const nearer = (a: Match, b: Match): number => b.list.division.localeCompare(a.list.division);

/**
 * By text, the rarest terms first, until what is left of the question could not make a match; of one that is all common
 * words, at most 400 items of a list.
 */
async function candidates(
  view: ReadView,
  list: string,
  { caseClass, asOf }: Question,
  weights: Weights,
): Promise<ItemAsOf[]> {
  const byId = new Map<string, ItemAsOf>();
  const find = async (query: Find<ItemRow, typeof items.indexes>) => {
    const page = await view.temporal(items).find({ ...query, asOf });
    for (const { version } of page.rows) byId.set(version.id, { version, asOf });
  };
  if (caseClass !== null) {
    await find({ index: 'byCaseClass', where: { caseClasses: caseClass, list }, limit: MOST_OF_CASE_CLASS });
    return [...byId.values()];
  }
  const all = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  let rest = all;
  for (const [term, weight] of weights) {
    const room = MOST_CANDIDATES - byId.size;
    if (room <= 0 || rest / all < LEAST_SCORE) break;
    await find({ index: 'byTerm', where: { list, terms: term }, limit: room });
    rest -= weight;
  }
  return [...byId.values()];
}

/** The heaviest first: a term that fewer items of these areas hold tells more, one that none holds the most. */
async function weigh(view: ReadView, text: string | null, areas: readonly string[]): Promise<Weights> {
  const terms = termsOf(text ?? '');
  const counts = new Map<string, number>();
  for (const area of areas) {
    for (const [word, { items: more }] of await occurrences(view, area, ['', ...terms])) {
      counts.set(word, (counts.get(word) ?? 0) + more);
    }
  }
  const all = counts.get('') ?? 0;
  const weighed = terms.map((term) => [term, weightOf(counts.get(term) ?? 0, all)] as const);
  return new Map(weighed.sort(([, a], [, b]) => b - a));
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
