import type { Find } from '@dutyledger/read-store/read-store';
import { isWithin } from '@dutyledger/reference-data/divisions';
import { mayActIn } from '@dutyledger/subgraph-kit/access';
import { connection, type PageArguments, pageOf } from '@dutyledger/subgraph-kit/connections';
import { todayOf } from '@dutyledger/subgraph-kit/request-context';
import type { GridEventsContext } from '../context.ts';
import { gridsById } from '../grid-network/read-model.ts';
import { authorOf, type Provenance } from '../provenance.ts';
import { type GridTask, ofCounty, taskById, tasksOn } from './grid-tasks.ts';
import { gridTaskSteps, type HandedTaskRow, handedTasks, urgentTasks } from './read-model.ts';

/** Queries and types of grid admissions (G-3). */

type Ctx = GridEventsContext;

const organ = (id: string | null) => (id === null ? null : { __typename: 'Organ', id });

async function gridTasks(_: unknown, { grid: id, on }: { grid: string; on?: string | null }, context: Ctx) {
  const day = on ?? todayOf(context);
  const grid = (await gridsById(context.grid.projections, [id], { effectiveAt: day })).get(id);
  return grid ? tasksOn(context, grid, day) : [];
}

async function urgentGridTasks(
  _: unknown,
  args: PageArguments & { county: string; running?: boolean | null },
  { grid, caller }: Ctx,
) {
  const { county, running } = args;
  const page = await grid.projections.documents(urgentTasks).find({
    index: 'byCounty',
    where: { county },
    ...pageOf(args),
    reverse: true,
    filter: (row) =>
      (mayActIn(caller, county) || row.towns.some((town) => isWithin(caller.division, town))) &&
      (typeof running !== 'boolean' || (row.status === 'RUNNING') === running),
  });
  return connection(page, args, ({ doc }) => ofCounty(doc));
}

interface HandedArguments extends PageArguments {
  county: string;
  town?: string | null;
  grid?: string | null;
  admitted?: boolean | null;
}

/** The ledger: a county's staff see all of it, a town's what concerns the town. */
async function tasksHandedToGrids(_: unknown, args: HandedArguments, { grid: stores, caller }: Ctx) {
  const { county, town, grid, admitted } = args;
  const known = typeof admitted === 'boolean' ? [admitted] : [false, true];
  const place: Pick<Find<HandedTaskRow, typeof handedTasks.indexes>, 'index' | 'where'> = grid
    ? { index: 'byGrid', where: { grid, admitted: known } }
    : town
      ? { index: 'byTown', where: { town, admitted: known } }
      : { index: 'byCounty', where: { county, admitted: known } };
  const page = await stores.projections.documents(handedTasks).find({
    ...place,
    ...pageOf(args),
    reverse: true,
    filter: (row) =>
      row.county === county &&
      (!town || row.town === town) &&
      (mayActIn(caller, row.town) || isWithin(caller.division, row.town)),
  });
  return connection(page, args, ({ doc }) => doc);
}

export const gridAdmissionQueries = {
  gridTasks,
  gridTask: (_: unknown, { id }: { id: string }, context: Ctx) => taskById(context, id),
  urgentGridTasks,
  tasksHandedToGrids,
};

export const gridAdmissionTypes = {
  GridTask: {
    issuer: ({ issuer }: GridTask) => organ(issuer),
    gridIds: ({ grids }: GridTask) => grids,
    async history({ id }: GridTask, args: PageArguments, { grid }: Ctx) {
      const page = await grid.projections
        .documents(gridTaskSteps)
        .find({ index: 'byTask', where: { task: id }, ...pageOf(args) });
      return connection(page, args, ({ doc }) => doc);
    },
  },
  GridTaskStep: {
    by: ({ provenance }: { provenance: Provenance }) => authorOf(provenance),
    reason: ({ provenance }: { provenance: Provenance }) => provenance.reason,
    basis: ({ provenance }: { provenance: Provenance }) => provenance.basis,
    recordedAt: ({ provenance }: { provenance: Provenance }) => provenance.recordedAt,
    correlationId: ({ provenance }: { provenance: Provenance }) => provenance.correlationId,
  },
  TaskHandedToGrid: {
    gridId: ({ grid }: HandedTaskRow) => grid,
    issuer: ({ issuer }: HandedTaskRow) => organ(issuer.organ),
    issuerName: ({ issuer }: HandedTaskRow) => issuer.organName,
    task: ({ task }: HandedTaskRow, _: unknown, context: Ctx) =>
      task === null ? null : taskById(context, task),
    violates: ({ citation }: HandedTaskRow) => citation,
    recordedBy: ({ recorded }: HandedTaskRow) => authorOf(recorded),
    recordedAt: ({ recorded }: HandedTaskRow) => recorded.recordedAt,
    reason: ({ recorded }: HandedTaskRow) => recorded.reason,
    basis: ({ recorded }: HandedTaskRow) => recorded.basis,
  },
};
