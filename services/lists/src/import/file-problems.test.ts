import { describe, expect, test } from 'vitest';
import { clean, csv, readFile, stage, told } from './pipeline.fixture.ts';

describe('what is wrong with a file', () => {
  test('L-11 every bad row is reported with row, column, value and cause', () => {
    const rows = [
      ['编码', '事项名称', '主体责任单位', '配合责任单位', '依据', '镇街角色'],
      ['1', '甲', '区公安局', '镇街', '某法', '主体'],
      ['1', '乙', '区公安局', '公安机关', '某法', '主体'],
      ['2', '', '区司法局', '镇街', '某法', '配合'],
      ['3', '丙', '区民政局', '', '', '看情况'],
      ['4', '丁', '', '', '某法', ''],
    ];
    const found = readFile(csv(rows)).problems.map(({ row, column, rule, value }) => [
      row,
      column,
      rule,
      value,
    ]);
    expect(found).toEqual([
      [3, 'D', 'L-2', '济南市章丘区公安局'],
      [3, 'A', 'L-2', '1'],
      [4, 'B', 'L-2', ''],
      [5, 'F', undefined, '看情况'],
      [5, 'E', 'L-2', ''],
      [6, 'C', 'L-2', ''],
    ]);
  });

  test('columns that are missing altogether are reported once, with the remedy', () => {
    const noName = readFile(
      csv([
        ['序号', '主体责任单位', '依据'],
        ['1', '区公安局', '某法'],
      ]),
    );
    expect(noName.problems).toMatchObject([{ row: 1, column: null }]);
    expect(noName.problems[0]?.cause['zh-CN']).toContain('事项名称');
    const noBasis = readFile(
      csv([
        ['事项名称', '主体责任单位'],
        ['甲', '区公安局'],
        ['乙', '区公安局'],
      ]),
    );
    expect(noBasis.problems.map(({ cause }) => cause.en)).toEqual([
      expect.stringContaining('defaults.basis'),
    ]);
  });

  test('the same name twice, a heading without rows, an organ once with all its rows', () => {
    const twice = readFile(
      csv([
        ['事项名称', '领域', '牵头单位', '依据'],
        ['甲', '一', '粮油局', '法'],
        ['甲', '二', '粮油局', '法'],
        ['甲', '二', '粮油局', '法'],
      ]),
    );
    expect(twice.problems).toMatchObject([{ row: 4, column: 'A', value: '甲' }]);
    expect(twice.unresolved).toMatchObject([{ name: '粮油局', rows: [2, 3, 4] }]);
    expect(readFile(csv([['事项名称', '牵头单位', '依据']])).problems).toMatchObject([{ row: 2 }]);
  });

  test('running numbers that start again are no codes', () => {
    const rows = [
      ['序号', '领域', '事项名称', '牵头单位', '依据'],
      ['1', '一', '甲', '区公安局', '法'],
      ['1', '二', '乙', '区公安局', '法'],
    ];
    const file = readFile(csv(rows));
    expect(clean(file).map(({ code }) => code)).toEqual([null, null]);
    expect([...stage(file).keys()]).toEqual(['1', '2']);
  });
});

describe('a given mapping', () => {
  const rows = [
    ['内容', '谁管', '凭什么', '去年编号'],
    ['犬只登记', '城管', '养犬条例', '7'],
  ];

  test('names columns by heading or letter, values, organs and defaults', () => {
    const mapping = {
      columns: { 内容: 'name', B: 'lead', 凭什么: '依据', 去年编号: 'ignore' },
      organs: { 城管: '区公安局' },
      defaults: { domain: '城市管理' },
    };
    const [item] = clean(readFile(csv(rows), { mapping }));
    expect(item?.content).toMatchObject({
      name: '犬只登记',
      domain: '城市管理',
      basis: [{ title: '养犬条例' }],
      extras: {},
    });
    expect(told(item?.content.leads ?? [])).toEqual(['公安局']);
  });

  test.each([
    [{ columns: { 没有: 'name' } }, 'mapping.columns.没有'],
    [{ columns: { 内容: 'nam' } }, 'mapping.columns.内容'],
    [{ column: {} }, 'mapping.column'],
    [{ values: { handlingClass: { 能办: 'YES' } } }, 'mapping.values.handlingClass.能办'],
    [{ organs: { 甲: 3 } }, 'mapping.organs.甲'],
    [{ defaults: { basis: {} } }, 'mapping.defaults.basis.title'],
    [[], 'mapping'],
    [{ columns: { A: 'name', B: 'name' } }, 'mapping.columns.谁管'],
  ])('is refused where it is wrong: %j', (mapping, field) => {
    expect(() => readFile(csv(rows), { mapping })).toThrow(`"field":"${field}"`);
  });
});
