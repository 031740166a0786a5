import {
  addDays,
  chinaDate,
  dayNumber,
  isoText,
  milliseconds,
  startOfDay,
} from '@dutyledger/reference-data/china-time';
import { nationalCalendar, type WorkingCalendar } from '@dutyledger/reference-data/working-calendar';
import {
  addWorkingHours,
  DEFAULT_SCHEDULE,
  type WorkSchedule,
  workingMinutesBetween,
} from '@dutyledger/reference-data/working-time';

/**
 * A time limit that runs, is paused by lawful events, and runs on. Pure: every instant is passed in, as ISO text.
 *
 * - **Minutes** and **working hours** run to the millisecond; what lies in a pause does not count.
 * - **Days** are counted whole. The day on which the limit begins does not count, the last day ends at 24:00 (民法典 arts.
 *   201 and 203, 行政处罚法 art. 85). A day that a pause touches does not count either: the statutes say that the time of a
 *   pause is left out (行政强制法 art. 25 and 市场监督管理行政处罚程序规定 on tests and appraisals, 行政处罚法 art. 56) but not
 *   what becomes of a broken day; the day of the pause was not completed at 24:00, and the day of going on is a
 *   beginning, which art. 201 leaves out.
 * - **Calendar days** include days that are not worked, but a last day that is not worked moves to the next working
 *   day (民法典 art. 203).
 */

export interface Limit {
  unit: 'minutes' | 'workingHours' | 'workingDays' | 'calendarDays';
  /** Of minutes and hours also a fraction; of days a whole number. */
  length: number;
}

/** From one instant to another; null: it has not ended yet. */
export interface Pause {
  from: string;
  to: string | null;
}

export interface RunningLimit {
  limit: Limit;
  startedAt: string;
  /** In order and apart, none before the start; only the last may be open. Default: none. */
  pauses?: readonly Pause[];
}

/** Which days and hours are worked; the national calendar and the default schedule where not given. */
export interface Conventions {
  calendar?: WorkingCalendar;
  schedule?: WorkSchedule;
}

const MINUTE_MS = 60_000;
/** Longer than any limit; keeps a mistaken unit from searching for minutes. */
const MOST = { minutes: 10_000_000, workingHours: 100_000, workingDays: 10_000, calendarDays: 10_000 };

/**
 * The instant at which the limit has run out: it is kept before it and missed from it on; of days, the midnight after
 * the last day. Null while an open pause keeps it from running out. Throws a RangeError for what is no limit or no
 * order of pauses.
 */
export function dueAt(running: RunningLimit, conventions: Conventions = {}): string | null {
  check(running);
  const { limit, startedAt, pauses = [] } = running;
  if (limit.unit === 'minutes' || limit.unit === 'workingHours') {
    return dueOfTime(running, conventions);
  }
  const last = lastDay(limit, startedAt, pauses, conventions.calendar ?? nationalCalendar);
  return last === null ? null : startOfDay(addDays(last, 1));
}

/** Of a limit in days: the last day on which it is kept. */
export const dueDayOf = (due: string): string => chinaDate(isoText(milliseconds(due) - 1));

/**
 * The instant from which the limit counts as nearly run out: when `left` of its units are left, at the earliest its
 * start. Null while an open pause keeps it from getting there.
 */
export function amberAt(running: RunningLimit, left: number, conventions: Conventions = {}): string | null {
  const { limit, startedAt } = running;
  if (left >= limit.length) return startedAt;
  return dueAt({ ...running, limit: { ...limit, length: limit.length - left } }, conventions);
}

/**
 * What is left of the limit, in its unit: minutes or working hours with fractions; whole days, 0 on the last one.
 * Negative once it has run out: what has passed since. In a pause it stands still.
 */
export function remainingAt(running: RunningLimit, now: string, conventions: Conventions = {}): number {
  check(running);
  const { limit, startedAt, pauses = [] } = running;
  const due = dueAt(running, conventions);
  if (due !== null && now >= due) return -passed(limit, due, now, conventions);
  if (limit.unit === 'minutes' || limit.unit === 'workingHours') {
    const measure = measureOf(limit, conventions);
    const used = stretches(startedAt, pauses).reduce(
      (sum, { from, to }) =>
        now <= from ? sum : sum + measure.between(from, to === null || to > now ? now : to),
      0,
    );
    return (measure.total - used) / measure.unitMs;
  }
  const counts = countable(limit, pauses, conventions.calendar ?? nationalCalendar);
  let left = limit.length;
  for (let day = addDays(chinaDate(startedAt), 1); day <= chinaDate(now); day = addDays(day, 1)) {
    if (counts(day)) left -= 1;
  }
  return Math.max(0, left);
}

export type LimitState = 'running' | 'amber' | 'overdue' | 'paused';

/** How the limit stands; `left` as in `amberAt`. A limit that ran out before it was paused is overdue. */
export function stateAt(
  running: RunningLimit,
  now: string,
  left: number,
  conventions: Conventions = {},
): LimitState {
  const due = dueAt(running, conventions);
  if (due !== null && now >= due) return 'overdue';
  if (running.pauses?.some(({ from, to }) => from <= now && (to === null || now < to))) return 'paused';
  const amber = amberAt(running, left, conventions);
  return amber !== null && now >= amber ? 'amber' : 'running';
}

function check({ limit, startedAt, pauses = [] }: RunningLimit): void {
  const { unit, length } = limit;
  const days = unit === 'workingDays' || unit === 'calendarDays';
  if (!(length >= 0 && length <= MOST[unit]) || (days && !Number.isInteger(length))) {
    throw new RangeError(`not a limit: ${length} ${unit}`);
  }
  let after = instant(startedAt);
  for (const [i, { from, to }] of pauses.entries()) {
    const end = to ?? (i === pauses.length - 1 ? from : '');
    if (instant(from) < after || end < from) throw new RangeError(`pauses out of order at ${from}`);
    after = instant(end);
  }
}

/** Instants are compared as texts, which needs them in the one spelling: UTC with milliseconds. */
function instant(text: string): string {
  if (isoText(milliseconds(text)) !== text) throw new RangeError(`not an instant in UTC: ${text}`);
  return text;
}

/** Stretches of time in which the limit runs; the last has no end unless it is paused for now. */
function stretches(startedAt: string, pauses: readonly Pause[]): { from: string; to: string | null }[] {
  const found: { from: string; to: string | null }[] = [];
  let from: string | null = startedAt;
  for (const pause of pauses) {
    if (from !== null) found.push({ from, to: pause.from });
    from = pause.to;
  }
  if (from !== null) found.push({ from, to: null });
  return found;
}

function measureOf({ unit, length }: Limit, { calendar, schedule }: Conventions) {
  const worked = unit === 'workingHours';
  const unitMs = worked ? 60 * MINUTE_MS : MINUTE_MS;
  return {
    unitMs,
    total: Math.round(length * unitMs),
    between: (from: string, to: string): number =>
      worked
        ? Math.round(workingMinutesBetween(from, to, schedule ?? DEFAULT_SCHEDULE, calendar) * MINUTE_MS)
        : milliseconds(to) - milliseconds(from),
    after: (from: string, ms: number): string =>
      worked
        ? addWorkingHours(from, ms / unitMs, schedule ?? DEFAULT_SCHEDULE, calendar)
        : isoText(milliseconds(from) + ms),
  };
}

function dueOfTime({ limit, startedAt, pauses = [] }: RunningLimit, conventions: Conventions): string | null {
  const measure = measureOf(limit, conventions);
  let left = measure.total;
  for (const { from, to } of stretches(startedAt, pauses)) {
    const room = to === null ? Number.POSITIVE_INFINITY : measure.between(from, to);
    if (left <= room) return measure.after(from, left);
    left -= room;
  }
  return null;
}

/** Whether a day counts towards the limit. */
function countable({ unit }: Limit, pauses: readonly Pause[], calendar: WorkingCalendar) {
  const paused = pauses
    .filter(({ from, to }) => from !== to)
    .map(({ from, to }) => ({ from: chinaDate(from), to: to && dueDayOf(to) }));
  const touched = (day: string): boolean =>
    paused.some(({ from, to }) => from <= day && (to === null || day <= to));
  return (day: string): boolean => !touched(day) && (unit === 'calendarDays' || calendar.isWorkingDay(day));
}

function lastDay(
  limit: Limit,
  startedAt: string,
  pauses: readonly Pause[],
  calendar: WorkingCalendar,
): string | null {
  const counts = countable(limit, pauses, calendar);
  const open = pauses.at(-1);
  const end = open?.to === null ? chinaDate(open.from) : null;
  let day = chinaDate(startedAt);
  for (let left = limit.length; left > 0; ) {
    day = addDays(day, 1);
    if (end !== null && day >= end) return null;
    if (counts(day)) left -= 1;
  }
  while (limit.unit === 'calendarDays' && !(calendar.isWorkingDay(day) && counts(day))) {
    day = addDays(day, 1);
    if (end !== null && day >= end) return null;
  }
  return day;
}

/** What has passed since the limit ran out, in its unit. */
function passed(limit: Limit, due: string, now: string, conventions: Conventions): number {
  if (limit.unit === 'minutes' || limit.unit === 'workingHours') {
    const { between, unitMs } = measureOf(limit, conventions);
    return between(due, now) / unitMs;
  }
  const last = dueDayOf(due);
  const today = chinaDate(now);
  if (limit.unit === 'calendarDays') return dayNumber(today) - dayNumber(last);
  const counts = countable(limit, [], conventions.calendar ?? nationalCalendar);
  let count = 0;
  for (let day = addDays(last, 1); day <= today; day = addDays(day, 1)) if (counts(day)) count += 1;
  return count;
}
