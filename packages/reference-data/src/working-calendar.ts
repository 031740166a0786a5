import announced from 'chinese-days/dist/chinese-days.json' with { type: 'json' };
import { dayNumber } from './china-time.ts';
import { statutoryHolidays } from './statutory-holidays.ts';

/**
 * Which days are worked. From 2004 on the yearly notices of the State Council's General Office (部分节假日安排的通知) decide,
 * as collected by `chinese-days`; its data is read, not its functions, because those depend on the machine's time zone.
 *
 * For years not announced yet, weekends and the holidays fixed by law are taken as free and no weekend as worked: such
 * days are provisional. A deadline within them can move by some days when the notice comes, so clocks that end there
 * must be computed again then.
 */

/** One year's notice: days off (weekends among them need not be named) and weekend days that are worked. */
export interface HolidayNotice {
  year: number;
  holidays: string[];
  makeUpDays: string[];
}

export interface WorkingCalendar {
  /** Whether a day is worked. Throws a RangeError for what is no day. */
  isWorkingDay(date: string): boolean;
  /**
   * Whether the day may still turn out otherwise, because its year is not announced. The last week of December is
   * settled by the next year's notice (2022-12-31 was off by that of 2023).
   */
  isProvisional(date: string): boolean;
}

const FIRST_DAY_OF_NEXT_NOTICE = '12-25';

/** Sunday is 0; 1970-01-01 was a Thursday. */
const weekdayOf = (day: number): number => (((day + 4) % 7) + 7) % 7;

const yearOf = (date: string): number => Number(date.slice(0, 4));

/**
 * The national calendar, with notices added that came after this version was released; a notice replaces whatever was
 * known of its year. Throws a RangeError for a notice that names days that do not exist.
 */
export function workingCalendar(notices: readonly HolidayNotice[] = []): WorkingCalendar {
  const replaced = new Set(notices.map(({ year }) => year));
  const kept = (date: string): boolean => !replaced.has(yearOf(date));
  const free = new Set(Object.keys(announced.holidays).filter(kept));
  const worked = new Set(Object.keys(announced.workdays).filter(kept));
  const years = new Set([...Object.keys(announced.holidays).map(yearOf), ...replaced]);
  for (const { holidays, makeUpDays } of notices) {
    for (const date of [...holidays, ...makeUpDays]) dayNumber(date);
    for (const date of holidays) free.add(date);
    for (const date of makeUpDays) worked.add(date);
  }
  const fixed = new Map<number, Set<string>>();
  const fixedByLaw = (date: string): boolean => {
    const year = yearOf(date);
    const days = fixed.get(year) ?? new Set(statutoryHolidays(year));
    fixed.set(year, days);
    return days.has(date.slice(5));
  };
  return {
    isWorkingDay(date) {
      const weekday = weekdayOf(dayNumber(date));
      if (worked.has(date)) return true;
      if (free.has(date) || weekday === 0 || weekday === 6) return false;
      return years.has(yearOf(date)) || !fixedByLaw(date);
    },
    isProvisional(date) {
      dayNumber(date);
      const year = yearOf(date);
      return !years.has(year) || (date.slice(5) >= FIRST_DAY_OF_NEXT_NOTICE && !years.has(year + 1));
    },
  };
}

/** The calendar as known to this version. */
export const nationalCalendar: WorkingCalendar = workingCalendar();
