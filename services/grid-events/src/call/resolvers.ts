import type { ReadView } from '@dutyledger/read-store/read-store';
import { connection, type PageArguments, pageOf } from '@dutyledger/subgraph-kit/connections';
import { seesCase } from '../case/resolvers.ts';
import { type CaseRow, cases } from '../case/rows.ts';
import type { GridEventsContext } from '../context.ts';
import { authorOf } from '../provenance.ts';
import { sees } from './acting.ts';
import { type Figures, figuresOf } from './figures.ts';
import {
  type CallRow,
  type CallStepRow,
  callIsOverdue,
  callParts,
  callSteps,
  calls,
  type Measure,
  type PartRow,
} from './read-model.ts';
import { isOverdue, isRunning, type Level, type Part, STEP_OF, type StepTaken } from './state.ts';
import { type CallKind, STEPS } from './terms.ts';

/** Queries and types of calls (G-9). */

type Ctx = GridEventsContext;

const organ = (id: string) => ({ __typename: 'Organ', id });

const callById = ({ loaders, grid }: Ctx, id: string): Promise<CallRow | undefined> =>
  loaders.load('calls', id, (ids) => grid.projections.documents(calls).getMany(ids));

async function visible(context: Ctx, id: string | null): Promise<CallRow | null> {
  const row = id === null ? undefined : await callById(context, id);
  return row && sees(context, row) ? row : null;
}

/** The case that a call is for; who is called for it sees it, too. */
async function caseOf({ case: id, state }: CallRow, _: unknown, context: Ctx): Promise<CaseRow | null> {
  if (id === null) return null;
  const table = context.grid.projections.documents(cases);
  const row = await context.loaders.load('cases', id, (ids) => table.getMany(ids));
  const called = state.parts.some((part) => part.organ === context.caller.organ);
  return row && (called || seesCase(context, row)) ? row : null;
}

interface CallsArguments extends PageArguments {
  division: string;
  status?: CallRow['status'] | null;
  kind?: CallKind | null;
  overdue?: boolean | null;
  problem?: boolean | null;
  level?: Level | null;
}

async function callsPage(_: unknown, args: CallsArguments, context: Ctx) {
  const { division, status, kind, overdue, problem, level } = args;
  const filter = (row: CallRow): boolean =>
    sees(context, row) &&
    (!kind || row.state.kind === kind) &&
    (!level || row.state.level === level) &&
    (typeof overdue !== 'boolean' || callIsOverdue(row) === overdue) &&
    (typeof problem !== 'boolean' || (row.state.problem !== null) === problem);
  const where = { within: division, status: status ? [status] : ['OPEN', 'CLOSED'] };
  const page = await context.grid.projections
    .documents(calls)
    .find({ index: 'byDivision', where, ...pageOf(args), reverse: true, filter });
  return connection(page, args, ({ doc }) => doc);
}

/** Calls behind parts of them, as a page. */
async function throughParts(
  context: Ctx,
  args: PageArguments,
  page: Awaited<ReturnType<ReturnType<typeof partsOf>['find']>>,
) {
  const ids = page.rows.map(({ doc }) => doc.call);
  const found = await context.grid.projections.documents(calls).getMany(ids);
  const rows = page.rows.filter(({ doc }) => {
    const row = found.get(doc.call);
    return row && sees(context, row);
  });
  return connection({ ...page, rows }, args, ({ doc }) => found.get(doc.call));
}

const partsOf = (view: ReadView) => view.documents(callParts);

async function callsFor(
  _: unknown,
  args: PageArguments & { organ: string; status: PartRow['status'][] },
  context: Ctx,
) {
  const where = { organ: args.organ, status: [...new Set(args.status)] };
  if (where.status.length === 0) return connection({ rows: [], more: false }, args, () => undefined);
  const page = await partsOf(context.grid.projections).find({
    index: 'byOrgan',
    where,
    ...pageOf(args),
    reverse: true,
  });
  return throughParts(context, args, page);
}

async function callsOfCase(context: Ctx, id: string, args: PageArguments) {
  const page = await context.grid.projections.documents(calls).find({
    index: 'byCase',
    where: { case: id },
    ...pageOf(args),
    reverse: true,
    filter: (row) => sees(context, row),
  });
  return connection(page, args, ({ doc }) => doc);
}

export const callQueries = {
  call: (_: unknown, { id }: { id: string }, context: Ctx) => visible(context, id),
  calls: callsPage,
  callsFor,
  callsOfCase: (_: unknown, args: PageArguments & { caseId: string }, context: Ctx) =>
    callsOfCase(context, args.caseId, args),
  callFigures: (
    _: unknown,
    args: { county: string; from: string; to: string; organ?: string | null },
    context: Ctx,
  ) => figuresOf(context, args),
};

const Call = {
  __resolveReference: ({ id }: { id: string }, context: Ctx) => visible(context, id),
  division: ({ state }: CallRow) => state.division,
  county: ({ state }: CallRow) => state.county,
  town: ({ state }: CallRow) => organ(state.town.organ),
  townName: ({ state }: CallRow) => state.town.organName,
  kind: ({ state }: CallRow) => state.kind,
  title: ({ state }: CallRow) => state.title,
  asked: ({ state }: CallRow) => state.asked,
  place: ({ state: { place } }: CallRow) => ({ address: place.address, ...place.point }),
  appointedAt: ({ state }: CallRow) => state.appointedAt,
  caseId: (row: CallRow) => row.case,
  case: caseOf,
  follows: (row: CallRow, _: unknown, context: Ctx) => visible(context, row.follows),
  async followUps(row: CallRow, args: PageArguments, context: Ctx) {
    const page = await context.grid.projections
      .documents(calls)
      .find({ index: 'byFollowed', where: { follows: row.id }, ...pageOf(args), reverse: true });
    return connection(page, args, ({ doc }) => doc);
  },
  level: ({ state }: CallRow) => state.level,
  problem: ({ state }: CallRow) => state.problem,
  overdue: callIsOverdue,
  parts: ({ state }: CallRow) => state.parts,
  terms: ({ state }: CallRow) => STEPS.map((step) => ({ step, limit: state.terms.limits[step] })),
  scale: ({ state }: CallRow) => state.terms.scale,
  issuedAt: ({ state }: CallRow) => state.issuedAt,
  closedAt: ({ state }: CallRow) => (state.status === 'CLOSED' ? state.closedAt : null),
  issuedBy: ({ issued }: CallRow) => authorOf(issued),
  reason: ({ issued }: CallRow) => issued.reason,
  basis: ({ issued }: CallRow) => issued.basis,
  async history(row: CallRow, args: PageArguments, { grid }: Ctx) {
    const page = await grid.projections
      .documents(callSteps)
      .find({ index: 'byCall', where: { call: row.id }, ...pageOf(args) });
    return connection(page, args, ({ doc }) => doc);
  },
};

const CallPart = {
  number: ({ no }: Part) => no,
  organ: (part: Part) => organ(part.organ),
  owes: (part: Part) => (isRunning(part) ? STEP_OF[part.status] : null),
  due: (part: Part) => (isRunning(part) ? part.due : null),
  overdue: isOverdue,
  overdueSteps: (part: Part) => part.overdue,
  rating: (part: Part) => (part.status === 'RATED' ? part.rating : null),
};

type Refusal = NonNullable<Part['refusal']>;

const CallRefusal = {
  list: ({ citation }: Refusal) =>
    citation.kind === 'ITEM' ? { __typename: 'DutyList', id: citation.list } : null,
  edition: ({ citation }: Refusal) => (citation.kind === 'ITEM' ? citation.edition : null),
  item: ({ citation }: Refusal) => (citation.kind === 'ITEM' ? citation.code : null),
  title: ({ citation }: Refusal) => (citation.kind === 'ARTICLE' ? citation.title : null),
  article: ({ citation }: Refusal) => (citation.kind === 'ARTICLE' ? citation.article : null),
};

const CallStep = {
  by: ({ provenance }: CallStepRow) => authorOf(provenance),
  reason: ({ provenance }: CallStepRow) => provenance.reason,
  basis: ({ provenance }: CallStepRow) => provenance.basis,
  recordedAt: ({ provenance }: CallStepRow) => provenance.recordedAt,
  correlationId: ({ provenance }: CallStepRow) => provenance.correlationId,
};

const CallFigures = {
  organ: (figures: Figures) => organ(figures.organ),
  async calls(
    { organ: of, from, to, county }: Figures,
    args: PageArguments & { measure: Measure },
    context: Ctx,
  ) {
    const page = await partsOf(context.grid.projections).find({
      index: 'byMeasure',
      where: { organ: of, measures: args.measure },
      range: { from, to },
      ...pageOf(args),
      reverse: true,
      filter: (part) => part.county === county,
    });
    return throughParts(context, args, page);
  },
};

export const callTypes = {
  Call,
  CallPart,
  CallRefusal,
  CallStep,
  CallFigures,
  CallStepTaken: { inTime: ({ at, due }: StepTaken) => at < due },
};

/** What calls add to the type of cases. */
export const callsOfCases = {
  calls: ({ id }: CaseRow, args: PageArguments, context: Ctx) => callsOfCase(context, id, args),
};
