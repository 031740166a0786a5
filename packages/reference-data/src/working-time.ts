import { addDays, dayNumber, dayNumberAt, dayOf, isoText, milliseconds, startOfDayMs } from './china-time.ts';
import { fail, ok, quote, type Result } from './result.ts';
import { nationalCalendar, type WorkingCalendar } from './working-calendar.ts';

/** Time limits in working days, calendar days and working hours. Pure: every day and instant is passed in. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** More than any time limit; keeps a mistaken unit (milliseconds for hours) from searching for minutes. */
const MOST_DAYS = 100_000;
const MOST_HOURS = 1_000_000;

/**
 * The day on which a limit of `days` working days ends. The starting day is not counted (行政处罚法 art. 85, 民法典
 * art. 201); the limit therefore ends on the `days`-th working day after it. Zero answers the day itself; a negative
 * number counts back ("seven working days before the hearing", 行政处罚法 art. 64).
 */
export function addWorkingDays(date: string, days: number, calendar = nationalCalendar): string {
  requireNumber(days, MOST_DAYS, -MOST_DAYS);
  const step = Math.sign(days);
  let day = dayNumber(date);
  for (let left = Math.abs(days); left > 0; ) {
    day += step;
    if (calendar.isWorkingDay(dayOf(day))) left -= 1;
  }
  return dayOf(day);
}

/**
 * How many working days lie after `from` up to and including `to`, so that `addWorkingDays(from, n)` is `n` away. If
 * `to` is the earlier day: minus the working days from `to` up to, not including, `from`.
 */
export function workingDaysBetween(from: string, to: string, calendar = nationalCalendar): number {
  const start = dayNumber(from);
  const end = dayNumber(to);
  const [first, last] = start <= end ? [start + 1, end] : [end, start - 1];
  let count = 0;
  for (let day = first; day <= last; day += 1) if (calendar.isWorkingDay(dayOf(day))) count += 1;
  return start <= end || count === 0 ? count : -count;
}

/**
 * The day on which a limit of `days` calendar days ends: the starting day is not counted, and a last day that is not
 * worked moves to the next working day (民法典 arts. 201, 203).
 */
export function addCalendarDays(date: string, days: number, calendar = nationalCalendar): string {
  requireNumber(days, MOST_DAYS);
  const last = addDays(date, days);
  return calendar.isWorkingDay(last) ? last : addWorkingDays(last, 1, calendar);
}

/** Working periods of a day in minutes since midnight, in order and apart. */
export type WorkSchedule = readonly { from: number; to: number }[];

/**
 * 09:00–12:00 and 13:00–17:00. No statute fixes the hours of government offices (the State Council's rules on working
 * hours limit the day to eight), so each division configures its own; this is only where it has not.
 */
export const DEFAULT_SCHEDULE: WorkSchedule = [
  { from: 9 * 60, to: 12 * 60 },
  { from: 13 * 60, to: 17 * 60 },
];

/** Reads a schedule from configuration: `09:00-12:00 13:30-18:00`, periods in order and apart, up to 24:00. */
export function parseSchedule(text: string): Result<WorkSchedule, 'MALFORMED_SCHEDULE'> {
  const periods = text
    .trim()
    .split(/[\s,]+/)
    .map((period) => {
      const match = /^([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)$/.exec(period);
      const [, fromHour, fromMinute, toHour, toMinute] = (match ?? []).map(Number);
      return {
        from: (fromHour ?? Number.NaN) * 60 + (fromMinute ?? Number.NaN),
        to: (toHour ?? Number.NaN) * 60 + (toMinute ?? Number.NaN),
      };
    });
  const sound = periods.every(
    ({ from, to }, index) => from >= (periods[index - 1]?.to ?? 0) && from < to && to <= 24 * 60,
  );
  if (!sound) {
    return fail(
      'MALFORMED_SCHEDULE',
      `工作时间应写作 09:00-12:00 13:00-17:00，先后排列、互不重叠，不是“${quote(text)}”`,
      `Working hours are written like 09:00-12:00 13:00-17:00, in order and apart, not "${quote(text)}"`,
    );
  }
  return ok(periods);
}

/**
 * The instant at which `hours` of working time have passed since `instant`. Time outside the schedule does not count,
 * so a case that comes at night starts with the next working morning, and a limit can end exactly at closing time.
 */
export function addWorkingHours(
  instant: string,
  hours: number,
  schedule = DEFAULT_SCHEDULE,
  calendar = nationalCalendar,
): string {
  requireNumber(hours, MOST_HOURS, 0, false);
  if (schedule.length === 0) throw new RangeError('a schedule without working time');
  const start = milliseconds(instant);
  let left = Math.round(hours * HOUR_MS);
  if (left === 0) return isoText(start);
  for (let day = dayNumberAt(start); ; day += 1) {
    for (const period of workingPeriods(day, schedule, calendar)) {
      const from = Math.max(period.from, start);
      if (period.to <= from) continue;
      if (left <= period.to - from) return isoText(from + left);
      left -= period.to - from;
    }
  }
}

/** Minutes of working time between two instants, with fractions; negative if `to` is the earlier one. */
export function workingMinutesBetween(
  from: string,
  to: string,
  schedule = DEFAULT_SCHEDULE,
  calendar = nationalCalendar,
): number {
  const a = milliseconds(from);
  const b = milliseconds(to);
  const start = Math.min(a, b);
  const end = Math.max(a, b);
  let total = 0;
  for (let day = dayNumberAt(start); day <= dayNumberAt(end); day += 1) {
    for (const period of workingPeriods(day, schedule, calendar)) {
      total += Math.max(0, Math.min(period.to, end) - Math.max(period.from, start));
    }
  }
  return a <= b || total === 0 ? total / MINUTE_MS : -total / MINUTE_MS;
}

/** The working periods of a day, as instants in milliseconds. */
function workingPeriods(
  day: number,
  schedule: WorkSchedule,
  calendar: WorkingCalendar,
): { from: number; to: number }[] {
  if (!calendar.isWorkingDay(dayOf(day))) return [];
  const midnight = startOfDayMs(day);
  return schedule.map(({ from, to }) => ({
    from: midnight + from * MINUTE_MS,
    to: midnight + to * MINUTE_MS,
  }));
}

function requireNumber(value: number, most: number, least = 0, whole = true): void {
  const sound = value >= least && value <= most && (!whole || Number.isInteger(value));
  if (!sound) throw new RangeError(`not a number of ${whole ? 'days' : 'hours'} in range: ${value}`);
}
