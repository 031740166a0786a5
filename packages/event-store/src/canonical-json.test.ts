import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from './canonical-json.ts';

test('sorts members by UTF-16 code units, as RFC 8785 does', () => {
  const sample = {
    '€': 1,
    '\r': 2,
    '\ufb33': 3,
    '1': 4,
    '😀': 5,
    '\u0080': 6,
    ö: 7,
    nested: { b: [{ d: 1, c: null }], a: 1e21 },
  };
  expect(canonicalJson(sample)).toBe(
    '{"\\r":2,"1":4,"nested":{"a":1e+21,"b":[{"c":null,"d":1}]},"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}',
  );
});

test('treats what JSON cannot say as JSON.stringify does', () => {
  expect(canonicalJson({ b: undefined, a: new Date(0), c: [undefined, Number.NaN] })).toBe(
    '{"a":"1970-01-01T00:00:00.000Z","c":[null,null]}',
  );
  for (const value of [undefined, 1n, () => 1]) expect(() => canonicalJson(value)).toThrow(TypeError);
});

test('says the same for equal values in any order of members, and loses nothing', () => {
  const reversed = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(reversed);
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([key, member]) => [key, reversed(member)]),
    );
  };
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(canonicalJson(reversed(value))).toBe(canonicalJson(value));
      expect(canonicalJson(JSON.parse(canonicalJson(value)))).toBe(canonicalJson(value));
    }),
  );
});
