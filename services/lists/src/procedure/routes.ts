import type { Cell, Edge, Grid } from './grid.ts';

/**
 * The ways of arrows over a grid. A line leaves its step to the right and comes to the next from the left; in between it
 * runs up or down in gutters between columns, and sideways in a row that is free or in the gap above a row. Lines that
 * are not of one step take tracks of their own.
 *
 * Heights are counted so that gap k, above row k, is 2k and the middle of row r is 2r + 1.
 */

export interface Stretch {
  /** Gutter to the right of this column; of a sideways stretch the gap. */
  at: number;
  from: number;
  to: number;
  track: number;
}

export interface Route {
  edge: Edge;
  /** Up or down in gutters: none for a straight line, one, or two with a sideways stretch between them. */
  vertical: Stretch[];
  /** Sideways in a gap, from one gutter to another. */
  sideways: Stretch | null;
}

export interface Routes {
  routes: Route[];
  /** Tracks needed in each gutter and each gap. */
  gutters: ReadonlyMap<number, number>;
  gaps: ReadonlyMap<number, number>;
}

const middle = (row: number): number => 2 * row + 1;

interface Draft extends Stretch {
  /** Lines with the same key may share a track. */
  key: string;
}

export function routesOf(grid: Grid<unknown>, edges: readonly Edge[]): Routes {
  const passing = new Passing(grid);
  const drafts = edges.map((edge) => {
    const from = grid.cells.get(edge.from);
    const to = grid.cells.get(edge.to);
    if (!from || !to) throw new Error(`${edge.from} or ${edge.to} is not on the grid`);
    return draftOf(edge, from, to, passing);
  });
  return {
    routes: drafts,
    gutters: assignTracks(
      drafts.flatMap(({ vertical }) => vertical),
      leaves,
    ),
    gaps: assignTracks(
      drafts.flatMap(({ sideways }) => (sideways ? [sideways] : [])),
      () => false,
    ),
  };
}

function draftOf(edge: Edge, from: Cell, to: Cell, passing: Passing) {
  const key = `from ${edge.from}`;
  const vertical = (at: number, a: number, b: number, own = key): Draft => ({
    at,
    from: a,
    to: b,
    track: 0,
    key: own,
  });
  const last = to.column - 1;
  const between = [from.column + 1, last] as const;
  if (passing.claim(from.row, between, key)) {
    const turn = from.row === to.row ? [] : [vertical(last, middle(from.row), middle(to.row))];
    return { edge, vertical: turn, sideways: null };
  }
  if (passing.claim(to.row, between, `to ${edge.to}`)) {
    return { edge, vertical: [vertical(from.column, middle(from.row), middle(to.row))], sideways: null };
  }
  const gap = from.row < to.row ? to.row : to.row + 1;
  return {
    edge,
    vertical: [
      vertical(from.column, middle(from.row), 2 * gap),
      vertical(last, 2 * gap, middle(to.row), `to ${edge.to} by ${gap}`),
    ],
    sideways: { at: gap, from: from.column, to: last, track: 0, key },
  };
}

/** Which lines pass through cells without a box. */
class Passing {
  readonly #cells = new Map<string, string>();
  constructor(grid: Grid<unknown>) {
    for (const [id, { column, row }] of grid.cells) this.#cells.set(`${column}/${row}`, `box ${id}`);
  }
  /** Takes the cells of a row between two columns, both ends included, unless a box or another line has one of them. */
  claim(row: number, [first, last]: readonly [number, number], key: string): boolean {
    const cells = Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => `${first + i}/${row}`);
    if (!cells.every((cell) => (this.#cells.get(cell) ?? key) === key)) return false;
    for (const cell of cells) this.#cells.set(cell, key);
    return true;
  }
}

/**
 * Gives every stretch its track, counted from 0 at each place, and answers how many there are. `first` says of two groups
 * of lines that the one must turn off before the other.
 */
function assignTracks(
  stretches: readonly Draft[],
  first: (group: readonly Draft[], other: readonly Draft[]) => boolean,
): Map<number, number> {
  const counts = new Map<number, number>();
  for (const [at, here] of Map.groupBy(stretches, (stretch) => stretch.at)) {
    const groups = [...Map.groupBy(here, ({ key }) => key).values()].sort(
      (a, b) => extent(a)[0] - extent(b)[0],
    );
    const placed: Draft[][] = [];
    while (groups.length > 0) {
      const next = groups.findIndex(
        (group) => !groups.some((other) => other !== group && first(other, group)),
      );
      const [group] = groups.splice(Math.max(next, 0), 1);
      if (!group) break;
      const after = placed.filter((other) => first(other, group)).map(trackOf);
      let track = Math.max(-1, ...after) + 1;
      while (placed.some((other) => trackOf(other) === track && overlap(other, group))) track += 1;
      for (const stretch of group) stretch.track = track;
      placed.push(group);
    }
    counts.set(at, Math.max(...placed.map(trackOf)) + 1);
  }
  return counts;
}

const trackOf = (group: readonly Draft[]): number => group[0]?.track ?? 0;

const extent = (group: readonly Draft[]): [number, number] => [
  Math.min(...group.flatMap(({ from, to }) => [from, to])),
  Math.max(...group.flatMap(({ from, to }) => [from, to])),
];

function overlap(a: readonly Draft[], b: readonly Draft[]): boolean {
  const [[aFrom, aTo], [bFrom, bTo]] = [extent(a), extent(b)];
  return aFrom <= bTo && bFrom <= aTo;
}

/** Whether a line of the one group leaves the row that a line of the other comes to: they would run upon each other. */
const leaves = (leaving: readonly Draft[], coming: readonly Draft[]): boolean =>
  leaving.some(({ from }) => from % 2 === 1 && coming.some(({ to }) => to === from));
