import { division as divisionOf } from '@dutyledger/reference-data/divisions';
import { connection, type PageArguments } from '@dutyledger/subgraph-kit/connections';
import { seesCase } from '../case/resolvers.ts';
import type { GridEventsContext } from '../context.ts';
import { type Asked, byClass, byPart, casesBehind, checkAsked, dailyFigures, type Part } from './figures.ts';
import { addedTo, type Counts, MEASURES, type Measure, RATES, type RateName, rateOf } from './measures.ts';

/** Indicators in GraphQL (G-10). */

type Ctx = GridEventsContext;

interface Arguments {
  division: string;
  gridId?: string | null;
  organ?: string | null;
  class?: string | null;
  from: string;
  to: string;
}

async function caseIndicators(_: unknown, args: Arguments, context: Ctx) {
  const { division, from, to } = args;
  const asked = {
    ...{ division, from, to },
    gridId: args.gridId ?? null,
    organ: args.organ ?? null,
    class: args.class ?? null,
  };
  checkAsked(context, asked);
  const days = await dailyFigures(context, asked);
  const counts = days.reduce<Counts>((sum, { counts: of }) => addedTo(sum, of), {});
  return { asked, days, counts };
}

export const indicatorQueries = { caseIndicators };

interface Indicators {
  asked: Asked;
  days: { day: string; counts: Counts }[];
  counts: Counts;
}

const countOf = ({ counts }: { counts: Counts }, { measure }: { measure: Measure }): number =>
  counts[measure] ?? 0;

/** The same fields of a whole and of its parts. */
const figures = {
  counts: ({ counts }: { counts: Counts }) =>
    MEASURES.flatMap((measure) => (counts[measure] ? [{ measure, count: counts[measure] }] : [])),
  count: countOf,
  ...Object.fromEntries(
    (Object.keys(RATES) as RateName[]).map((name) => [
      `${name}Rate`,
      ({ counts }: { counts: Counts }) => rateOf(counts, name),
    ]),
  ),
};

const named = (parts: Part[]) =>
  parts.map((part) => ({ ...part, name: divisionOf(part.key)?.name ?? part.key }));

const CaseIndicators = {
  ...figures,
  from: ({ asked }: Indicators) => asked.from,
  to: ({ asked }: Indicators) => asked.to,
  byDay: ({ days }: Indicators) => days.map(({ day, counts }) => ({ key: day, name: day, counts })),
  byDivision: async ({ asked }: Indicators, _: unknown, context: Ctx) =>
    named(await byPart(context, asked, 'division')),
  byGrid: async ({ asked }: Indicators, _: unknown, context: Ctx) =>
    named(await byPart(context, asked, 'grid')),
  byOrgan: async ({ asked }: Indicators, _: unknown, context: Ctx) =>
    named(await byPart(context, asked, 'organ')),
  byClass: async ({ asked }: Indicators, _: unknown, context: Ctx) => named(await byClass(context, asked)),
  async cases({ asked }: Indicators, args: PageArguments & { measure: Measure }, context: Ctx) {
    const { rows, more } = await casesBehind(context, asked, args.measure, args);
    return connection(
      { rows: rows.filter(({ doc }) => seesCase(context, doc)), more },
      args,
      ({ doc }) => doc,
    );
  },
};

export const indicatorTypes = { CaseIndicators, CaseIndicatorPart: figures };
