import { type Actor, officerOf, townCentre } from './cast.ts';
import type { CallOperation } from './operations.ts';
import type { Random } from './random.ts';
import type { Case, Scene } from './scene.ts';

/** A call (吹哨) for a case that was dispatched, from its issue to the one rating of each called organ (G-9). */

export interface CallStep {
  operation: CallOperation;
  by: Actor;
  input: Record<string, unknown>;
  /** Until the next step, usually. */
  minutes: number;
}

/** None where no department has a task. */
export function callSteps({ plan, view }: Case, { county, cast }: Scene, random: Random): CallStep[] {
  const busy = view.tasks.filter(({ status }) => status === 'ASSIGNED').map(({ organ }) => organ.id);
  const called = [...new Set(busy)].filter((organ) => cast.departments.includes(organ));
  if (called.length === 0) return [];
  const town = townCentre(plan.town, cast);
  const issue: CallStep = {
    operation: 'issueCall',
    by: town,
    input: {
      ...{ kind: 'CASE', caseId: view.id, title: plan.class.what, asked: '请到场会商处置' },
      place: { address: plan.address ?? '详见案件位置' },
      organs: called.map((organ, i) => ({ organ, role: i === 0 ? 'LEAD' : 'COOPERATE' })),
    },
    minutes: 20,
  };
  const answers = called.flatMap((organ): CallStep[] => {
    const by = officerOf(county, organ);
    return [
      { operation: 'acceptCall', by, input: { text: '马上到场' }, minutes: 40 },
      { operation: 'arriveOnCall', by, input: {}, minutes: 90 },
      { operation: 'finishCall', by, input: { text: '已处置' }, minutes: 60 },
    ];
  });
  const ratings = called.map((organ): CallStep => {
    const points = random.weighted([5, 4, 3, 1], (n) => n ** 3);
    const text = points === 5 ? {} : { text: '响应不够及时' };
    return { operation: 'rateCall', by: town, input: { organ, points, ...text }, minutes: 5 };
  });
  return [issue, ...answers, ...ratings];
}
