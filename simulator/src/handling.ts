import { addDays } from '@dutyledger/reference-data/china-time';
import { type CaseView, leadOf, type TaskView } from './case-view.ts';
import { officerOf, platform } from './cast.ts';
import { type Case, DONE, desk, type Scene, type Step, take, why } from './scene.ts';

/** What organs do with their tasks, and what stands in their way. */

const runs = ({ status }: TaskView): boolean => status === 'ASSIGNED' || status === 'ACCEPTED';

/** The county decides on what was asked of it; an extension only while the limit still runs. */
export function asked(one: Case, { county, cast, now, today }: Scene): Step | null {
  const { view, random } = one;
  const by = platform(county, cast);
  if (view.suspensionAsked) {
    const approve = view.suspensionAsked.until >= today && random.chance(0.85);
    return {
      operation: 'decideCaseSuspension',
      by,
      input: { approve, ...why(approve ? '情况属实' : '理由不充分') },
    };
  }
  if (!view.extensionAsked) return null;
  const approve = inTime(view, now) && random.chance(0.8);
  return {
    operation: 'decideCaseExtension',
    by,
    input: { approve, ...why(approve ? '情况属实' : '理由不充分') },
  };
}

const inTime = ({ clocks }: CaseView, now: string): boolean => {
  const whole = clocks.find(({ task }) => task === null);
  return whole !== undefined && !whole.overdue && whole.due !== null && whole.due > now;
};

export function handling(one: Case, scene: Scene): Step | null {
  const { view } = one;
  const returned = view.tasks.find(({ status }) => status === 'RETURNED');
  if (returned) return transfer(one, returned, scene);
  const given = view.tasks.find(({ status }) => status === 'ASSIGNED');
  if (given) {
    const by = officerOf(scene.county, given.organ.id);
    return { operation: 'acceptCaseTask', by, input: { task: given.id } };
  }
  const task = view.tasks.find(runs);
  if (!task) return null;
  return hindered(one, task, scene) ?? finish(task, scene);
}

const finish = ({ id, organ }: TaskView, { county }: Scene): Step => ({
  operation: 'finishCaseTask',
  by: officerOf(county, organ.id),
  input: { task: id, ...DONE },
});

function transfer(one: Case, { id, organ }: TaskView, scene: Scene): Step {
  const others = scene.cast.departments.filter((other) => other !== organ.id);
  const input = { task: id, to: one.random.pick(others), ...why('改由主管部门办理') };
  return { operation: 'transferCaseTask', by: desk(one, scene), input };
}

/** What stands in the way of a task, each once. */
function hindered(one: Case, task: TaskView, scene: Scene): Step | null {
  const { view, random } = one;
  const { county, cast, today, now } = scene;
  const by = officerOf(county, task.organ.id);
  const leads = leadOf(view)?.id === task.id;
  const ofDepartment = cast.departments.includes(task.organ.id);
  if (ofDepartment && view.denial === null && take(one, 'DENY')) {
    const proposed = random.pick(cast.departments.filter((other) => other !== task.organ.id));
    return { operation: 'denyCaseDuty', by, input: { task: task.id, proposed, ground: '不属本单位职责' } };
  }
  if (ofDepartment && view.denial?.task !== task.id && take(one, 'RETURN')) {
    return { operation: 'returnCaseTask', by, input: { task: task.id, ...why('现场不具备处置条件') } };
  }
  if (leads && take(one, 'SUSPEND')) {
    const cause = random.pick(['EXPERT_APPRAISAL', 'SEASON_OR_WEATHER', 'PARTY_UNAVAILABLE'] as const);
    const until = addDays(today, 2 + random.below(8));
    return { operation: 'requestCaseSuspension', by, input: { cause, until, ...why('待条件具备后处置') } };
  }
  if (leads && view.extensions === 0 && inTime(view, now) && take(one, 'EXTEND')) {
    const amount = Math.max(1, Math.floor(view.limits.handle.amount / 2));
    return { operation: 'requestCaseExtension', by, input: { amount, ...why('情况复杂，需延长办理') } };
  }
  if (take(one, 'SUPERVISE')) {
    return { operation: 'superviseCase', by: platform(county, cast), input: { text: '请抓紧办理并反馈' } };
  }
  return null;
}
