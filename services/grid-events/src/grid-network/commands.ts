import type { Boundary } from './boundary.ts';
import type { Compared, GridChanges, NewGrid } from './grid-rules.ts';

/** What a network is asked to do. */

/** Every command says from which day on it holds; facts of one grid are recorded in the order of their days. */
export type NetworkCommand = { county: string; effectiveFrom: string } & (
  | { type: 'CreateGrids'; grids: NewGrid[]; compared: Compared }
  | { type: 'ReviseGrid'; grid: string; changes: GridChanges }
  /** null: the boundary is not known any more. */
  | { type: 'RedrawGrid'; grid: string; boundary: Boundary | null; compared: Compared }
  | {
      type: 'SplitGrid';
      grid: string;
      into: NewGrid[];
      /** The part (by its code) that each of its micro grids belongs to from now on. */
      microGrids: { grid: string; into: string }[];
      compared: Compared;
    }
  | { type: 'MergeGrids'; grids: string[]; into: NewGrid; compared: Compared }
  | { type: 'AbolishGrid'; grid: string; successors: string[] }
  /** All rows or none; what speaks against each is told together. */
  | { type: 'ImportGrids'; rows: ImportedGrid[]; compared: Compared }
);
export type CommandOf<T extends NetworkCommand['type']> = Extract<NetworkCommand, { type: T }>;

/** A row of a file: a new grid, or changes of one that is on record; `boundary` left out: as it is. */
export type ImportedGrid =
  | { change: 'CREATE'; grid: NewGrid }
  | { change: 'REVISE'; grid: string; changes: GridChanges; boundary?: Boundary | null };
