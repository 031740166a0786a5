import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type Row, row, table, withTable } from '../bench/src/report.ts';

const main = resolve(import.meta.dirname, '../bench/src/main.ts');
const folder = mkdtempSync(join(tmpdir(), 'dutyledger-bench-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const read = (file: string): Row[] => JSON.parse(readFileSync(file, 'utf8'));
const run = (...args: string[]): string =>
  execFileSync(process.execPath, [main, ...args], {
    encoding: 'utf8',
    env: { ...process.env, TMPDIR: folder },
  });

describe('npm run bench', () => {
  const file = join(folder, 'results.json');

  test('--quick measures the named benchmarks, writes well-formed rows and leaves no files behind', () => {
    run('--quick', '--results', file, 'append-single', 'asof-lookup');
    const rows = read(file);
    expect(rows.map(({ name }) => name.split(',')[0])).toEqual([
      ...Array.from({ length: 3 }, () => 'append-single'),
      ...Array.from({ length: 2 }, () => 'asof-lookup'),
    ]);
    for (const one of rows) {
      expect(Object.keys(one)).toEqual(['name', 'value', 'unit', 'reference', 'ratio', 'bar', 'ok']);
      expect(one.value).toBeGreaterThan(0);
      expect(typeof one.ok).toBe(one.bar === null ? 'object' : 'boolean');
    }
    expect(readdirSync(folder)).toEqual(['results.json']);
  });

  test('an unknown name is told, with those that are known', () => {
    expect(() => run('nothing')).toThrow();
    expect(run('--help')).toMatch(/append-concurrent.*import/);
  });
});

describe('the report', () => {
  test('a bar is held against the ratio, or against the value where there is no reference', () => {
    const rate = { value: 60, unit: 'events/s', reference: 100, ratio: 0.6 };
    expect(row('a', rate, { atLeast: 0.5 })).toMatchObject({ bar: '≥ 0.5×', ok: true });
    expect(row('a', rate, { atLeast: 0.7 })).toMatchObject({ bar: '≥ 0.7×', ok: false });
    expect(row('m', { value: 12, unit: 'ms' }, { atMost: 10 })).toMatchObject({ bar: '≤ 10 ms', ok: false });
    expect(row('m', { value: 12, unit: 'ms' })).toMatchObject({ bar: null, ok: null, ratio: null });
  });

  test('the table of a document is renewed between its marks, and a document without marks is refused', () => {
    const before = withTable(readFileSync(join(main, '../../../docs/benchmarks.md'), 'utf8'), []);
    const rows = [row('a, 1,000 events', { value: 1234.5, unit: 'events/s', reference: 2000, ratio: 0.617 })];
    expect(withTable(before, rows)).toContain(table(rows));
    expect(withTable(withTable(before, rows), [])).toBe(before);
    expect(() => withTable('no marks', rows)).toThrow('lacks the marks');
  });
});
