import { chinaDate, dayNumber } from '@dutyledger/reference-data/china-time';
import { type CaseEvent, type Clock, WHOLE_CASE } from './events.ts';
import type { Case, KnownCase, Task } from './state.ts';

/** How the events of a case make its state: one line per event; clocks alike for all of them. */

type DataOf<T extends CaseEvent['type']> = Extract<CaseEvent, { type: T }>['data'];
type Steps = {
  [T in Exclude<CaseEvent['type'], 'CaseReported'>]: (
    state: KnownCase,
    data: DataOf<T>,
  ) => Partial<KnownCase>;
};

export function evolve(state: Case, event: CaseEvent): Case {
  const next = event.type === 'CaseReported' ? reported(event.data) : stepped(state, event);
  return event.data.clocks ? { ...next, ...clocked(next, event.data.clocks) } : next;
}

function stepped(state: Case, event: Exclude<CaseEvent, { type: 'CaseReported' }>): KnownCase {
  if (state.status === 'ABSENT') throw new Error(`${event.type} of a case that was not reported`);
  const step = STEPS[event.type] as (of: KnownCase, data: unknown) => Partial<KnownCase>;
  return { ...state, ...step(state, event.data) };
}

/** Suspension and extension are of one handling: what is not decided when it ends, ends with it. */
const NOTHING_ASKED = { suspensionAsked: null, extensionAsked: null };

const STEPS: Steps = {
  CaseClassUnlisted: () => ({}),
  CaseAccepted: (_, { by }) => ({ status: 'ACCEPTED', handler: by }),
  CaseRefused: (_, { reason }) => ({ status: 'REFUSED', refusal: reason }),
  CaseFiled: (_, { closeBy }) => ({ status: 'FILED', closeBy }),
  /** By hand it goes to the desk of the level; by itself it stays where it is, under the eyes of the level above. */
  CaseEscalated: (state, { to, cause }) => ({
    level: to,
    escalated: state.escalated || cause === 'OVERDUE',
    ...(cause === 'REASON' || cause === 'EMERGENCY' ? atDesk(state) : {}),
  }),
  CaseSentBack: (state, { to }) => ({ level: to, ...atDesk(state) }),
  CaseJointMeetingHeld: (_, { participants, decision, documentNumber }) => ({
    meeting: { participants, decision, documentNumber },
  }),
  CaseDispatched: (state, { tasks, started }) => ({
    status: 'HANDLING',
    tasks: [
      ...state.tasks,
      ...tasks.map(
        (task): Task => ({
          ...task,
          status: started.includes(task.id) ? 'ASSIGNED' : 'WAITING',
          result: null,
          returnReason: null,
        }),
      ),
    ],
  }),
  CaseTaskAccepted: (state, { task }) => withTask(state, task, { status: 'ACCEPTED' }),
  CaseTaskDone: (state, { task, result, started, last }) => ({
    status: last ? 'HANDLED' : state.status,
    result: last ? result : state.result,
    ...(last ? NOTHING_ASKED : {}),
    tasks: assigned(withTask(state, task, { status: 'DONE', result }).tasks, started),
  }),
  CaseTaskReturned: (state, { task, reason }) =>
    withTask(state, task, { status: 'RETURNED', returnReason: reason }),
  CaseDutyDenied: (_, { task, by, proposed, ground }) => ({ denial: { task, by, proposed, ground } }),
  CaseDutySettled: (state, { task, handler, moved }) => ({
    denial: null,
    ...(moved ? withTask(state, task, { ...handler, status: 'ASSIGNED' }) : {}),
  }),
  CaseTaskTransferred: (state, { task, to }) => ({
    transfers: state.transfers + 1,
    ...withTask(state, task, { ...to, status: 'ASSIGNED', returnReason: null }),
  }),
  CaseSettled: (_, { result }) => ({ status: 'FED_BACK', result, feedback: result.text }),
  CaseFedBack: (_, { text }) => ({ status: 'FED_BACK', feedback: text }),
  CaseVerified: (_, { result }) => ({ status: 'VERIFIED', verification: result }),
  /** What a level settled without giving tasks out goes back to its desk. */
  CaseReworked: (state, { tasks }) => ({
    status: tasks.length > 0 ? 'HANDLING' : 'FILED',
    feedback: null,
    result: null,
    reworks: state.reworks + 1,
    extensions: 0,
    tasks: assigned(state.tasks, tasks),
  }),
  CaseMadeProblemOrder: () => ({ problemOrder: true }),
  CaseSuspensionRequested: (_, { cause, reason, until, by }) => ({
    suspensionAsked: { cause, reason, until, by },
  }),
  CaseSuspended: (state, { cause, from, until, days }) => ({
    status: 'SUSPENDED',
    suspension: { cause, from, until },
    suspensionAsked: null,
    suspendedDays: state.suspendedDays + days,
  }),
  CaseSuspensionRefused: () => ({ suspensionAsked: null }),
  CaseResumed: (state, { at, closeBy }) => ({
    status: 'HANDLING',
    suspension: null,
    suspendedDays: state.suspendedDays - daysLeft(state, at),
    closeBy,
  }),
  CaseExtensionRequested: (_, { reason, by, amount }) => ({ extensionAsked: { reason, by, amount } }),
  CaseExtended: (state, { closeBy }) => ({
    closeBy,
    extensionAsked: null,
    extensions: state.extensions + 1,
  }),
  CaseExtensionRefused: () => ({ extensionAsked: null }),
  CaseClosed: (_, { at, onTime }) => ({ status: 'CLOSED', closedAt: at, onTime, absorbed: [] }),
  CaseEvaluated: (state, { clocks: _, ...evaluation }) => ({
    status: 'EVALUATED',
    evaluations: [...state.evaluations, evaluation],
  }),
  CaseVoided: (_, { reason }) => ({ status: 'VOIDED', refusal: reason }),
  CaseReopened: (state, { level, closeBy }) => ({
    ...atDesk({ ...state, closeBy }),
    level,
    closeBy,
    reopenings: state.reopenings + 1,
    closedAt: null,
    onTime: null,
    result: null,
    feedback: null,
    verification: null,
    refusal: null,
    evaluations: [],
    extensions: 0,
    mergedInto: null,
  }),
  CaseMerged: (state, { into }) => ({
    status: 'MERGED',
    mergedInto: into,
    beforeMerge: { status: state.status, clocks: state.clocks, escalated: state.escalated },
  }),
  CaseUnmerged: ({ beforeMerge }) => ({ ...beforeMerge, mergedInto: null, beforeMerge: null }),
  CaseAbsorbed: ({ absorbed }, { case: id }) => ({
    absorbed: [...absorbed.filter((other) => other !== id), id],
  }),
  CaseReleased: ({ absorbed }, { case: id }) => ({ absorbed: absorbed.filter((other) => other !== id) }),
  CaseKeptApart: () => ({}),
  CaseLinked: ({ links }, { to, note }) => ({ links: [...links, { to, note }] }),
  CaseSupervised: (state, { cause, text, organs }) => ({
    escalated: state.escalated || cause === 'OVERDUE',
    supervisions: [...state.supervisions, { cause, text, organs }],
  }),
  ClockAmber: (state, { of }) => marked(state, of, { warned: true }),
  ClockOverdue: (state, { of }) => marked(state, of, { warned: true, overdue: true }),
};

function reported(data: DataOf<'CaseReported'>): KnownCase {
  const { level, route, policy, reportedAt, clocks: _, ...facts } = data;
  return {
    status: 'REPORTED',
    facts,
    reportedAt,
    level,
    route,
    policy,
    handler: null,
    clocks: [],
    escalated: false,
    closeBy: null,
    tasks: [],
    earlier: 0,
    denial: null,
    meeting: null,
    result: null,
    feedback: null,
    verification: null,
    refusal: null,
    reworks: 0,
    transfers: 0,
    reopenings: 0,
    problemOrder: false,
    supervisions: [],
    suspensionAsked: null,
    suspension: null,
    suspendedDays: 0,
    extensionAsked: null,
    extensions: 0,
    closedAt: null,
    onTime: null,
    evaluations: [],
    mergedInto: null,
    beforeMerge: null,
    absorbed: [],
    links: [],
  };
}

/** Tasks that were given out are withdrawn; what was filed stays filed. */
const atDesk = ({ closeBy, tasks }: KnownCase): Partial<KnownCase> => ({
  earlier: tasks.length,
  status: closeBy === null ? 'REPORTED' : 'FILED',
  tasks: tasks.map((task) => (task.status === 'DONE' ? task : { ...task, status: 'WITHDRAWN' })),
  denial: null,
  ...NOTHING_ASKED,
});

/** Days of a suspension after the one on which the case is resumed: they were approved and not used. */
const daysLeft = ({ suspension }: KnownCase, at: string): number =>
  suspension ? Math.max(0, dayNumber(suspension.until) - dayNumber(chinaDate(at))) : 0;

const withTask = ({ tasks }: KnownCase, id: string, change: Partial<Task>): Pick<KnownCase, 'tasks'> => ({
  tasks: tasks.map((task) => (task.id === id ? { ...task, ...change } : task)),
});

const assigned = (tasks: readonly Task[], ids: readonly string[]): Task[] =>
  tasks.map((task) => (ids.includes(task.id) ? { ...task, status: 'ASSIGNED', result: null } : task));

const marked = ({ clocks }: KnownCase, of: string, mark: Partial<Clock>): Partial<KnownCase> => ({
  clocks: clocks.map((clock) => (clock.of === of ? { ...clock, ...mark } : clock)),
});

/** A clock of the whole case that begins anew is another phase. */
function clocked(
  { clocks, escalated }: KnownCase,
  { set = [], stop = [] }: { set?: Clock[]; stop?: string[] },
): Pick<KnownCase, 'clocks' | 'escalated'> {
  const before = clocks.find(({ of }) => of === WHOLE_CASE);
  const begins = set.some(({ of, startedAt, phase }) => {
    return of === WHOLE_CASE && (startedAt !== before?.startedAt || phase !== before.phase);
  });
  const gone = new Set([...set.map(({ of }) => of), ...stop]);
  const all = [...clocks.filter(({ of }) => !gone.has(of)), ...set];
  return {
    clocks: all.sort((a, b) => Number(b.of === WHOLE_CASE) - Number(a.of === WHOLE_CASE)),
    escalated: escalated && !begins,
  };
}

/** Every type of event of a case. */
export const CASE_EVENT_TYPES: CaseEvent['type'][] = [
  'CaseReported',
  ...(Object.keys(STEPS) as (keyof Steps)[]),
];
