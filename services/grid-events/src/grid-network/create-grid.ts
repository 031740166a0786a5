import { accept, type Decision, refuse } from '@dutyledger/event-store/decider';
import type { NetworkCommand } from './commands.ts';
import { areaOf } from './geometry.ts';
import { type Grid, outsideGuidance } from './grid.ts';
import { type NewGrid, problemOf } from './grid-rules.ts';
import { tooMany, unfit } from './refusals.ts';
import type { GridEvent, GridNetwork } from './state.ts';

/** Grids that a network may ever have had. */
const MOST_GRIDS = 500_000;

export type GridCreated = Extract<GridEvent, { type: 'GridCreated' }>;

/** A grid that comes into being; `path` ends where the name of a field follows. */
export function createGrid(
  given: NewGrid,
  { county, effectiveFrom }: Pick<NetworkCommand, 'county' | 'effectiveFrom'>,
  state: GridNetwork,
  path: string,
  predecessors: string[] = [],
): Decision<GridCreated> {
  if (state.grids.size >= MOST_GRIDS) return refuse(tooMany(`${path}code`, state.grids.size + 1, MOST_GRIDS));
  const { parentCode, boundary, ...fields } = given;
  const parent = parentCode === null ? undefined : state.codes.get(parentCode);
  if (parentCode !== null && parent === undefined) {
    return refuse(
      unfit(`${path}parentCode`, {
        en: `The network has no grid with the code ${parentCode.slice(0, 60)}.`,
        'zh-CN': `网格体系中没有编码为 ${parentCode.slice(0, 60)} 的网格。`,
      }),
    );
  }
  const grid: Grid = {
    ...fields,
    sizeReason: outsideGuidance(fields) ? fields.sizeReason : null,
    id: `grid:${county.slice(0, 6)}-${String(state.grids.size + 1).padStart(6, '0')}`,
    county,
    parent: parent ?? null,
    area: boundary && Math.round(areaOf(boundary)),
    status: 'active',
    effectiveFrom,
    predecessors,
    successors: [],
  };
  const problem = problemOf(grid, state, path);
  return problem
    ? refuse(problem)
    : accept({ type: 'GridCreated', data: { grid, boundary }, effectiveAt: effectiveFrom });
}
