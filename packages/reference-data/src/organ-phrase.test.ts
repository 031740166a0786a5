import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normaliseOrganName } from './organ-names.ts';
import { readOrganPhrase } from './organ-phrase.ts';

const read = (text: string) => readOrganPhrase(normaliseOrganName(text));

/** Phrases of duty lists that name several organs of several sorts. */
test.each([
  ['乡级或县级人民政府', [], ['EACH_TOWN', 'COUNTY_GOVERNMENT']],
  ['县级或乡镇人民政府', [], ['EACH_TOWN', 'COUNTY_GOVERNMENT']],
  ['乡镇人民政府或县级人民政府', [], ['EACH_TOWN', 'COUNTY_GOVERNMENT']],
  ['县、乡级人民政府', [], ['EACH_TOWN', 'COUNTY_GOVERNMENT']],
  ['乡(镇)人民政府、村委会', [], ['EACH_TOWN', 'EACH_VILLAGE']],
  ['乡镇人民政府或村民委员会', [], ['EACH_TOWN', 'EACH_VILLAGE']],
  ['镇街(运输);村委会(收集)', [], ['EACH_TOWN', 'EACH_VILLAGE']],
  ['县级以上政府及有关部门', [], ['COUNTY_GOVERNMENT', 'DEPARTMENTS']],
  ['县级政府及卫生健康、公安部门', ['health', 'public-security'], ['COUNTY_GOVERNMENT']],
  ['区政府、功能区管理机构', ['development-zone'], ['COUNTY_GOVERNMENT']],
  ['县委县政府', ['party-committee'], ['COUNTY_GOVERNMENT']],
  ['城乡规划主管部门或受委托镇人民政府', ['natural-resources'], ['EACH_TOWN']],
  ['县级林业（绿化）主管部门或受委托镇政府', ['forestry'], ['EACH_TOWN']],
  ['生活垃圾主管部门、镇人民政府', ['urban-management'], ['EACH_TOWN']],
  ['镇街或城市管理部门（县政府确定）', ['urban-management'], ['EACH_TOWN']],
  ['物业（房地产）主管部门和镇街', ['housing-construction'], ['EACH_TOWN']],
  ['公安等有关部门', ['public-security'], ['DEPARTMENTS']],
])('%s names %j and %j', (text, groups, classes) => {
  expect({ ...read(text), groups: read(text).groups.sort() }).toEqual({
    groups: [...groups].sort(),
    classes,
    rest: '',
  });
});

describe('a government that only owns what follows is not meant itself', () => {
  test.each([
    ['县级人民政府城乡规划主管部门', ['natural-resources'], []],
    ['县级以上人民政府有关部门', [], ['DEPARTMENTS']],
    ['县级以上人民政府确定的监督管理部门', [], ['DEPARTMENTS']],
    ['区委组织部', ['organisation'], []],
    ['镇水务站', ['water-station'], []],
  ])('%s', (text, groups, classes) => {
    expect(read(text)).toEqual({ groups, classes, rest: '' });
  });
});

describe('what is not understood is told', () => {
  test.each([
    ['维护管理责任人', '维护管理责任人'],
    ['清单逐项明确', '清单逐项明确'],
    ['自然资源局不动产登记中心', '不动产登记中心'],
    ['市公安局', '市'],
    ['省大数据局', '省'],
    ['乡镇综合执法队', '综合执法'],
    ['人民政府', '人民政府'],
    ['—', '—'],
  ])('%s: %s', (text, rest) => {
    expect(read(text).rest).toBe(rest);
  });

  test('a phrase that is too long is not read at all', () => {
    const text = '公安、'.repeat(100_000);
    expect(read(text)).toEqual({ groups: [], classes: [], rest: text });
  });

  test('any text gives a result, without inventing characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const { rest } = read(text);
        for (const character of rest) expect(normaliseOrganName(text)).toContain(character);
      }),
    );
  });
});
