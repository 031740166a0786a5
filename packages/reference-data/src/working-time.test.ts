import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addDays } from './china-time.ts';
import { nationalCalendar } from './working-calendar.ts';
import {
  addCalendarDays,
  addWorkingDays,
  addWorkingHours,
  DEFAULT_SCHEDULE,
  parseSchedule,
  workingDaysBetween,
  workingMinutesBetween,
} from './working-time.ts';

const anyDay = fc.integer({ min: 0, max: 3_000 }).map((days) => addDays('2019-01-01', days));
const anyInstant = fc
  .date({ min: new Date('2019-01-01'), max: new Date('2027-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString());
const someDays = fc.nat({ max: 120 });
/** Hours in whole minutes. */
const someHours = fc.nat({ max: 12_000 }).map((minutes) => minutes / 60);
const at = (local: string): string => new Date(`${local}+08:00`).toISOString();

describe('addWorkingDays', () => {
  test.each([
    // 2024: off 10–17 February, worked on Sundays the 4th and the 18th.
    ['2024-02-02', 2, '2024-02-05'],
    ['2024-02-08', 3, '2024-02-19'],
    ['2024-02-09', 1, '2024-02-18'],
    ['2024-02-12', 1, '2024-02-18'],
    // 2025: off 28 January to 4 February, worked on Sunday 26 January and Saturday 8 February.
    ['2025-01-24', 5, '2025-02-07'],
    ['2025-01-24', 6, '2025-02-08'],
    ['2025-01-24', 7, '2025-02-10'],
    // 2026: off 15–23 February, worked on Saturdays the 14th and the 28th.
    ['2026-02-13', 2, '2026-02-24'],
    ['2026-02-13', 6, '2026-02-28'],
    ['2026-02-13', 7, '2026-03-02'],
    // National Day 2025: off 1–8 October, worked on Sunday 28 September and Saturday 11 October.
    ['2025-09-26', 7, '2025-10-13'],
    ['2025-09-30', 1, '2025-10-09'],
    // An ordinary week, and over the turn of the year.
    ['2025-06-12', 5, '2025-06-19'],
    ['2025-12-30', 3, '2026-01-05'],
    // Nothing to add, and backwards: notice of a hearing seven working days before 9 October.
    ['2025-10-04', 0, '2025-10-04'],
    ['2025-10-09', -7, '2025-09-23'],
    ['2025-10-04', -1, '2025-09-30'],
  ])('%s and %i working days is %s', (date, days, expected) => {
    expect(addWorkingDays(date, days)).toBe(expected);
  });

  test('limits add up, and never end on a day off', () => {
    fc.assert(
      fc.property(anyDay, someDays, someDays, (day, a, b) => {
        const end = addWorkingDays(day, a + b);
        expect(addWorkingDays(addWorkingDays(day, a), b)).toBe(end);
        if (a + b > 0) expect(nationalCalendar.isWorkingDay(end)).toBe(true);
      }),
    );
  });

  test('a later start never ends earlier', () => {
    fc.assert(
      fc.property(anyDay, someDays, someDays, (day, gap, n) => {
        expect(addWorkingDays(day, n) <= addWorkingDays(addDays(day, gap), n)).toBe(true);
      }),
    );
  });

  test('counting back undoes it from a working day', () => {
    fc.assert(
      fc.property(anyDay, someDays, (day, n) => {
        fc.pre(nationalCalendar.isWorkingDay(day));
        expect(addWorkingDays(addWorkingDays(day, n), -n)).toBe(day);
      }),
    );
  });

  test('the number of days between is the number added', () => {
    fc.assert(
      fc.property(anyDay, fc.integer({ min: -120, max: 120 }), (day, n) => {
        expect(workingDaysBetween(day, addWorkingDays(day, n))).toBe(n);
      }),
    );
  });

  test.each([1.5, Number.NaN, Number.POSITIVE_INFINITY, 86_400_000])('%d days are a mistake', (days) => {
    expect(() => addWorkingDays('2025-01-01', days)).toThrow(RangeError);
  });
});

test('working days between two days leave out the first and count the last', () => {
  expect(workingDaysBetween('2025-09-30', '2025-10-09')).toBe(1);
  expect(workingDaysBetween('2025-09-26', '2025-10-13')).toBe(7);
  expect(workingDaysBetween('2025-10-13', '2025-09-26')).toBe(-7);
  expect(workingDaysBetween('2025-10-01', '2025-10-08')).toBe(0);
  expect(workingDaysBetween('2025-10-08', '2025-10-01')).toBe(0);
});

describe('addCalendarDays', () => {
  test.each([
    ['2025-09-17', 15, '2025-10-09'],
    ['2026-02-01', 15, '2026-02-24'],
    ['2025-06-01', 6, '2025-06-09'],
    ['2025-06-02', 7, '2025-06-09'],
    ['2024-01-20', 15, '2024-02-04'],
    ['2025-10-01', 0, '2025-10-09'],
  ])('%s and %i days is %s', (date, days, expected) => {
    expect(addCalendarDays(date, days)).toBe(expected);
  });

  test('it ends on the first working day from the last day on', () => {
    fc.assert(
      fc.property(anyDay, someDays, (day, n) => {
        const end = addCalendarDays(day, n);
        expect(end >= addDays(day, n)).toBe(true);
        expect(nationalCalendar.isWorkingDay(end)).toBe(true);
        expect(workingDaysBetween(addDays(day, n - 1), end)).toBe(1);
      }),
    );
  });

  test('a negative number is a mistake', () => {
    expect(() => addCalendarDays('2025-01-01', -1)).toThrow(RangeError);
  });
});

describe('addWorkingHours', () => {
  test.each([
    ['within the morning', '2025-06-12T09:30', 2, '2025-06-12T11:30'],
    ['over noon', '2025-06-12T11:00', 2, '2025-06-12T14:00'],
    ['to closing time exactly', '2025-06-12T13:00', 4, '2025-06-12T17:00'],
    ['from the lunch break', '2025-06-12T12:15', 1, '2025-06-12T14:00'],
    ['from the evening', '2025-06-12T20:00', 4, '2025-06-13T14:00'],
    ['over a weekend', '2025-06-13T16:00', 2, '2025-06-16T10:00'],
    ['over National Day', '2025-09-30T16:00', 4, '2025-10-09T12:00'],
    ['from a holiday', '2025-10-03T10:00', 0.5, '2025-10-09T09:30'],
    ['on a make-up Sunday', '2025-09-28T09:00', 7, '2025-09-28T17:00'],
    ['four days over Spring Festival 2024', '2024-02-08T13:00', 28, '2024-02-20T12:00'],
  ])('%s', (_, from, hours, to) => {
    expect(addWorkingHours(at(from), hours)).toBe(at(to));
  });

  test('nothing to add leaves the instant as it is', () => {
    expect(addWorkingHours('2025-10-03T10:00:00+08:00', 0)).toBe('2025-10-03T02:00:00.000Z');
  });

  test('the schedule is the division’s own', () => {
    const allDay = [{ from: 0, to: 24 * 60 }];
    expect(addWorkingHours(at('2025-06-12T22:00'), 4, allDay)).toBe(at('2025-06-13T02:00'));
    expect(addWorkingHours(at('2025-06-12T08:30'), 1, [{ from: 510, to: 720 }])).toBe(at('2025-06-12T09:30'));
    expect(() => addWorkingHours(at('2025-06-12T08:30'), 1, [])).toThrow(RangeError);
  });

  test('limits add up, and the minutes between are the minutes added', () => {
    fc.assert(
      fc.property(anyInstant, someHours, someHours, (instant, a, b) => {
        const end = addWorkingHours(instant, a + b);
        expect(addWorkingHours(addWorkingHours(instant, a), b)).toBe(end);
        expect(workingMinutesBetween(instant, end)).toBeCloseTo((a + b) * 60, 3);
      }),
    );
  });

  test('a later start never ends earlier', () => {
    fc.assert(
      fc.property(anyInstant, anyInstant, someHours, (one, other, hours) => {
        const [first, second] = [one, other].sort() as [string, string];
        expect(addWorkingHours(first, hours) <= addWorkingHours(second, hours) || hours === 0).toBe(true);
      }),
    );
  });

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY, 3_600_000])('%d hours are a mistake', (hours) => {
    expect(() => addWorkingHours('2025-01-01T00:00:00Z', hours)).toThrow(RangeError);
  });
});

describe('workingMinutesBetween', () => {
  test.each([
    ['2025-06-12T09:00', '2025-06-12T17:00', 420],
    ['2025-06-12T11:30', '2025-06-12T13:30', 60],
    ['2025-06-12T17:00', '2025-06-13T09:00', 0],
    ['2025-09-30T16:00', '2025-10-09T10:00', 120],
    ['2025-10-09T10:00', '2025-09-30T16:00', -120],
    ['2025-10-01T00:00', '2025-10-08T23:59', 0],
  ])('from %s to %s are %i', (from, to, minutes) => {
    expect(workingMinutesBetween(at(from), at(to))).toBe(minutes);
  });

  test('adds up over any instant between, and turns its sign around', () => {
    fc.assert(
      fc.property(anyInstant, anyInstant, anyInstant, (a, b, c) => {
        const direct = workingMinutesBetween(a, c);
        expect(workingMinutesBetween(a, b) + workingMinutesBetween(b, c)).toBeCloseTo(direct, 6);
        expect(workingMinutesBetween(c, a) + direct).toBe(0);
      }),
    );
  });
});

describe('parseSchedule', () => {
  test.each([
    ['09:00-12:00 13:00-17:00', DEFAULT_SCHEDULE],
    [
      ' 08:30-12:00,13:30-18:00 ',
      [
        { from: 510, to: 720 },
        { from: 810, to: 1080 },
      ],
    ],
    ['00:00-24:00', [{ from: 0, to: 1440 }]],
  ])('reads %j', (text, schedule) => {
    expect(parseSchedule(text)).toEqual({ ok: true, value: schedule });
  });

  test.each([
    '',
    '9:00-12:00',
    '12:00-09:00',
    '09:00-09:00',
    '13:00-17:00 09:00-12:00',
    '09:00-24:01',
    '09:00-12:00 11:00-13:00',
  ])('refuses %j', (text) => {
    expect(parseSchedule(text)).toMatchObject({ ok: false, error: { code: 'MALFORMED_SCHEDULE' } });
  });
});
