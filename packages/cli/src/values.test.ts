import { describe, expect, test } from 'vitest';
import { translator } from './language.ts';
import { idempotencyKey, parseBasis, parseCount, parseDay, parseDivision, parseInstant } from './values.ts';

const t = translator('en');
const wrong = { name: 'CliFailure', exitCode: 2 };

describe('parseBasis', () => {
  test.each([
    ['条例', { title: '条例' }],
    ['条例;第四条', { title: '条例', article: '第四条' }],
    ['方案；；章政发〔2026〕3号', { title: '方案', documentNumber: '章政发〔2026〕3号' }],
    [' a ; b ; c ', { title: 'a', article: 'b', documentNumber: 'c' }],
  ])('reads %s', (value, basis) => expect(parseBasis(value, t)).toEqual(basis));

  test.each(['', ';第四条', 'a;b;c;d'])('refuses %j', (value) =>
    expect(() => parseBasis(value, t)).toThrow(expect.objectContaining(wrong)),
  );
});

describe('parseDivision', () => {
  test.each([
    ['370114', '370114000000'],
    ['37', '370000000000'],
    ['370114001', '370114001000'],
    ['370114000000', '370114000000'],
  ])('reads %s', (value, code) => expect(parseDivision(value, t)).toBe(code));

  test.each(['', '3701140', '章丘区', '37011400000x'])('refuses %j', (value) =>
    expect(() => parseDivision(value, t)).toThrow(expect.objectContaining(wrong)),
  );
});

describe('days and instants', () => {
  test('a day that does not exist is refused', () => {
    expect(parseDay('2024-02-29', t)).toBe('2024-02-29');
    for (const value of ['2023-02-29', '2024-2-9', '20240209', '']) {
      expect(() => parseDay(value, t)).toThrow(expect.objectContaining(wrong));
    }
  });

  test.each([
    ['2024-07-01', '2024-07-01T23:59:59.999+08:00'],
    ['2024-07-01 08:30', '2024-07-01T08:30:00+08:00'],
    ['2024-07-01T08:30:15.5', '2024-07-01T08:30:15.5+08:00'],
    ['2024-07-01T08:30:15z', '2024-07-01T08:30:15Z'],
    ['2024-07-01T08:30:15-05:00', '2024-07-01T08:30:15-05:00'],
  ])('%s is the instant %s', (value, instant) => expect(parseInstant(value, t)).toBe(instant));

  test.each(['2024-02-30', '2024-07-01T25:00', 'yesterday', '2024-07'])('refuses the instant %j', (value) =>
    expect(() => parseInstant(value, t)).toThrow(expect.objectContaining(wrong)),
  );
});

test('counts are whole numbers', () => {
  expect(parseCount('0', t)).toBe(0);
  for (const value of ['-1', '1.5', 'x', '']) expect(() => parseCount(value, t)).toThrow();
});

test('the same content has the same key, other content another', () => {
  expect(idempotencyKey('a', { b: 1 })).toBe(idempotencyKey('a', { b: 1 }));
  expect(idempotencyKey('a', { b: 1 })).not.toBe(idempotencyKey('a', { b: 2 }));
  expect(idempotencyKey('a').length).toBeLessThanOrEqual(100);
});
