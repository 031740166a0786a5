import { type AsOf, type AsOfInput, asOf, asOfKey } from '@dutyledger/subgraph-kit/as-of';
import { connection, type PageArguments, pageOf } from '@dutyledger/subgraph-kit/connections';
import { limitExceeded, refusalError } from '@dutyledger/subgraph-kit/errors';
import type { Resolvers } from '@dutyledger/subgraph-kit/subgraph';
import type { GridEventsContext } from '../context.ts';
import { countyOf, type Grid, type GridKind, type GridStatus } from './grid.ts';
import { findHistory, type GridHistoryEntry } from './history.ts';
import { locateAll } from './locate.ts';
import {
  findGrids,
  findMicroGrids,
  type GridRow,
  gridByCode,
  gridsById,
  networkOf,
  shapesOfGrid,
} from './read-model.ts';
import { holds } from './shapes.ts';

/** The queries and fields of grid-network.graphql. */

/** A grid and the point in time it was asked about, which what is reached from it keeps. */
export interface GridNode {
  grid: Grid;
  asOf: AsOf;
}

type AsOfArgs = { asOf?: AsOfInput | null };

const node = (grid: Grid, at: AsOf): GridNode => ({ grid, asOf: at });

/** Batched: all grids that one request asks for at one point in time are one look-up. */
async function gridNode(context: GridEventsContext, id: string, at: AsOf): Promise<GridNode | null> {
  const { loaders, grid: service } = context;
  const grid = await loaders.load<GridRow>(`grid@${asOfKey(at)}`, id, (ids) =>
    gridsById(service.projections, ids, at),
  );
  return grid ? node(grid, at) : null;
}

export async function gridNodes(
  context: GridEventsContext,
  ids: readonly string[],
  at: AsOf,
): Promise<GridNode[]> {
  const nodes = await Promise.all(ids.map((id) => gridNode(context, id, at)));
  return nodes.filter((each) => each !== null);
}

interface GridsArgs extends PageArguments, AsOfArgs {
  division: string;
  kind?: GridKind | null;
  status?: Uppercase<GridStatus> | null;
}

async function grids(_: unknown, args: GridsArgs, { grid: service, now }: GridEventsContext) {
  const at = asOf(args.asOf, now);
  const page = await findGrids(service.projections, {
    division: args.division,
    kind: args.kind ?? null,
    status: (args.status ?? 'ACTIVE').toLowerCase() as GridStatus,
    asOf: at,
    ...pageOf(args),
  });
  return connection(page, args, ({ doc }) => node(doc, at));
}

interface Point {
  lon: number;
  lat: number;
}

const MOST_POINTS = 1_000;

async function gridsAt(
  _: unknown,
  args: AsOfArgs & { division: string; points: Point[] },
  context: GridEventsContext,
) {
  if (args.points.length > MOST_POINTS) {
    const what = { 'zh-CN': '坐标点数', en: 'points' };
    throw refusalError(limitExceeded(what, MOST_POINTS, args.points.length, 'points'), context.locale);
  }
  const at = asOf(args.asOf, context.now);
  const found = await locateAll(context.grid.projections, args.points, {
    county: countyOf(args.division),
    on: at.effectiveAt,
    ...(at.recordedAt !== undefined && { recordedAt: at.recordedAt }),
  });
  return Promise.all(
    found.map(async (each) => {
      if (!each) return null;
      const [grid, microGrid] = await Promise.all([
        gridNode(context, each.grid, at),
        each.micro === null ? null : gridNode(context, each.micro, at),
      ]);
      return grid && { grid, microGrid };
    }),
  );
}

export const gridNetworkQueries = {
  grid: (_: unknown, args: AsOfArgs & { id: string }, context: GridEventsContext) =>
    gridNode(context, args.id, asOf(args.asOf, context.now)),
  async gridByCode(
    _: unknown,
    args: AsOfArgs & { division: string; code: string },
    { grid: service, now }: GridEventsContext,
  ) {
    const at = asOf(args.asOf, now);
    const grid = await gridByCode(service.projections, countyOf(args.division), args.code, at);
    return grid ? node(grid, at) : null;
  },
  grids,
  gridsAt,
  gridAt: async (
    _: unknown,
    { point, ...args }: AsOfArgs & { division: string; point: Point },
    context: GridEventsContext,
  ) => (await gridsAt(_, { ...args, points: [point] }, context))[0] ?? null,
  gridNetwork: (_: unknown, { division }: { division: string }) => ({ county: countyOf(division) }),
};

/** A field of the grid as it is. */
const plain =
  <F extends keyof Grid>(field: F) =>
  ({ grid }: GridNode): Grid[F] =>
    grid[field];

async function microGrids({ grid, asOf: at }: GridNode, args: PageArguments, context: GridEventsContext) {
  const page = await findMicroGrids(context.grid.projections, grid.id, at, pageOf(args));
  return connection(page, args, ({ doc }) => node(doc, at));
}

async function history({ grid, asOf: at }: GridNode, args: PageArguments, context: GridEventsContext) {
  const page = await findHistory(context.grid.projections, { grid: grid.id }, at, pageOf(args));
  return connection(page, args, ({ doc }) => doc);
}

async function boundary({ grid, asOf: at }: GridNode, _: unknown, context: GridEventsContext) {
  if (grid.area === null) return null;
  const shapes = await shapesOfGrid(context.grid.projections, grid.id);
  return shapes.find((shape) => holds(shape, at))?.boundary ?? null;
}

export const gridNetworkTypes = {
  Grid: {
    __resolveReference: ({ id }: { id: string }, context: GridEventsContext) =>
      gridNode(context, id, asOf(undefined, context.now)),
    id: plain('id'),
    code: plain('code'),
    name: plain('name'),
    kind: plain('kind'),
    county: plain('county'),
    town: plain('town'),
    village: plain('village'),
    villageName: plain('villageName'),
    parent: ({ grid, asOf: at }: GridNode, _: unknown, context) =>
      grid.parent === null ? null : gridNode(context, grid.parent, at),
    microGrids,
    households: plain('households'),
    population: plain('population'),
    sizeReason: plain('sizeReason'),
    area: plain('area'),
    boundary,
    status: ({ grid }: GridNode) => grid.status.toUpperCase(),
    effectiveFrom: plain('effectiveFrom'),
    predecessors: ({ grid, asOf: at }: GridNode, _: unknown, context) =>
      gridNodes(context, grid.predecessors, at),
    successors: ({ grid, asOf: at }: GridNode, _: unknown, context) =>
      gridNodes(context, grid.successors, at),
    history,
  },
  GridNetwork: {
    gridsEver: async ({ county }: { county: string }, _: unknown, context) =>
      (await networkOf(context.grid.projections, county)).grids,
    async history(
      { county }: { county: string },
      args: PageArguments & { recordedAt?: string | null },
      context,
    ) {
      const at = args.recordedAt == null ? {} : { recordedAt: args.recordedAt };
      const page = await findHistory(context.grid.projections, { county }, at, pageOf(args));
      return connection(page, args, ({ doc }) => doc);
    },
  },
  GridHistoryEntry: {
    id: ({ event }: GridHistoryEntry) => event,
    grid: ({ grid, effectiveFrom }: GridHistoryEntry, _: unknown, context) =>
      gridNode(context, grid, { effectiveAt: effectiveFrom }),
    author: ({ actor, onBehalfOf }: GridHistoryEntry) => ({ ...actor, organId: actor.organ, onBehalfOf }),
  },
} satisfies Resolvers<GridEventsContext>;
