import { addDays, isoText, milliseconds, startOfDay } from '@dutyledger/reference-data/china-time';
import {
  amberAt,
  dueAt,
  dueDayOf,
  type RunningLimit,
  type Limit as TimerLimit,
} from '@dutyledger/timers/limit';
import type { ClassPolicy, Limit, Phase } from '../class-policy/policy.ts';
import { type Clock, WHOLE_CASE } from './events.ts';

/** How the limits of a case are reckoned (G-8). Pure. */

/** What the deciders know of time: the instant of the command, ISO UTC with milliseconds. */
export interface Timing {
  now: string;
}

const UNITS: Record<Limit['unit'], Pick<TimerLimit, 'unit'> & { each: number }> = {
  MINUTES: { unit: 'minutes', each: 1 },
  HOURS: { unit: 'minutes', each: 60 },
  WORKING_HOURS: { unit: 'workingHours', each: 1 },
  WORKING_DAYS: { unit: 'workingDays', each: 1 },
  CALENDAR_DAYS: { unit: 'calendarDays', each: 1 },
};

const inDays = ({ unit }: Limit): boolean => unit === 'WORKING_DAYS' || unit === 'CALENDAR_DAYS';

const timerLimit = ({ amount, unit }: Limit): TimerLimit => ({
  unit: UNITS[unit].unit,
  length: amount * UNITS[unit].each,
});

const running = ({
  limit,
  startedAt,
  pauses,
}: Pick<Clock, 'limit' | 'startedAt' | 'pauses'>): RunningLimit => ({
  limit: timerLimit(limit),
  startedAt,
  pauses,
});

/** The clock with its instants worked out anew. */
export function reckoned(clock: Omit<Clock, 'due' | 'amberAt'>, amberAtShare: number): Clock {
  const due = dueAt(running(clock));
  return { ...clock, due, amberAt: due === null ? null : amber(clock, amberAtShare, due) };
}

/** When the share has passed; of days at least one is left: a limit of one day is amber on its day. */
function amber(clock: Omit<Clock, 'due' | 'amberAt'>, share: number, due: string): string | null {
  const { limit, startedAt } = clock;
  const { length } = timerLimit(limit);
  if (!inDays(limit)) return amberAt(running(clock), length * (1 - share));
  const left = Math.max(1, Math.round(length * (1 - share)));
  const at = left < length ? amberAt(running(clock), left) : null;
  // Both may be moved to the same day by a holiday.
  if (at !== null && at < due) return at;
  const morning = startOfDay(dueDayOf(due));
  return morning > startedAt ? morning : startedAt;
}

/** A clock of the case as a whole that begins now, with the limit of its class for the phase. */
export const phaseClock = (policy: ClassPolicy, phase: Phase, { now }: Timing): Clock =>
  startedClock(policy, { of: WHOLE_CASE, phase, limit: policy.limits[phase], startedAt: now });

/** A clock of a task that begins now. */
export const taskClock = (
  policy: ClassPolicy,
  task: { id: string; limit: Limit | null },
  { now }: Timing,
): Clock =>
  startedClock(policy, {
    of: task.id,
    phase: 'handle',
    limit: task.limit ?? policy.limits.handle,
    startedAt: now,
  });

const startedClock = (
  policy: ClassPolicy,
  clock: Pick<Clock, 'of' | 'phase' | 'limit' | 'startedAt'>,
): Clock => reckoned({ ...clock, pauses: [], warned: false, overdue: false }, policy.amberAtShare);

const limitAfter = (limit: Limit, from: string): string => {
  const due = dueAt({ limit: timerLimit(limit), startedAt: from });
  if (due === null) throw new Error('a limit without pauses runs out');
  return due;
};

/** A limit that begins when another has run out: in days, it begins on the last day of that one, which ended at 24:00. */
const following = (limit: Limit, due: string): string =>
  limitAfter(limit, inDays(limit) ? isoText(milliseconds(due) - 1) : due);

/**
 * By when a case that is filed now must be closed: its phases one after another. A phase that is done early leaves the
 * others its time.
 */
export const deadlineFrom = ({ limits }: ClassPolicy, { now }: Timing): string =>
  following(limits.verify, following(limits.handle, limitAfter(limits.dispatch, now)));

/** The same, when it is known how long the handling may take. */
export const deadlineAfter = ({ limits }: ClassPolicy, handlingDue: string): string =>
  following(limits.verify, handlingDue);

export const pausedClock = (clock: Clock, from: string): Clock => ({
  ...clock,
  pauses: [...clock.pauses, { from, to: null }],
  due: null,
  amberAt: null,
});

export const resumedClock = (clock: Clock, to: string, { amberAtShare }: ClassPolicy): Clock =>
  reckoned(
    { ...clock, pauses: clock.pauses.map((pause) => (pause.to === null ? { ...pause, to } : pause)) },
    amberAtShare,
  );

/** With so many units more. */
export const extendedClock = (clock: Clock, amount: number, { amberAtShare }: ClassPolicy): Clock =>
  reckoned({ ...clock, limit: { ...clock.limit, amount: clock.limit.amount + amount } }, amberAtShare);

export const later = (a: string | null, b: string): string => (a !== null && a > b ? a : b);

/** The midnight that ends the day in China. */
export const endOfDay = (day: string): string => startOfDay(addDays(day, 1));
