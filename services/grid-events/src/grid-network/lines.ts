import { accept, type Decision, type Refusal, refuse, type Text } from '@dutyledger/event-store/decider';
import type { CommandOf } from './commands.ts';
import { createGrid, type GridCreated } from './create-grid.ts';
import { areaOf } from './geometry.ts';
import { type Grid, isLive } from './grid.ts';
import { boundaryProblems, type NewGrid } from './grid-rules.ts';
import { changeable, named, tooMany, unknownGrid, violation } from './refusals.ts';
import { evolve, type GridEvent, type GridNetwork } from './state.ts';

/** Splits, mergers and ends of grids: new lines between them. Nobody and no ground is lost on the way (G-1). */

/** Grids that one split makes or one merger takes. */
export const MOST_PARTS = 100;
/** Boundaries are drawn by hand: the parts may differ from the whole by this share of its area. */
const AREA_TOLERANCE = 0.01;

type Refused = { ok: false; refusal: Refusal };
type Lines = Pick<CommandOf<'SplitGrid' | 'MergeGrids'>, 'county' | 'effectiveFrom'>;

export function splitGrid(command: CommandOf<'SplitGrid'>, state: GridNetwork): Decision<GridEvent> {
  const { into, compared, effectiveFrom } = command;
  if (into.length > MOST_PARTS) return refuse(tooMany('into', into.length, MOST_PARTS));
  if (into.length < 2) return refuse(violation('into', texts.twoParts));
  const found = changeable(command.grid, state, 'grid', effectiveFrom);
  if (!found.ok) return found;
  const { grid } = found;
  const lost = lostBetween([grid], into, 'into');
  if (lost) return refuse(lost);
  const [fault] = boundaryProblems(compared, (at) => `into[${at}].`);
  if (fault) return refuse(fault.refusal);
  const ended: Grid = { ...grid, status: 'split', effectiveFrom };
  const made = make(into, command, withGrids(state, [ended]), [grid.id], (at) => `into[${at}].`);
  if (!made.ok) return made;
  const parts = made.events.map((event) => event.data.grid);
  const moved = moveMicroGrids(command, grid, parts, made.after);
  if (!moved.ok) return moved;
  return accept<GridEvent>(...made.events, ...moved.events, {
    type: 'GridSplit',
    data: { grid: { ...ended, successors: parts.map(({ id }) => id) } },
    effectiveAt: effectiveFrom,
  });
}

export function mergeGrids(command: CommandOf<'MergeGrids'>, state: GridNetwork): Decision<GridEvent> {
  const { compared, effectiveFrom } = command;
  const ids = [...new Set(command.grids)];
  if (ids.length > MOST_PARTS) return refuse(tooMany('grids', ids.length, MOST_PARTS));
  if (ids.length < 2) return refuse(violation('grids', texts.twoSources));
  const leaving: Grid[] = [];
  for (const [i, id] of ids.entries()) {
    const found = changeable(id, state, `grids[${i}]`, effectiveFrom);
    if (!found.ok) return found;
    leaving.push(found.grid);
  }
  const into: NewGrid = {
    ...command.into,
    households: command.into.households ?? sumOf(leaving, 'households'),
    population: command.into.population ?? sumOf(leaving, 'population'),
  };
  const lost = lostBetween(leaving, [into], 'into');
  if (lost) return refuse(lost);
  const [fault] = boundaryProblems(compared, () => 'into.');
  if (fault) return refuse(fault.refusal);
  const ended = leaving.map((grid): Grid => ({ ...grid, status: 'merged', effectiveFrom }));
  const made = make([into], command, withGrids(state, ended), ids, () => 'into.');
  if (!made.ok) return made;
  const target = made.events[0]?.data.grid as Grid;
  const moved = ids.flatMap((id) =>
    microGridsOf(id, state).map((micro) => reparented(micro, target, command)),
  );
  const problem = moved.find((event) => event.data.grid.effectiveFrom < laterOf(event.data.grid.id, state));
  if (problem) return refuse(laterMicroGrid(problem.data.grid));
  return accept<GridEvent>(
    ...made.events,
    ...moved,
    ...ended.map(
      (grid): GridEvent => ({
        type: 'GridMerged',
        data: { grid: { ...grid, successors: [target.id] } },
        effectiveAt: effectiveFrom,
      }),
    ),
  );
}

export function abolishGrid(command: CommandOf<'AbolishGrid'>, state: GridNetwork): Decision<GridEvent> {
  const { effectiveFrom } = command;
  const found = changeable(command.grid, state, 'grid', effectiveFrom);
  if (!found.ok) return found;
  const { grid } = found;
  const micro = microGridsOf(grid.id, state);
  if (micro.length > 0) return refuse(stillThere(micro, 'grid', texts.microFirst));
  const successors = [...new Set(command.successors)];
  for (const [i, id] of successors.entries()) {
    const successor = state.grids.get(id);
    if (!successor) return refuse(unknownGrid(id, `successors[${i}]`));
    if (id !== grid.id && isLive(successor.grid) && successor.since <= effectiveFrom) continue;
    return refuse(violation(`successors[${i}]`, texts.deadSuccessor(successor.grid, effectiveFrom)));
  }
  return accept<GridEvent>({
    type: 'GridAbolished',
    data: { grid: { ...grid, status: 'abolished', effectiveFrom, successors } },
    effectiveAt: effectiveFrom,
  });
}

/** New grids at the place of former ones, which have ended in `state` already: their codes may be borne again. */
function make(
  grids: readonly NewGrid[],
  command: Lines,
  state: GridNetwork,
  predecessors: string[],
  pathOf: (at: number) => string,
): { ok: true; events: GridCreated[]; after: GridNetwork } | Refused {
  const events: GridCreated[] = [];
  let after = state;
  for (const [at, given] of grids.entries()) {
    const decision = createGrid(given, command, after, pathOf(at), predecessors);
    if (!decision.ok) return decision;
    after = decision.events.reduce(evolve, after);
    events.push(...decision.events);
  }
  return { ok: true, events, after };
}

const withGrids = (state: GridNetwork, grids: readonly Grid[]): GridNetwork => ({
  ...state,
  grids: grids.reduce(
    (all, grid) => all.set(grid.id, { since: all.get(grid.id)?.since ?? grid.effectiveFrom, grid }),
    state.grids,
  ),
});

type Figure = 'households' | 'population';

/** null when any is not known. */
function sumOf(grids: readonly Pick<Grid, Figure>[], figure: Figure): number | null {
  let sum = 0;
  for (const grid of grids) {
    const value = grid[figure];
    if (value === null) return null;
    sum += value;
  }
  return sum;
}

/** Households, people or ground that would be lost or won between former and new grids. */
function lostBetween(former: readonly Grid[], made: readonly NewGrid[], path: string): Refusal | undefined {
  for (const figure of ['households', 'population'] as const) {
    const [before, after] = [sumOf(former, figure), sumOf(made, figure)];
    if (before === null || before === after) continue;
    return violation(path, texts.people(figure, before, after), { [figure]: { before, after } });
  }
  const before = former.reduce((sum, { area }) => sum + (area ?? Number.NaN), 0);
  if (Number.isNaN(before)) return undefined;
  if (made.some(({ boundary }) => boundary === null)) return violation(path, texts.boundaries);
  const after = made.reduce((sum, { boundary }) => sum + (boundary ? areaOf(boundary) : 0), 0);
  if (Math.abs(after - before) <= AREA_TOLERANCE * before) return undefined;
  const area = { before: Math.round(before), after: Math.round(after) };
  return violation(path, texts.area(area.before, area.after), { area });
}

const microGridsOf = (id: string, state: GridNetwork): Grid[] =>
  state.grids
    .valueSeq()
    .map(({ grid }) => grid)
    .filter((grid) => grid.parent === id && isLive(grid))
    .toArray();

const laterOf = (id: string, state: GridNetwork): string => state.grids.get(id)?.grid.effectiveFrom ?? '';

type GridRevised = Extract<GridEvent, { type: 'GridRevised' }>;

const reparented = (micro: Grid, parent: Grid, { effectiveFrom }: Lines): GridRevised => ({
  type: 'GridRevised',
  data: { grid: { ...micro, parent: parent.id, effectiveFrom }, fields: ['parent'] },
  effectiveAt: effectiveFrom,
});

/** Each micro grid of a grid that is split goes to the part that the command names for it. */
function moveMicroGrids(
  command: CommandOf<'SplitGrid'>,
  grid: Grid,
  parts: readonly Grid[],
  state: GridNetwork,
): { ok: true; events: GridRevised[] } | Refused {
  const partOf = new Map(command.microGrids.map((each) => [each.grid, each.into]));
  const events: GridRevised[] = [];
  const micro = microGridsOf(grid.id, state);
  const homeless = micro.filter(({ id }) => !parts.some(({ code }) => code === partOf.get(id)));
  if (homeless.length > 0) return refuse(stillThere(homeless, 'microGrids', texts.microHomeless));
  for (const each of micro) {
    if (each.effectiveFrom > command.effectiveFrom) return refuse(laterMicroGrid(each));
    const part = parts.find(({ code }) => code === partOf.get(each.id)) as Grid;
    events.push(reparented(each, part, command));
  }
  return { ok: true, events };
}

const stillThere = (micro: readonly Grid[], field: string, message: Text): Refusal =>
  violation(field, message, { microGrids: micro.slice(0, 100).map(({ id }) => id), count: micro.length });

function laterMicroGrid(micro: Grid): Refusal {
  const { en, zh } = named(micro);
  return violation('effectiveFrom', {
    en: `The micro grid ${en} is on record from a later day on; nothing can be recorded before that.`,
    'zh-CN': `微网格${zh}的现状自更晚的日期起生效，变更不能早于该日。`,
  });
}

const figureNames = {
  households: { en: 'households', zh: '户数' },
  population: { en: 'people', zh: '人口' },
} as const;

const texts = {
  twoParts: { en: 'A split makes at least two grids.', 'zh-CN': '拆分后至少应有两个网格。' },
  twoSources: { en: 'A merger takes at least two grids.', 'zh-CN': '合并至少涉及两个网格。' },
  boundaries: {
    en: 'The grids had boundaries; those that take their place need them too.',
    'zh-CN': '原网格有边界，新网格也应划定边界。',
  },
  microFirst: {
    en: 'Micro grids are part of this grid; they are to be merged elsewhere or abolished first.',
    'zh-CN': '该网格下还有微网格，请先调整或撤销。',
  },
  microHomeless: {
    en: 'Each micro grid of the grid that is split must be given to one of the parts.',
    'zh-CN': '被拆分网格下的每个微网格都应指定归入哪个新网格。',
  },
  deadSuccessor: (grid: Grid, day: string): Text => ({
    en: `${named(grid).en} cannot take over: it is not there on ${day}.`,
    'zh-CN': `${named(grid).zh}在 ${day} 不存在，不能承接。`,
  }),
  people: (figure: Figure, before: number, after: number | null): Text => ({
    en: `There were ${before} ${figureNames[figure].en} before and would be ${after ?? 'an unknown number'}; new lines lose nobody. Correct the figures first.`,
    'zh-CN': `原有${figureNames[figure].zh} ${before}，调整后为 ${after ?? '不详'}；调整网格不能使人户增减，请先更正数据。`,
  }),
  area: (before: number, after: number): Text => ({
    en: `The area was ${before} m² and would be ${after} m²; new lines lose no ground.`,
    'zh-CN': `原有面积 ${before} 平方米，调整后为 ${after} 平方米；调整网格不能留下空白。`,
  }),
};
