import { fail, ok, quote, type Result } from './result.ts';

/**
 * Days and instants as the product writes them: a day is `YYYY-MM-DD` in China Standard Time, an instant is ISO 8601 in
 * UTC with milliseconds. China Standard Time is UTC+8 all year; the summer time of 1986–1991 is left out of account.
 */

const OFFSET_MS = 8 * 3_600_000;
const DAY_MS = 24 * 3_600_000;

export type InstantProblem = 'MALFORMED_INSTANT' | 'MISSING_OFFSET' | 'NO_SUCH_INSTANT';

/** Days since 1970-01-01 of a real day. Throws a RangeError for anything else. */
export function dayNumber(date: string): number {
  if (!isRealDate(date)) throw new RangeError(`not a day: ${quote(date)}`);
  return Date.parse(`${date}T00:00:00Z`) / DAY_MS;
}

/** The day of a number of days since 1970-01-01. Throws a RangeError outside the years 0000 to 9999. */
export function dayOf(number: number): string {
  return isoText(number * DAY_MS).slice(0, 10);
}

/** ISO text of milliseconds since 1970-01-01 UTC. Throws a RangeError outside the years 0000 to 9999. */
export function isoText(ms: number): string {
  const text = new Date(ms).toISOString();
  if (text.length !== 24) throw new RangeError(`not within the years 0000 to 9999: ${text}`);
  return text;
}

/** Milliseconds since 1970-01-01 UTC of an instant. Throws a RangeError for anything else. */
export function milliseconds(instant: string): number {
  const ms = instant.includes('T') ? Date.parse(instant) : Number.NaN;
  if (Number.isNaN(ms)) throw new RangeError(`not an instant: ${quote(instant)}`);
  return ms;
}

/** Milliseconds since 1970-01-01 UTC of the midnight that a day in China begins with. */
export function startOfDayMs(day: number): number {
  return day * DAY_MS - OFFSET_MS;
}

/** Number of the day in China that holds an instant given in milliseconds. */
export function dayNumberAt(ms: number): number {
  return Math.floor((ms + OFFSET_MS) / DAY_MS);
}

/** Whether a text is `YYYY-MM-DD` and that day exists (2023-02-29 does not). */
export function isRealDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const ms = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}

/** The day in China at an instant. */
export function chinaDate(instant: string): string {
  return dayOf(dayNumberAt(milliseconds(instant)));
}

/** The instant at which a day begins in China: 2025-01-01 → 2024-12-31T16:00:00.000Z. */
export function startOfDay(date: string): string {
  return isoText(startOfDayMs(dayNumber(date)));
}

/** The day a number of days later, or earlier if negative. */
export function addDays(date: string, days: number): string {
  return dayOf(dayNumber(date) + days);
}

/** Order of two days, for sorting: below zero if `a` is the earlier one. Throws a RangeError for what is no day. */
export function compareDates(a: string, b: string): number {
  return dayNumber(a) - dayNumber(b);
}

const INSTANT = /^(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:\d{2})?$/;

/**
 * Reads an instant: ISO 8601 with seconds and fraction optional and the offset from UTC required (`Z`, `+08:00`).
 * Answers it in UTC with milliseconds; finer fractions are cut off. Leap seconds, 24:00, offsets beyond 14 hours and
 * days that do not exist are refused.
 */
export function parseInstant(text: string): Result<string, InstantProblem> {
  const shown = quote(text);
  const match = text.length <= 40 ? INSTANT.exec(text) : null;
  if (!match) {
    return fail(
      'MALFORMED_INSTANT',
      `时间应写作 2025-01-31T09:30:00+08:00，不是“${shown}”`,
      `An instant is written like 2025-01-31T09:30:00+08:00, not "${shown}"`,
    );
  }
  const [, date = '', hour, minute, second = '00', fraction = '', offset] = match;
  if (offset === undefined) {
    return fail(
      'MISSING_OFFSET',
      `时间“${shown}”没有写明时区，例如 +08:00`,
      `The instant "${shown}" does not say its offset from UTC, such as +08:00`,
    );
  }
  const offsetMinutes = offset === 'Z' ? 0 : Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4));
  const inRange =
    isRealDate(date) &&
    Number(hour) < 24 &&
    Number(minute) < 60 &&
    Number(second) < 60 &&
    offsetMinutes <= 14 * 60 &&
    (offset === 'Z' || Number(offset.slice(4)) < 60);
  const millis = fraction.padEnd(3, '0').slice(0, 3);
  const instant = inRange
    ? new Date(`${date}T${hour}:${minute}:${second}.${millis}${offset}`).toISOString()
    : '';
  if (instant.length !== 24) {
    return fail('NO_SUCH_INSTANT', `没有“${shown}”这个时间`, `There is no such time as "${shown}"`);
  }
  return ok(instant);
}
