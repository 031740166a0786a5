import type { ChangeInput } from '@dutyledger/subgraph-kit/commands';
import { refusalError } from '@dutyledger/subgraph-kit/errors';
import { type Boundary, readBoundary } from './boundary.ts';
import type { GridKind } from './grid.ts';
import type { GridChanges, NewGrid } from './grid-rules.ts';
import { unfit } from './refusals.ts';

/** The inputs of grid-network.graphql, and what of them the network is asked to do. */

export interface Change {
  effectiveFrom?: string | null;
  change: ChangeInput;
}

export interface NewGridInput {
  code: string;
  name: string;
  kind?: GridKind | null;
  parentCode?: string | null;
  town: string;
  village?: string | null;
  villageName?: string | null;
  households?: number | null;
  population?: number | null;
  sizeReason?: string | null;
  boundary?: unknown;
}

export interface CreateGridsInput extends Change {
  division: string;
  grids: NewGridInput[];
}
export interface ReviseGridInput
  extends Change,
    Partial<Omit<NewGridInput, 'kind' | 'parentCode' | 'boundary'>> {
  grid: string;
}
export interface RedrawGridInput extends Change {
  grid: string;
  boundary?: unknown;
}
export interface SplitGridInput extends Change {
  grid: string;
  into: NewGridInput[];
  microGrids?: { grid: string; into: string }[] | null;
}
export interface MergeGridsInput extends Change {
  grids: string[];
  into: NewGridInput;
}
export interface AbolishGridInput extends Change {
  grid: string;
  successors?: string[] | null;
}

/** A text without spaces around it; a blank one is none. */
const text = (given: string | null | undefined): string | null => given?.trim() || null;

/** Throws the refusal of a boundary that is none. */
export function boundaryOf(given: unknown, field: string): Boundary | null {
  if (given === null || given === undefined) return null;
  const outcome = readBoundary(given);
  if (outcome.ok) return outcome.boundary;
  throw refusalError(unfit(field, outcome.cause));
}

/** `path` ends where the name of a field follows. Throws the refusal of a boundary that is none. */
export const newGrid = (input: NewGridInput, path: string): NewGrid => ({
  code: input.code.trim(),
  name: input.name.trim(),
  kind: input.kind ?? 'GENERAL',
  parentCode: text(input.parentCode),
  town: input.town,
  village: input.village ?? null,
  villageName: text(input.villageName),
  households: input.households ?? null,
  population: input.population ?? null,
  sizeReason: text(input.sizeReason),
  boundary: boundaryOf(input.boundary, `${path}boundary`),
});

/** Only what the caller named is changed. Throws where a field that every grid has is taken away. */
export function changesOf(input: ReviseGridInput): GridChanges {
  const { code, name, town, village, villageName, households, population, sizeReason } = input;
  const missing = Object.entries({ code, name, town }).find(([, value]) => value === null);
  if (missing) {
    throw refusalError(
      unfit(missing[0], { en: `A grid always has a ${missing[0]}.`, 'zh-CN': `${missing[0]} 不能为空。` }),
    );
  }
  return {
    ...(code != null && { code: code.trim() }),
    ...(name != null && { name: name.trim() }),
    ...(town != null && { town }),
    ...(village !== undefined && { village }),
    ...(villageName !== undefined && { villageName: text(villageName) }),
    ...(households !== undefined && { households }),
    ...(population !== undefined && { population }),
    ...(sizeReason !== undefined && { sizeReason: text(sizeReason) }),
  };
}
