import { chinaDate } from '@dutyledger/reference-data/china-time';
import { type ChangeInput, commandContext } from '@dutyledger/subgraph-kit/commands';
import { type AttachmentInput, claimAttachments, type Naming } from '../attachment/claim.ts';
import { policyOf } from '../class-policy/policy.ts';
import type { GridEventsContext } from '../context.ts';
import { locate } from '../grid-network/locate.ts';
import type { ReporterInput } from '../reporter/contact.ts';
import { sealReporter } from '../reporter/seal.ts';
import { routeOf } from '../routing/route.ts';
import { carryOut } from './carry-out.ts';
import type { CaseFacts, CaseSource, Level, Result, Urgency } from './events.ts';
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
  reporter?: ReporterInput | null;
  attachments?: AttachmentInput[] | null;
  level?: Level | null;
  settled?: ResultInput | null;
  followUpOf?: string | null;
  change: ChangeInput;
}

export interface ResultInput {
  text: string;
  attachments?: AttachmentInput[] | null;
}

const trimmed = (text: string | null | undefined): string | null => text?.trim() || null;

/** A result with its files, which are kept from now on. */
export const resultOf = async (context: Ctx, given: ResultInput, naming: Naming): Promise<Result> => ({
  text: given.text.trim(),
  attachments: await claimAttachments(context, given.attachments ?? [], naming),
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

/** Where it lies, who owns it and what it may take: all of the day of the report. */
async function foundFor(
  context: Ctx,
  input: ReportInput,
  { county, caseClass, on }: { county: string; caseClass: string; on: string },
) {
  const { projections, copies } = context.grid;
  const place = await placeOf(context, input, county, on);
  const { division } = place;
  const [route, policy] = await Promise.all([
    routeOf(copies, { division, caseClass, on }),
    policyOf(projections, { division, caseClass, at: on }),
  ]);
  return { place, route, policy };
}

export async function reportCase(_: unknown, { input }: { input: ReportInput }, context: Ctx) {
  const { change, level, settled } = input;
  const county = countyOf(input.division);
  const on = chinaDate(context.now.toISOString());
  const caseClass = input.class.trim();
  const operation = 'reportCase';
  // The reporter is on its way to the disk while owner and limits are looked up.
  const [sealed, { place, route, policy }] = await Promise.all([
    input.reporter && sealReporter(context, input.reporter, { operation, change, county }),
    foundFor(context, input, { county, caseClass, on }),
  ]);
  // Without what was given of the reporter: the event keeps a digest of the content, from which it could be guessed.
  const content = { ...input, reporter: sealed?.mark ?? null };
  const around = commandContext(context, operation, change, { division: input.division, content });
  const id = caseId(county, around.commandId);
  const person = sealed?.personId ?? null;
  const naming = { operation, change, case: id, county, division: place.division, person };
  const facts: CaseFacts = {
    id,
    county,
    ...place,
    source: input.source,
    class: caseClass,
    subclass: trimmed(input.subclass),
    description: input.description.trim(),
    place: input.place ?? null,
    address: trimmed(input.address),
    urgency: input.urgency ?? 'ORDINARY',
    reporter: person,
    attachments: await claimAttachments(context, input.attachments ?? [], naming),
    followUpOf: input.followUpOf ?? null,
  };
  const step = {
    type: 'ReportCase' as const,
    facts,
    route,
    policy,
    level: level ?? null,
    settled: settled ? await resultOf(context, settled, naming) : null,
  };
  return carryOut(context, facts.id, undefined, step, around);
}
