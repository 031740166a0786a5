import {
  accept,
  assertNever,
  type Decider,
  type Decision,
  type Refusal,
  refuse,
} from '@dutyledger/event-store/decider';
import type { CommandOf, ImportedGrid, NetworkCommand } from './commands.ts';
import { createGrid } from './create-grid.ts';
import { areaOf } from './geometry.ts';
import type { Grid } from './grid.ts';
import { outsideGuidance } from './grid.ts';
import { boundaryProblems, type GridChanges, problemOf } from './grid-rules.ts';
import { abolishGrid, mergeGrids, splitGrid } from './lines.ts';
import { changeable, comparedBefore, tooMany, unfit } from './refusals.ts';
import { evolve, type GridEvent, type GridField, type GridNetwork, initial } from './state.ts';

/**
 * The grid network of one county (G-1). One aggregate, because its rules speak of several grids at once: codes are
 * unique, boundaries do not overlap, a split touches several grids in the same instant. Events, state and `evolve` are
 * in state.ts, commands in commands.ts, the rules of a grid in grid-rules.ts, splits, mergers and ends in lines.ts.
 */

/** Grids that one call may create, and rows that one import may have. */
export const MOST_CREATED = 1_000;
export const MOST_IMPORTED = 20_000;

function decide(command: NetworkCommand, state: GridNetwork): Decision<GridEvent> {
  if ('compared' in command && command.compared.seen !== state.shapes) return refuse(comparedBefore);
  switch (command.type) {
    case 'CreateGrids':
      return createGrids(command, state);
    case 'ReviseGrid':
      return reviseGrid(command.grid, command.changes, command.effectiveFrom, state);
    case 'RedrawGrid':
      return redrawGrid(command, state);
    case 'SplitGrid':
      return splitGrid(command, state);
    case 'MergeGrids':
      return mergeGrids(command, state);
    case 'AbolishGrid':
      return abolishGrid(command, state);
    case 'ImportGrids':
      return importGrids(command, state);
    default:
      return assertNever(command);
  }
}

/** All or none; the first problem found is reported with its place in the list. */
function createGrids(command: CommandOf<'CreateGrids'>, state: GridNetwork): Decision<GridEvent> {
  const { grids, compared } = command;
  if (grids.length > MOST_CREATED) return refuse(tooMany('grids', grids.length, MOST_CREATED));
  const [fault] = boundaryProblems(compared, (at) => `grids[${at}].`);
  const events: GridEvent[] = [];
  let after = state;
  for (const [i, given] of grids.entries()) {
    const decision = createGrid(given, command, after, `grids[${i}].`);
    if (!decision.ok) return decision;
    if (fault?.at === i) return refuse(fault.refusal);
    after = decision.events.reduce(evolve, after);
    events.push(...decision.events);
  }
  return accept(...events);
}

function reviseGrid(
  id: string,
  changes: GridChanges,
  effectiveFrom: string,
  state: GridNetwork,
  path = '',
): Decision<GridEvent> {
  const found = changeable(id, state, 'grid', effectiveFrom);
  if (!found.ok) return found;
  const { grid } = found;
  const revised: Grid = { ...grid, ...changes, effectiveFrom };
  if (!outsideGuidance(revised)) revised.sizeReason = null;
  const fields = (Object.keys({ ...changes, sizeReason: null }) as (keyof GridChanges)[]).filter(
    (field) => grid[field] !== revised[field],
  );
  if (fields.length === 0) return accept();
  const problem = problemOf(revised, state, path);
  if (problem) return refuse(problem);
  return accept<GridEvent>({
    type: 'GridRevised',
    data: { grid: revised, fields: fields satisfies GridField[] },
    effectiveAt: effectiveFrom,
  });
}

function redrawGrid(
  command: Omit<CommandOf<'RedrawGrid'>, 'type' | 'county'>,
  state: GridNetwork,
): Decision<GridEvent> {
  const { boundary, compared, effectiveFrom } = command;
  const found = changeable(command.grid, state, 'grid', effectiveFrom);
  if (!found.ok) return found;
  const [fault] = boundaryProblems(compared, () => '');
  if (fault) return refuse(fault.refusal);
  if (boundary === null && found.grid.area === null) return accept();
  const grid = { ...found.grid, area: boundary && Math.round(areaOf(boundary)), effectiveFrom };
  return accept<GridEvent>({ type: 'GridRedrawn', data: { grid, boundary }, effectiveAt: effectiveFrom });
}

/** What stands against a row of an import, by its place in the command. */
export interface RowRefusal {
  at: number;
  refusal: Refusal;
}

function importGrids(command: CommandOf<'ImportGrids'>, state: GridNetwork): Decision<GridEvent> {
  const { rows, compared } = command;
  if (rows.length > MOST_IMPORTED) return refuse(tooMany('content', rows.length, MOST_IMPORTED));
  const refusals: RowRefusal[] = boundaryProblems(compared, () => '');
  const events: GridEvent[] = [];
  let after = state;
  for (const [at, row] of rows.entries()) {
    const decision = importRow(row, command, after);
    if (!decision.ok) {
      refusals.push({ at, refusal: decision.refusal });
      continue;
    }
    after = decision.events.reduce(evolve, after);
    for (const event of decision.events) events.push(event);
  }
  if (refusals.length === 0) return { ok: true, events };
  const message = {
    en: `The file has ${refusals.length} problems; nothing is taken over.`,
    'zh-CN': `文件有 ${refusals.length} 处问题，未导入任何内容。`,
  };
  return refuse(unfit('content', message, { rows: refusals }));
}

function importRow(
  row: ImportedGrid,
  command: CommandOf<'ImportGrids'>,
  state: GridNetwork,
): Decision<GridEvent> {
  if (row.change === 'CREATE') return createGrid(row.grid, command, state, '');
  const { effectiveFrom } = command;
  const revised = reviseGrid(row.grid, row.changes, effectiveFrom, state);
  if (!revised.ok || row.boundary === undefined) return revised;
  const after = revised.events.reduce(evolve, state);
  const compared = { seen: after.shapes, faults: [] };
  const redrawn = redrawGrid({ grid: row.grid, boundary: row.boundary, effectiveFrom, compared }, after);
  return redrawn.ok ? accept(...revised.events, ...redrawn.events) : redrawn;
}

export const gridNetwork: Decider<GridNetwork, NetworkCommand, GridEvent> = { initial, evolve, decide };
