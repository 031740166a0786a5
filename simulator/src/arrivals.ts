import { addDays, milliseconds, startOfDay } from '@dutyledger/reference-data/china-time';
import { nationalCalendar } from '@dutyledger/reference-data/working-calendar';
import { type Random, randomOf } from './random.ts';

/** When things happen: reports by day and hour, and when offices get round to what lies on their desks. */

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;
/** Everything happens at whole steps of the clock. */
export const TICK_MS = 5 * MINUTE_MS;

/** Of working days; people go on patrol and telephone on other days as well, but less. */
const ON_FREE_DAYS = 0.62;
/** By hour: rush hours in the morning, after the midday rest and before supper. */
const HOURS = [1, 1, 1, 1, 1, 3, 12, 28, 62, 78, 70, 48, 22, 34, 62, 68, 58, 44, 30, 22, 16, 9, 4, 2];

const OFFICE = { from: 8.5 * 60, to: 17.5 * 60 };

const toTick = (ms: number): number => Math.ceil(ms / TICK_MS) * TICK_MS;

/** Instants of all reports in order, in milliseconds since 1970. */
export function arrivals(seed: string, start: string, days: number, cases: number): number[] {
  const random = randomOf(seed, 'arrivals');
  const calendar = Array.from({ length: days }, (_, n) => addDays(start, n)).map((day) => ({
    from: milliseconds(startOfDay(day)),
    weight: (nationalCalendar.isWorkingDay(day) ? 1 : ON_FREE_DAYS) * (0.9 + 0.2 * random.next()),
  }));
  const hours = HOURS.map((weight, hour) => ({ hour, weight }));
  return Array.from({ length: cases }, () => {
    const { from } = random.weighted(calendar, ({ weight }) => weight);
    const { hour } = random.weighted(hours, ({ weight }) => weight);
    return from + toTick((hour * 60 + random.below(56)) * MINUTE_MS);
  }).sort((a, b) => a - b);
}

/** `minutes` later; of an office, when that falls into its hours, else in the morning on which it opens next. */
export function later(ms: number, minutes: number, office: boolean, random: Random): number {
  const at = ms + Math.max(1, minutes) * MINUTE_MS;
  return toTick(office ? whenOpen(at, random) : at);
}

const CHINA_MS = 8 * 60 * MINUTE_MS;

function whenOpen(ms: number, random: Random): number {
  const minuteOfDay = ((ms + CHINA_MS) / MINUTE_MS) % DAY_MINUTES;
  const day = new Date(ms + CHINA_MS).toISOString().slice(0, 10);
  if (nationalCalendar.isWorkingDay(day) && minuteOfDay >= OFFICE.from && minuteOfDay < OFFICE.to) return ms;
  let next = minuteOfDay < OFFICE.from ? day : addDays(day, 1);
  while (!nationalCalendar.isWorkingDay(next)) next = addDays(next, 1);
  return milliseconds(startOfDay(next)) + (OFFICE.from + random.below(90)) * MINUTE_MS;
}
