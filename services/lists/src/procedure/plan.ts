import type { ProcedureStep } from '../duty-list/item.ts';
import { type Measure, measureOf, minutesOf } from './duration.ts';

/**
 * What follows from the steps of a procedure (L-2, L-8): their order, how early each can start and end, how long each
 * may wait without delaying the whole, and the path that decides how long the whole takes. Pure; lengths in minutes
 * (duration.ts). A step without a limit counts as nothing, and the plan says how many there are.
 */

export type Step = Pick<ProcedureStep, 'id' | 'limit' | 'after'>;

export interface PlannedStep {
  id: string;
  /** Steps of one layer can run at the same time: one more than the highest layer that the step waits for, from 0. */
  layer: number;
  start: number;
  finish: number;
  /** How long the step may wait without delaying the whole. */
  slack: number;
  /** Whether a delay of the step delays the whole; never where no step has a limit. */
  critical: boolean;
}

export interface Plan {
  /** In an order in which the steps can be done, the order given wherever it allows. */
  steps: PlannedStep[];
  /** Ids of steps that wait for each other and take as long as the whole; one of them where there are several. */
  criticalPath: string[];
  /** Length with everything in parallel that can be. */
  total: number;
  /** Length of the linear form: the same steps one after another. */
  linear: number;
  /** Steps without a limit. */
  unlimited: number;
  measure: Measure;
}

/** Steps as they were checked (step-rules.ts). Throws when they wait for each other in a circle. */
export function planOf(steps: readonly Step[]): Plan {
  const order = orderOf(steps);
  const early = new Map<string, { layer: number; start: number; finish: number }>();
  for (const { id, after, limit } of order) {
    const before = after.map((one) => early.get(one) ?? missing(one));
    const start = Math.max(0, ...before.map(({ finish }) => finish));
    const layer = Math.max(-1, ...before.map((one) => one.layer)) + 1;
    early.set(id, { layer, start, finish: start + minutesOf(limit) });
  }
  const total = Math.max(0, ...[...early.values()].map(({ finish }) => finish));
  const latest = latestFinishes(order, total);
  const planned = order.map(({ id }): PlannedStep => {
    const times = early.get(id) ?? missing(id);
    const slack = (latest.get(id) ?? total) - times.finish;
    return { id, ...times, slack, critical: slack === 0 && total > 0 };
  });
  return {
    steps: planned,
    criticalPath: total === 0 ? [] : criticalPathOf(order, planned, total),
    total,
    linear: steps.reduce((sum, { limit }) => sum + minutesOf(limit), 0),
    unlimited: steps.filter(({ limit }) => limit === null).length,
    measure: measureOf(steps.map(({ limit }) => limit)),
  };
}

function missing(id: string): never {
  throw new Error(`step ${id} is missing or waits for itself`);
}

/** Again and again the first step, in the order given, that waits for nothing undone. */
function orderOf<S extends Step>(steps: readonly S[]): S[] {
  const order: S[] = [];
  const done = new Set<string>();
  const left = [...steps];
  while (left.length > 0) {
    const next = left.findIndex(({ after }) => after.every((id) => done.has(id)));
    const [step] = next < 0 ? [] : left.splice(next, 1);
    if (!step) return missing(left[0]?.id ?? '');
    done.add(step.id);
    order.push(step);
  }
  return order;
}

/** How late each step may end. */
function latestFinishes(order: readonly Step[], total: number): Map<string, number> {
  const latest = new Map<string, number>();
  for (const { id, after, limit } of order.toReversed()) {
    const start = (latest.get(id) ?? total) - minutesOf(limit);
    for (const before of after) latest.set(before, Math.min(latest.get(before) ?? total, start));
  }
  return latest;
}

/** Backwards from the last step that ends with the whole, each time to the one that was waited for. */
function criticalPathOf(order: readonly Step[], planned: readonly PlannedStep[], total: number): string[] {
  const times = new Map(planned.map((step) => [step.id, step]));
  const path: string[] = [];
  let current = planned.findLast(({ finish }) => finish === total)?.id;
  while (current !== undefined) {
    const id = current;
    path.unshift(id);
    const start = times.get(id)?.start;
    current = order
      .find((step) => step.id === id)
      ?.after.find((before) => times.get(before)?.finish === start);
  }
  return path;
}
