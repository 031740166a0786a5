import { area } from '@turf/area';
import { booleanPointInPolygon } from '@turf/boolean-point-in-polygon';
import clipping from 'polygon-clipping';
import type { Boundary, Position, Rings } from './boundary.ts';

/**
 * What boundaries have to do with one another. Clipping is polygon-clipping's (Martinez–Rueda): of the libraries that
 * were tried it is the one that is fast enough to compare a county's boundaries while someone waits.
 */

export interface Box {
  minX: number;
  minY: number;
  maxX: number;
  maxY: number;
}

const polygonsOf = ({ type, coordinates }: Boundary): Rings[] =>
  type === 'Polygon' ? [coordinates] : coordinates;

const boundaryOf = (polygons: Rings[]): Boundary =>
  polygons.length === 1
    ? { type: 'Polygon', coordinates: polygons[0] as Rings }
    : { type: 'MultiPolygon', coordinates: polygons };

/** The smallest box of longitudes and latitudes around it. */
export function boxOf(boundary: Boundary): Box {
  const box = { minX: Infinity, minY: Infinity, maxX: -Infinity, maxY: -Infinity };
  for (const [outer = []] of polygonsOf(boundary)) {
    for (const [lon, lat] of outer) {
      box.minX = Math.min(box.minX, lon);
      box.maxX = Math.max(box.maxX, lon);
      box.minY = Math.min(box.minY, lat);
      box.maxY = Math.max(box.maxY, lat);
    }
  }
  return box;
}

/** Square metres. */
export const areaOf = (boundary: Boundary): number => area(boundary);

/** INSIDE, or on the BORDER, which neighbours share; undefined outside. */
export function whereIs(position: Position, boundary: Boundary): 'INSIDE' | 'BORDER' | undefined {
  if (booleanPointInPolygon(position, boundary, { ignoreBoundary: true })) return 'INSIDE';
  return booleanPointInPolygon(position, boundary) ? 'BORDER' : undefined;
}

const boxesMeet = (a: Box, b: Box): boolean =>
  a.minX < b.maxX && b.minX < a.maxX && a.minY < b.maxY && b.minY < a.maxY;

/** Square metres that two boundaries have in common; undefined for the few that cannot be computed. */
export function commonArea(a: Boundary, b: Boundary): number | undefined {
  if (!boxesMeet(boxOf(a), boxOf(b))) return 0;
  try {
    const common = clipping.intersection(polygonsOf(a), polygonsOf(b)) as Rings[];
    return common.length === 0 ? 0 : area(boundaryOf(common));
  } catch {
    return undefined;
  }
}

/** One boundary around all; undefined for the few that cannot be computed. */
export function union(boundaries: readonly Boundary[]): Boundary | undefined {
  const [first, ...others] = boundaries.map(polygonsOf);
  if (!first) return undefined;
  try {
    return boundaryOf(clipping.union(first, ...others) as Rings[]);
  } catch {
    return undefined;
  }
}
