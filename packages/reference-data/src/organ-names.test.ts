import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  functionGroups,
  normaliseOrganName,
  organClass,
  similarity,
  stripDivisionPrefix,
} from './organ-names.ts';

const ZHANGQIU = '370114000000';
const FENGGANG = '520327000000';
const RUIAN = '330381000000';

test.each([
  [' 公安 局\n', '公安局'],
  ['乡(镇)人民政府', '乡（镇）人民政府'],
  ['乡〔镇〕人民政府', '乡（镇）人民政府'],
  ['村“两委”', '村两委'],
  ['公\u200B安\u0000局\uFEFF', '公安局'],
  ['公安；司法', '公安;司法'],
  ['⼭东省', '山东省'],
])('%j is written %s', (text, name) => {
  expect(normaliseOrganName(text)).toBe(name);
});

test('writing it once more changes nothing', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const name = normaliseOrganName(text);
      expect(normaliseOrganName(name)).toBe(name);
    }),
  );
});

describe('functionGroups', () => {
  test.each([
    ['公安机关', 'public-security'],
    ['公安部门', 'public-security'],
    ['公安分局', 'public-security'],
    ['公安机关交通管理部门', 'traffic-police'],
    ['公安派出所', 'police-station'],
    ['区公安分局派出所', 'police-station'],
    ['综合行政执法', 'urban-management'],
    ['城市管理行政执法部门', 'urban-management'],
    ['城市市容环境卫生行政主管部门', 'urban-management'],
    ['环境卫生主管部门', 'urban-management'],
    ['生活垃圾（城市管理）主管部门', 'urban-management'],
    ['区城市管理局（区综合行政执法局）', 'urban-management'],
    ['区城管执法', 'urban-management'],
    ['区环卫管理处', 'sanitation'],
    ['区风景园林局', 'landscaping'],
    ['园林和林业绿化局', 'landscaping,forestry'],
    ['县级农业农村、林业和草原部门', 'agriculture,forestry'],
    ['县级农业农村（动物防疫）主管部门', 'agriculture'],
    ['农牧主管部门', 'agriculture'],
    ['农业综合行政执法大队', 'agriculture'],
    ['农村土地承包仲裁机构', 'land-contract-arbitration'],
    ['城乡规划主管部门', 'natural-resources'],
    ['市、县城乡规划主管部门', 'natural-resources'],
    ['国土资源主管部门', 'natural-resources'],
    ['规划局', 'natural-resources'],
    ['县级自然资源主管部门会同农业农村部门', 'natural-resources,agriculture'],
    ['城市市容环境卫生行政主管部门会同规划部门', 'urban-management,natural-resources'],
    ['环境保护主管部门；农牧主管部门', 'ecology,agriculture'],
    ['生态环境等主管部门', 'ecology'],
    ['住房城乡建设等主管部门', 'housing-construction'],
    ['县级住房保障部门', 'housing-construction'],
    ['物业管理部门', 'housing-construction'],
    ['物业（房地产）主管部门', 'housing-construction'],
    ['应急（原文：安全生产监督管理）', 'emergency'],
    ['安全生产监督管理部门', 'emergency'],
    ['县级市场监管部门（原文:食品药品监督管理）', 'market-supervision'],
    ['食品药品监督管理局', 'market-supervision'],
    ['县级市场监管、城市管理部门', 'market-supervision,urban-management'],
    ['水利（水域由县政府组织）', 'water'],
    ['县水务局', 'water'],
    ['区水利局', 'water'],
    ['县级民政部门（小额可委托镇街审批）', 'civil-affairs'],
    ['消防救援机构；公安派出所', 'fire-rescue,police-station'],
    ['处置非法集资牵头部门', 'financial-regulation'],
    ['管道保护主管部门', 'energy'],
    ['城乡交通运输执法机构', 'transport'],
    ['交通运输综合行政执法大队', 'transport'],
    ['教育和体育局', 'education,sports'],
    ['文化广电旅游体育局', 'culture-tourism,sports'],
    ['区人社局', 'human-resources'],
    ['卫健委', 'health'],
    ['区纪委监委机关', 'discipline'],
    ['区委编办', 'establishment'],
    ['区政府办公室', 'government-office'],
    ['市政府办公室', 'government-office'],
    ['团县委', 'youth-league'],
    ['供电部门', 'power-supply'],
    [
      '发改工信公安住建交通农业等',
      'development-reform,industry-it,public-security,housing-construction,transport,agriculture',
    ],
    [
      '自然资源住建交通水利农业卫健',
      'natural-resources,housing-construction,transport,water,agriculture,health',
    ],
    ['农业自然资源住建水利林业', 'agriculture,natural-resources,housing-construction,water,forestry'],
  ])('%s: %s', (text, groups) => {
    expect(functionGroups(text).join()).toBe(groups);
  });

  test.each([
    '',
    '维护管理责任人',
    '公安文化传播公司公园',
    '镇街',
    '（无需许可）',
    '市公安局',
    '永和镇自然资源所',
  ])('%j names no function of the county', (text) => {
    expect(functionGroups(text)).toEqual([]);
  });
});

describe('organClass', () => {
  test.each(
    (
      '镇街 镇、街道 各镇街 乡镇 乡镇(街道) 乡镇（街道） 各镇（街道） 乡(镇)人民政府 ' +
      '镇(乡)人民政府 乡、镇人民政府 乡镇人民政府 镇人民政府 镇政府 镇党委政府 街道 ' +
      '街道办事处 区街道办 乡级人民政府 镇人民政府、街道办事处 街道办事处、镇人民政府 ' +
      '乡镇政府、街道办事处 镇人民政府（街道办事处） 属地镇街'
    ).split(' '),
  )('%s is each town', (text) => {
    expect(organClass(text)).toBe('EACH_TOWN');
  });

  test.each(
    ('村居 村(居)民委员会 村委会 居委会 社区居委会 村集体 村“两委” 村（社区） 村民会议 ' + '村社').split(' '),
  )('%s is each village', (text) => {
    expect(organClass(text)).toBe('EACH_VILLAGE');
  });

  test.each(
    (
      '区直有关部门 有关部门 区直部门 县级部门 行业主管部门 行业主管监管部门 ' +
      '负有安全生产监督管理职责的部门 县级以上人民政府确定的监督管理部门 ' +
      '县级政府确定的监督管理部门 县级以上政府确定的监督管理部门 主管部门'
    ).split(' '),
  )('%s is departments in general', (text) => {
    expect(organClass(text)).toBe('DEPARTMENTS');
  });

  test.each(
    (
      '县级人民政府 区政府 县政府 县级以上人民政府 县级以上地方人民政府 县（市、区）人民政府 ' +
      '铁路沿线县级以上政府'
    ).split(' '),
  )('%s is the county government', (text) => {
    expect(organClass(text)).toBe('COUNTY_GOVERNMENT');
  });

  test.each([
    '',
    ...(
      '公安机关 镇街、村居 物业主管部门和镇街 垛庄镇人民政府 市人民政府 人民政府 ' +
      '明水街道办事处 镇街综合执法队'
    ).split(' '),
  ])('%j is no class', (text) => {
    expect(organClass(text)).toBeUndefined();
  });
});

describe('stripDivisionPrefix', () => {
  test.each([
    ['济南市章丘区公安局', ZHANGQIU, '公安局'],
    ['山东省济南市章丘区公安局', ZHANGQIU, '公安局'],
    ['章丘区 公安局', ZHANGQIU, '公安局'],
    ['章丘公安局', ZHANGQIU, '公安局'],
    ['区公安局', ZHANGQIU, '公安局'],
    ['县水务局', FENGGANG, '水务局'],
    ['凤冈县水务局', FENGGANG, '水务局'],
    ['市公安局', RUIAN, '公安局'],
    ['瑞安市市场监督管理局', RUIAN, '市场监督管理局'],
    ['市场监督管理局', RUIAN, '市场监督管理局'],
    ['市监局', RUIAN, '市监局'],
    ['市民政局', RUIAN, '民政局'],
    ['市政法委', RUIAN, '政法委'],
    ['市政公用局', RUIAN, '市政公用局'],
    ['市政府', RUIAN, '市政府'],
    ['市委组织部', RUIAN, '组织部'],
    ['市公安局', ZHANGQIU, '市公安局'],
    ['乡村振兴局', ZHANGQIU, '乡村振兴局'],
    ['区委组织部', ZHANGQIU, '组织部'],
    ['中共济南市章丘区委员会组织部', ZHANGQIU, '组织部'],
    ['章丘区委编办', ZHANGQIU, '编办'],
    ['区委', ZHANGQIU, '区委'],
    ['济南市公安局章丘分局', ZHANGQIU, '公安分局'],
    ['济南市生态环境局章丘区分局', ZHANGQIU, '生态环境分局'],
    ['国家税务总局济南市章丘区税务局', ZHANGQIU, '税务局'],
    ['济南市章丘区人民政府', ZHANGQIU, '区人民政府'],
    ['区政府', ZHANGQIU, '区政府'],
    ['章丘区政府办公室', ZHANGQIU, '政府办公室'],
    ['章丘区城市管理局(区综合行政执法局)', ZHANGQIU, '城市管理局（区综合行政执法局）'],
    ['垛庄镇人民政府', ZHANGQIU, '垛庄镇人民政府'],
    ['垛庄镇人民政府', '370114101000', '镇人民政府'],
    ['明水街道办事处', '370114001000', '街道办事处'],
    ['明水街道综合行政执法中队', '370114001000', '综合行政执法中队'],
    ['东莞市公安局', '441900000000', '公安局'],
    ['章丘区', ZHANGQIU, '章丘区'],
    ['区', ZHANGQIU, '区'],
    ['', ZHANGQIU, ''],
    ['区公安局', 'unknown', '公安局'],
  ])('%s in %s is %s', (name, code, stripped) => {
    expect(stripDivisionPrefix(name, code)).toBe(stripped);
  });

  test('a name is never stripped to nothing', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'济南市章丘区委公安局街道镇人民政府办'), minLength: 1 }),
        (name) => {
          expect(stripDivisionPrefix(name, ZHANGQIU)).not.toBe('');
        },
      ),
    );
  });
});

describe('similarity', () => {
  test('offers the nearest name first', () => {
    const organs = ['公安局', '水务局', '水利站', '市场监督管理局', '农业农村局'];
    const nearest = (name: string) => organs.toSorted((a, b) => similarity(name, b) - similarity(name, a))[0];
    expect(nearest('县水务')).toBe('水务局');
    expect(nearest('区公安分局')).toBe('公安局');
    expect(nearest('市场监管局')).toBe('市场监督管理局');
    expect(nearest('农业局')).toBe('农业农村局');
  });

  test('is one for the same name however written, and nothing for names without common pairs', () => {
    expect(similarity('公安 局', '公安局')).toBe(1);
    expect(similarity('', '')).toBe(1);
    expect(similarity('', '公安局')).toBe(0);
    expect(similarity('公安', '水利')).toBe(0);
  });

  test('is symmetric and between 0 and 1', () => {
    const name = fc.string({ unit: fc.constantFrom(...'公安局水利务市场监管') });
    fc.assert(
      fc.property(name, name, (a, b) => {
        const value = similarity(a, b);
        expect(value).toBe(similarity(b, a));
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1);
        expect(similarity(a, a)).toBe(1);
      }),
    );
  });
});
