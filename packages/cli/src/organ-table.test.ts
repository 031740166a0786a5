import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { translator } from './language.ts';
import { readOrganTable } from './organ-table.ts';

const t = translator('en');
const COUNTY = '370114000000';
const read = (text: string) => readOrganTable(Buffer.from(text), COUNTY, t);

describe('readOrganTable', () => {
  test('reads Chinese headings in any order, aliases and short codes', () => {
    expect(
      read(
        '\ufeff类型,名称,别名,行政区划,上级\n# remark\n政府部门,区公安局,公安;公安机关,,区政府\n镇街,垛庄镇,,370114101,',
      ),
    ).toEqual([
      {
        line: 3,
        superior: '区政府',
        organ: {
          name: '区公安局',
          shortName: null,
          aliases: ['公安', '公安机关'],
          kind: 'DEPARTMENT',
          division: COUNTY,
          creditCode: null,
        },
      },
      expect.objectContaining({
        organ: expect.objectContaining({ kind: 'TOWN_GOVERNMENT', division: '370114101000' }),
      }),
    ]);
  });

  test('reads English headings and kinds', () => {
    const [row] = read('name,kind,level,short name,credit_code\nEach town,organ_class,town,towns,\n');
    expect(row?.organ).toMatchObject({
      name: 'Each town',
      kind: 'ORGAN_CLASS',
      level: 'TOWN',
      shortName: 'towns',
    });
  });

  test('reads GB18030', () => {
    const gb18030 = Buffer.from('c3fbb3c62cc0e0d0cd0ac7f8b9abb0b2bed62cd5feb8aeb2bfc3c5', 'hex');
    expect(readOrganTable(gb18030, COUNTY, t)[0]?.organ.name).toBe('区公安局');
  });

  test.each([
    ['', /empty/],
    ['名称\nx', /"kind" is missing/],
    ['名称,类型,电话\nx,政府,1', /电话/],
    ['名称,类型\nx,公司', /Line 2.*公司/],
    ['名称,类型\n,政府', /Line 2: no name/],
    ['名称,类型,行政区划\nx,政府,37011', /division code/],
    ['名称,类型\n"x,政府', /CSV/],
  ])('refuses %j', (text, message) => {
    expect(() => read(text)).toThrow(
      expect.objectContaining({ exitCode: 2, message: expect.stringMatching(message) }),
    );
  });

  test('the sample register is whole: unique names, superiors inside it', () => {
    const rows = readOrganTable(
      readFileSync(new URL('../samples/organs-370114.csv', import.meta.url)),
      COUNTY,
      t,
    );
    const names = new Set(rows.map(({ organ }) => organ.name));
    expect(names.size).toBe(rows.length);
    expect(rows.filter(({ superior }) => superior !== null && !names.has(superior))).toEqual([]);
    expect(rows.filter(({ organ }) => organ.kind === 'TOWN_GOVERNMENT')).toHaveLength(18);
  });
});
