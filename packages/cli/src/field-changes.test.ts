import { expect, test } from 'vitest';
import { changedFields } from './field-changes.ts';

test.each([
  [null, '水利', '∅ → 水利'],
  ['', [], '∅ → ∅'],
  [['a', 'b'], ['a'], 'a、b → a'],
  [null, { organ: 'organ:1', duty: null, order: 2 }, '∅ → organ=organ:1, order=2'],
  [false, 0, 'false → 0'],
])('%j became %j', (before, after, text) => {
  expect(changedFields([{ field: 'f', before, after }])).toBe(`f: ${text}`);
});

test('several fields stand in a row', () => {
  const change = { before: 1, after: 2 };
  expect(
    changedFields([
      { field: 'a', ...change },
      { field: 'b', ...change },
    ]),
  ).toBe('a: 1 → 2; b: 1 → 2');
  expect(changedFields([])).toBe('');
});
