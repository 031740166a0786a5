import type { Api } from './api.ts';
import { manager } from './cast.ts';
import { COUNTED, type Counts } from './own-count.ts';
import type { Figures } from './recount.ts';

/** What the service answers for the county, and whether others count the same. */

interface Rate {
  numerator: number;
  denominator: number;
  percent: number | null;
}

export interface Told extends Figures {
  rates: Record<string, Rate>;
}

export interface Difference {
  /** The county, a day or a town. */
  where: string;
  measure: string;
  told: number;
  counted: number;
}

const RATES = [
  ...['closing', 'onTime', 'settledInTowns', 'rework', 'response', 'resolution', 'satisfaction'],
  ...['acceptedOnTime', 'filedOnTime', 'dispatchedOnTime', 'handledOnTime', 'tasksOnTime'],
] as const;
const PART = 'key counts { measure count }';
const INDICATORS = `query ($division: DivisionCode!, $from: Date!, $to: Date!) {
  caseIndicators(division: $division, from: $from, to: $to) {
    counts { measure count } byDay { ${PART} } byDivision { ${PART} }
    ${RATES.map((name) => `${name}Rate { numerator denominator percent }`).join(' ')} } }`;

interface Counted {
  counts: { measure: string; count: number }[];
}
type Part = Counted & { key: string };
type Answer = Counted & { byDay: Part[]; byDivision: Part[] } & Record<`${(typeof RATES)[number]}Rate`, Rate>;

const countsOf = ({ counts }: Counted): Counts =>
  Object.fromEntries(counts.map(({ measure, count }) => [measure, count]));
const partsOf = (parts: readonly Part[]): Map<string, Counts> =>
  new Map(parts.map((part) => [part.key, countsOf(part)]));

export async function toldFigures(
  api: Api,
  division: string,
  [from, to]: readonly [string, string],
): Promise<Told> {
  type Indicators = { caseIndicators: Answer };
  const by = manager({ code: division });
  const { caseIndicators } = await api.ask<Indicators>(by, INDICATORS, { division, from, to });
  return {
    total: countsOf(caseIndicators),
    byDay: partsOf(caseIndicators.byDay),
    byTown: partsOf(caseIndicators.byDivision),
    rates: Object.fromEntries(RATES.map((name) => [name, caseIndicators[`${name}Rate`]])),
  };
}

function between(
  where: string,
  told: Counts,
  counted: Counts,
  measures: Iterable<string> = new Set([...Object.keys(told), ...Object.keys(counted)]),
): Difference[] {
  return [...measures].flatMap((measure) => {
    const [one, other] = [told[measure] ?? 0, counted[measure] ?? 0];
    return one === other ? [] : [{ where, measure, told: one, counted: other }];
  });
}

/** Every figure of the county, of each day and of each town that is not the same. */
export function differences(told: Figures, counted: Figures): Difference[] {
  const parts = (one: Map<string, Counts>, other: Map<string, Counts>): Difference[] =>
    [...new Set([...one.keys(), ...other.keys()])].flatMap((key) =>
      between(key, one.get(key) ?? {}, other.get(key) ?? {}),
    );
  return [
    ...between('county', told.total, counted.total),
    ...parts(told.byDay, counted.byDay),
    ...parts(told.byTown, counted.byTown),
  ];
}

/** The same for what the people themselves have counted. `before`: what was told before they began. */
export const ownDifferences = (told: Counts, before: Counts, own: Counts): Difference[] =>
  between(
    'county',
    Object.fromEntries(COUNTED.map((measure) => [measure, (told[measure] ?? 0) - (before[measure] ?? 0)])),
    own,
    COUNTED,
  );
