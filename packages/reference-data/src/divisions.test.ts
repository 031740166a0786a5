import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ancestors,
  COUNTRY,
  children,
  division,
  isKnown,
  isWithin,
  parseDivision,
  toCode6,
  toCode12,
  townClass,
} from './divisions.ts';

const ZHANGQIU = '370114000000';

/** Every division down to the towns of some provinces: all shapes of the hierarchy occur in them. */
function walk(code: string): string[] {
  return [code, ...children(code).flatMap((child) => walk(child.code))];
}
const SOME = ['110000000000', '440000000000', '460000000000', '500000000000', '620000000000'].flatMap(walk);

describe('parseDivision', () => {
  test.each([
    ['370114000000', '370114000000'],
    [' 370114001000\n', '370114001000'],
    ['３７０１１４００００００', '370114000000'],
    ['370114101001', '370114101001'],
  ])('reads %j', (text, code) => {
    expect(parseDivision(text)).toEqual({ ok: true, value: code });
  });

  test.each([
    ['', 'WRONG_LENGTH'],
    ['3701140000000', 'WRONG_LENGTH'],
    ['37011400000O', 'NOT_DIGITS'],
    ['370114-00000', 'NOT_DIGITS'],
    ['-37011400000', 'NOT_DIGITS'],
    ['章丘区', 'NOT_DIGITS'],
    ['370199000000', 'UNKNOWN_DIVISION'],
    ['370114000001', 'UNKNOWN_DIVISION'],
    ['370100001000', 'UNKNOWN_DIVISION'],
    ['370114999001', 'UNKNOWN_DIVISION'],
    ['990000000000', 'UNKNOWN_DIVISION'],
  ])('refuses %j as %s', (text, code) => {
    const result = parseDivision(text);
    expect(result).toMatchObject({ ok: false, error: { code } });
    if (!result.ok)
      expect(result.error.message).toEqual({ 'zh-CN': expect.any(String), en: expect.any(String) });
  });

  test('a shorter form is answered with the twelve digits to write', () => {
    expect(parseDivision('370114')).toEqual({
      ok: false,
      error: {
        code: 'WRONG_LENGTH',
        message: {
          'zh-CN': '区划代码应为 12 位，实为 6 位：“370114”，应写作 370114000000',
          en: 'A division code has 12 digits, this has 6: "370114"; write 370114000000',
        },
      },
    });
  });

  test('a message repeats no more than 40 characters of what was given', () => {
    const result = parseDivision('字'.repeat(1_000_000));
    expect(result.ok ? '' : result.error.message['zh-CN'].length).toBeLessThan(80);
  });

  test('any text gives a result', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const result = parseDivision(text);
        if (result.ok) expect(isKnown(result.value)).toBe(true);
      }),
    );
  });
});

describe('division', () => {
  test.each([
    [ZHANGQIU, 'county', '章丘区', '370100000000', '山东省济南市章丘区'],
    ['370114101000', 'town', '垛庄镇', ZHANGQIU, '山东省济南市章丘区垛庄镇'],
    ['371302000000', 'county', '兰山区', '371300000000', '山东省临沂市兰山区'],
    ['520327000000', 'county', '凤冈县', '520300000000', '贵州省遵义市凤冈县'],
    ['330803114000', 'town', '高家镇', '330803000000', '浙江省衢州市衢江区高家镇'],
    ['330702000000', 'county', '婺城区', '330700000000', '浙江省金华市婺城区'],
    ['330113007000', 'town', '崇贤街道', '330113000000', '浙江省杭州市临平区崇贤街道'],
    ['330381000000', 'county', '瑞安市', '330300000000', '浙江省温州市瑞安市'],
    ['320312403000', 'town', '江苏铜山经济开发区', '320312000000', '江苏省徐州市铜山区江苏铜山经济开发区'],
    ['370124000000', 'county', '平阴县', '370100000000', '山东省济南市平阴县'],
    ['370100000000', 'city', '济南市', '370000000000', '山东省济南市'],
    ['370000000000', 'province', '山东省', COUNTRY, '山东省'],
    [COUNTRY, 'country', '中华人民共和国', undefined, '中华人民共和国'],
    ['810000000000', 'province', '香港特别行政区', COUNTRY, '香港特别行政区'],
  ])('%s is a %s, %s', (code, level, name, parent, fullName) => {
    expect(division(code)).toEqual({ code, level, name, parent, fullName });
  });

  test.each([
    ['a district of a municipality', '110101000000', '110000000000', '北京市东城区'],
    ['a county of a municipality', '500229000000', '500000000000', '重庆市城口县'],
    ['a county directly under a province', '429004000000', '420000000000', '湖北省仙桃市'],
    ['a town of a city without counties', '441900003000', '441900000000', '广东省东莞市东城街道'],
    ['a town of 儋州', '460400100000', '460400000000', '海南省儋州市那大镇'],
    [
      'a town of 嘉峪关, whose only county repeats it',
      '620201100000',
      '620200000000',
      '甘肃省嘉峪关市新城镇',
    ],
    ['a code that only groups districts', '110100000000', '110000000000', '北京市市辖区'],
  ])('%s has a sensible place', (_, code, parent, fullName) => {
    expect(division(code)).toMatchObject({ parent, fullName });
  });

  test('a village is known by its town, without a name', () => {
    expect(division('370114101001')).toEqual({
      code: '370114101001',
      level: 'village',
      name: undefined,
      parent: '370114101000',
      fullName: '山东省济南市章丘区垛庄镇 370114101001',
    });
  });

  test.each(['', '370114', 'x', '370199000000', '３７０１１４００００００'])('%j is none', (code) => {
    expect(division(code)).toBeUndefined();
    expect(isKnown(code)).toBe(false);
    expect(ancestors(code, { self: true })).toEqual([]);
    expect(children(code)).toEqual([]);
  });
});

describe('hierarchy', () => {
  test('ancestors are given nearest first, with the division itself if asked', () => {
    expect(ancestors('370114101001')).toEqual([
      '370114101000',
      ZHANGQIU,
      '370100000000',
      '370000000000',
      COUNTRY,
    ]);
    expect(ancestors(ZHANGQIU, { self: true })[0]).toBe(ZHANGQIU);
    expect(ancestors(COUNTRY)).toEqual([]);
  });

  test('children are the next divisions with a government', () => {
    expect(children(COUNTRY)).toHaveLength(34);
    expect(children('110000000000').map(({ name }) => name)).toContain('延庆区');
    expect(children('110000000000')).toHaveLength(16);
    expect(children('500000000000')).toHaveLength(38);
    expect(children(ZHANGQIU)).toHaveLength(18);
    expect(children('441900000000').every(({ level }) => level === 'town')).toBe(true);
    expect(children('620200000000').map(({ name }) => name)).toContain('雄关街道');
    expect(children('370114101000')).toEqual([]);
  });

  test('every child names its parent, lies within it, and is known', () => {
    expect(SOME.length).toBeGreaterThan(4_000);
    for (const code of SOME) {
      for (const child of children(code)) {
        expect(child.parent).toBe(code);
        expect(isWithin(child.code, code)).toBe(true);
        expect(isWithin(code, child.code)).toBe(false);
      }
    }
  });

  test('being within goes by digits, so that dissolved divisions keep their place', () => {
    expect(isWithin('370114101001', ZHANGQIU)).toBe(true);
    expect(isWithin(ZHANGQIU, ZHANGQIU)).toBe(true);
    expect(isWithin(ZHANGQIU, COUNTRY)).toBe(true);
    expect(isWithin('370181000000', '370100000000')).toBe(true);
    expect(isWithin('371302000000', '370100000000')).toBe(false);
    expect(isWithin('110101000000', '110100000000')).toBe(true);
    expect(isWithin(COUNTRY, ZHANGQIU)).toBe(false);
  });

  test.each([
    ['', ''],
    ['370114000000', ''],
    ['370114000000', '37'],
    ['370114', '370000000000'],
  ])('malformed codes are within nothing: %j in %j', (code, ancestor) => {
    expect(isWithin(code, ancestor)).toBe(false);
  });

  test('within is a partial order', () => {
    const code = fc.constantFrom(...SOME);
    fc.assert(
      fc.property(code, code, code, (a, b, c) => {
        if (isWithin(a, b) && isWithin(b, a)) expect(a).toBe(b);
        if (isWithin(a, b) && isWithin(b, c)) expect(isWithin(a, c)).toBe(true);
      }),
    );
  });
});

test.each([
  ['370114001000', 'street'],
  ['370114101000', 'town'],
  ['330381221000', 'township'],
  ['411302301000', 'township'],
  ['320312402000', 'other'],
  ['370114101001', 'town'],
  [ZHANGQIU, undefined],
  ['370114', undefined],
])('%s is of the class %s', (code, expected) => {
  expect(townClass(code)).toBe(expected);
});

test('shorter forms become twelve digits and back', () => {
  expect(toCode12('37')).toBe('370000000000');
  expect(toCode12('370114')).toBe(ZHANGQIU);
  expect(toCode12('370114001')).toBe('370114001000');
  expect(toCode12(ZHANGQIU)).toBe(ZHANGQIU);
  for (const wrong of ['', '3', '37011', '37011400', 'abcdef']) expect(toCode12(wrong)).toBeUndefined();
  expect(toCode6(ZHANGQIU)).toBe('370114');
  expect(toCode6('370114001000')).toBeUndefined();
  expect(toCode6('370114')).toBeUndefined();
});
