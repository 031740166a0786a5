import type { CommandContext } from '@dutyledger/event-store/handle-command';
import { refusalError } from '@dutyledger/subgraph-kit/errors';
import { mutate } from '@dutyledger/subgraph-kit/mutation';
import { todayOf } from '@dutyledger/subgraph-kit/request-context';
import type { GridEventsContext } from '../context.ts';
import { gridsOfSubject } from '../grid-worker/responsible.ts';
import { type Organ, type OrganName, organs, organsById } from '../organs.ts';
import { provenanceOf } from '../provenance.ts';
import { gridCase } from './case.ts';
import type { CaseCommand, Party, StaffCommand } from './commands.ts';
import { caseStream } from './events.ts';
import { absent, wrong } from './refusals.ts';
import { seesCase } from './resolvers.ts';
import { type CaseRow, caseRow, cases, countyOf } from './rows.ts';
import type { KnownCase } from './state.ts';

/** How a mutation of a case is carried out: look facts up, hand one command to the case, answer with what came of it. */

type Ctx = GridEventsContext;

/** Hands the command to the case; the answer is made of what the command handler knows, not of the read model. */
export async function carryOut(
  context: Ctx,
  id: string,
  row: CaseRow | undefined,
  command: StaffCommand,
  around: CommandContext,
) {
  const { grid, locale, now } = context;
  const full: CaseCommand = {
    ...command,
    by: await partyOf(context, command),
    timing: { now: now.toISOString() },
  };
  const done = await mutate(grid, locale, gridCase, caseStream(id), full, around);
  const { events, repeated, pending } = done;
  const [first] = events;
  const origin = row ?? (first && { position: first.position, reported: provenanceOf(first) });
  if (!origin) throw new Error(`${id} answered without a report`);
  return { case: caseRow(done.state as KnownCase, origin), repeated, pending };
}

/** Who calls, as the guards of a case see them. */
async function partyOf(context: Ctx, command: StaffCommand): Promise<Party> {
  const { caller, grid } = context;
  const { roles, organ, division } = caller;
  const known = organ === null ? undefined : await grid.copies.organs.documents(organs).get(organ);
  // Whoever sees something reports it; only what is done about it belongs to the grid's own worker.
  const reports = command.type === 'ReportCase' && command.settled === null;
  const grids = roles.includes('GRID_WORKER') && !reports ? await gridsOfCaller(context) : null;
  return { roles, organ, organName: known?.name ?? organ, division, grids };
}

async function gridsOfCaller(context: Ctx): Promise<string[] | null> {
  const { division, subject } = context.caller;
  const asOf = { effectiveAt: todayOf(context) };
  const found = await gridsOfSubject(context.grid.projections, countyOf(division), subject, asOf);
  return found?.grids ?? null;
}

/** The case, for whoever may know of it. */
export async function requireCase(context: Ctx, id: string): Promise<CaseRow> {
  const row = await context.grid.projections.documents(cases).get(id);
  if (row && seesCase(context, row)) return row;
  throw refusalError(absent);
}

/** An organ as events name it. Refused: it is not registered, or has ended. */
export async function organNamed({ grid }: Ctx, id: string, field: string): Promise<OrganName> {
  const organ = (await organsById(grid.copies.organs, [id])).get(id);
  if (organ && isLive(organ)) return { organ: id, organName: organ.name };
  throw refusalError(
    wrong(
      field,
      organ
        ? { en: `${organ.name} has ended.`, 'zh-CN': `“${organ.name}”已撤并。` }
        : { en: `Staffing knows no organ ${id}.`, 'zh-CN': `机构登记中没有 ${id}。` },
      { organ: id, ...(organ && { successors: organ.successors }) },
    ),
  );
}

const isLive = ({ status, kind }: Organ): boolean =>
  kind !== 'ORGAN_CLASS' && (status === 'active' || status === 'provisional');

export const organsNamed = (context: Ctx, ids: readonly string[], field: string): Promise<OrganName[]> =>
  Promise.all(ids.map((id, i) => organNamed(context, id, `${field}[${i}]`)));
