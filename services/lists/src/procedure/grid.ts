import type { Plan, PlannedStep } from './plan.ts';

/**
 * Where the steps of a procedure stand when it is drawn: layers from left to right, a lane for each organ, and the ways
 * of the arrows between them, so that no line crosses a box or runs upon another. Pure; counts columns, rows and tracks,
 * which picture.ts turns into lengths.
 */

export interface Cell {
  column: number;
  row: number;
}

export interface Lane<O> {
  organ: O;
  /** Rows of the grid that the lane takes, from the top. */
  first: number;
  rows: number;
}

export interface Grid<O> {
  columns: number;
  rows: number;
  lanes: Lane<O>[];
  cells: ReadonlyMap<string, Cell>;
}

/** Lanes in the order in which the procedure comes to their organs. Within a lane a step keeps to the row before it. */
export function gridOf<O>(
  plan: Plan,
  after: (id: string) => readonly string[],
  organOf: (id: string) => O,
): Grid<O> {
  const byLane = Map.groupBy(plan.steps, ({ id }) => organOf(id));
  const cells = new Map<string, Cell>();
  const lanes: Lane<O>[] = [];
  let first = 0;
  for (const [organ, steps] of byLane) {
    const rows = Math.max(
      ...[...Map.groupBy(steps, ({ layer }) => layer).values()].map((many) => many.length),
    );
    for (const step of steps.toSorted((a, b) => a.layer - b.layer)) {
      cells.set(step.id, { column: step.layer, row: freeRow(step, { first, rows }, cells, after(step.id)) });
    }
    lanes.push({ organ, first, rows });
    first += rows;
  }
  return { columns: Math.max(0, ...plan.steps.map(({ layer }) => layer + 1)), rows: first, lanes, cells };
}

function freeRow(
  { layer }: PlannedStep,
  { first, rows }: { first: number; rows: number },
  cells: ReadonlyMap<string, Cell>,
  after: readonly string[],
): number {
  const taken = new Set([...cells.values()].filter(({ column }) => column === layer).map(({ row }) => row));
  const inLane = Array.from({ length: rows }, (_, i) => first + i).filter((row) => !taken.has(row));
  const before = after
    .map((id) => cells.get(id)?.row)
    .find((row) => row !== undefined && inLane.includes(row));
  return before ?? inLane[0] ?? first;
}

/** An arrow from one step to another. */
export interface Edge {
  from: string;
  to: string;
}

/** What waits for what, without what follows from the rest: a step that waits for b, which waits for a, waits for a. */
export function edgesOf(plan: Plan, after: (id: string) => readonly string[]): Edge[] {
  const ancestors = new Map<string, Set<string>>();
  const edges: Edge[] = [];
  for (const { id } of plan.steps) {
    const direct = [...new Set(after(id))];
    const above = new Set(direct.flatMap((one) => [...(ancestors.get(one) ?? [])]));
    edges.push(...direct.filter((one) => !above.has(one)).map((from) => ({ from, to: id })));
    ancestors.set(id, new Set([...above, ...direct]));
  }
  return edges;
}
