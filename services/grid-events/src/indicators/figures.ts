import type { Refusal } from '@dutyledger/event-store/decider';
import type { Page, Row } from '@dutyledger/read-store/read-store';
import { addDays } from '@dutyledger/reference-data/china-time';
import { division as divisionOf } from '@dutyledger/reference-data/divisions';
import { requireDivision } from '@dutyledger/subgraph-kit/access';
import { type PageArguments, pageOf } from '@dutyledger/subgraph-kit/connections';
import { refusalError } from '@dutyledger/subgraph-kit/errors';
import { type CaseRow, cases } from '../case/rows.ts';
import type { GridEventsContext } from '../context.ts';
import { addedTo, type Counts, type Measure } from './measures.ts';
import {
  caseFigures,
  caseTallies,
  EVERY_CLASS,
  type FigureRow,
  idIn,
  type Kind,
  markOf,
  organScope,
  parentOf,
  scopeOf,
  type TallyRow,
} from './read-model.ts';

/** Sums of the days' figures, and the cases that are behind them. */

type Ctx = GridEventsContext;

/** Whose figures, of which class, from which day to which, both included. */
export interface Asked {
  division: string;
  gridId: string | null;
  organ: string | null;
  class: string | null;
  from: string;
  to: string;
}

const MOST_DAYS = 366;

const refused = (field: string, en: string, zh: string): Refusal => ({
  code: 'INVALID_INPUT',
  rule: 'G-10',
  field,
  message: { en, 'zh-CN': zh },
});

const DIGITS: Record<string, number> = { county: 6, town: 9, village: 12 };

/** How the codes of the place and of everything in it begin. Throws for a place that has no cases of its own. */
function digitsOf(division: string): string {
  const digits = DIGITS[divisionOf(division)?.level ?? ''];
  if (digits !== undefined) return division.slice(0, digits);
  throw refusalError(
    refused(
      'division',
      'Figures are those of a county, a town or a village.',
      '指标按区县、镇街或村社查询。',
    ),
  );
}

/** Throws NOT_PERMITTED outside of the caller's division and INVALID_INPUT for what cannot be asked. */
export function checkAsked(context: Ctx, { division, gridId, organ, from, to }: Asked): void {
  requireDivision(context, division, 'division');
  digitsOf(division);
  if (gridId !== null && organ !== null) {
    throw refusalError(refused('organ', 'Either a grid or an organ, not both.', '网格与机构只能选一个。'));
  }
  if (organ !== null && divisionOf(division)?.level !== 'county') {
    throw refusalError(
      refused('division', 'Figures of an organ are those of a county.', '机构的指标按区县查询。'),
    );
  }
  if (to < from || to > addDays(from, MOST_DAYS - 1)) {
    throw refusalError(
      refused(
        'to',
        'A period of 1 to 366 days, its first day first.',
        '期间应为 1 至 366 天，起始日期在前。',
      ),
    );
  }
}

const scopeAsked = ({ division, gridId, organ }: Asked): string => {
  if (gridId !== null) return scopeOf('grid', gridId);
  return organ === null ? scopeOf('division', division) : organScope(division, organ);
};

/** A grid of another place has no figures here. */
const hereOnly = ({ division, gridId }: Asked) => {
  if (gridId === null) return {};
  const from = parentOf('grid', digitsOf(division).slice(0, DIGITS['town']));
  return { filter: ({ parent }: FigureRow): boolean => parent?.startsWith(from) ?? false };
};

/** All rows that a walk comes by, at most a year of a scope and its parts. */
async function* walked(context: Ctx, find: Omit<Parameters<ReturnType<typeof table>['find']>[0], 'after'>) {
  let after: string | undefined;
  do {
    const page: Page<Row<FigureRow>> = await table(context).find({
      ...find,
      limit: 1_000,
      ...(after !== undefined && { after }),
    });
    for (const { doc } of page.rows) yield doc;
    after = page.more ? page.rows.at(-1)?.cursor : undefined;
  } while (after !== undefined);
}

const table = ({ grid }: Ctx) => grid.projections.documents(caseFigures);

/** By the day, in order; days without anything are left out. */
export async function dailyFigures(context: Ctx, asked: Asked): Promise<{ day: string; counts: Counts }[]> {
  const { from, to } = asked;
  const where = { scope: scopeAsked(asked), class: asked.class ?? EVERY_CLASS };
  const days: FigureRow[] = [];
  const rows = walked(context, { index: 'byScope', where, range: { from, to }, ...hereOnly(asked) });
  for await (const row of rows) days.push(row);
  return days;
}

export interface Part {
  key: string;
  counts: Counts;
}

const grouped = async (
  rows: AsyncIterable<FigureRow>,
  keyOf: (row: FigureRow) => string,
): Promise<Part[]> => {
  const parts = new Map<string, Counts>();
  for await (const row of rows) {
    parts.set(keyOf(row), addedTo(parts.get(keyOf(row)) ?? {}, row.counts));
  }
  return [...parts].map(([key, counts]) => ({ key, counts })).sort((a, b) => (a.key < b.key ? -1 : 1));
};

/** By class of cases. */
export function byClass(context: Ctx, asked: Asked): Promise<Part[]> {
  const { from, to } = asked;
  const find = { index: 'byScopeDay' as const, where: { scope: scopeAsked(asked) }, range: { from, to } };
  const { filter: here = () => true } = hereOnly(asked);
  const filter = (row: FigureRow): boolean => row.class !== EVERY_CLASS && here(row);
  return grouped(walked(context, { ...find, filter }), (row) => row.class);
}

/** By what the division consists of: its towns or villages, the grids of a town, the organs that handle a county's cases. */
export function byPart(context: Ctx, asked: Asked, kind: Kind): Promise<Part[]> {
  const { from, to, division } = asked;
  const where = { parent: parentOf(kind, division), class: asked.class ?? EVERY_CLASS };
  const rows = walked(context, { index: 'byParent', where, range: { from, to } });
  return grouped(rows, ({ scope }) => idIn(scope));
}

/** Where a page of cases ends: the day, and the place within it. */
type Place = [day: string, cursor: string | null];

const placeOf = (after: string, { from, to }: Asked): Place => {
  try {
    const [day, cursor] = JSON.parse(Buffer.from(after, 'base64url').toString()) as Place;
    if (day >= from && day <= to && (cursor === null || typeof cursor === 'string')) return [day, cursor];
  } catch {
    // Refused below, as whatever else is no place of this period.
  }
  throw refusalError(refused('after', 'No cursor of these cases.', '不是本次查询的游标。'));
};

/**
 * The cases behind a figure, by day and id, each once a day; a grid, an organ or a class is picked out of those of the
 * place.
 */
export async function casesBehind(
  context: Ctx,
  asked: Asked,
  measure: Measure,
  args: PageArguments,
): Promise<Page<{ cursor: string; doc: CaseRow }>> {
  const { limit, after } = pageOf(args);
  const tallies = context.grid.projections.documents(caseTallies);
  const filter = picking(asked);
  const rows: { id: string; cursor: string }[] = [];
  let [day, cursor] = after === undefined ? [asked.from, null] : placeOf(after, asked);
  for (; day <= asked.to && rows.length <= limit; day = addDays(day, 1), cursor = null) {
    const page = await tallies.find({
      index: 'byMark',
      prefix: markOf(measure, day, digitsOf(asked.division)),
      limit: limit + 1 - rows.length,
      filter,
      ...(cursor !== null && { after: cursor }),
    });
    for (const row of page.rows) rows.push({ id: row.id, cursor: cursorOf([day, row.cursor]) });
  }
  const shown = rows.slice(0, limit);
  const found = await context.grid.projections.documents(cases).getMany(shown.map(({ id }) => id));
  return {
    rows: shown.flatMap(({ id, cursor: at }) => {
      const doc = found.get(id);
      return doc ? [{ cursor: at, doc }] : [];
    }),
    more: rows.length > limit,
  };
}

const cursorOf = (place: Place): string => Buffer.from(JSON.stringify(place)).toString('base64url');

const picking =
  ({ gridId, organ, class: of }: Asked) =>
  ({ facts, organs, lead }: TallyRow): boolean =>
    (gridId === null || facts.grid === gridId) &&
    (organ === null || lead === organ || Object.values(organs).includes(organ)) &&
    (of === null || facts.class === of);
