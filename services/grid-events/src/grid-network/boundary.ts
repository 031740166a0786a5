import type { Text } from '@dutyledger/event-store/decider';
import RBush from 'rbush';
import { orient2d } from 'robust-predicates';

/** Boundaries of grids: GeoJSON (RFC 7946) as people and programs send it, checked before anything is done with it. */

/** Longitude and latitude in degrees (WGS 84 or CGCS2000; the difference does not matter here). */
export type Position = [lon: number, lat: number];
/** The outer ring, then holes; each closed, its first position repeated at the end. */
export type Rings = Position[][];

export type Boundary =
  | { type: 'Polygon'; coordinates: Rings }
  | { type: 'MultiPolygon'; coordinates: Rings[] };

export const BOUNDARY_LIMITS = {
  /** Some 250 KB of JSON; an event holds 1 MiB. */
  positions: 10_000,
  polygons: 200,
} as const;

/** China with its seas: swapped and projected coordinates fall outside. */
const RANGE = { lon: [73, 136], lat: [3, 54] } as const;
/** A centimetre. */
const DECIMALS = 1e7;

export type BoundaryOutcome = { ok: true; boundary: Boundary } | { ok: false; cause: Text };

/**
 * Reads a GeoJSON Polygon or MultiPolygon. Coordinates are rounded to a centimetre, heights and repeated positions are
 * dropped. Refused, with the first cause: other shapes, open or degenerate rings, positions outside China, too many of
 * them, rings that cross or touch themselves or one another.
 */
export function readBoundary(given: unknown): BoundaryOutcome {
  const { type, coordinates } = (given ?? {}) as { type?: unknown; coordinates?: unknown };
  if (type !== 'Polygon' && type !== 'MultiPolygon') return fault(causes.type(type));
  const polygons: unknown = type === 'Polygon' ? [coordinates] : coordinates;
  if (!Array.isArray(polygons) || polygons.length === 0) return fault(causes.empty);
  if (polygons.length > BOUNDARY_LIMITS.polygons) return fault(causes.tooManyPolygons(polygons.length));
  const read: Rings[] = [];
  let positions = 0;
  for (const polygon of polygons) {
    if (!Array.isArray(polygon) || polygon.length === 0) return fault(causes.empty);
    const rings: Rings = [];
    for (const ring of polygon) {
      if (!Array.isArray(ring)) return fault(causes.empty);
      positions += ring.length;
      if (positions > BOUNDARY_LIMITS.positions) return fault(causes.tooManyPositions);
      const outcome = readRing(ring);
      if (!Array.isArray(outcome)) return fault(outcome);
      rings.push(outcome);
    }
    read.push(rings);
  }
  const crossing = firstCrossing(read);
  if (crossing) return fault(causes.crossing(crossing));
  return {
    ok: true,
    boundary: type === 'Polygon' ? { type, coordinates: read[0] as Rings } : { type, coordinates: read },
  };
}

const fault = (cause: Text): BoundaryOutcome => ({ ok: false, cause });

function readRing(ring: readonly unknown[]): Position[] | Text {
  const read: Position[] = [];
  for (const position of ring) {
    if (!Array.isArray(position) || !Number.isFinite(position[0]) || !Number.isFinite(position[1])) {
      return causes.position(position);
    }
    const [lon, lat] = [rounded(position[0]), rounded(position[1])];
    if (lon < RANGE.lon[0] || lon > RANGE.lon[1] || lat < RANGE.lat[0] || lat > RANGE.lat[1]) {
      return causes.range(lon, lat);
    }
    const last = read.at(-1);
    if (!last || last[0] !== lon || last[1] !== lat) read.push([lon, lat]);
  }
  const [first, last] = [read[0], read.at(-1)];
  if (read.length < 4) return causes.few;
  if (first?.[0] !== last?.[0] || first?.[1] !== last?.[1]) return causes.open;
  return read;
}

const rounded = (degrees: number): number => Math.round(degrees * DECIMALS) / DECIMALS;

interface Edge {
  minX: number;
  minY: number;
  maxX: number;
  maxY: number;
  from: Position;
  to: Position;
  ring: number;
  /** Place in its ring, and how many edges that has: neighbours share a position by right. */
  at: number;
  of: number;
}

/** A position where edges meet that are no neighbours; undefined when the boundary is simple. */
function firstCrossing(polygons: readonly Rings[]): Position | undefined {
  const edges = polygons.flat().flatMap((ring, number) =>
    ring.slice(1).map((to, at): Edge => {
      const from = ring[at] as Position;
      return {
        minX: Math.min(from[0], to[0]),
        maxX: Math.max(from[0], to[0]),
        minY: Math.min(from[1], to[1]),
        maxY: Math.max(from[1], to[1]),
        from,
        to,
        ring: number,
        at,
        of: ring.length - 1,
      };
    }),
  );
  const tree = new RBush<Edge>().load(edges);
  for (const edge of edges) {
    const other = tree.search(edge).find((each) => meetWrongly(edge, each));
    if (other) return touches(edge, other.from) ? other.from : edge.from;
  }
  return undefined;
}

function meetWrongly(a: Edge, b: Edge): boolean {
  if (a === b || !meet(a, b)) return false;
  if (a.ring !== b.ring) return !touchAtEnds(a, b);
  if ((a.at + 1) % a.of === b.at) return touches(a, b.to) || touches(b, a.from);
  if ((b.at + 1) % b.of === a.at) return touches(b, a.to) || touches(a, b.from);
  return true;
}

/** Different rings may share a position, as a hole does that touches the outer ring, but not cross or run along. */
function touchAtEnds(a: Edge, b: Edge): boolean {
  const shared = [a.from, a.to].filter((end) => same(end, b.from) || same(end, b.to));
  return shared.length === 1 && !runAlong(a, b);
}

const runAlong = (a: Edge, b: Edge): boolean =>
  side(a.from, a.to, b.from) === 0 &&
  side(a.from, a.to, b.to) === 0 &&
  [b.from, b.to].filter((end) => touches(a, end)).length +
    [a.from, a.to].filter((end) => touches(b, end)).length >
    2;

const same = (a: Position, b: Position): boolean => a[0] === b[0] && a[1] === b[1];

const side = (a: Position, b: Position, c: Position): number =>
  Math.sign(orient2d(a[0], a[1], b[0], b[1], c[0], c[1]));

const touches = (edge: Edge, [x, y]: Position): boolean =>
  x >= edge.minX &&
  x <= edge.maxX &&
  y >= edge.minY &&
  y <= edge.maxY &&
  side(edge.from, edge.to, [x, y]) === 0;

/** Whether two edges whose boxes overlap have a position in common. */
function meet(a: Edge, b: Edge): boolean {
  const [p, q] = [side(a.from, a.to, b.from), side(a.from, a.to, b.to)];
  const [r, s] = [side(b.from, b.to, a.from), side(b.from, b.to, a.to)];
  if (p !== q && r !== s) return true;
  return touches(a, b.from) || touches(a, b.to) || touches(b, a.from) || touches(b, a.to);
}

const told = (value: unknown): string => (JSON.stringify(value) ?? String(value)).slice(0, 60);

const causes = {
  type: (type: unknown): Text => ({
    en: `A boundary is a GeoJSON Polygon or MultiPolygon, not ${told(type)}.`,
    'zh-CN': `边界应为 GeoJSON 的 Polygon 或 MultiPolygon，而不是 ${told(type)}。`,
  }),
  empty: { en: 'The boundary has no rings.', 'zh-CN': '边界没有环。' },
  few: { en: 'A ring has at least three different positions.', 'zh-CN': '边界的环至少要有三个不同的点。' },
  open: {
    en: 'A ring is not closed: its last position must be its first.',
    'zh-CN': '边界的环没有闭合：最后一点应与第一点相同。',
  },
  position: (position: unknown): Text => ({
    en: `Not a position (longitude, latitude): ${told(position)}.`,
    'zh-CN': `不是坐标（经度、纬度）：${told(position)}。`,
  }),
  range: (lon: number, lat: number): Text => ({
    en: `The position ${lon}, ${lat} is outside China; longitude comes first, in degrees.`,
    'zh-CN': `坐标 ${lon}, ${lat} 不在中国范围内；应先经度后纬度，单位为度。`,
  }),
  tooManyPositions: {
    en: `The boundary has more than ${BOUNDARY_LIMITS.positions} positions; simplify it.`,
    'zh-CN': `边界的点数超过 ${BOUNDARY_LIMITS.positions}，请简化。`,
  },
  tooManyPolygons: (actual: number): Text => ({
    en: `The boundary has ${actual} polygons; at most ${BOUNDARY_LIMITS.polygons} are taken.`,
    'zh-CN': `边界由 ${actual} 个多边形组成，最多 ${BOUNDARY_LIMITS.polygons} 个。`,
  }),
  crossing: ([lon, lat]: Position): Text => ({
    en: `The boundary crosses or touches itself near ${lon}, ${lat}.`,
    'zh-CN': `边界在 ${lon}, ${lat} 附近自相交。`,
  }),
};
