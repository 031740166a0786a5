import { expect, test } from 'vitest';
import { addDays } from './china-time.ts';
import { nationalCalendar, workingCalendar } from './working-calendar.ts';

const offIn = (from: string, to: string, calendar = nationalCalendar): string[] => {
  const days: string[] = [];
  for (let day = from; day <= to; day = addDays(day, 1))
    if (!calendar.isWorkingDay(day)) days.push(day.slice(5));
  return days;
};

test('Spring Festival 2024 to 2026 and National Day 2025 are as announced', () => {
  expect(offIn('2024-02-03', '2024-02-24')).toEqual([
    ...['02-03', '02-10', '02-11', '02-12', '02-13', '02-14', '02-15', '02-16', '02-17', '02-24'],
  ]);
  expect(offIn('2025-01-25', '2025-02-09')).toEqual([
    ...['01-25', '01-28', '01-29', '01-30', '01-31', '02-01', '02-02', '02-03', '02-04', '02-09'],
  ]);
  expect(offIn('2026-02-08', '2026-03-01')).toEqual([
    ...['02-08', '02-15', '02-16', '02-17', '02-18', '02-19', '02-20', '02-21', '02-22', '02-23', '03-01'],
  ]);
  expect(offIn('2025-09-27', '2025-10-12')).toEqual([
    ...['09-27', '10-01', '10-02', '10-03', '10-04', '10-05', '10-06', '10-07', '10-08', '10-12'],
  ]);
});

test.each([2010, 2020, 2023, 2024, 2025, 2026])('%i has as many working days as such years have', (year) => {
  const days = offIn(`${year}-01-01`, `${year}-12-31`);
  expect(366 - days.length).toBeGreaterThanOrEqual(247);
  expect(366 - days.length).toBeLessThanOrEqual(252);
});

test('a year without notice is provisional: weekends and the holidays fixed by law are off, no weekend is worked', () => {
  expect(offIn('2030-02-01', '2030-02-10')).toEqual([
    ...['02-02', '02-03', '02-04', '02-05', '02-09', '02-10'],
  ]);
  expect(offIn('2030-09-30', '2030-10-07')).toEqual(['10-01', '10-02', '10-03', '10-05', '10-06']);
  expect(nationalCalendar.isProvisional('2030-06-01')).toBe(true);
  expect(nationalCalendar.isProvisional('2026-06-01')).toBe(false);
  expect(nationalCalendar.isProvisional('2025-12-31')).toBe(false);
  expect(nationalCalendar.isProvisional('2060-01-01')).toBe(true);
  expect(nationalCalendar.isWorkingDay('2060-10-01')).toBe(false);
  expect(nationalCalendar.isProvisional('1999-10-01')).toBe(true);
});

test('the last week of the last announced year is settled by the next notice', () => {
  const calendar = workingCalendar([{ year: 2040, holidays: [], makeUpDays: [] }]);
  expect(calendar.isProvisional('2040-12-24')).toBe(false);
  expect(calendar.isProvisional('2040-12-31')).toBe(true);
});

test('a notice that came later is added and replaces what was assumed', () => {
  const calendar = workingCalendar([
    { year: 2040, holidays: ['2039-12-31', '2040-10-04'], makeUpDays: ['2040-10-06'] },
  ]);
  expect(calendar.isWorkingDay('2039-12-31')).toBe(false);
  expect(calendar.isWorkingDay('2040-10-04')).toBe(false);
  expect(calendar.isWorkingDay('2040-10-06')).toBe(true);
  expect(calendar.isProvisional('2040-10-06')).toBe(false);
  const corrected = workingCalendar([{ year: 2025, holidays: ['2025-10-01'], makeUpDays: [] }]);
  expect(corrected.isWorkingDay('2025-10-02')).toBe(true);
  expect(corrected.isWorkingDay('2025-10-11')).toBe(false);
  expect(corrected.isWorkingDay('2024-02-18')).toBe(true);
});

test('days that do not exist are a mistake', () => {
  expect(() => nationalCalendar.isWorkingDay('2025-02-30')).toThrow(RangeError);
  expect(() => nationalCalendar.isProvisional('soon')).toThrow(RangeError);
  expect(() => workingCalendar([{ year: 2040, holidays: ['2040-02-30'], makeUpDays: [] }])).toThrow(
    RangeError,
  );
});
