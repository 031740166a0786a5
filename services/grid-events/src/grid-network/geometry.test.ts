import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BOUNDARY_LIMITS, type Boundary, type Position, readBoundary } from './boundary.ts';
import { areaOf, commonArea, union, whereIs } from './geometry.ts';
import type { Shape } from './read-model.ts';
import { sampleBoundary } from './samples.ts';
import { CountyShapes, holds } from './shapes.ts';

const ring = (...positions: Position[]): Boundary => ({ type: 'Polygon', coordinates: [positions] });
const cause = (given: unknown): string => {
  const outcome = readBoundary(given);
  return outcome.ok ? 'taken' : outcome.cause.en;
};

describe('G-1 boundaries', () => {
  test('G-1 a polygon is taken, rounded to a centimetre, without heights and repeated positions', () => {
    const given = {
      type: 'Polygon',
      coordinates: [
        [
          [117, 36, 5],
          [117, 36],
          [117.1, 36],
          [117.100000009, 36.1],
          [117, 36],
        ],
      ],
    };
    expect(readBoundary(given)).toEqual({
      ok: true,
      boundary: ring([117, 36], [117.1, 36], [117.1, 36.1], [117, 36]),
    });
  });
  test.each([
    ['not a shape', null, /Polygon or MultiPolygon/],
    ['a point', { type: 'Point', coordinates: [117, 36] }, /Polygon or MultiPolygon/],
    ['no rings', { type: 'Polygon', coordinates: [] }, /no rings/],
    ['rings that are none', { type: 'Polygon', coordinates: ['x'] }, /no rings/],
    ['an open ring', ring([117, 36], [117.1, 36], [117.1, 36.1], [117, 36.1]), /not closed/],
    ['two positions', ring([117, 36], [117.1, 36], [117, 36]), /three different/],
    ['latitude first', ring([36, 117], [36.1, 117], [36.1, 117.1], [36, 117]), /outside China/],
    ['projected coordinates', ring([4e6, 5e5], [4e6, 6e5], [5e6, 6e5], [4e6, 5e5]), /outside China/],
    ['texts', { type: 'Polygon', coordinates: [[['117', '36']]] }, /Not a position/],
    ['a figure of eight', ring([117, 36], [117.1, 36.1], [117.1, 36], [117, 36.1], [117, 36]), /crosses/],
    ['a spike', ring([117, 36], [117.2, 36], [117.1, 36], [117.1, 36.1], [117, 36]), /crosses/],
    [
      'a pinch',
      ring([117, 36], [117.1, 36], [117.05, 36.05], [117.1, 36.1], [117, 36.1], [117.05, 36.05], [117, 36]),
      /crosses/,
    ],
  ])('G-1 refuses %s', (_, given, expected) => {
    expect(cause(given)).toMatch(expected);
  });
  test('G-1 refuses a hole that leaves its ring, and takes one that touches it', () => {
    const outer: Position[] = [
      [117, 36],
      [117.1, 36],
      [117.1, 36.1],
      [117, 36.1],
      [117, 36],
    ];
    const within: Position[] = [
      [117.02, 36.02],
      [117.04, 36.02],
      [117.04, 36.04],
      [117.02, 36.02],
    ];
    const across: Position[] = [
      [117.05, 36.05],
      [117.2, 36.05],
      [117.05, 36.06],
      [117.05, 36.05],
    ];
    const touching: Position[] = [
      [117, 36],
      [117.04, 36.02],
      [117.02, 36.04],
      [117, 36],
    ];
    expect(cause({ type: 'Polygon', coordinates: [outer, within] })).toBe('taken');
    expect(cause({ type: 'Polygon', coordinates: [outer, touching] })).toBe('taken');
    expect(cause({ type: 'Polygon', coordinates: [outer, across] })).toMatch(/crosses/);
  });
  test('G-1 refuses too many positions before it looks at them', () => {
    const many = Array.from({ length: BOUNDARY_LIMITS.positions + 1 }, () => 'x');
    expect(cause({ type: 'Polygon', coordinates: [many] })).toMatch(/more than 10000/);
  });
  test('G-1 no input whatever breaks the reading', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('Polygon', 'MultiPolygon'),
        fc.jsonValue({ maxDepth: 5 }),
        (type, coordinates) => {
          expect(typeof readBoundary({ type, coordinates }).ok).toBe('boolean');
        },
      ),
    );
  });
});

describe('G-1 ground is neither lost nor won', () => {
  const part = (from: number, to: number): Boundary => ({
    type: 'Polygon',
    coordinates: [
      [
        [117 + from, 36],
        [117 + to, 36],
        [117 + to, 36.1],
        [117 + from, 36.1],
        [117 + from, 36],
      ],
    ],
  });
  test('G-1 parts of a split together have the area of the whole, and merged they are the whole', () => {
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(cuts, (at) => {
        const lines = [0, ...at.toSorted((a, b) => a - b), 100].map((cut) => cut / 1_000);
        const parts = lines.slice(1).map((to, i) => part(lines[i] as number, to));
        const whole = part(0, 0.1);
        const sum = parts.reduce((all, each) => all + areaOf(each), 0);
        expect(sum / areaOf(whole)).toBeCloseTo(1, 6);
        const together = union(parts);
        expect(together && areaOf(together) / areaOf(whole)).toBeCloseTo(1, 6);
        expect(together && commonArea(together, whole)).toBeGreaterThan(areaOf(whole) * 0.999_999);
        for (const [i, each] of parts.entries()) {
          for (const other of parts.slice(i + 1)) expect(commonArea(each, other)).toBe(0);
        }
      }),
      { numRuns: 50 },
    );
  });
});

const shape = (grid: string, boundary: Boundary, more: Partial<Shape> = {}): Shape => ({
  county: '370114000000',
  grid,
  kind: 'GENERAL',
  boundary,
  from: '2026-01-01',
  knownFrom: '2026-01-01T00:00:00.000Z',
  endedOn: null,
  endKnownFrom: null,
  change: 1,
  ...more,
});

const onDay = { effectiveAt: '2026-06-01' };

describe('G-1 a point finds its grid', () => {
  test('G-1 exactly the grid that contains it, as brute force finds it', () => {
    const count = 400;
    const all = Array.from({ length: count }, (_, i) =>
      shape(`grid:${String(i).padStart(4, '0')}`, sampleBoundary(i, count)),
    );
    const shapes = new CountyShapes();
    shapes.take(all.map((doc) => ({ id: doc.grid, doc })));
    const lon = fc.double({ min: 117.19, max: 117.38, noNaN: true });
    const lat = fc.double({ min: 36.39, max: 36.58, noNaN: true });
    fc.assert(
      fc.property(lon, lat, (x, y) => {
        const containing = all.filter(({ boundary }) => whereIs([x, y], boundary) !== undefined);
        const inside = containing.filter(({ boundary }) => whereIs([x, y], boundary) === 'INSIDE');
        const expected = (inside[0] ?? containing[0])?.grid;
        expect(shapes.at([x, y], onDay).grid).toBe(expected);
      }),
      { numRuns: 300 },
    );
  });
  test('G-1 a point on a common border belongs to one grid, always the same', () => {
    const shapes = new CountyShapes();
    shapes.take([1, 0].map((i) => ({ id: `${i}`, doc: shape(`grid:${i}`, sampleBoundary(i, 4)) })));
    const border: Position = [117.208, 36.404];
    expect(shapes.at(border, onDay).grid).toBe('grid:0');
  });
  test('G-1 a dedicated grid goes before the general one around it, a micro grid is told beside', () => {
    const shapes = new CountyShapes();
    const one = sampleBoundary(0, 1);
    shapes.take([
      { id: 'a', doc: shape('grid:a', one) },
      { id: 'b', doc: shape('grid:b', one, { kind: 'DEDICATED' }) },
      { id: 'c', doc: shape('grid:c', one, { kind: 'MICRO' }) },
    ]);
    expect(shapes.at([117.204, 36.404], onDay)).toEqual({ grid: 'grid:b', micro: 'grid:c' });
    expect(shapes.at([117.3, 36.404], onDay)).toEqual({ grid: undefined, micro: undefined });
  });
  test('G-1 on both clocks: an end in April that was recorded in May', () => {
    const ended = shape('grid:a', sampleBoundary(0, 1), {
      endedOn: '2026-04-01',
      endKnownFrom: '2026-05-01T00:00:00.000Z',
    });
    const at = (effectiveAt: string, recordedAt?: string) =>
      holds(ended, { effectiveAt, ...(recordedAt && { recordedAt }) });
    expect(at('2025-12-31')).toBe(false);
    expect(at('2026-03-31')).toBe(true);
    expect(at('2026-04-01')).toBe(false);
    expect(at('2026-04-01', '2026-04-30T00:00:00.000Z')).toBe(true);
    expect(at('2026-04-01', '2026-05-01T00:00:00.000Z')).toBe(false);
    expect(at('2026-03-31', '2025-12-31T00:00:00.000Z')).toBe(false);
  });
});
