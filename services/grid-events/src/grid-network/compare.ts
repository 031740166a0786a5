import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ReadView } from '@dutyledger/read-store/read-store';
import RBush from 'rbush';
import type { Boundary } from './boundary.ts';
import { areaOf, type Box, boxOf, commonArea } from './geometry.ts';
import type { GridKind } from './grid.ts';
import type { BoundaryFault, Compared } from './grid-rules.ts';
import { gridByCode, gridsById } from './read-model.ts';
import { type CountyShapes, shapesOf } from './shapes.ts';

/**
 * Compares boundaries that are about to be drawn with one another and with those of the network. Grids of one kind do
 * not overlap; a dedicated grid lies over the general one that it was cut out of; a micro grid lies within its parent.
 */

/** A boundary that is about to be drawn. */
export interface Drawn {
  /** Place in the command. */
  at: number;
  code: string;
  name: string;
  kind: GridKind;
  parentCode: string | null;
  boundary: Boundary;
  /** The grid whose boundary this replaces. */
  grid?: string;
}

export interface Comparison {
  county: string;
  /** Day from which they hold. */
  from: string;
  drawn: readonly Drawn[];
  /** Grids that end, or whose boundary is replaced, at that moment. */
  leaving: ReadonlySet<string>;
}

/** People draw along the same street twice: what overlaps by less is not held against them. */
const TOLERANCE = 0.01;
/** Work between two breaths, in which other requests are answered. */
const BREATH_MS = 20;

interface Place extends Box {
  drawn: Drawn;
}

/** What stands against the boundaries, and which state of the network that was found in. */
export async function compare(view: ReadView, comparison: Comparison): Promise<Compared> {
  const { county, from, drawn, leaving } = comparison;
  const shapes = await shapesOf(view, county);
  const { seen } = shapes;
  const places = drawn.map((each): Place => ({ ...boxOf(each.boundary), drawn: each }));
  const tree = new RBush<Place>().load(places);
  const faults: BoundaryFault[] = [];
  let since = performance.now();
  for (const place of places) {
    const others = [
      ...tree.search(place).flatMap((other) => (other.drawn.at < place.drawn.at ? [other.drawn] : [])),
      ...shapes.around(place, from).filter(({ grid }) => !leaving.has(grid)),
    ];
    for (const other of others) {
      if (other.kind !== place.drawn.kind) continue;
      const fault = overlapOf(place.drawn.boundary, other.boundary);
      if (fault) faults.push({ ...fault, at: place.drawn.at, other: nameOf(other) });
      if (performance.now() - since < BREATH_MS) continue;
      await nextTurn();
      since = performance.now();
    }
  }
  const outside = await outsideParents(view, comparison, shapes);
  return { seen, faults: await withNames(view, [...faults, ...outside], from) };
}

/** Of a grid on record only the id is at hand: its name is looked up for the few that are told. */
const nameOf = (other: Drawn | { grid: string }): BoundaryFault['other'] =>
  'code' in other ? { name: other.name, code: other.code } : { name: '', code: other.grid };

async function withNames(
  view: ReadView,
  faults: readonly BoundaryFault[],
  on: string,
): Promise<BoundaryFault[]> {
  const unnamed = faults.filter(({ other }) => other.name === '').map(({ other }) => other.code);
  const named = await gridsById(view, unnamed, {});
  const now = await gridsById(view, unnamed, { effectiveAt: on });
  return faults.map((fault) => {
    const grid = now.get(fault.other.code) ?? named.get(fault.other.code);
    return grid ? { ...fault, other: { name: grid.name, code: grid.code } } : fault;
  });
}

type Found = Pick<BoundaryFault, 'kind' | 'share'>;

function overlapOf(a: Boundary, b: Boundary): Found | undefined {
  const common = commonArea(a, b);
  if (common === undefined) return { kind: 'NOT_COMPARABLE', share: 0 };
  if (common === 0) return undefined;
  const share = common / Math.min(areaOf(a), areaOf(b));
  return share > TOLERANCE ? { kind: 'OVERLAPS', share } : undefined;
}

async function outsideParents(
  view: ReadView,
  { county, from, drawn }: Comparison,
  shapes: CountyShapes,
): Promise<BoundaryFault[]> {
  const byCode = new Map(drawn.map((each) => [each.code, each]));
  const faults: BoundaryFault[] = [];
  for (const { at, parentCode, boundary } of drawn) {
    if (parentCode === null) continue;
    const parent =
      byCode.get(parentCode) ?? (await parentOnRecord(view, { county, from }, parentCode, shapes));
    if (!parent) continue;
    const common = commonArea(boundary, parent.boundary);
    const other = { name: parent.name, code: parentCode };
    if (common === undefined) faults.push({ at, kind: 'NOT_COMPARABLE', other, share: 0 });
    const share = 1 - (common ?? Number.NaN) / areaOf(boundary);
    if (share > TOLERANCE) faults.push({ at, kind: 'OUTSIDE_PARENT', other, share });
  }
  return faults;
}

/** Undefined where the parent has no boundary, or is not there: the network says so. */
async function parentOnRecord(
  view: ReadView,
  { county, from }: Pick<Comparison, 'county' | 'from'>,
  code: string,
  shapes: CountyShapes,
): Promise<{ name: string; boundary: Boundary } | undefined> {
  const parent = await gridByCode(view, county, code, { effectiveAt: from });
  const boundary = parent && shapes.boundaryOf(parent.id, from);
  return boundary && { name: parent.name, boundary };
}
