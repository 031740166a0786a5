import { describe, expect, test } from 'vitest';
import { COUNTY, REGISTER, TOWN } from './county-register.fixture.ts';
import { createOrganResolver, type GivenOrgans } from './organ-resolver.ts';
import { told } from './pipeline.fixture.ts';

const resolver = createOrganResolver(REGISTER, COUNTY);

const names = (text: string, given?: GivenOrgans) => {
  const used = given ? createOrganResolver(REGISTER, COUNTY, given) : resolver;
  const { pieces, unresolved } = used.resolveCell(text);
  const organs = pieces.flatMap((piece) =>
    piece.organs.map((organ) => ({ ...organ, organ: organ.id, duty: null })),
  );
  return { organs: told(organs), unresolved };
};

describe('names that lists use', () => {
  test.each([
    ['济南市章丘区公安局', ['公安局']],
    ['区公安局', ['公安局']],
    ['公安机关', ['公安局']],
    [' 区 公安\n局 '.trim(), ['公安局']],
    ['市场监督管理部门(原文:食品药品监督管理)', ['市场监督管理局']],
    ['县级市场监管部门', ['市场监督管理局']],
    ['城乡规划主管部门', ['自然资源局']],
    ['县水务局', ['城乡水务局']],
    ['环境保护主管部门', ['济南市生态环境局章丘分局']],
    ['管道保护主管部门', ['发展和改革局']],
    ['镇人民政府、街道办事处', ['各镇街']],
    ['乡(镇)人民政府', ['各镇街']],
    ['镇街', ['各镇街']],
    ['垛庄镇', ['垛庄镇人民政府']],
    ['垛庄镇政府', ['垛庄镇人民政府']],
    ['村(居)民委员会', ['村(居)民委员会']],
    ['区政府', ['人民政府']],
    ['县级以上人民政府', ['人民政府']],
    ['负有安全生产监督管理职责的部门', ['区直有关部门']],
    ['公安派出所', ['公安派出所']],
  ])('%s', (text, organs) => {
    const found = names(text);
    expect(found.unresolved).toEqual([]);
    expect(found.organs.map((name) => name.replace('济南市章丘区', ''))).toEqual(organs);
  });

  test.each([
    ['县级自然资源主管部门会同农业农村部门', ['自然资源局', '农业农村局']],
    ['县、乡级人民政府', ['人民政府', '各镇街']],
    ['县乡村(群测群防)', ['人民政府', '各镇街', '村(居)民委员会']],
    ['县级政府及卫生健康、公安部门', ['人民政府', '卫生健康局', '公安局']],
    [
      '发改工信公安住建交通农业等',
      ['发展和改革局', '工业和信息化局', '公安局', '住房和城乡建设局', '交通运输局', '农业农村局'],
    ],
    ['1.区公安局\n2.区司法局', ['公安局', '司法局']],
    ['镇街或城市管理部门(县政府确定)', ['各镇街', '综合行政执法局']],
    ['公安局、司法局;公安', ['公安局', '司法局', '公安局']],
  ])('several organs in one cell: %s', (text, organs) => {
    expect(names(text)).toEqual({ organs, unresolved: [] });
  });

  test('an entrusted organ is marked', () => {
    const { pieces } = resolver.resolveCell('县级林业(绿化)主管部门或受委托镇政府');
    expect(pieces.map(({ entrusted, organs }) => [organs[0]?.name, entrusted])).toEqual([
      ['济南市章丘区林业局', false],
      ['各镇街', true],
    ]);
  });

  test('in a list of a town, 镇街 is that town', () => {
    const ofTown = createOrganResolver(REGISTER, TOWN);
    expect(ofTown.resolveCell('镇政府').pieces[0]?.organs[0]?.id).toBe('organ:duozhuang');
    expect(ofTown.resolveCell('区公安局').pieces[0]?.organs[0]?.name).toBe('济南市章丘区公安局');
  });
});

describe('names that do not resolve', () => {
  test('are given whole or piece by piece, with the nearest organs', () => {
    expect(names('(无需许可)')).toEqual({ organs: [], unresolved: ['(无需许可)'] });
    expect(names('公安局、粮油局、司法局')).toEqual({ organs: ['公安局', '司法局'], unresolved: ['粮油局'] });
    const near = resolver.nearest('区公安分局');
    expect(near.length).toBeLessThanOrEqual(5);
    expect(near[0]).toMatchObject({ name: '济南市章丘区公安局' });
    expect(near[0]?.similarity).toBeGreaterThan(0);
  });

  test('two organs that fit equally are offered, not chosen', () => {
    const twins = [
      {
        ...(REGISTER[0] as (typeof REGISTER)[0]),
        id: 'a',
        name: '章丘区森林公园管理处',
        kind: 'INSTITUTION',
      },
      {
        ...(REGISTER[0] as (typeof REGISTER)[0]),
        id: 'b',
        name: '章丘区湿地公园管理处',
        aliases: ['森林公园管理处'],
        kind: 'INSTITUTION',
      },
    ];
    const used = createOrganResolver([...REGISTER, ...twins], COUNTY);
    expect(used.resolveCell('森林公园管理处').unresolved).toEqual(['森林公园管理处']);
    expect(
      used
        .nearest('森林公园管理处')
        .map(({ id }) => id)
        .slice(0, 2)
        .sort(),
    ).toEqual(['a', 'b']);
  });

  test('an organ that ended is not named any more', () => {
    const ended = REGISTER.map((organ) =>
      organ.name === '济南市章丘区林业局' ? { ...organ, status: 'merged' as const } : organ,
    );
    const { unresolved, pieces } = createOrganResolver(ended, COUNTY).resolveCell('区林业局');
    expect(pieces.flatMap((piece) => piece.organs).map(({ name }) => name)).not.toContain(
      '济南市章丘区林业局',
    );
    expect(unresolved.length + (pieces[0]?.organs.length ?? 0)).toBe(1);
  });
});

describe('a given mapping comes first', () => {
  test('to one organ by id or name, to several, or to none', () => {
    const given = { 城管: 'organ:zq-1', 三部门: ['区公安局', '区司法局'], '(无需许可)': null };
    expect(names('城管', given).organs).toEqual(['公安局']);
    expect(names('三部门;镇街', given).organs).toEqual(['公安局', '司法局', '各镇街']);
    expect(names('(无需许可)', given)).toEqual({ organs: [], unresolved: [] });
  });

  test('targets that are no organs are told', () => {
    expect(createOrganResolver(REGISTER, COUNTY, { 甲: '没有的局' }).unknownTargets).toEqual(['没有的局']);
  });
});
