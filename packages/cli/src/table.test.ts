import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { displayWidth, pad, printable, table, wrap } from './table.ts';

describe('displayWidth', () => {
  test.each([
    ['abc', 3],
    ['清单', 4],
    ['第 2 版', 7],
    ['（镇街）', 8],
    ['é', 1],
    ['e\u0301', 1],
    ['𠮷', 2],
    ['→ ∅ ─', 5],
  ])('%s takes %i columns', (text, width) => expect(displayWidth(text)).toBe(width));
});

test('data cannot steer the terminal', () => {
  expect(printable('a\u001b[31mb\nc\u0007')).toBe('a [31mb c');
});

describe('wrap', () => {
  test('cuts Chinese anywhere and Latin at spaces', () => {
    expect(wrap('清单导入', 4)).toEqual(['清单', '导入']);
    expect(wrap('one two three', 8)).toEqual(['one two', 'three']);
  });

  test('no line is wider than asked, and nothing but spaces is lost', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'ab 清单，x') }),
        fc.integer({ min: 2, max: 20 }),
        (text, width) => {
          const lines = wrap(text, width);
          expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(width);
          expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
        },
      ),
    );
  });
});

describe('table', () => {
  test('aligns where Chinese and Latin text meet', () => {
    expect(
      table(
        ['编码', 'Name'],
        [
          ['1', '犬只登记'],
          ['镇街', 'x'],
        ],
      ),
    ).toBe(['编码  Name', '────  ────────', '1     犬只登记', '镇街  x'].join('\n'));
  });

  test('wraps the widest column when the table is too wide', () => {
    const lines = table(['a', 'b'], [['short', '清'.repeat(40)]], { width: 40 }).split('\n');
    expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(40);
    expect(lines.join('').match(/清/g)).toHaveLength(40);
    expect(lines[2]).toMatch(/^short/);
  });

  test('shows what is absent as empty', () => {
    expect(table(['a', 'b'], [[null, 0]]).split('\n')[2]).toBe('   0');
  });
});

test('pad fills up by columns', () => expect(pad('清', 4)).toBe('清  '));
