import { neutraliseCell, restoreCell } from '@dutyledger/tables/injection';
import { cleanCell } from '@dutyledger/tables/table';
import { tidyName } from '@dutyledger/tables/text';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HANDLING_CLASSES, type ItemContent, type ListKind, TOWN_ROLES } from '../duty-list/item.ts';
import { REGISTER } from '../import/county-register.fixture.ts';
import { differencesOf } from '../import/differences.ts';
import { csv, readFile, stage } from '../import/pipeline.fixture.ts';
import { type ExportOptions, exportItems } from './export-items.ts';
import type { CanonicalRow } from './layout.ts';

const FORMATS: ExportOptions[] = [
  { format: 'csv' },
  { format: 'csv', encoding: 'gb18030' },
  { format: 'xlsx' },
];

function bytesOf(rows: readonly CanonicalRow[], options: ExportOptions): Uint8Array {
  const file = exportItems(rows, options);
  if (!file.ok) throw new Error(JSON.stringify(file.refusal));
  return file.value.bytes;
}

/** Texts with everything that separates, marks or escapes in the layout. */
const text = fc
  .string({
    unit: fc.constantFrom(
      ...'甲乙丙丁戊',
      '、',
      ';',
      '\uff1b',
      '|',
      '\\',
      '=',
      '+',
      '-',
      '@',
      '—',
      '(',
      '\uff09',
      '\n',
      'n',
      ' ',
      '"',
      ',',
      "'",
      '1',
      '𠮷',
    ),
    maxLength: 12,
  })
  .map(cleanCell)
  .filter((each) => each !== '' && /[甲乙丙丁戊]/.test(each));
const orNull = fc.option(text, { nil: null });

const organs = fc.subarray(REGISTER, { maxLength: 5 });
const duty = (organ: (typeof REGISTER)[number], text: string | null) => ({
  organ: organ.id,
  name: organ.name,
  level: organ.level,
  duty: text,
});

const content: fc.Arbitrary<ItemContent> = fc
  .record({
    organs: fc.tuple(organs, fc.nat(5), fc.array(orNull, { minLength: 5, maxLength: 5 })),
    name: text.map((each) => each.replaceAll('\n', '')),
    domain: orNull,
    category: orNull,
    handlingClass: fc.constantFrom(null, ...HANDLING_CLASSES),
    basis: fc.array(
      fc.record({ title: text, article: text, documentNumber: text }, { requiredKeys: ['title'] }),
      { maxLength: 3 },
    ),
    townRole: fc.option(
      fc.record({
        role: fc.constantFrom(...TOWN_ROLES),
        note: fc.option(fc.stringMatching(/^[甲乙(丙)]{1,4}$/), { nil: null }),
      }),
      { nil: null },
    ),
    situations: fc.array(fc.record({ name: text, note: orNull }), { maxLength: 3 }),
    steps: fc.uniqueArray(text, { maxLength: 3 }),
    caseClasses: fc.array(text, { maxLength: 3 }),
    keywords: fc.array(text, { maxLength: 3 }),
    remarks: orNull,
    extras: fc.dictionary(
      fc.oneof(text.map(tidyName), fc.constantFrom('备注', '依据', '导出格式', '附加:甲', '适用地域')),
      text,
      { maxKeys: 3 },
    ),
  })
  .map(({ organs: [named, leads, duties], steps, extras, ...rest }) => {
    const all = named.map((organ, i) => duty(organ, duties[i] ?? null));
    return {
      ...rest,
      jointlyLed: Math.min(leads, all.length) > 1,
      leads: all.slice(0, leads),
      cooperators: all.slice(leads),
      townBody: named[0] ? { organ: named[0].id, name: named[0].name } : null,
      fiscalShares: all[0] && all[1] ? [share(all[0], 3_333), share(all[1], 6_667)] : [],
      procedure:
        steps.length === 0
          ? null
          : steps.map((id, i) => ({
              id,
              name: `第${i}步|`,
              organ: named[i]?.id ?? null,
              organName: named[i]?.name ?? null,
              limit:
                i === 0
                  ? null
                  : { amount: i, unit: i === 1 ? ('WORKING_DAYS' as const) : ('HOURS' as const) },
              after: steps.slice(0, i),
            })),
      promised: steps.length === 0 ? { amount: 30, unit: 'MINUTES' as const } : null,
      extras: { ...extras },
    };
  });

const share = ({ organ, name }: { organ: string; name: string }, share: number) => ({ organ, name, share });

describe('L-11 export', () => {
  test('what is exported reads back without any difference', () => {
    fc.assert(
      fc.property(
        fc.array(content, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(...FORMATS),
        (items, options) => {
          const rows = items.map((each, i) => ({ code: `事项-${i}`, content: each }));
          const file = readFile(bytesOf(rows, options), { kind: 'SHARED' });
          expect(file.unresolved).toEqual([]);
          const existing = new Map(rows.map(({ code, content }) => [code, content]));
          const found = differencesOf(existing, file.items, file.codesAreNumbers);
          for (const { before, after, fields } of found.revise) {
            for (const field of fields) expect(after[field]).toEqual(before[field]);
          }
          expect(found).toMatchObject({ add: [], revise: [], missing: [], unchanged: rows.length });
        },
      ),
      { numRuns: 250 },
    );
  });

  test.each<ListKind>(['TERRITORIAL', 'VILLAGE_AFFAIRS'])(
    'a list imported from any layout goes out and comes back (%s)',
    (kind) => {
      const rows =
        kind === 'TERRITORIAL'
          ? [
              ['序号', '事项', '牵头单位', '配合单位', '配合职责', '依据', '来源'],
              ['1', '甲', '公安;司法', '镇街、村居', '协助', '《甲法》第二条:"原文很长"', '网上'],
            ]
          : [
              ['事项', '类别', '地区'],
              ['甲', '可办理', '凤冈县'],
              ['乙', '应出具证明', '山西省'],
              ['丙', '网格事项', ''],
            ];
      const existing = stage(readFile(csv(rows), { kind }));
      const items = [...existing].map(([code, content]) => ({ code, content }));
      for (const options of FORMATS) {
        const file = readFile(bytesOf(items, options), { kind });
        const found = differencesOf(existing, file.items, file.codesAreNumbers);
        expect(found).toMatchObject({ add: [], revise: [], missing: [], unchanged: items.length });
      }
    },
  );

  test('a row that a person adds to an exported file is read like any other', () => {
    const existing = stage(
      readFile(
        csv([
          ['事项名称', '牵头单位', '依据'],
          ['甲', '区公安局', '某法'],
        ]),
      ),
    );
    const items = [...existing].map(([code, content]) => ({ code, content }));
    const exported = Buffer.from(bytesOf(items, { format: 'csv' })).toString();
    const file = readFile(Buffer.from(`${exported}2,乙,,,,公安;司法,查处;普法,,,,,甲法;乙法\r\n`));
    const found = differencesOf(existing, file.items, file.codesAreNumbers);
    expect(file.problems).toEqual([]);
    expect(found.add).toMatchObject([
      { code: '2', content: { name: '乙', leads: [{ duty: '查处' }, { duty: '普法' }], basis: [{}, {}] } },
    ]);
    expect(found).toMatchObject({ revise: [], unchanged: 1 });
  });

  test('JSON carries codes and contents', () => {
    const [item] = fc.sample(content, { numRuns: 1, seed: 1 });
    if (!item) throw new Error('no sample');
    const json = JSON.parse(
      Buffer.from(bytesOf([{ code: '1', content: item }], { format: 'json' })).toString(),
    );
    expect(json).toEqual({
      format: 'dutyledger-items/DL1',
      items: [JSON.parse(JSON.stringify({ code: '1', ...item }))],
    });
  });

  test('an empty list is a heading', () => {
    const file = readFile(bytesOf([], { format: 'xlsx', title: '某区/清单[2025]' }));
    expect(file.table.rows).toHaveLength(1);
  });

  test('a cell that no sheet can hold is refused for XLSX', () => {
    const [item] = fc.sample(content, { numRuns: 1, seed: 1 });
    if (!item) throw new Error('no sample');
    const long = { code: '7', content: { ...item, remarks: '长'.repeat(40_000) } };
    expect(exportItems([long], { format: 'xlsx' })).toMatchObject({
      ok: false,
      refusal: { code: 'LIMIT_EXCEEDED', details: { code: '7', actual: 40_000 } },
    });
    expect(exportItems([long], { format: 'csv' }).ok).toBe(true);
  });
});

describe('formulas in exported text', () => {
  test.each(['=1+1', '+1', '-1', '@a', "'=1", '\uff1dSUM(A1)', '\t=1'])(
    '%j is neutralised and read back',
    (cell) => {
      expect(neutraliseCell(cell).startsWith("'")).toBe(true);
      expect(restoreCell(neutraliseCell(cell))).toBe(cell);
    },
  );

  test('neutralising and restoring are inverse for every text', () => {
    fc.assert(fc.property(fc.string(), (cell) => restoreCell(neutraliseCell(cell)) === cell));
  });
});
