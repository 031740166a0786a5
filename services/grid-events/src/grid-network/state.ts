import type { Fact } from '@dutyledger/event-store/decider';
import { Map as IMap } from 'immutable';
import type { Boundary } from './boundary.ts';
import { type Grid, isLive } from './grid.ts';

/** Events, state and `evolve` of a county's grid network (G-1); its commands and `decide` are in grid-network.ts. */

/**
 * One event per grid and change. Each carries the grid as it is afterwards, so that whoever reads the raw log needs no
 * fold; the boundary only where it is drawn, because it is large. This is a storage format.
 */
export type GridEvent =
  | Fact<'GridCreated', { grid: Grid; boundary: Boundary | null }>
  | Fact<'GridRevised', { grid: Grid; fields: GridField[] }>
  | Fact<'GridRedrawn', { grid: Grid; boundary: Boundary | null }>
  | Fact<'GridSplit', { grid: Grid }>
  | Fact<'GridMerged', { grid: Grid }>
  | Fact<'GridAbolished', { grid: Grid }>;

export const GRID_EVENTS: readonly GridEvent['type'][] = [
  'GridCreated',
  'GridRevised',
  'GridRedrawn',
  'GridSplit',
  'GridMerged',
  'GridAbolished',
];

/**
 * Fields that may change while it stays the same grid within the same lines. Its kind may not: what becomes another
 * kind of grid ends, and another begins. The parent changes with the parent's merger or split alone.
 */
export type GridField =
  | 'code'
  | 'name'
  | 'parent'
  | 'town'
  | 'village'
  | 'villageName'
  | 'households'
  | 'population'
  | 'sizeReason';

/** A grid in the state of its network: since when it is there, and its newest state. Boundaries are not kept. */
export interface KnownGrid {
  since: string;
  grid: Grid;
}

export interface GridNetwork {
  /** Never shrinks: ended grids still answer for what happened in them. */
  grids: IMap<string, KnownGrid>;
  /** Code → the grid that bears it, or bore it last. */
  codes: IMap<string, string>;
  /**
   * How often a boundary came, went or changed. Whoever compares a new boundary with the others says which state it was
   * compared with (`Compared.seen`), so that two that are drawn at once cannot overlap.
   */
  shapes: number;
}

export const initial: GridNetwork = { grids: IMap(), codes: IMap(), shapes: 0 };

export const gridNetworkStream = (county: string): string => `gridEvents.gridNetwork-${county.slice(0, 6)}`;

/** Whether an event changes which boundaries hold. */
export function changesShape(event: GridEvent): boolean {
  switch (event.type) {
    case 'GridCreated':
      return event.data.boundary !== null;
    case 'GridRedrawn':
      return true;
    case 'GridRevised':
      return false;
    default:
      return event.data.grid.area !== null;
  }
}

export function evolve(state: GridNetwork, event: GridEvent): GridNetwork {
  const { grid } = event.data;
  const known = state.grids.get(grid.id);
  const formerly = known && known.grid.code !== grid.code ? state.codes.delete(known.grid.code) : state.codes;
  return {
    grids: state.grids.set(grid.id, { since: known?.since ?? grid.effectiveFrom, grid }),
    codes: isLive(grid) ? formerly.set(grid.code, grid.id) : formerly,
    shapes: state.shapes + (changesShape(event) ? 1 : 0),
  };
}
