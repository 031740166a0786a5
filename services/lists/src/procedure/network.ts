import { edgesOf, type Grid, gridOf } from './grid.ts';
import {
  arrow,
  BOX,
  box,
  boxHeight,
  colourOf,
  type DrawnStep,
  INK,
  inOneLine,
  type Locale,
  limitOf,
  type Notes,
  type Point,
  RULE,
  slackOf,
  TINT,
  WORDS,
  writeLines,
} from './look.ts';
import type { Plan } from './plan.ts';
import { type Route, type Routes, routesOf, type Stretch } from './routes.ts';
import { element, type Markup } from './svg.ts';
import { wrap } from './wrap.ts';

/** The parallel form: layers from left to right, a swim-lane for each organ. */

export interface Panel {
  width: number;
  height: number;
  /** Drawn from the point (0, 0) to the right and down. */
  content: Markup[];
}

const LABEL = 124;
const LABEL_SIZE = 13;
const TRACK = 9;
/** Free space in gutters and gaps besides their tracks. */
const GUTTER = 34;
const GAP = 20;
/** Between the lowest box of a lane and the next lane. */
const MARGIN = 14;

export function network(plan: Plan, steps: ReadonlyMap<string, DrawnStep>, locale: Locale): Panel {
  const after = (id: string) => steps.get(id)?.step.after ?? [];
  const grid = gridOf(plan, after, (id) => steps.get(id)?.step.organName ?? null);
  const edges = edgesOf(plan, after);
  const routes = routesOf(grid, edges);
  const { notes, more } = notesOf(plan, steps, locale);
  const scale = new Scale(grid, routes, boxHeight([...steps.values()], BOX.width, more));
  const decisive = ({ edge }: Route): boolean => {
    const [from, to] = [steps.get(edge.from)?.planned, steps.get(edge.to)?.planned];
    return !!from?.critical && !!to?.critical && from.finish === to.start;
  };
  const arrows = routes.routes
    .toSorted((a, b) => Number(decisive(a)) - Number(decisive(b)))
    .map((route) => arrow(pointsOf(route, grid, scale), decisive(route)));
  return {
    width: scale.width,
    height: scale.height,
    content: [...lanesOf(grid, scale, locale), ...arrows, ...boxesOf(grid, scale, steps, notes)],
  };
}

/** Turns columns, rows, gutters, gaps and tracks into lengths. */
class Scale {
  readonly width: number;
  readonly height: number;
  readonly box: number;
  readonly #columns: number[] = [];
  /** Upper end of each gap; the row begins where the gap ends. */
  readonly #gaps: number[] = [];
  readonly #routes: Routes;

  constructor(grid: Grid<unknown>, routes: Routes, box: number) {
    this.box = box;
    this.#routes = routes;
    let x = LABEL + 14;
    for (let column = 0; column < grid.columns; column++) {
      this.#columns.push(x);
      x += BOX.width + GUTTER + (routes.gutters.get(column) ?? 0) * TRACK;
    }
    this.width = x - GUTTER + 14;
    let y = 0;
    const starts = new Set(grid.lanes.map(({ first }) => first));
    for (let row = 0; row < grid.rows; row++) {
      if (row > 0 && starts.has(row)) y += MARGIN;
      this.#gaps.push(y);
      y += this.#gap(row) + box;
    }
    y += MARGIN;
    this.#gaps.push(y);
    this.height = y + (routes.gaps.has(grid.rows) ? this.#gap(grid.rows) : 6);
  }

  readonly #gap = (row: number): number => GAP + (this.#routes.gaps.get(row) ?? 0) * TRACK;

  left = (column: number): number => this.#columns[column] ?? 0;
  top = (row: number): number => (this.#gaps[row] ?? 0) + this.#gap(row);
  middle = (row: number): number => this.top(row) + this.box / 2;
  gutter = ({ at, track }: Stretch): number => this.left(at) + BOX.width + GUTTER / 2 - 4 + track * TRACK;
  gap = ({ at, track }: Stretch): number => (this.#gaps[at] ?? 0) + GAP / 2 + track * TRACK;
  /** Where a lane begins that has this row first. */
  edge = (row: number): number => this.#gaps[row] ?? 0;
}

function lanesOf(grid: Grid<string | null>, scale: Scale, locale: Locale): Markup[] {
  return grid.lanes.flatMap(({ organ, first, rows }, i) => {
    const [top, bottom] = [
      scale.edge(first),
      first + rows === grid.rows ? scale.height : scale.edge(first + rows),
    ];
    const colour = colourOf(i);
    const lines = wrap(organ ?? WORDS.unnamed[locale], LABEL_SIZE, LABEL - 24, 5);
    const middle = (top + bottom) / 2 - ((lines.length - 1) * 18) / 2 + 4;
    const place = { y: top, height: bottom - top };
    return [
      element('rect', { ...place, x: 0, width: scale.width, fill: colour, 'fill-opacity': TINT }),
      element('rect', { ...place, x: 0, width: 5, fill: colour }),
      element('line', { x1: 0, x2: scale.width, y1: bottom, y2: bottom, stroke: RULE }),
      ...writeLines(lines, 16, middle, { size: LABEL_SIZE, bold: true, colour: organ ? colour : INK }, 18),
    ];
  });
}

const boxesOf = (
  grid: Grid<unknown>,
  scale: Scale,
  steps: ReadonlyMap<string, DrawnStep>,
  notes: ReadonlyMap<string, Notes>,
): Markup[] =>
  [...grid.cells].flatMap(([id, { column, row }]) => {
    const [drawn, note] = [steps.get(id), notes.get(id)];
    if (!drawn || !note) return [];
    const place = { x: scale.left(column), y: scale.top(row), width: BOX.width, height: scale.box };
    return [box(drawn, place, note)];
  });

/** Limit and slack of every step: in one line, or the slack in a line of its own where there is no room in some box. */
function notesOf(
  plan: Plan,
  steps: ReadonlyMap<string, DrawnStep>,
  locale: Locale,
): { notes: Map<string, Notes>; more: number } {
  const notes = new Map(
    [...steps].map(([id, drawn]): [string, Notes] => [
      id,
      { limit: limitOf(drawn, locale), aside: slackOf(drawn, plan.measure, locale) },
    ]),
  );
  if ([...notes.values()].every(inOneLine)) return { notes, more: 0 };
  const apart = [...notes].map(([id, { limit, aside = '' }]): [string, Notes] => [
    id,
    { limit, above: aside },
  ]);
  return { notes: new Map(apart), more: 1 };
}

function pointsOf({ edge, vertical, sideways }: Route, grid: Grid<unknown>, scale: Scale): Point[] {
  const from = grid.cells.get(edge.from) ?? { column: 0, row: 0 };
  const to = grid.cells.get(edge.to) ?? { column: 0, row: 0 };
  const start = { x: scale.left(from.column) + BOX.width, y: scale.middle(from.row) };
  const end = { x: scale.left(to.column), y: scale.middle(to.row) };
  const [first, second] = vertical;
  if (!first) return [start, end];
  const x = scale.gutter(first);
  if (!second || !sideways) return [start, { x, y: start.y }, { x, y: end.y }, end];
  const [across, y] = [scale.gutter(second), scale.gap(sideways)];
  return [start, { x, y: start.y }, { x, y }, { x: across, y }, { x: across, y: end.y }, end];
}
