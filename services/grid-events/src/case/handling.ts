import { accept, type Decision, type Refusal, refuse } from '@dutyledger/event-store/decider';
import { unfit } from '@dutyledger/event-store/rule-texts';
import { pausedClock, phaseClock, type Timing, taskClock } from './clocks.ts';
import type { Of } from './commands.ts';
import { type TaskOutcome, taskSpecs } from './dispatch.ts';
import { type CaseEvent, type Clock, LEVELS, type TaskSpec } from './events.ts';
import { noTask, taskStands, wrong, wrongLevel } from './refusals.ts';
import { isRunning, type KnownCase, leadTask, type Task } from './state.ts';
import { BOUNDS, reasonProblem, resultProblem } from './texts.ts';

/** Dispatch to lead and cooperators in parallel, their tasks, feedback, verification (G-6). */

type Outcome = Decision<CaseEvent>;

const clocksOf = (state: KnownCase, tasks: readonly TaskSpec[], timing: Timing): Clock[] =>
  tasks.map((task) => taskClock(state.policy, task, timing));

function dispatchCase(command: Of<'DispatchCase'>, state: KnownCase): Outcome {
  const { level, meeting, status, policy } = state;
  if (level === 'WORKER') {
    return refuse(
      wrongLevel('id', {
        en: 'A grid worker settles a case or escalates it; it is dispatched from the town centre up.',
        'zh-CN': '网格员应自行处置或上报；派遣由镇街网格中心及以上办理。',
      }),
    );
  }
  if (level === 'JOINT' && !meeting) {
    return refuse(
      wrongLevel('id', {
        en: 'The joint meeting decides who handles it: record the meeting first.',
        'zh-CN': '应先记录联席会议的议定事项，再行派遣。',
      }),
    );
  }
  const outcome: TaskOutcome = taskSpecs(command.tasks, state);
  if (!outcome.ok) return outcome;
  const { tasks } = outcome;
  const started = tasks.filter(({ after }) => after.length === 0);
  const clocks = clocksOf(state, started, command.timing);
  const set = status === 'FILED' ? [phaseClock(policy, 'handle', command.timing), ...clocks] : clocks;
  return accept<CaseEvent>({
    type: 'CaseDispatched',
    data: { level, tasks, started: started.map(({ id }) => id), clocks: { set } },
  });
}

type Found = { ok: true; task: Task } | { ok: false; refusal: Refusal };

/** The task, when it stands in one of these ways. */
function find({ tasks }: KnownCase, id: string, ...standing: Task['status'][]): Found {
  const task = tasks.find((each) => each.id === id);
  if (!task) return refuse(noTask(id));
  return standing.includes(task.status) ? { ok: true, task } : refuse(taskStands(task));
}

function acceptTask({ task: id }: Of<'AcceptTask'>, state: KnownCase): Outcome {
  const found = find(state, id, 'ASSIGNED');
  if (!found.ok) return found;
  const { organ } = found.task;
  return accept<CaseEvent>({ type: 'CaseTaskAccepted', data: { task: id, organ } });
}

function finishTask({ task: id, result, timing }: Of<'FinishTask'>, state: KnownCase): Outcome {
  const found = find(state, id, 'ASSIGNED', 'ACCEPTED');
  if (!found.ok) return found;
  const problem = resultProblem('result', result);
  if (problem) return refuse(problem);
  const others = state.tasks.filter((each) => each.id !== id);
  const over = new Set([
    id,
    ...others.filter(({ status }) => status === 'DONE' || status === 'WITHDRAWN').map((each) => each.id),
  ]);
  const next = others.filter(
    ({ status, after }) => status === 'WAITING' && after.every((before) => over.has(before)),
  );
  return accept<CaseEvent>({
    type: 'CaseTaskDone',
    data: {
      task: id,
      organ: found.task.organ,
      result,
      started: next.map((each) => each.id),
      last: over.size === state.tasks.length,
      clocks: { set: clocksOf(state, next, timing), stop: [id] },
    },
  });
}

const inDispute = wrong('task', {
  en: 'Whose duty it is, is in dispute: the first receiver keeps handling it until that is settled.',
  'zh-CN': '职责争议尚未办结，首接单位应继续处置。',
});

const isDenied = ({ denial }: KnownCase, task: string): boolean => denial?.task === task;

function returnTask({ task: id, reason }: Of<'ReturnTask'>, state: KnownCase): Outcome {
  const found = find(state, id, 'ASSIGNED', 'ACCEPTED');
  if (!found.ok) return found;
  const problem = (isDenied(state, id) ? inDispute : undefined) ?? reasonProblem(reason);
  if (problem) return refuse(problem);
  const { organ } = found.task;
  return accept<CaseEvent>({
    type: 'CaseTaskReturned',
    data: { task: id, organ, reason, clocks: { stop: [id] } },
  });
}

/** One dispute at a time: what settles it names the case alone. */
function denyDuty({ task: id, proposed, ground }: Of<'DenyDuty'>, state: KnownCase): Outcome {
  const found = find(state, id, 'ASSIGNED', 'ACCEPTED');
  if (!found.ok) return found;
  const { organ, organName } = found.task;
  const problem =
    (state.denial ? inDispute : undefined) ??
    (proposed.organ === organ
      ? wrong('proposed', {
          en: 'Name the organ whose duty it is; it cannot be the one that denies it.',
          'zh-CN': '应写明承担该职责的其他单位。',
        })
      : undefined) ??
    unfit('G-7', 'ground', ground, BOUNDS.text, {
      en: 'Why it is not their duty',
      'zh-CN': '不属本单位职责的理由',
    });
  if (problem) return refuse(problem);
  const { facts, policy, route } = state;
  const place = { id: facts.id, county: facts.county, class: facts.class, className: policy.name };
  const by = { organ, organName };
  return accept<CaseEvent>({
    type: 'CaseDutyDenied',
    data: { ...place, target: route.target, task: id, by, proposed, ground },
  });
}

function settleDuty({ dispute, handler, timing }: Of<'SettleDuty'>, state: KnownCase): Outcome {
  const { denial, tasks, status, policy } = state;
  const task = tasks.find(({ id }) => id === denial?.task);
  if (!denial || !task) return accept();
  const moved = isRunning(task) && handler.organ !== task.organ;
  const clock = taskClock(policy, task, timing);
  const set = [status === 'SUSPENDED' ? pausedClock(clock, timing.now) : clock];
  const clocks = moved ? { clocks: { set } } : {};
  return accept<CaseEvent>({
    type: 'CaseDutySettled',
    data: { task: task.id, dispute, handler, moved, ...clocks },
  });
}

function transferTask({ task: id, to, reason, timing }: Of<'TransferTask'>, state: KnownCase): Outcome {
  const found = find(state, id, 'ASSIGNED', 'ACCEPTED', 'RETURNED');
  if (!found.ok) return found;
  const { task } = found;
  const problem =
    (isDenied(state, id) ? inDispute : undefined) ??
    (to.organ === task.organ && task.status !== 'RETURNED'
      ? wrong('to', { en: 'It is with this organ already.', 'zh-CN': '该任务已由该单位承办。' })
      : undefined) ??
    reasonProblem(reason);
  if (problem) return refuse(problem);
  const from = { organ: task.organ, organName: task.organName };
  const transferred: CaseEvent = {
    type: 'CaseTaskTransferred',
    data: { task: id, from, to, reason, clocks: { set: clocksOf(state, [task], timing) } },
  };
  const { reworks, transfers } = state;
  return accept<CaseEvent>(transferred, ...problemOrder(state, { reworks, transfers: transfers + 1 }));
}

const PROBLEM_AFTER = 3;

/** Three reworks or three transfers make it a problem order, once, which is raised a level (G-9). */
function problemOrder(
  { problemOrder: already, level: from }: KnownCase,
  counts: { reworks: number; transfers: number },
): CaseEvent[] {
  if (already || Math.max(counts.reworks, counts.transfers) < PROBLEM_AFTER) return [];
  const to = LEVELS[LEVELS.indexOf(from) + 1];
  const reason = '三次返工或三次转办，列为疑难案件';
  const raised: CaseEvent[] = to
    ? [{ type: 'CaseEscalated', data: { from, to, cause: 'PROBLEM_ORDER', reason } }]
    : [];
  return [{ type: 'CaseMadeProblemOrder', data: counts }, ...raised];
}

function giveFeedback({ text, timing }: Of<'GiveFeedback'>, { policy }: KnownCase): Outcome {
  const problem = unfit('G-6', 'text', text, BOUNDS.text, { en: 'The feedback', 'zh-CN': '反馈内容' });
  if (problem) return refuse(problem);
  const clocks = { set: [phaseClock(policy, 'verify', timing)] };
  return accept<CaseEvent>({ type: 'CaseFedBack', data: { text, clocks } });
}

function reworkCase(command: Of<'ReworkCase'>, state: KnownCase): Outcome {
  const { reason, timing } = command;
  const { tasks, policy, reworks, transfers } = state;
  const lead = leadTask(state);
  const ids = command.tasks ?? (lead ? [lead.id] : []);
  const again = tasks.filter(({ id, status }) => ids.includes(id) && status === 'DONE');
  const problem =
    (again.length === ids.length && (ids.length > 0 || !lead)
      ? undefined
      : wrong('tasks', {
          en: 'Name tasks of this case that were done.',
          'zh-CN': '应写明本案件中已办结的任务。',
        })) ?? reasonProblem(reason);
  if (problem) return refuse(problem);
  const phase = ids.length > 0 ? 'handle' : 'dispatch';
  const set = [phaseClock(policy, phase, timing), ...clocksOf(state, again, timing)];
  const reworked: CaseEvent = { type: 'CaseReworked', data: { reason, tasks: ids, clocks: { set } } };
  return accept<CaseEvent>(reworked, ...problemOrder(state, { reworks: reworks + 1, transfers }));
}

export const steps = {
  DispatchCase: dispatchCase,
  AcceptTask: acceptTask,
  FinishTask: finishTask,
  ReturnTask: returnTask,
  DenyDuty: denyDuty,
  SettleDuty: settleDuty,
  TransferTask: transferTask,
  GiveFeedback: giveFeedback,
  ReworkCase: reworkCase,
};
