import type { AsOf, ReadView, Row } from '@dutyledger/read-store/read-store';
import RBush from 'rbush';
import type { Boundary, Position } from './boundary.ts';
import { type Box, boxOf, whereIs } from './geometry.ts';
import type { GridKind } from './grid.ts';
import { networkOf, type Shape, shapesSince } from './read-model.ts';

/**
 * The boundaries of a county's grids in the memory of this process, in an R-tree, with all days and instants at which
 * they held. Built from the read model when they are first asked for; from then on only what has changed is fetched,
 * and every question is preceded by a look whether something has: the answer is never older than the read model.
 */

interface Entry extends Box {
  id: string;
  shape: Shape;
}

/** What lies at a point: ids of the basic grid and of the micro grid. */
export interface Found {
  grid: string | undefined;
  micro: string | undefined;
}

export class CountyShapes {
  readonly #tree = new RBush<Entry>();
  readonly #entries = new Map<string, Entry>();
  readonly #byGrid = new Map<string, Set<string>>();
  /** Up to which change of the network it knows everything. */
  seen = 0;

  /** Takes shapes over, new ones and changed ones; together, because a tree that is filled at once is faster to search. */
  take(shapes: readonly { id: string; doc: Shape }[]): void {
    const entries = shapes.map(({ id, doc }): Entry => ({ ...boxOf(doc.boundary), id, shape: doc }));
    for (const entry of entries) {
      const former = this.#entries.get(entry.id);
      if (former) this.#tree.remove(former);
      this.#entries.set(entry.id, entry);
      const { grid } = entry.shape;
      this.#byGrid.set(grid, (this.#byGrid.get(grid) ?? new Set()).add(entry.id));
      this.seen = Math.max(this.seen, entry.shape.change);
    }
    this.#tree.load(entries);
  }

  /** The grids at a point as of a day and an instant. */
  at(position: Position, asOf: AsOf): Found {
    const [lon, lat] = position;
    let basic: Candidate | undefined;
    let micro: Candidate | undefined;
    for (const { shape } of this.#tree.search({ minX: lon, minY: lat, maxX: lon, maxY: lat })) {
      if (!holds(shape, asOf)) continue;
      const where = whereIs(position, shape.boundary);
      if (where === undefined) continue;
      const candidate = { grid: shape.grid, rank: rankOf(shape.kind, where) };
      if (shape.kind === 'MICRO') micro = better(micro, candidate);
      else basic = better(basic, candidate);
    }
    return { grid: basic?.grid, micro: micro?.grid };
  }

  /** Shapes that hold on the day or later, as known now, and whose box meets the box. */
  around(box: Box, from: string): Shape[] {
    return this.#tree
      .search(box)
      .map(({ shape }) => shape)
      .filter(({ endedOn }) => endedOn === null || endedOn > from);
  }

  /** The boundary of a grid that holds on the day, as known now. */
  boundaryOf(grid: string, on: string): Boundary | undefined {
    for (const id of this.#byGrid.get(grid) ?? []) {
      const shape = this.#entries.get(id)?.shape;
      if (shape && holds(shape, { effectiveAt: on })) return shape.boundary;
    }
    return undefined;
  }
}

interface Candidate {
  grid: string;
  rank: number;
}

/** What lies inside goes before what is only touched, a dedicated grid before the general one around it. */
const rankOf = (kind: GridKind, where: 'INSIDE' | 'BORDER'): number =>
  (where === 'INSIDE' ? 0 : 2) + (kind === 'DEDICATED' ? 0 : 1);

const better = (best: Candidate | undefined, next: Candidate): Candidate =>
  !best || next.rank < best.rank || (next.rank === best.rank && next.grid < best.grid) ? next : best;

/** Whether a shape held on the day, as far as was known at the instant. */
export function holds(shape: Shape, { effectiveAt, recordedAt }: AsOf): boolean {
  const { from, knownFrom, endedOn, endKnownFrom } = shape;
  if (effectiveAt !== undefined && effectiveAt < from) return false;
  if (recordedAt !== undefined && recordedAt < knownFrom) return false;
  if (endedOn === null || endKnownFrom === null) return true;
  if (recordedAt !== undefined && recordedAt < endKnownFrom) return true;
  return effectiveAt !== undefined && effectiveAt < endedOn;
}

/** As many counties are kept; the one that was asked for least recently makes room. */
const MOST_COUNTIES = 64;

interface County {
  shapes: CountyShapes;
  /** A look at the read model that has not begun yet: all who ask meanwhile share it. */
  look: Promise<void> | undefined;
  /** Looks follow one another. */
  last: Promise<void>;
}

const memories = new WeakMap<ReadView, Map<string, County>>();

/** The boundaries of a county, as fresh as the read model. */
export async function shapesOf(view: ReadView, county: string): Promise<CountyShapes> {
  const counties = memories.get(view) ?? new Map<string, County>();
  memories.set(view, counties);
  const known = counties.get(county) ?? newCounty();
  counties.delete(county);
  counties.set(county, known);
  if (counties.size > MOST_COUNTIES) counties.delete(counties.keys().next().value as string);
  known.look ??= known.last.then(() => {
    known.look = undefined;
    return catchUp(view, county, known);
  });
  const look = known.look;
  known.last = look.catch(() => undefined);
  await look;
  return known.shapes;
}

const newCounty = (): County => ({
  shapes: new CountyShapes(),
  look: undefined,
  last: Promise.resolve(),
});

async function catchUp(view: ReadView, county: string, known: County): Promise<void> {
  const { shapes: newest } = await networkOf(view, county);
  // The read model was deleted and is built anew from the beginning.
  if (newest < known.shapes.seen) known.shapes = new CountyShapes();
  if (newest === known.shapes.seen) return;
  const changed: Row<Shape>[] = [];
  for await (const page of shapesSince(view, county, known.shapes.seen)) changed.push(...page);
  known.shapes.take(changed);
}
