import { isWithin } from '@dutyledger/reference-data/divisions';
import { requireDivision } from '@dutyledger/subgraph-kit/access';
import { refusalError } from '@dutyledger/subgraph-kit/errors';
import type { GridEventsContext } from '../context.ts';
import type { Boundary } from './boundary.ts';
import { type CarriedOut, carryOut, carryOutDrawn, dayOf, entitled } from './carry-out.ts';
import type { Drawn } from './compare.ts';
import { union } from './geometry.ts';
import { countyOf, divisionOf, type Grid } from './grid.ts';
import { MOST_CREATED } from './grid-network.ts';
import type { NewGrid } from './grid-rules.ts';
import { importGrids } from './import-mutation.ts';
import {
  type AbolishGridInput,
  boundaryOf,
  type CreateGridsInput,
  changesOf,
  type MergeGridsInput,
  newGrid,
  type RedrawGridInput,
  type ReviseGridInput,
  type SplitGridInput,
} from './inputs.ts';
import { MOST_PARTS } from './lines.ts';
import { tooMany, unfit } from './refusals.ts';
import type { GridNode } from './resolvers.ts';
import { shapesOf } from './shapes.ts';

/** The mutations of grid-network.graphql. A manager acts within the token's division only. */

interface Args<I> {
  input: I;
}

const drawnOf = (grids: readonly NewGrid[]): Drawn[] =>
  grids.flatMap(({ boundary, ...grid }, at) => (boundary ? [{ at, ...grid, boundary }] : []));

const payload = ({ repeated, pending }: CarriedOut) => ({ repeated, pending });

/** The grid as it is after the command, whether or not that changed it. */
function after({ events, state }: CarriedOut, id: string): GridNode {
  const changed = events.findLast(({ data }) => data.grid.id === id)?.data.grid;
  const grid = changed ?? (state.grids.get(id)?.grid as Grid);
  return { grid, asOf: { effectiveAt: grid.effectiveFrom } };
}

const created = (done: CarriedOut): GridNode[] =>
  done.events.flatMap((event) => (event.type === 'GridCreated' ? [after(done, event.data.grid.id)] : []));

function requireOwn(
  context: GridEventsContext,
  grids: readonly NewGrid[],
  path: (i: number) => string,
): void {
  for (const [i, grid] of grids.entries()) requireDivision(context, divisionOf(grid), `${path(i)}town`);
}

async function createGrids(_: unknown, { input }: Args<CreateGridsInput>, context: GridEventsContext) {
  const { division } = input;
  requireDivision(context, division, 'division');
  if (input.grids.length > MOST_CREATED) {
    throw refusalError(tooMany('grids', input.grids.length, MOST_CREATED), context.locale);
  }
  const path = (i: number): string => `grids[${i}].`;
  const grids = input.grids.map((grid, i) => newGrid(grid, path(i)));
  requireOwn(context, grids, path);
  const stray = grids.findIndex((grid) => !isWithin(divisionOf(grid), division));
  if (stray >= 0) throw refusalError(elsewhere(`${path(stray)}town`, division), context.locale);
  const done = await carryOutDrawn(
    context,
    { operation: 'createGrids', input, division },
    { drawn: drawnOf(grids), leaving: new Set() },
    (compared) => ({
      type: 'CreateGrids',
      county: countyOf(division),
      effectiveFrom: dayOf(context, input),
      grids,
      compared,
    }),
  );
  return { grids: created(done), ...payload(done) };
}

const elsewhere = (field: string, division: string) =>
  unfit(field, {
    en: `The town is not within ${division}, whose grids are created here.`,
    'zh-CN': `该乡镇不在本次新设网格的行政区划 ${division} 之内。`,
  });

async function entitledOne(context: GridEventsContext, field: string, id: string): Promise<Grid> {
  const [grid] = await entitled(context, [[field, id]]);
  return grid as Grid;
}

async function reviseGrid(_: unknown, { input }: Args<ReviseGridInput>, context: GridEventsContext) {
  const grid = await entitledOne(context, 'grid', input.grid);
  const changes = changesOf(input);
  requireDivision(context, divisionOf({ ...grid, ...changes }), 'town');
  const done = await carryOut(
    context,
    { operation: 'reviseGrid', input, division: divisionOf(grid) },
    {
      type: 'ReviseGrid',
      county: grid.county,
      effectiveFrom: dayOf(context, input),
      grid: grid.id,
      changes,
    },
  );
  return { grid: after(done, grid.id), ...payload(done) };
}

/** The code of the parent, by which boundaries are compared. */
async function parentCodeOf(context: GridEventsContext, { parent }: Grid): Promise<string | null> {
  if (parent === null) return null;
  return (await entitled(context, [['grid', parent]]))[0]?.code ?? null;
}

async function redrawGrid(_: unknown, { input }: Args<RedrawGridInput>, context: GridEventsContext) {
  const grid = await entitledOne(context, 'grid', input.grid);
  const boundary = boundaryOf(input.boundary, 'boundary');
  const parentCode = boundary && (await parentCodeOf(context, grid));
  const done = await carryOutDrawn(
    context,
    { operation: 'redrawGrid', input, division: divisionOf(grid) },
    {
      drawn: boundary ? [{ at: 0, ...grid, parentCode, boundary }] : [],
      leaving: new Set([grid.id]),
    },
    (compared) => ({
      type: 'RedrawGrid',
      county: grid.county,
      effectiveFrom: dayOf(context, input),
      grid: grid.id,
      boundary,
      compared,
    }),
  );
  return { grid: after(done, grid.id), ...payload(done) };
}

async function splitGrid(_: unknown, { input }: Args<SplitGridInput>, context: GridEventsContext) {
  const grid = await entitledOne(context, 'grid', input.grid);
  if (input.into.length > MOST_PARTS) {
    throw refusalError(tooMany('into', input.into.length, MOST_PARTS), context.locale);
  }
  const path = (i: number): string => `into[${i}].`;
  const into = input.into.map((part, i) => newGrid(part, path(i)));
  requireOwn(context, into, path);
  const done = await carryOutDrawn(
    context,
    { operation: 'splitGrid', input, division: divisionOf(grid) },
    { drawn: drawnOf(into), leaving: new Set([grid.id]) },
    (compared) => ({
      type: 'SplitGrid',
      county: grid.county,
      effectiveFrom: dayOf(context, input),
      grid: grid.id,
      into,
      microGrids: input.microGrids ?? [],
      compared,
    }),
  );
  return { grids: created(done), ...payload(done) };
}

async function mergeGrids(_: unknown, { input }: Args<MergeGridsInput>, context: GridEventsContext) {
  if (input.grids.length > MOST_PARTS) {
    throw refusalError(tooMany('grids', input.grids.length, MOST_PARTS), context.locale);
  }
  const sources = await entitled(
    context,
    input.grids.map((id, i): [string, string] => [`grids[${i}]`, id]),
  );
  const given = newGrid(input.into, 'into.');
  requireOwn(context, [given], () => 'into.');
  const county = sources[0]?.county ?? countyOf(given.town);
  const into = {
    ...given,
    boundary: given.boundary ?? (await together(context, sources, dayOf(context, input))),
  };
  const done = await carryOutDrawn(
    context,
    { operation: 'mergeGrids', input, division: sources[0] ? divisionOf(sources[0]) : county },
    { drawn: drawnOf([into]), leaving: new Set(input.grids) },
    (compared) => ({
      type: 'MergeGrids',
      county,
      effectiveFrom: dayOf(context, input),
      grids: input.grids,
      into,
      compared,
    }),
  );
  return { grid: created(done)[0], ...payload(done) };
}

/** The boundary around all of them; null where one of them has none. Throws where it cannot be computed. */
async function together(
  context: GridEventsContext,
  grids: readonly Grid[],
  on: string,
): Promise<Boundary | null> {
  const [first] = grids;
  if (!first) return null;
  const shapes = await shapesOf(context.grid.projections, first.county);
  const boundaries = grids.flatMap(({ id }) => shapes.boundaryOf(id, on) ?? []);
  if (boundaries.length < grids.length) return null;
  const around = union(boundaries);
  if (around) return around;
  const message = {
    en: 'The boundary around these grids cannot be computed: give it.',
    'zh-CN': '无法计算合并后的边界，请给出边界。',
  };
  throw refusalError(unfit('into.boundary', message), context.locale);
}

async function abolishGrid(_: unknown, { input }: Args<AbolishGridInput>, context: GridEventsContext) {
  const grid = await entitledOne(context, 'grid', input.grid);
  const done = await carryOut(
    context,
    { operation: 'abolishGrid', input, division: divisionOf(grid) },
    {
      type: 'AbolishGrid',
      county: grid.county,
      effectiveFrom: dayOf(context, input),
      grid: grid.id,
      successors: input.successors ?? [],
    },
  );
  return { grid: after(done, grid.id), ...payload(done) };
}

export const gridNetworkMutations = {
  createGrids,
  reviseGrid,
  redrawGrid,
  splitGrid,
  mergeGrids,
  abolishGrid,
  importGrids,
};
