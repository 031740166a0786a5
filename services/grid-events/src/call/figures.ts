import type { Refusal } from '@dutyledger/event-store/decider';
import { broken } from '@dutyledger/event-store/rule-texts';
import { addDays } from '@dutyledger/reference-data/china-time';
import { requireDivision } from '@dutyledger/subgraph-kit/access';
import { refusalError } from '@dutyledger/subgraph-kit/errors';
import type { GridEventsContext } from '../context.ts';
import { callFigures, type FigureRow, type Measure } from './read-model.ts';

/** What organs were called for in a period: sums of the days, which the projection keeps (G-9, A-4). */

export interface FiguresAsked {
  county: string;
  /** Days in China, both included. */
  from: string;
  to: string;
  organ?: string | null;
}

export interface Figures {
  organ: string;
  organName: string;
  county: string;
  from: string;
  to: string;
  called: number;
  accepted: number;
  acceptedInTime: number;
  onSite: number;
  onSiteInTime: number;
  done: number;
  doneInTime: number;
  overdue: number;
  refused: number;
  refusalsStanding: number;
  reworked: number;
  rated: number;
  meanPoints: number | null;
}

const MOST_DAYS = 366;

/** By organ, those called most often first. Throws RULE_VIOLATED for a period that is none, or longer than a year. */
export async function figuresOf(context: GridEventsContext, asked: FiguresAsked): Promise<Figures[]> {
  const { county, from, to, organ } = asked;
  requireDivision(context, county, 'county');
  if (to < from || to > addDays(from, MOST_DAYS - 1)) throw refusalError(noPeriod);
  const sums = new Map<string, Pick<FigureRow, 'organName' | 'counts' | 'points'>>();
  let after: string | undefined;
  do {
    const page = await context.grid.projections.documents(callFigures).find({
      index: 'byCounty',
      where: { county },
      range: { from, to },
      limit: 1_000,
      ...(after && { after }),
      ...(organ && { filter: (row: FigureRow) => row.organ === organ }),
    });
    for (const { doc } of page.rows) sums.set(doc.organ, sum(sums.get(doc.organ), doc));
    after = page.more ? page.rows.at(-1)?.cursor : undefined;
  } while (after !== undefined);
  return [...sums]
    .map(([id, row]) => asFigures(id, row, asked))
    .sort((a, b) => b.called - a.called || (a.organ < b.organ ? -1 : 1));
}

type Sum = Pick<FigureRow, 'organName' | 'counts' | 'points'>;

function sum(known: Sum | undefined, { organName, counts, points }: Sum): Sum {
  const total = { ...known?.counts };
  for (const [measure, count] of Object.entries(counts) as [Measure, number][]) {
    total[measure] = (total[measure] ?? 0) + count;
  }
  return { organName, counts: total, points: (known?.points ?? 0) + points };
}

function asFigures(
  organ: string,
  { organName, counts, points }: Sum,
  { county, from, to }: FiguresAsked,
): Figures {
  const of = (measure: Measure): number => counts[measure] ?? 0;
  const rated = of('RATED');
  return {
    organ,
    organName,
    county,
    from,
    to,
    called: of('CALLED'),
    accepted: of('ACCEPTED'),
    acceptedInTime: of('ACCEPTED_IN_TIME'),
    onSite: of('ON_SITE'),
    onSiteInTime: of('ON_SITE_IN_TIME'),
    done: of('DONE'),
    doneInTime: of('DONE_IN_TIME'),
    overdue: of('OVERDUE'),
    refused: of('REFUSED'),
    refusalsStanding: of('REFUSAL_STANDS'),
    reworked: of('REWORKED'),
    rated,
    meanPoints: rated === 0 ? null : points / rated,
  };
}

const noPeriod: Refusal = broken('G-9', 'to', {
  en: `A period is 1 to ${MOST_DAYS} days, from its first to its last.`,
  'zh-CN': `统计期间应为 1 至 ${MOST_DAYS} 天，自首日至末日。`,
});
