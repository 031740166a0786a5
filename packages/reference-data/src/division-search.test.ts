import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findByName } from './division-search.ts';
import { children } from './divisions.ts';

const codes = (text: string, within?: string): string[] => findByName(text, within).map(({ code }) => code);

describe('findByName', () => {
  test.each([
    ['章丘区', '370114000000'],
    ['章丘', '370114000000'],
    ['济南市章丘区', '370114000000'],
    ['济南章丘', '370114000000'],
    ['山东省济南市章丘区', '370114000000'],
    ['山东省章丘区', '370114000000'],
    [' 山东省　济南市\n章丘区 ', '370114000000'],
    ['370114', '370114000000'],
    ['３７０１１４', '370114000000'],
    ['370114000000', '370114000000'],
    ['370114001', '370114001000'],
    ['章丘区垛庄镇', '370114101000'],
    ['明水街道办事处', '370114001000'],
    ['北京市东城区', '110101000000'],
    ['内蒙古', '150000000000'],
    ['单县', '371722000000'],
    ['东莞', '441900000000'],
    ['东莞市东城街道', '441900003000'],
    ['嘉峪关市新城镇', '620201100000'],
    ['徐州市铜山区', '320312000000'],
    ['遵义市凤冈县', '520327000000'],
  ])('%j is %s', (text, code) => {
    expect(codes(text)).toEqual([code]);
  });

  test('an ambiguous name gives every division that bears it, and fewer inside one', () => {
    expect(findByName('鼓楼区').map(({ fullName }) => fullName)).toEqual([
      '江苏省南京市鼓楼区',
      '江苏省徐州市鼓楼区',
      '福建省福州市鼓楼区',
      '河南省开封市鼓楼区',
    ]);
    expect(codes('鼓楼区', '320300000000')).toEqual(['320302000000']);
    expect(codes('枣园街道', '370114000000')).toEqual(['370114003000']);
    expect(codes('吉林')).toEqual(['220000000000', '220200000000']);
  });

  test.each(['', ' ', '区', '没有的县', '济南市兰山区', '371302济南', '370199', '章'.repeat(200)])(
    '%j finds nothing',
    (text) => {
      expect(codes(text)).toEqual([]);
    },
  );

  test('a code outside is not found inside', () => {
    expect(codes('371302', '370100000000')).toEqual([]);
    expect(codes('章丘区', '370114000000')).toEqual(['370114000000']);
  });

  test('every county and town is found by its full name', () => {
    const counties = ['370100000000', '441900000000', '500000000000', '460000000000'].flatMap(children);
    const all = counties.flatMap((county) => [county, ...children(county.code)]);
    fc.assert(
      fc.property(fc.constantFrom(...all), ({ code, fullName }) => {
        expect(codes(fullName)).toContain(code);
      }),
    );
  });
});
