import type { StoredEvent } from '@dutyledger/event-store/event-store';
import type { Projection } from '@dutyledger/read-store/projection';
import {
  type AsOf,
  type Batch,
  documents,
  type Page,
  type ReadView,
  type Row,
  temporal,
} from '@dutyledger/read-store/read-store';
import type { Boundary } from './boundary.ts';
import { divisionOf, type Grid, type GridKind, type GridStatus, isLive } from './grid.ts';
import { entryOf, history } from './history.ts';
import { changesShape, GRID_EVENTS, type GridEvent } from './state.ts';

/** The read model of the networks: every state of every grid on both clocks, its boundaries, what happened to it. */

export interface GridRow extends Grid {
  /** Its divisions and those above, so that one look-up finds the grids of a whole subtree in the order of codes. */
  within: string[];
}

export const grids = temporal<GridRow>()('grids', {
  bySubtree: ['within', 'status', 'kind', 'code'],
  byCode: ['county', 'code', 'status'],
  byParent: ['parent', 'status', 'code'],
});

/** A boundary and when it held. Changes of one grid come in the order of their days, so that one row tells both clocks. */
export interface Shape {
  county: string;
  grid: string;
  kind: GridKind;
  boundary: Boundary;
  /** First day, and the instant from which it was known. */
  from: string;
  knownFrom: string;
  /** First day on which it holds no more, and from when on that was known; null while it holds without end. */
  endedOn: string | null;
  endKnownFrom: string | null;
  /** Number of the network's change that this row was last touched by. */
  change: number;
}

export const shapes = documents<Shape>()('gridShapes', {
  byChange: ['county', 'change'],
  byGrid: ['grid', 'from'],
});

interface Network {
  county: string;
  /** Number of the last change of a boundary: what `Compared.seen` speaks of. */
  shapes: number;
  /** Grids ever created. */
  grids: number;
}

const networks = documents<Network>()('gridNetworks', {});

/** The newest state of each grid, which the next change is compared with, and the row of its boundary. */
interface Newest {
  grid: Grid;
  shape: string | null;
}

const newest = documents<Newest>()('gridNewest', {});

type Stored = StoredEvent & GridEvent;

export const gridNetworkProjection: Projection = {
  name: 'gridNetwork',
  version: 1,
  collections: [grids, shapes, networks, newest, history],
  handles: GRID_EVENTS,
  prefetch: (event) => {
    const { grid } = (event as Stored).data;
    return [
      { spec: newest, id: grid.id },
      { spec: networks, id: grid.county },
    ];
  },
  async project(stored, batch) {
    const event = stored as Stored;
    const { grid } = event.data;
    const before = await batch.get(newest, grid.id);
    const network = (await batch.get(networks, grid.county)) ?? { county: grid.county, shapes: 0, grids: 0 };
    const change = network.shapes + (changesShape(event) ? 1 : 0);
    const shape = await putShapes(event, before?.shape ?? null, change, batch);
    batch.put(networks, grid.county, {
      ...network,
      shapes: change,
      grids: network.grids + (before ? 0 : 1),
    });
    batch.put(newest, grid.id, { grid, shape });
    batch.put(history, event.id, entryOf(event, before?.grid));
    await batch.putVersion(grids, grid.id, grid.effectiveFrom, { ...grid, within: divisionsAround(grid) });
  },
};

/** Ends the grid's boundary and begins the next, as the event says. Answers the id of the row that holds now. */
async function putShapes(
  event: Stored,
  current: string | null,
  change: number,
  batch: Batch,
): Promise<string | null> {
  if (!changesShape(event)) return current;
  const { grid } = event.data;
  const ended = current === null ? undefined : await batch.get(shapes, current);
  if (ended && current !== null) {
    const end = { endedOn: grid.effectiveFrom, endKnownFrom: event.recordedAt, change };
    batch.put(shapes, current, { ...ended, ...end });
  }
  const boundary = 'boundary' in event.data ? event.data.boundary : null;
  if (!boundary) return null;
  const id = `${grid.id}/${change}`;
  batch.put(shapes, id, {
    county: grid.county,
    grid: grid.id,
    kind: grid.kind,
    boundary,
    from: grid.effectiveFrom,
    knownFrom: event.recordedAt,
    endedOn: null,
    endKnownFrom: null,
    change,
  });
  return id;
}

/** By digits alone, so that a division that is dissolved later does not change what a rebuild makes. */
const divisionsAround = (grid: Grid): string[] => [
  ...new Set([2, 4, 6, 9, 12].map((digits) => divisionOf(grid).slice(0, digits).padEnd(12, '0'))),
];

/** Grids by id as of a point in time; one that was not there yet is missing, one that has ended says so. */
export async function gridsById(
  view: ReadView,
  ids: readonly string[],
  asOf: AsOf,
): Promise<Map<string, GridRow>> {
  const found = await view.temporal(grids).getMany([...new Set(ids)], asOf);
  return new Map([...found].map(([id, { doc }]) => [id, doc]));
}

/** The live grid that bears a code as of a point in time. */
export async function gridByCode(
  view: ReadView,
  county: string,
  code: string,
  asOf: AsOf,
): Promise<GridRow | undefined> {
  const { rows } = await view
    .temporal(grids)
    .find({ index: 'byCode', where: { county, code, status: 'active' }, asOf, limit: 1 });
  return rows[0]?.doc;
}

/** As many codes as one find takes at once. */
const CODES_AT_ONCE = 500;

/** Ids of the live grids that bear the codes as of a point in time. */
export async function gridIdsByCode(
  view: ReadView,
  county: string,
  codes: ReadonlySet<string>,
  asOf: AsOf,
): Promise<Map<string, string>> {
  const wanted = [...codes];
  const ids = new Map<string, string>();
  for (let from = 0; from < wanted.length; from += CODES_AT_ONCE) {
    const code = wanted.slice(from, from + CODES_AT_ONCE);
    const { rows } = await view.temporal(grids).find({
      index: 'byCode',
      where: { county, code },
      filter: isLive,
      asOf,
      limit: 1_000,
    });
    for (const { doc } of rows) ids.set(doc.code, doc.id);
  }
  return ids;
}

export interface GridQuery {
  division: string;
  kind: GridKind | null;
  status: GridStatus;
  asOf: AsOf;
  limit: number;
  after?: string;
}

/** A page of the grids of a division and all below it, in the order of their kinds and codes. */
export const findGrids = (view: ReadView, query: GridQuery): Promise<Page<Row<GridRow>>> => {
  const { division, kind, status, asOf, ...page } = query;
  const where = { within: division, status, ...(kind !== null && { kind }) };
  return view.temporal(grids).find({ index: 'bySubtree', where, asOf, ...page });
};

/** A page of the live micro grids of a basic grid, in the order of their codes. */
export const findMicroGrids = (
  view: ReadView,
  parent: string,
  asOf: AsOf,
  page: { limit: number; after?: string },
): Promise<Page<Row<GridRow>>> =>
  view.temporal(grids).find({ index: 'byParent', where: { parent, status: 'active' }, asOf, ...page });

/** The rows of a grid's boundaries, oldest first. */
export async function shapesOfGrid(view: ReadView, grid: string): Promise<Shape[]> {
  const { rows } = await view.documents(shapes).find({ index: 'byGrid', where: { grid }, limit: 1_000 });
  return rows.map(({ doc }) => doc);
}

const NO_NETWORK = { shapes: 0, grids: 0 };

/** How many grids and changes of boundaries a county's network has had. */
export const networkOf = async (view: ReadView, county: string): Promise<Pick<Network, 'shapes' | 'grids'>> =>
  (await view.documents(networks).get(county)) ?? NO_NETWORK;

/** Pages are kept small: a boundary may have a quarter of a megabyte. */
const SHAPES_PER_PAGE = 500;

/** The rows of boundaries that a network's changes after `seen` have touched, page by page. */
export async function* shapesSince(
  view: ReadView,
  county: string,
  seen: number,
): AsyncGenerator<Row<Shape>[]> {
  for (let after: string | undefined; ; ) {
    const { rows, more } = await view.documents(shapes).find({
      index: 'byChange',
      where: { county },
      range: { from: seen + 1 },
      limit: SHAPES_PER_PAGE,
      ...(after !== undefined && { after }),
    });
    if (rows.length > 0) yield rows;
    if (!more) return;
    after = rows.at(-1)?.cursor;
  }
}
