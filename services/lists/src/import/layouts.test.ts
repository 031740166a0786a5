import { readFileSync } from 'node:fs';
import { workbook } from '@dutyledger/tables/workbook.fixture';
import iconv from 'iconv-lite';
import { describe, expect, test } from 'vitest';
import type { ListKind } from '../duty-list/item.ts';
import { COUNTY, TOWN } from './county-register.fixture.ts';
import { clean, csv, readFile, told } from './pipeline.fixture.ts';

const sample = (name: string) => readFileSync(new URL(`../../data/samples/${name}`, import.meta.url));

const fields = (file: ReturnType<typeof readFile>) =>
  Object.fromEntries(file.columns.map(({ heading, field }) => [heading, field]));

describe('the sample lists', () => {
  test('duty_items.csv: every organ is known but the two texts that name none', () => {
    const file = readFile(sample('duty_items.csv'));
    expect(file.items).toHaveLength(79);
    expect(file.problems).toEqual([]);
    expect(file.unresolved.map(({ name, rows }) => [name, rows])).toEqual([
      ['清单逐项明确', [78, 79, 80]],
      ['(无需许可)', [18]],
    ]);
    const byCode = new Map(file.items.map((item) => [item.code, item.content]));
    expect(told(byCode.get('1')?.cooperators ?? [])).toEqual([
      '综合行政执法局:查处破坏市容',
      '农业农村局:免疫检疫',
      '卫生健康局:犬伤处置',
      '各镇街:镇街组织免疫并协助登记',
    ]);
    expect(byCode.get('2')?.basis).toEqual([
      { title: '济南市文明养犬管理条例(2021)', article: '第七条' },
      { title: '动物防疫法(2021)', article: '第三十条' },
    ]);
    expect(byCode.get('7')).toMatchObject({ jointlyLed: false, townRole: { role: 'ENTRUSTED' } });
    expect(byCode.get('10')).toMatchObject({ cooperators: [], extras: { 配合责任单位: '(法条未规定)' } });
    expect(byCode.get('26')?.townRole).toEqual({ role: 'COOPERATE', note: '含检查权' });
    expect(byCode.get('92')?.townRole).toEqual({ role: 'CALL', note: null });
  });

  test('duty_items.csv imports with those two mapped', () => {
    const mapping = { organs: { 清单逐项明确: '区政府', '(无需许可)': ['区林业局'] } };
    expect(clean(readFile(sample('duty_items.csv'), { mapping }))).toHaveLength(79);
  });

  test('penalty_items.csv', () => {
    const items = clean(readFile(sample('penalty_items.csv'), { kind: 'ENFORCEMENT_POWER' }));
    expect(items).toHaveLength(40);
    expect(items[11]?.content).toMatchObject({ jointlyLed: true, domain: '市容环卫' });
    expect(items[0]?.content.extras).toHaveProperty('处罚种类与幅度');
  });

  test('village_grid_items.csv', () => {
    const file = readFile(sample('village_grid_items.csv'), { kind: 'VILLAGE_AFFAIRS' });
    expect(fields(file)).toMatchObject({
      行号: 'sequence',
      类别: 'handlingClass',
      事项: 'name',
      来源: 'extra',
    });
    const items = clean(file);
    expect(items).toHaveLength(49);
    const classes = items.map(({ content }) => [content.handlingClass, content.category]);
    expect(classes[0]).toEqual(['MAY_HANDLE', null]);
    expect(classes[5]).toEqual(['ASSIST', null]);
    expect(classes[17]).toEqual(['MAY_HANDLE', '应出具证明']);
    expect(classes[22]).toEqual([null, '网格事项']);
  });
});

describe('layouts of territorial duties', () => {
  const HEAD = [
    ['章丘区属地管理事项责任清单', '', '', '', '', '', ''],
    ['序号', '领域', '事项名称', '主体责任单位及责任', '', '配合责任单位及责任', ''],
    ['', '', '', '单位', '责任', '单位', '责任'],
  ];
  const ROWS = [
    ['1', '城市管理', '犬只登记', '区公安局', '登记管理', '区农业农村局', '免疫检疫'],
    ['2', '', '流浪犬处置', '镇街', '组织处置', '区公安局', '收容'],
    ['注:本表由区委编办解释。', '', '', '', '', '', ''],
  ];
  const mapping = { defaults: { basis: '章丘区属地管理事项清单' } };

  test('title, two-line merged headings, merged domains and a note below', () => {
    const merges = ['A1:G1', 'A2:A3', 'B2:B3', 'C2:C3', 'D2:E2', 'F2:G2', 'B4:B5', 'A6:G6'];
    const file = readFile(workbook([...HEAD, ...ROWS], { merges }), { mapping });
    expect(fields(file)).toMatchObject({
      '主体责任单位及责任 / 单位': 'lead',
      '主体责任单位及责任 / 责任': 'leadDuty',
      '配合责任单位及责任 / 单位': 'cooperator',
      '配合责任单位及责任 / 责任': 'cooperatorDuty',
    });
    const items = clean(file);
    expect(items.map(({ row, code, content }) => [row, code, content.domain])).toEqual([
      [4, '1', '城市管理'],
      [5, '2', '城市管理'],
    ]);
    expect(told(items[1]?.content.cooperators ?? [])).toEqual(['公安局:收容']);
    expect(file.skipped.map(({ row, kind }) => [row, kind])).toEqual([
      [1, 'title'],
      [6, 'note'],
    ]);
  });

  test('the same out of older software: GB18030, blanks in place of merged cells', () => {
    const text = [...HEAD, ...ROWS].map((row) => row.join(',')).join('\r\n');
    const file = readFile(iconv.encode(text, 'gb18030'), { mapping });
    expect(clean(file).map(({ content }) => content.domain)).toEqual(['城市管理', '城市管理']);
    expect(told(file.items[0]?.content.leads ?? [])).toEqual(['公安局:登记管理']);
    expect(file.notices.map(({ rows }) => rows)).toContainEqual([5]);
  });

  test('one item over several merged lines, one cooperating organ on each', () => {
    const rows = [
      ['序号', '事项名称', '牵头单位', '配合单位', '配合职责', '设定依据'],
      ['1', '露天烧烤治理', '区综合行政执法局', '生态环境部门', '监测', '大气法'],
      ['', '', '', '区公安局', '维持秩序', ''],
      ['', '', '', '镇街', '巡查劝阻', ''],
      ['2', '犬只登记', '区公安局', '—', '', '条例'],
    ];
    const merged = workbook(rows, { merges: ['A2:A4', 'B2:B4', 'C2:C4', 'F2:F4'] });
    for (const bytes of [merged, csv(rows)]) {
      const items = clean(readFile(bytes));
      expect(items.map(({ row }) => row)).toEqual([2, 5]);
      expect(told(items[0]?.content.cooperators ?? [])).toEqual([
        '济南市生态环境局章丘分局:监测',
        '公安局:维持秩序',
        '各镇街:巡查劝阻',
      ]);
      expect(items[0]?.content.basis).toEqual([{ title: '大气法' }]);
    }
  });

  test('organs and duties in one cell, under headings that only say responsibility', () => {
    const rows = [
      ['编号', '事项', '主体责任', '配合责任', '法律法规及文件依据'],
      [
        'ZQ-01',
        '违建查处',
        '区综合行政执法局:巡查、查处',
        '区自然资源局:认定\n镇街:劝阻、报告',
        '《城乡规划法》第六十五条',
      ],
      ['ZQ-02', '犬只登记', '区公安局\uff1a登记', '镇街\uff1a协助', '《养犬条例》第六条'],
    ];
    const file = readFile(csv(rows));
    expect(fields(file)).toMatchObject({
      编号: 'code',
      主体责任: 'leadAndDuty',
      配合责任: 'cooperatorAndDuty',
    });
    const [first] = clean(file);
    expect(first).toMatchObject({ code: 'ZQ-01' });
    expect(told(first?.content.cooperators ?? [])).toEqual(['自然资源局:认定', '各镇街:劝阻、报告']);
    expect(file.codesAreNumbers).toBe(false);
  });

  test('headings in another order, full-width and with stray spaces; sections in place of a domain', () => {
    const rows = [
      ['依 据', '责任\n主体', '事项名称\uff08全称\uff09', '序号', '协同部门'],
      ['一、党的建设(1项)', '', '', '', ''],
      ['党章', '区财政局', '党费管理', '\uff11', ''],
      ['(二)城市管理', '', '', '', ''],
      ['养犬条例', '区公安局', ' 犬 只 登记 ', '\uff12', '农业农村'],
      ['合  计', '', '2项', '', ''],
      ['依 据', '责任主体', '事项名称(全称)', '序号', '协同部门'],
      ['养犬条例', '区公安局', '犬只收容', '3', '—'],
    ];
    const file = readFile(csv(rows));
    expect(clean(file).map(({ code, content }) => [code, content.domain, content.name])).toEqual([
      ['1', '党的建设', '党费管理'],
      ['2', '城市管理', '犬只登记'],
      ['3', '城市管理', '犬只收容'],
    ]);
    expect(file.skipped.map(({ kind }) => kind)).toEqual(['section', 'section', 'total', 'repeated-heading']);
  });
});

describe('layouts of powers and delegations', () => {
  test('权责清单 with sub-items under one name, and the wording of the articles', () => {
    const rows = [
      ['序号', '事项类型', '事项名称', '子项名称', '实施依据', '责任事项', '追责情形', '实施机构'],
      [
        '1',
        '行政处罚',
        '对违反养犬规定的处罚',
        '未登记',
        '《养犬条例》第六条:"养犬应当登记…"',
        '1.立案\n2.调查',
        '不依法处罚的',
        '区公安局',
      ],
      ['2', '', '', '未免疫', '《养犬条例》第七条', '1.立案', '', '区农业农村局'],
    ];
    const file = readFile(csv(rows), { kind: 'POWER' });
    expect(fields(file)).toMatchObject({
      事项类型: 'category',
      责任事项: 'leadDuty',
      追责情形: 'extra',
      实施机构: 'lead',
    });
    const items = clean(file);
    expect(items.map(({ content }) => content.name)).toEqual([
      '对违反养犬规定的处罚\uff08未登记\uff09',
      '对违反养犬规定的处罚\uff08未免疫\uff09',
    ]);
    expect(items[0]?.content).toMatchObject({
      category: '行政处罚',
      basis: [{ title: '养犬条例', article: '第六条' }],
      leads: [{ duty: '1.立案\n2.调查' }],
    });
    expect(Object.keys(items[0]?.content.extras ?? {})).toEqual(['追责情形', '实施依据\uff08原文\uff09']);
  });

  test.each<[string, string[], string[], string[]]>([
    [
      '綦江',
      ['序号', '赋权事项名称', '原行使部门', '赋权范围', '赋权事项的执法依据', '赋权街镇'],
      ['1', '对拒绝入户安全检查的行政处罚', '区住房城乡建委', '全部', '燃气条例', '垛庄镇、刁镇街道'],
      ['垛庄镇人民政府', '刁镇街道办事处'],
    ],
    [
      '清水河',
      ['序号', '赋权事项', '权力类型', '法律法规依据', '责任主体', '原实施主体'],
      ['1', '乡村建设规划许可证核发', '行政许可', '城乡规划法41条', '乡镇人民政府', '县自然资源局'],
      ['各镇街'],
    ],
    [
      'without receivers',
      ['序号', '事项名称', '原实施主体', '依据'],
      ['1', '甲', '区公安局', '某法'],
      ['各镇街'],
    ],
  ])('赋权清单 of %s: the receivers lead, the former organ is kept', (_, head, row, leads) => {
    const [item] = clean(readFile(csv([head, row]), { kind: 'DELEGATED' }));
    expect(told(item?.content.leads ?? [])).toEqual(leads);
    expect(Object.keys(item?.content.extras ?? {}).some((key) => key.startsWith('原'))).toBe(true);
  });

  test('职责边界清单', () => {
    const rows = [
      ['编码', '职责名称', '职责对象', '牵头部门', '配合部门', '实施依据'],
      ['A01', '食品摊点监管', '个体工商户', '市场监管部门', '城市管理部门、镇街', '食品安全法'],
    ];
    const [item] = clean(readFile(csv(rows), { kind: 'ADMISSION' }));
    expect(item).toMatchObject({
      code: 'A01',
      content: { name: '食品摊点监管', extras: { 职责对象: '个体工商户' } },
    });
    expect(told(item?.content.cooperators ?? [])).toEqual(['综合行政执法局', '各镇街']);
  });

  test('the three lists of 2025: basic, cooperative, withdrawn', () => {
    const mapping = {
      defaults: { basis: { title: '垛庄镇履行职责事项清单', documentNumber: '章办发〔2025〕8号' } },
    };
    const read = (kind: ListKind, rows: string[][]) =>
      clean(readFile(csv(rows), { kind, mapping, division: kind === 'BASIC' ? TOWN : COUNTY }))[0]?.content;
    const basic = read('BASIC', [
      ['序号', '事项名称'],
      ['一、党的建设', ''],
      ['1', '发展党员'],
    ]);
    expect(told(basic?.leads ?? [])).toEqual(['垛庄镇人民政府']);
    expect(basic).toMatchObject({ domain: '党的建设', basis: [{ documentNumber: '章办发〔2025〕8号' }] });
    const cooperative = read('COOPERATIVE', [
      ['序号', '事项名称', '对应上级部门', '上级部门职责', '乡镇(街道)配合职责'],
      ['1', '犬只登记', '区公安局', '登记、查处', '协助登记'],
    ]);
    expect(told(cooperative?.leads ?? [])).toEqual(['公安局:登记、查处']);
    expect(told(cooperative?.cooperators ?? [])).toEqual(['各镇街:协助登记']);
    const withdrawn = read('WITHDRAWN', [
      ['序号', '事项名称', '承接部门', '工作方式'],
      ['1', '燃气安全检查', '区住建局', '由区住建局实施'],
    ]);
    expect(told(withdrawn?.leads ?? [])).toEqual(['住房和城乡建设局:由区住建局实施']);
  });
});

describe('layouts of village lists', () => {
  const kind = 'VILLAGE_AFFAIRS';

  test('ticks in three columns', () => {
    const rows = [
      ['序号', '事项名称', '办理类别', '', '', '备注'],
      ['', '', '可办理', '协助办理', '不可办理', ''],
      ['1', '生育服务', '√', '', '', ''],
      ['2', '社会救助', '', '√', '', '每月一次'],
      ['3', '婚姻证明', '', '', '√', ''],
    ];
    const items = clean(readFile(csv(rows), { kind }));
    expect(items.map(({ content }) => content.handlingClass)).toEqual([
      'MAY_HANDLE',
      'ASSIST',
      'MUST_NOT_HANDLE',
    ]);
    expect(items[1]?.content.remarks).toBe('每月一次');
    const two = readFile(csv([...rows, ['4', '健康证明', '√', '√', '', '']]), { kind });
    expect(two.problems).toMatchObject([{ row: 6, column: 'D', rule: 'L-2' }]);
  });

  test('names listed in three columns', () => {
    const rows = [
      ['可办理', '协助办理', '不可办理'],
      ['生育服务', '社会救助', '婚姻证明'],
      ['社会保障', '', ''],
    ];
    const items = clean(readFile(csv(rows), { kind }));
    expect(items.map(({ content }) => [content.name, content.handlingClass])).toEqual([
      ['生育服务', 'MAY_HANDLE'],
      ['社会救助', 'ASSIST'],
      ['婚姻证明', 'MUST_NOT_HANDLE'],
      ['社会保障', 'MAY_HANDLE'],
    ]);
  });

  test('own words for the classes, by mapping', () => {
    const rows = [
      ['事项', '处理方式'],
      ['生育服务', '能办'],
      ['婚姻证明', '绝不办'],
    ];
    expect(readFile(csv(rows), { kind }).problems).toMatchObject([
      { row: 2, column: 'B', heading: '处理方式', value: '能办', rule: 'L-2' },
      { row: 3, value: '绝不办' },
    ]);
    const mapping = { values: { handlingClass: { 能办: 'MAY_HANDLE', 绝不办: 'MUST_NOT_HANDLE' } } };
    expect(clean(readFile(csv(rows), { kind, mapping }))[1]?.content.handlingClass).toBe('MUST_NOT_HANDLE');
  });
});

describe('shared lists', () => {
  const row = (share: string) =>
    csv([
      ['序号', '事项名称', '主体责任单位', '配合责任单位', '依据', '财权分配占比'],
      ['1', '道路维护', '区交通运输局', '镇街', '清单', share],
    ]);

  test.each(['区60%、镇40%', '6:4', '区交通运输局60%,镇街40%'])('L-2 shares: %s', (share) => {
    const [item] = clean(readFile(row(share), { kind: 'SHARED' }));
    expect(item?.content.fiscalShares.map(({ organ, share }) => [organ, share])).toEqual([
      ['organ:zq-9', 6_000],
      ['organ:towns', 4_000],
    ]);
  });

  test.each(['区60%、镇30%', '1:1:1', '按规定'])('L-2 refuses %s', (share) => {
    expect(readFile(row(share), { kind: 'SHARED' }).problems).toMatchObject([
      { row: 2, column: 'F', heading: '财权分配占比', value: share, rule: 'L-2' },
    ]);
  });
});
