import { type Refusal, refuse } from '@dutyledger/event-store/decider';
import type { Route } from '../routing/route.ts';
import type { TaskToGive } from './commands.ts';
import type { TaskSpec } from './events.ts';
import { wrong } from './refusals.ts';
import { type KnownCase, leadTask } from './state.ts';
import { BOUNDS } from './texts.ts';

/** Who gets which task: as the route of the case says, or as whoever dispatches it says. */

export type TaskOutcome = { ok: true; tasks: TaskSpec[] } | { ok: false; refusal: Refusal };

/**
 * The tasks of a dispatch with their ids, which go on where those of an earlier one ended. `given`: null for those of
 * the route. Refused: none or too many, a second lead or none at all, orders that contradict themselves.
 */
export function taskSpecs(given: readonly TaskToGive[] | null, state: KnownCase): TaskOutcome {
  const wanted = given ?? tasksOf(state.route);
  if (wanted.length === 0) return refuse(given === null ? nobodyToAsk : noTasks);
  if (state.tasks.length + wanted.length > BOUNDS.tasks) return refuse(noTasks);
  const leads = wanted.filter(({ role }) => role === 'LEAD').length + (leadTask(state) ? 1 : 0);
  if (leads !== 1) return refuse(oneLead);
  if (!inOrder(wanted)) return refuse(noOrder);
  const ids = new Map(wanted.map(({ key }, n) => [key, String(state.tasks.length + n + 1)]));
  const idOf = (key: string): string => ids.get(key) ?? key;
  return {
    ok: true,
    tasks: wanted.map(({ key, after, name, organ, organName, role, limit }) => ({
      id: idOf(key),
      name,
      organ,
      organName,
      role,
      after: after.map(idOf),
      limit,
    })),
  };
}

const noTasks = wrong('tasks', {
  en: `A case is dispatched in 1 to ${BOUNDS.tasks} tasks.`,
  'zh-CN': `派遣任务应为 1 至 ${BOUNDS.tasks} 项。`,
});
const nobodyToAsk = wrong('tasks', {
  en: 'No list says who handles this case: name the tasks and their organs.',
  'zh-CN': '清单未写明该案件的承办单位，请指定任务及承办单位。',
});
const oneLead = wrong('tasks', {
  en: 'A case has exactly one leading task.',
  'zh-CN': '案件须有且只有一个牵头任务。',
});
const noOrder = wrong('tasks', {
  en: 'Each task has a key of its own and waits only for tasks of the same dispatch, never for itself.',
  'zh-CN': '任务的标识不得重复；前序任务须在同一次派遣之内，且不得循环。',
});

/** Keys are unique, known where they are named, and no task waits for itself by however long a way. */
function inOrder(tasks: readonly TaskToGive[]): boolean {
  const keys = new Set(tasks.map(({ key }) => key));
  if (keys.size !== tasks.length || !tasks.every(({ after }) => after.every((key) => keys.has(key))))
    return false;
  const done = new Set<string>();
  for (let left = [...tasks]; left.length > 0; ) {
    const ready = left.filter(({ after }) => after.every((key) => done.has(key)));
    if (ready.length === 0) return false;
    for (const { key } of ready) done.add(key);
    left = left.filter(({ key }) => !done.has(key));
  }
  return true;
}

/**
 * The steps of the route, each a task of its organ, the lead's where the list leaves open whose. Whoever the route names
 * beside them gets a task as well, at once and in parallel.
 */
function tasksOf({ lead, cooperators, steps, target }: Route): TaskToGive[] {
  if (!lead) return [];
  const ofSteps = steps.map(({ id, name, organ, organName, limit, after }) => {
    const own = organ !== null && organName !== null ? { organ, organName } : lead;
    return { key: `step ${id}`, name, ...own, limit, after: after.map((step) => `step ${step}`) };
  });
  const first = ofSteps.find(({ organ }) => organ === lead.organ);
  const title = target.kind === 'NONE' ? lead.organName : target.name;
  const leading: TaskToGive = { key: 'lead', name: title, ...lead, role: 'LEAD', after: [], limit: null };
  const others = cooperators.filter(({ organ }) => !ofSteps.some((step) => step.organ === organ));
  return [
    ...(first ? [] : [leading]),
    ...ofSteps.map((step): TaskToGive => ({ ...step, role: step === first ? 'LEAD' : 'COOPERATE' })),
    ...others.map(
      ({ organ, organName, duty }): TaskToGive => ({
        key: `with ${organ}`,
        name: duty || title,
        organ,
        organName,
        role: 'COOPERATE',
        after: [],
        limit: null,
      }),
    ),
  ];
}
