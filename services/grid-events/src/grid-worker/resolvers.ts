import { type AsOf, type AsOfInput, asOf, asOfKey } from '@dutyledger/subgraph-kit/as-of';
import { connection, type PageArguments, pageOf } from '@dutyledger/subgraph-kit/connections';
import { refusalError } from '@dutyledger/subgraph-kit/errors';
import type { Resolver, Resolvers } from '@dutyledger/subgraph-kit/subgraph';
import type { GridEventsContext } from '../context.ts';
import { countyOf } from '../grid-network/grid.ts';
import { type GridNode, gridNodes } from '../grid-network/resolvers.ts';
import { authorOf } from '../provenance.ts';
import { requireCounty } from './carry-out.ts';
import { findFigures, MOST_MONTHS, periodOf, type WorkerFigures } from './figures.ts';
import {
  findRatings,
  findWorkerHistory,
  findWorkers,
  type RatingRow,
  type WorkerHistoryEntry,
  workersById,
} from './read-model.ts';
import { unfit } from './refusals.ts';
import { gridsOf, gridsOfSubject, workersOf } from './responsible.ts';
import { isActive, type Post, type Worker } from './worker.ts';

/** The queries and fields of grid-worker.graphql. */

/** A person and the point in time they were asked about, which what is reached from them keeps. */
export interface WorkerNode {
  worker: Worker;
  asOf: AsOf;
}

type AsOfArgs = { asOf?: AsOfInput | null };

const node = (worker: Worker, at: AsOf): WorkerNode => ({ worker, asOf: at });

async function workerNode(context: GridEventsContext, id: string, at: AsOf): Promise<WorkerNode | null> {
  const worker = await context.loaders.load<Worker>(`gridWorker@${asOfKey(at)}`, id, (ids) =>
    workersById(context.grid.projections, ids, at),
  );
  if (!worker) return null;
  requireCounty(context, worker.county);
  return node(worker, at);
}

interface WorkersArgs extends PageArguments, AsOfArgs {
  division: string;
  post?: Post | null;
}

async function gridWorkers(_: unknown, args: WorkersArgs, context: GridEventsContext) {
  const { division, post = null } = args;
  requireCounty(context, countyOf(division), 'division');
  const at = asOf(args.asOf, context.now);
  const page = await findWorkers(context.grid.projections, { division, post, asOf: at, ...pageOf(args) });
  return connection(page, args, ({ doc }) => node(doc, at));
}

interface FiguresArgs extends PageArguments {
  division: string;
  from: string;
  to: string;
  post?: Post | null;
}

async function gridWorkerFigures(_: unknown, args: FiguresArgs, context: GridEventsContext) {
  const { division, from, to, post = null } = args;
  requireCounty(context, countyOf(division), 'division');
  const period = periodOf(from, to);
  if (!period) throw refusalError(noPeriod, context.locale);
  const page = await findFigures(context.grid.projections, { division, post, period, ...pageOf(args) });
  return connection(page, args, ({ doc }) => doc);
}

const noPeriod = unfit('from', {
  en: `A period is given by its first and last month (YYYY-MM), at most ${MOST_MONTHS} of them.`,
  'zh-CN': `期间以起止月份（YYYY-MM）表示，最多 ${MOST_MONTHS} 个月。`,
});

export const gridWorkerQueries = {
  gridWorker: (_: unknown, args: AsOfArgs & { id: string }, context: GridEventsContext) =>
    workerNode(context, args.id, asOf(args.asOf, context.now)),
  gridWorkers,
  gridWorkerFigures,
  async gridWorkerMyself(_: unknown, args: AsOfArgs, context: GridEventsContext) {
    const { division, subject } = context.caller;
    const at = asOf(args.asOf, context.now);
    const found = await gridsOfSubject(context.grid.projections, countyOf(division), subject, at);
    return found ? node(found.worker, at) : null;
  },
};

/** A field of the person as they are. */
const plain =
  <F extends keyof Worker>(field: F) =>
  ({ worker }: WorkerNode): Worker[F] =>
    worker[field];

/** Grids that a person answers for. */
async function liveGrids({ worker, asOf: at }: WorkerNode, context: GridEventsContext): Promise<GridNode[]> {
  return gridNodes(context, await gridsOf(context.grid.projections, worker, at), at);
}

async function history({ worker, asOf: at }: WorkerNode, args: PageArguments, context: GridEventsContext) {
  const page = await findWorkerHistory(context.grid.projections, worker.id, at, pageOf(args));
  return connection(page, args, ({ doc }) => doc);
}

async function ratings({ worker }: WorkerNode, args: PageArguments, context: GridEventsContext) {
  const page = await findRatings(context.grid.projections, worker.id, pageOf(args));
  return connection(page, args, ({ doc }) => doc);
}

const atEnd = ({ worker, lastDay }: WorkerFigures): WorkerNode => node(worker, { effectiveAt: lastDay });

const sumOf =
  (figure: 'households' | 'population') =>
  async (figures: WorkerFigures, _: unknown, context: GridEventsContext): Promise<number> => {
    const nodes = await liveGrids(atEnd(figures), context);
    return nodes.reduce((sum, { grid }) => sum + (grid[figure] ?? 0), 0);
  };

export const gridWorkerTypes: Resolvers<GridEventsContext> = {
  GridWorker: {
    __resolveReference: ({ id }: { id: string }, context: GridEventsContext) =>
      workerNode(context, id, asOf(undefined, context.now)),
    id: plain('id'),
    number: plain('number'),
    name: plain('name'),
    post: plain('post'),
    roles: plain('roles'),
    county: plain('county'),
    town: plain('town'),
    subject: plain('subject'),
    assignedGrids: ({ worker, asOf: at }: WorkerNode, _: unknown, context) =>
      gridNodes(context, worker.grids, at),
    grids: (source: WorkerNode, _: unknown, context) => liveGrids(source, context),
    active: ({ worker }: WorkerNode) => isActive(worker),
    effectiveFrom: plain('effectiveFrom'),
    history,
    ratings,
  },
  GridWorkerFigures: {
    worker: atEnd,
    households: sumOf('households'),
    population: sumOf('population'),
  },
  GridWorkerHistoryEntry: {
    id: ({ event }: WorkerHistoryEntry) => event,
    author: authorOf,
  },
  GridWorkerRating: {
    author: authorOf,
    withdrawnAt: ({ withdrawn }: RatingRow) => withdrawn?.at ?? null,
    withdrawnFor: ({ withdrawn }: RatingRow) => withdrawn?.reason ?? null,
  },
};

/** What the roster adds to `Grid`. */
export const workersOfGrid: Record<string, Resolver<GridEventsContext>> = {
  async workers({ grid, asOf: at }: GridNode, _: unknown, context) {
    requireCounty(context, grid.county);
    return (await workersOf(context.grid.projections, grid.id, at)).map((worker) => node(worker, at));
  },
};
