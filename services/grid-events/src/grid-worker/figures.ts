import type { Page, ReadView, Row, Version } from '@dutyledger/read-store/read-store';
import { dayNumber } from '@dutyledger/reference-data/china-time';
import { ratingMonthId, ratingMonths, type WorkerRow, workers } from './read-model.ts';
import { isActive, type Post, type Worker } from './worker.ts';

/**
 * What pay is counted from, per person and period of whole months (G-2): days on the roster, grids held, ratings. What a
 * person did in cases is counted with the cases.
 */

export interface WorkerFigures {
  /** As on the last day of the period. */
  worker: Worker;
  lastDay: string;
  /** Days on the roster. */
  days: number;
  /** Days times grids held on each. */
  gridDays: number;
  /** Grids that were held on any day. */
  grids: number;
  ratings: number;
  /** Mean of the scores that count, to two decimals; null without one. */
  averageScore: number | null;
}

/** Days of the period: the first, and the first behind it. */
export interface Period {
  months: readonly string[];
  first: string;
  end: string;
}

export const MOST_MONTHS = 12;

/** The months from `from` to `to` (YYYY-MM), both included; undefined when they are none, or too many. */
export function periodOf(from: string, to: string): Period | undefined {
  const numberOf = (month: string): number | undefined =>
    /^\d{4}-(0[1-9]|1[0-2])$/.test(month)
      ? Number(month.slice(0, 4)) * 12 + Number(month.slice(5)) - 1
      : undefined;
  const [start, last] = [numberOf(from), numberOf(to)];
  if (start === undefined || last === undefined || last < start || last - start >= MOST_MONTHS)
    return undefined;
  const textOf = (number: number): string =>
    `${String(Math.floor(number / 12)).padStart(4, '0')}-${String((number % 12) + 1).padStart(2, '0')}`;
  const months = Array.from({ length: last - start + 1 }, (_, i) => textOf(start + i));
  return { months, first: `${from}-01`, end: `${textOf(last + 1)}-01` };
}

/** A page of people of a division and all below it who were on the roster in the period, by number. */
export async function findFigures(
  view: ReadView,
  {
    division,
    post,
    period,
    ...page
  }: {
    division: string;
    post: Post | null;
    period: Period;
    limit: number;
    after?: string;
  },
): Promise<Page<Row<WorkerFigures>>> {
  const reader = view.temporal(workers);
  const lastDay = dayBefore(period.end);
  const found = await reader.find({
    index: 'bySubtree',
    where: { within: division, status: ['active', 'ended'] },
    // One who had left before the period began has no part in it.
    filter: (worker) =>
      (isActive(worker) || worker.effectiveFrom > period.first) && (post === null || worker.post === post),
    asOf: { effectiveAt: lastDay },
    ...page,
  });
  const ids = found.rows.map(({ id }) => id);
  const [lives, months] = await Promise.all([
    Promise.all(ids.map((id) => reader.versions(id))),
    view
      .documents(ratingMonths)
      .getMany(ids.flatMap((id) => period.months.map((month) => ratingMonthId(id, month)))),
  ]);
  const rows = found.rows.map(({ id, doc, cursor }, i): Row<WorkerFigures> => {
    const rated = period.months.flatMap((month) => months.get(ratingMonthId(id, month)) ?? []);
    const count = rated.reduce((all, month) => all + month.count, 0);
    const sum = rated.reduce((all, month) => all + month.sum, 0);
    const averageScore = count === 0 ? null : Math.round((sum / count) * 100) / 100;
    const held = workload(lives[i] ?? [], period);
    return { id, cursor, doc: { worker: doc, lastDay, ...held, ratings: count, averageScore } };
  });
  return { rows, more: found.more };
}

const DAY_MS = 86_400_000;
const dayBefore = (day: string): string => new Date((dayNumber(day) - 1) * DAY_MS).toISOString().slice(0, 10);

/** Counted over the states as they are known now. */
function workload(
  life: readonly Version<WorkerRow>[],
  { first, end }: Pick<Period, 'first' | 'end'>,
): Pick<WorkerFigures, 'days' | 'gridDays' | 'grids'> {
  const held = new Set<string>();
  let days = 0;
  let gridDays = 0;
  for (const { doc, recordedTo, effectiveFrom, effectiveTo } of life) {
    if (recordedTo !== null || !isActive(doc)) continue;
    const from = effectiveFrom > first ? effectiveFrom : first;
    const to = effectiveTo !== null && effectiveTo < end ? effectiveTo : end;
    if (from >= to) continue;
    const span = dayNumber(to) - dayNumber(from);
    days += span;
    gridDays += span * doc.grids.length;
    for (const grid of doc.grids) held.add(grid);
  }
  return { days, gridDays, grids: held.size };
}
