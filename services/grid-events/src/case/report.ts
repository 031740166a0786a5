import { chinaDate } from '@dutyledger/reference-data/china-time';
import { type ChangeInput, commandContext } from '@dutyledger/subgraph-kit/commands';
import { policyOf } from '../class-policy/policy.ts';
import type { GridEventsContext } from '../context.ts';
import { locate } from '../grid-network/locate.ts';
import { routeOf } from '../routing/route.ts';
import { carryOut } from './carry-out.ts';
import type { Attachment, CaseFacts, CaseSource, Level, Result, Urgency } from './events.ts';
import { countyOf } from './rows.ts';

/** The report of a case (G-4, G-7): a few look-ups, one append. */

type Ctx = GridEventsContext;

interface ReportInput {
  division: string;
  source: CaseSource;
  class: string;
  subclass?: string | null;
  description: string;
  place?: { lon: number; lat: number } | null;
  gridCode?: string | null;
  address?: string | null;
  urgency?: Urgency | null;
  reporter?: string | null;
  attachments?: Attachment[] | null;
  level?: Level | null;
  settled?: ResultInput | null;
  followUpOf?: string | null;
  change: ChangeInput;
}

export interface ResultInput {
  text: string;
  attachments?: Attachment[] | null;
}

const trimmed = (text: string | null | undefined): string | null => text?.trim() || null;

export const resultOf = ({ text, attachments }: ResultInput): Result => ({
  text: text.trim(),
  attachments: attachments ?? [],
});

/** Follows from the command: a report that is sent again is the same case. */
const caseId = (county: string, commandId: string): string =>
  `case:${county.slice(0, 6)}-${commandId.replaceAll('-', '').slice(0, 16)}`;

/** The grid, and the division that it lies in where that is narrower than the one reported. */
async function placeOf({ grid }: Ctx, input: ReportInput, county: string, on: string) {
  const { division, place, gridCode } = input;
  const where = place ?? (gridCode ? { gridCode } : undefined);
  const found = where && (await locate(grid.projections, where, { county, on }));
  if (!found?.division.startsWith(division.replace(/0+$/, ''))) return { division, grid: null };
  return { division: found.division, grid: found.grid };
}

export async function reportCase(_: unknown, { input }: { input: ReportInput }, context: Ctx) {
  const { change, level, settled } = input;
  const county = countyOf(input.division);
  const on = chinaDate(context.now.toISOString());
  const caseClass = input.class.trim();
  const around = commandContext(context, 'reportCase', change, { division: input.division, content: input });
  const { projections, copies } = context.grid;
  const place = await placeOf(context, input, county, on);
  const [route, policy] = await Promise.all([
    routeOf(copies, { division: place.division, caseClass, on }),
    policyOf(projections, { division: place.division, caseClass, at: on }),
  ]);
  const facts: CaseFacts = {
    id: caseId(county, around.commandId),
    county,
    ...place,
    source: input.source,
    class: caseClass,
    subclass: trimmed(input.subclass),
    description: input.description.trim(),
    place: input.place ?? null,
    address: trimmed(input.address),
    urgency: input.urgency ?? 'ORDINARY',
    reporter: input.reporter ?? null,
    attachments: input.attachments ?? [],
    followUpOf: input.followUpOf ?? null,
  };
  const step = {
    type: 'ReportCase' as const,
    facts,
    route,
    policy,
    level: level ?? null,
    settled: settled ? resultOf(settled) : null,
  };
  return carryOut(context, facts.id, undefined, step, around);
}
