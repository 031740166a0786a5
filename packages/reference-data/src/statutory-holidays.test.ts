import { expect, test } from 'vitest';
import { statutoryHolidays } from './statutory-holidays.ts';

const lunar = new Intl.DateTimeFormat('en-u-ca-chinese', {
  timeZone: 'UTC',
  month: 'numeric',
  day: 'numeric',
});

/** Lunar month and day of a solar day, in Node's own Chinese calendar: "1/1/2026" → "1/1". */
const lunarDay = (date: string): string => {
  const parts = lunar.formatToParts(new Date(`${date}T12:00:00Z`));
  const part = (type: string): string => parts.find((each) => each.type === type)?.value ?? '';
  return `${part('month')}/${part('day')}`;
};

test('the thirteen holidays of 2027', () => {
  expect(statutoryHolidays(2027).sort()).toEqual([
    ...['01-01', '02-05', '02-06', '02-07', '02-08', '04-05', '05-01', '05-02', '06-09', '09-15'],
    ...['10-01', '10-02', '10-03'],
  ]);
});

test('the table agrees with another calendar, but for new moons next to midnight', () => {
  const disagreeing: number[] = [];
  for (let year = 2027; year <= 2050; year += 1) {
    const [, newYear, , , clearBright, dragonBoat, midAutumn] = statutoryHolidays(year).slice(6);
    expect(['04-04', '04-05']).toContain(clearBright);
    expect(lunarDay(`${year}-${dragonBoat}`)).toBe('5/5');
    expect(lunarDay(`${year}-${midAutumn}`)).toBe('8/15');
    if (lunarDay(`${year}-${newYear}`) !== '1/1') disagreeing.push(year);
  }
  expect(disagreeing).toEqual([2027, 2030]);
});

test('years of another law, and beyond the table', () => {
  expect(statutoryHolidays(2024)).toEqual([]);
  expect(statutoryHolidays(2051)).toEqual(['01-01', '05-01', '05-02', '10-01', '10-02', '10-03']);
});
