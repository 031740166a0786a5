import type { Boundary, Position } from './boundary.ts';
import type { NewGrid } from './grid-rules.ts';

/** A made-up network for tests and benchmarks: squares side by side. Every name says that it is a sample. */

export interface SampleNetwork {
  /** 12-digit codes of the towns, which share the grids evenly. */
  towns: readonly string[];
  grids: number;
  /** South-west corner of the squares. */
  corner?: Position;
}

/** Some 700 m. */
const SIDE = 0.008;
const COLUMNS = (grids: number): number => Math.ceil(Math.sqrt(grids));
const decimals = (degrees: number): number => Math.round(degrees * 1e7) / 1e7;

/** The square of the grid with the number. */
export function sampleBoundary(number: number, grids: number, corner: Position = [117.2, 36.4]): Boundary {
  const columns = COLUMNS(grids);
  const [column, row] = [number % columns, Math.floor(number / columns)];
  const [west, south] = [decimals(corner[0] + column * SIDE), decimals(corner[1] + row * SIDE)];
  const [east, north] = [decimals(corner[0] + (column + 1) * SIDE), decimals(corner[1] + (row + 1) * SIDE)];
  return {
    type: 'Polygon',
    coordinates: [
      [
        [west, south],
        [east, south],
        [east, north],
        [west, north],
        [west, south],
      ],
    ],
  };
}

/** The grids of a sample network, the same for the same input. */
export function sampleNetwork({ towns, grids, corner }: SampleNetwork): NewGrid[] {
  return Array.from({ length: grids }, (_, number): NewGrid => {
    const town = towns[Math.floor((number * towns.length) / grids)] ?? '';
    const households = 300 + ((number * 37) % 201);
    return {
      code: `${town.slice(0, 9)}${String(number + 1).padStart(6, '0')}`,
      name: `示例网格${number + 1}`,
      kind: 'GENERAL',
      parentCode: null,
      town,
      village: null,
      villageName: `示例社区${Math.floor(number / 8) + 1}`,
      households,
      population: households * 3,
      sizeReason: null,
      boundary: sampleBoundary(number, grids, corner),
    };
  });
}
