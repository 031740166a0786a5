import { isBlank, nameKey, plain, similarNames, tidyName } from '@dutyledger/tables/text';
import { describe, expect, test } from 'vitest';
import { readBasis } from './basis.ts';
import { COUNTY, REGISTER } from './county-register.fixture.ts';
import { readCombined, readDuties } from './duties.ts';
import { readShares } from './fiscal-shares.ts';
import { createOrganResolver } from './organ-resolver.ts';
import { told } from './pipeline.fixture.ts';
import { handlingClassOf, isTicked, townRoleOf } from './values.ts';

const resolver = createOrganResolver(REGISTER, COUNTY);

describe('texts', () => {
  test('names lose stray spaces, line breaks and full-width letters, and keep Chinese punctuation', () => {
    expect(tidyName(' 犬 只\n登记\uff08\uff11\uff12\uff33\uff09 and  more ')).toBe(
      '犬只登记\uff0812S\uff09and more',
    );
    expect(plain('\uff08\uff12\uff09\uff1a')).toBe('(2):');
    expect(nameKey('犬只\u3000登记\uff08试行\uff09')).toBe(nameKey('犬只登记(试行)'));
  });

  test('dashes of all sorts stand for nothing', () => {
    expect(['', '—', '--', '/', ' – '].map(isBlank)).toEqual([true, true, true, true, true]);
    expect(['无', '0', '(法条未规定)'].map(isBlank)).toEqual([false, false, false]);
  });

  test('similar names share pairs of characters', () => {
    expect(similarNames('犬只登记', '犬只登记')).toBe(1);
    expect(similarNames('犬只登记与查处', '犬只登记')).toBeCloseTo(2 / 3);
    expect(similarNames('甲', '乙')).toBe(0);
  });
});

describe('basis', () => {
  test.each([
    [
      'laws and articles in parallel cells',
      '甲条例(2021);乙法(2021)',
      '第七条;第三十条',
      '',
      [
        { title: '甲条例(2021)', article: '第七条' },
        { title: '乙法(2021)', article: '第三十条' },
      ],
    ],
    ['more articles than laws', '甲法', '第七条;第八条', '', [{ title: '甲法', article: '第七条;第八条' }]],
    [
      'law and article in one text',
      '城乡规划法第六十五条;土地管理法62条',
      '',
      '',
      [
        { title: '城乡规划法', article: '第六十五条' },
        { title: '土地管理法', article: '62条' },
      ],
    ],
    [
      'several in title marks',
      '《甲法》第三条第二款、第五条,《乙条例》(2018年修正)第九条之一',
      '',
      '',
      [
        { title: '甲法', article: '第三条第二款、第五条' },
        { title: '乙条例(2018年修正)', article: '第九条之一' },
      ],
    ],
    [
      'a document number',
      '《关于规范属地管理的意见》(鲁办发〔2020〕3号)',
      '',
      '',
      [{ title: '关于规范属地管理的意见', documentNumber: '鲁办发〔2020〕3号' }],
    ],
    [
      'a count of items is no article',
      '属地管理事项清单(81条)',
      '—',
      '',
      [{ title: '属地管理事项清单(81条)' }],
    ],
    [
      'a column of numbers',
      '某区清单',
      '',
      '章办发〔2021〕3号',
      [{ title: '某区清单', documentNumber: '章办发〔2021〕3号' }],
    ],
    ['the same law twice', '甲法;甲法', '', '', [{ title: '甲法' }]],
    ['a dash', '—', '—', '', []],
  ] as const)('reads %s', (_, titles, articles, numbers, basis) => {
    expect(readBasis(titles, articles, numbers)).toEqual({ basis, wordy: false });
  });

  test('takes no law out of the wording of an article, and says that there is wording', () => {
    const cell = '1.《甲法》第七条:"依照《乙法》的规定,由某部门处罚;情节严重的…"\n2.《丙条例》第八条';
    expect(readBasis(cell)).toEqual({
      basis: [
        { title: '甲法', article: '第七条' },
        { title: '丙条例', article: '第八条' },
      ],
      wordy: true,
    });
  });
});

describe('fiscal shares', () => {
  test.each([
    [
      '区60%、镇40%',
      [
        ['区', 6_000],
        ['镇', 4_000],
      ],
    ],
    [
      '区级财政承担62.5\uff05\uff1b镇街承担37.5%',
      [
        ['区级', 6_250],
        ['镇街', 3_750],
      ],
    ],
    [
      '6:4',
      [
        [null, 6_000],
        [null, 4_000],
      ],
    ],
    [
      '区镇 6\uff1a4',
      [
        ['区', 6_000],
        ['镇', 4_000],
      ],
    ],
    [
      '1:1:1',
      [
        [null, 3_334],
        [null, 3_333],
        [null, 3_333],
      ],
    ],
  ] as const)('L-2 reads %s', (text, shares) => {
    const read = readShares(text);
    expect(read?.ok && read.shares.map(({ name, share }) => [name, share])).toEqual(shares);
  });

  test.each([
    ['区60%、镇30%', { ok: false, reason: 'SUM', sum: 9_000 }],
    ['按规定分担', { ok: false, reason: 'FORM' }],
    ['0:0', { ok: false, reason: 'FORM' }],
    ['—', null],
  ])('L-2 finds what is wrong with %s', (text, read) => {
    expect(readShares(text)).toEqual(read);
  });
});

describe('words', () => {
  test.each([
    ['主体', 'LEAD', null],
    ['主体(共有)', 'SHARED', null],
    ['配合\uff08受理审核\uff09', 'COOPERATE', '受理审核'],
    ['受委托', 'ENTRUSTED', null],
    ['吹哨', 'CALL', null],
    ['无', 'NONE', null],
    ['未规定', 'UNSPECIFIED', null],
    ['见备注', 'UNSPECIFIED', '见备注'],
  ])('town role %s', (text, role, note) => {
    expect(townRoleOf(text)).toEqual({ role, note });
  });

  test('handling classes and ticks', () => {
    expect(
      ['可办理事项', '协助办理', '不可办理(清单)', '应出具证明', '网格事项'].map(handlingClassOf),
    ).toEqual(['MAY_HANDLE', 'ASSIST', 'MUST_NOT_HANDLE', 'MAY_HANDLE', undefined]);
    expect(['√', '是', '', '×', '部分'].map(isTicked)).toEqual([true, true, false, false, null]);
    expect(townRoleOf('constructor')).toBeUndefined();
    expect(handlingClassOf('constructor')).toBeUndefined();
  });
});

describe('organs and duties', () => {
  const read = (organs: string, duties: string) => {
    const { entries, unmatched } = readDuties(organs, duties, resolver);
    return { told: told(entries), unmatched };
  };

  test('equal counts are matched in order', () => {
    expect(read('公安;司法;镇街', '查处;普法;劝阻')).toEqual({
      told: ['公安局:查处', '司法局:普法', '各镇街:劝阻'],
      unmatched: false,
    });
    expect(read('公安局、司法局', '1.查处\n2.普法').told).toEqual(['公安局:查处', '司法局:普法']);
    expect(read('公安;司法', '查处;—').told).toEqual(['公安局:查处', '司法局']);
  });

  test('one duty is that of each organ', () => {
    expect(read('公安、司法', '指导支持').told).toEqual(['公安局:指导支持', '司法局:指导支持']);
    expect(read('公安自然资源住建等;镇街', '分工;镇街协助').told).toEqual([
      '公安局:分工',
      '自然资源局:分工',
      '住房和城乡建设局:分工',
      '各镇街:镇街协助',
    ]);
  });

  test('a duty that begins with a name is that organ’s, the other one that of the rest', () => {
    expect(read('公安;林业;乡镇(街道)', '协同处理;镇街发现并吹哨').told).toEqual([
      '公安局:协同处理',
      '林业局:协同处理',
      '各镇街:镇街发现并吹哨',
    ]);
  });

  test('what cannot be matched stands with the first organ', () => {
    expect(read('公安;司法;民政', '查处;普法')).toEqual({
      told: ['公安局:查处;普法', '司法局', '民政局'],
      unmatched: true,
    });
    expect(read('公安局', '查处;普法').told).toEqual(['公安局:查处;普法']);
  });

  test('organs and duties in one cell', () => {
    const cell = '区公安局\uff1a负责登记\uff1b负责查处\n区农业农村局:免疫;检疫\n区民政局、区司法局';
    expect(told(readCombined(cell, resolver).entries)).toEqual([
      '公安局:负责登记\uff1b负责查处',
      '农业农村局:免疫;检疫',
      '民政局',
      '司法局',
    ]);
    expect(told(readCombined('公安局(负责登记管理)', resolver).entries)).toEqual(['公安局:负责登记管理']);
    expect(readCombined('区公安局:登记\n区粮油局:供应', resolver).unresolved).toEqual(['区粮油局']);
  });

  test('organs and the way of work under labels, as lists of withdrawn matters have them', () => {
    const read = (cell: string) => told(readCombined(cell, resolver).entries);
    expect(read('承接部门\uff1a区民政局\n工作方式\uff1a通过内部系统核查')).toEqual([
      '民政局:通过内部系统核查',
    ]);
    expect(read('承接部门:区公安局、区司法局。工作方式:直接办理')).toEqual([
      '公安局:直接办理',
      '司法局:直接办理',
    ]);
  });
});
