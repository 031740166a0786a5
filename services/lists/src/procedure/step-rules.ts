import type { Refusal, Text } from '@dutyledger/event-store/decider';
import type { ProcedureStep, TimeLimit } from '../duty-list/item.ts';
import { limitText, minutesOf, spanText } from './duration.ts';
import { planOf } from './plan.ts';

/** What holds for the steps of every procedure, of an item (L-2) as of an integrated matter (L-8). */

/** How the rule that the steps belong to words a violation. */
export type Violation = (field: string, message: Text, details?: Record<string, unknown>) => Refusal;

/** More would be a mistake: some 270 years. Keeps sums of minutes exact. */
const MOST = 100_000;

/** The first problem of the steps; `field` is where they stand in the input. */
export function stepProblem(
  steps: readonly ProcedureStep[],
  field: string,
  violation: Violation,
): Refusal | undefined {
  const ids = new Set<string>();
  for (const [i, { id }] of steps.entries()) {
    if (ids.has(id)) {
      return violation(`${field}[${i}].id`, {
        en: `Two steps have the id ${id}.`,
        'zh-CN': `步骤编号“${id}”重复。`,
      });
    }
    ids.add(id);
  }
  for (const [i, step] of steps.entries()) {
    const unknown = step.after.find((id) => !ids.has(id));
    if (unknown !== undefined) {
      return violation(`${field}[${i}].after`, {
        en: `Step ${step.id} waits for step ${unknown}, which does not exist.`,
        'zh-CN': `步骤“${step.id}”的前置步骤“${unknown}”不存在。`,
      });
    }
    const unfit = step.limit && limitProblem(step.limit, `${field}[${i}].limit`, violation);
    if (unfit) return unfit;
  }
  const circle = circleIn(steps);
  if (circle.length === 0) return undefined;
  return violation(
    field,
    {
      en: `The steps wait for each other in a circle: ${[...circle, circle[0]].join(' → ')}.`,
      'zh-CN': `步骤之间存在循环等待：${[...circle, circle[0]].join(' → ')}。`,
    },
    { circle },
  );
}

function limitProblem({ amount }: TimeLimit, field: string, violation: Violation): Refusal | undefined {
  if (Number.isInteger(amount) && amount > 0 && amount <= MOST) return undefined;
  return violation(`${field}.amount`, {
    en: `A time limit is a whole number above zero, at most ${MOST}.`,
    'zh-CN': `时限应为正整数，最大为 ${MOST}。`,
  });
}

/** The promise must be kept where every step takes all of its time: it is no shorter than the critical path. */
export function promiseProblem(
  steps: readonly ProcedureStep[],
  promised: TimeLimit,
  field: string,
  violation: Violation,
): Refusal | undefined {
  const unfit = limitProblem(promised, field, violation);
  if (unfit) return unfit;
  const { total, criticalPath, measure } = planOf(steps);
  if (minutesOf(promised) >= total) return undefined;
  const told = { en: limitText(promised, 'en'), 'zh-CN': limitText(promised, 'zh-CN') };
  const path = criticalPath.join(' → ');
  return violation(
    field,
    {
      en: `${told.en} are promised, but the steps along the critical path (${path}) take ${spanText(total, measure, 'en')}.`,
      'zh-CN': `承诺时限为 ${told['zh-CN']}，但关键路径（${path}）各步骤时限合计 ${spanText(total, measure, 'zh-CN')}。`,
    },
    { criticalPath, promised },
  );
}

/** Ids of steps of which each waits for the next and the last for the first; empty where none do. */
function circleIn(steps: readonly ProcedureStep[]): string[] {
  let left = [...steps];
  for (;;) {
    const waiting = new Set(left.map((step) => step.id));
    const next = left.filter((step) => step.after.some((id) => waiting.has(id)));
    if (next.length === left.length) return walkCircle(next);
    left = next;
  }
}

/** Every step given waits for another of them: going on from any, one comes back to a step that was passed. */
function walkCircle(steps: readonly ProcedureStep[]): string[] {
  const byId = new Map(steps.map((step) => [step.id, step]));
  const passed: string[] = [];
  let current = steps[0]?.id;
  while (current !== undefined && !passed.includes(current)) {
    passed.push(current);
    current = byId.get(current)?.after.find((id) => byId.has(id));
  }
  return current === undefined ? [] : passed.slice(passed.indexOf(current));
}
