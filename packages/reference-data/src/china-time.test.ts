import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addDays, chinaDate, compareDates, isRealDate, parseInstant, startOfDay } from './china-time.ts';

const anyDate = fc
  .date({ min: new Date('1990-01-01'), max: new Date('2100-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const anyInstant = fc
  .date({ min: new Date('1990-01-01'), max: new Date('2100-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString());

test.each([
  ['2024-12-31T15:59:59.999Z', '2024-12-31'],
  ['2024-12-31T16:00:00.000Z', '2025-01-01'],
  ['2025-01-01T00:00:00+08:00', '2025-01-01'],
  ['1969-12-31T23:00:00.000Z', '1970-01-01'],
])('at %s it is %s in China', (instant, date) => {
  expect(chinaDate(instant)).toBe(date);
});

test('a day begins at midnight in China', () => {
  expect(startOfDay('2025-01-01')).toBe('2024-12-31T16:00:00.000Z');
  expect(startOfDay('1988-07-01')).toBe('1988-06-30T16:00:00.000Z');
});

test('every instant lies within its day', () => {
  fc.assert(
    fc.property(anyInstant, (instant) => {
      const date = chinaDate(instant);
      expect(startOfDay(date) <= instant).toBe(true);
      expect(instant < startOfDay(addDays(date, 1))).toBe(true);
    }),
  );
});

test('the beginning of a day is on that day', () => {
  fc.assert(
    fc.property(anyDate, (date) => {
      expect(chinaDate(startOfDay(date))).toBe(date);
    }),
  );
});

test.each(['2024-02-29', '2000-02-29', '2025-12-31', '0001-01-01'])('%s is a day', (text) => {
  expect(isRealDate(text)).toBe(true);
});

test.each([
  '2023-02-29',
  '1900-02-29',
  '2025-04-31',
  '2025-13-01',
  '2025-00-10',
  '2025-1-1',
  '20250101',
  '2025-01-01T00:00:00Z',
  ' 2025-01-01',
  '2025-01-01\n',
  '２０２５-01-01',
  '+02025-01-01',
  '',
])('%j is no day', (text) => {
  expect(isRealDate(text)).toBe(false);
});

test('days are ordered and counted', () => {
  expect(['2025-03-01', '2024-12-31', '2025-02-28'].sort(compareDates)).toEqual([
    '2024-12-31',
    '2025-02-28',
    '2025-03-01',
  ]);
  expect(addDays('2024-02-28', 1)).toBe('2024-02-29');
  expect(addDays('2025-01-01', -1)).toBe('2024-12-31');
});

test('what is no day or instant is a mistake of the program', () => {
  expect(() => startOfDay('2023-02-29')).toThrow(RangeError);
  expect(() => compareDates('2023-02-29', '2023-01-01')).toThrow(RangeError);
  expect(() => addDays('9999-12-31', 1)).toThrow(RangeError);
  expect(() => chinaDate('2025-01-01')).toThrow(RangeError);
  expect(() => chinaDate('9999-12-31T23:00:00.000Z')).toThrow(RangeError);
});

describe('parseInstant', () => {
  test.each([
    ['2025-01-31T09:30:00+08:00', '2025-01-31T01:30:00.000Z'],
    ['2025-01-31T09:30+08:00', '2025-01-31T01:30:00.000Z'],
    ['2025-01-31T01:30:00Z', '2025-01-31T01:30:00.000Z'],
    ['2025-01-31T01:30:00.1234567Z', '2025-01-31T01:30:00.123Z'],
    ['2025-01-31T01:30:00.5-05:30', '2025-01-31T07:00:00.500Z'],
    ['2024-02-29T00:00:00+14:00', '2024-02-28T10:00:00.000Z'],
  ])('reads %s', (text, instant) => {
    expect(parseInstant(text)).toEqual({ ok: true, value: instant });
  });

  test.each([
    ['2025-01-31T09:30:00', 'MISSING_OFFSET'],
    ['2025-02-29T09:30:00Z', 'NO_SUCH_INSTANT'],
    ['2025-01-31T24:00:00Z', 'NO_SUCH_INSTANT'],
    ['2025-01-31T09:60:00Z', 'NO_SUCH_INSTANT'],
    ['2016-12-31T23:59:60Z', 'NO_SUCH_INSTANT'],
    ['2025-01-31T09:30:00+15:00', 'NO_SUCH_INSTANT'],
    ['2025-01-31T09:30:00+08:99', 'NO_SUCH_INSTANT'],
    ['9999-12-31T23:00:00-05:00', 'NO_SUCH_INSTANT'],
    ['0000-01-01T00:00:00+08:00', 'NO_SUCH_INSTANT'],
    ['2025-01-31', 'MALFORMED_INSTANT'],
    ['2025-01-31 09:30:00Z', 'MALFORMED_INSTANT'],
    ['2025-01-31T09:30:00z', 'MALFORMED_INSTANT'],
    ['2025-01-31T09:30:00Z\n', 'MALFORMED_INSTANT'],
    ['2025-01-31T09:30:00.Z', 'MALFORMED_INSTANT'],
    ['', 'MALFORMED_INSTANT'],
    ['9'.repeat(1_000_000), 'MALFORMED_INSTANT'],
  ])('refuses %.40j as %s', (text, code) => {
    expect(parseInstant(text)).toMatchObject({ ok: false, error: { code } });
  });

  test('what it answers it reads again unchanged', () => {
    fc.assert(
      fc.property(anyInstant, (instant) => {
        expect(parseInstant(instant)).toEqual({ ok: true, value: instant });
      }),
    );
  });
});
