import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  announce,
  COUNTY,
  type Data,
  dogs,
  fact,
  type ListsHarness,
  ORGANS,
  openList,
  publish,
  stage,
  startListsHarness,
  straw,
  TOWN,
} from './harness.ts';

/** Full-text search through the API: what is found by which words, in which order, where, and as of when. */

const SEARCH = /* GraphQL */ `
  query (
    $text: String!, $division: DivisionCode!, $includeBelow: Boolean, $kind: ListKind, $domain: String, $leadOrgan: ID
    $handlingClass: HandlingClass, $asOf: AsOf, $first: Int, $after: String
  ) {
    searchItems(
      text: $text, division: $division, includeBelow: $includeBelow, kind: $kind, domain: $domain, leadOrgan: $leadOrgan
      handlingClass: $handlingClass, asOf: $asOf, first: $first, after: $after
    ) {
      edges { cursor score node { code list { id } } highlights { field parts { text matched } } }
      pageInfo { hasNextPage endCursor }
      found complete
    }
  }
`;

const health = fact(20, '济南市章丘区卫生健康局执法大队', { shortName: '卫生监督所', aliases: ['卫监'] });
const basis = [{ title: '村规民约' }];

let h: ListsHarness;
let list: string;
let townList: string;

const search = async (text: string, more: object = {}): Promise<Data> =>
  (await h.ask(SEARCH, { text, division: COUNTY, ...more })).searchItems;
const codes = async (text: string, more: object = {}): Promise<string[]> =>
  (await search(text, more)).edges.map(({ node }: Data) => node.code);

beforeAll(async () => {
  h = await startListsHarness();
  await announce(h, [health]);
  list = await openList(h);
  await stage(h, list, 0, [
    { code: '1', add: dogs },
    { code: '2', add: straw },
    {
      code: '3.12',
      add: {
        ...dogs,
        name: '生活垃圾分类管理',
        leads: [{ organ: health.id }],
        cooperators: [],
        domain: '环境卫生',
        keywords: ['PM2.5 监测', '养犬垃圾'],
        situations: [{ name: '小区未设分类桶' }],
      },
    },
    { code: '4', add: { ...straw, name: '打击非法吸烟点', keywords: [] } },
  ]);
  await publish(h, list, '2024-01-01', 4);
  townList = await openList(h, { division: TOWN, kind: 'VILLAGE_AFFAIRS', title: '垛庄镇村级事务清单' });
  await stage(h, townList, 0, [
    { code: '1', add: { name: '禁止露天焚烧秸秆宣传', handlingClass: 'MAY_HANDLE', basis } },
    { code: '2', add: { name: '烟花爆竹经营管理', handlingClass: 'MUST_NOT_HANDLE', basis } },
  ]);
  await publish(h, townList, '2024-01-01', 2);
  // Edition 2: the dogs leave, the waste is renamed.
  await stage(h, list, 4, [
    { code: '1', retire: true },
    { code: '3.12', revise: { name: '生活垃圾分类与减量', keywords: ['垃圾'] } },
  ]);
  await publish(h, list, '2025-01-01', 6);
}, 60_000);
afterAll(() => h.end());

describe('words', () => {
  test('a word inside a name is found without a dictionary', async () => {
    const { edges, found, complete } = await search('秸秆');
    expect({ found, complete }).toEqual({ found: 2, complete: true });
    expect(edges.map(({ node }: Data) => node.code)).toEqual(['2', '1']);
    expect(edges[0].highlights).toEqual([
      {
        field: 'NAME',
        parts: [
          { text: '秸秆', matched: true },
          { text: '禁烧专项整治', matched: false },
        ],
      },
      {
        field: 'KEYWORDS',
        parts: [
          { text: '焚烧', matched: false },
          { text: '秸秆', matched: true },
        ],
      },
    ]);
  });

  test('one character is found at the beginning, inside and at the end of words', async () => {
    expect(await codes('烟')).toEqual(['4', '2']);
    expect(await codes('治')).toEqual(['2']);
    expect(await codes('秸')).toHaveLength(2);
    expect(await codes('龘')).toEqual([]);
  });

  test('Latin words, in any case and width, and codes of items', async () => {
    const then = { asOf: { effectiveAt: '2024-06-01' } };
    expect(await codes('ｐｍ2.5', then)).toEqual(['3.12']);
    expect(await codes('3.12')).toEqual(['3.12']);
  });

  test('synonyms of the field count, the word itself more', async () => {
    expect(await codes('焚烧秸秆')).toEqual(['1', '2']);
    expect(await codes('鞭炮')).toEqual(['2']);
  });

  test('an item is found by name, short name or alias of the organs in it', async () => {
    expect(await codes('卫监')).toEqual(['3.12']);
    expect(await codes('卫生监督所')).toEqual(['3.12']);
    expect(await codes('公安机关', { asOf: { effectiveAt: '2024-06-01' } })).toEqual(['1']);
  });

  test('of several words an item that holds all comes first', async () => {
    const { edges } = await search('宣传 秸秆');
    expect(edges[0].node).toEqual({ code: '1', list: { id: townList } });
    expect(edges[0].score).toBeGreaterThan(edges[1]?.score ?? 0);
  });

  test('words that stand in no item find nothing', async () => {
    expect(await search('核动力航母')).toMatchObject({ edges: [], found: 0, complete: true });
    expect(await search('zzz')).toMatchObject({ edges: [], found: 0 });
  });
});

describe('where and which', () => {
  test('a division alone, with those below it, those above it', async () => {
    expect(await codes('秸秆', { includeBelow: false })).toEqual(['2']);
    expect(await codes('秸秆', { division: TOWN })).toEqual(['1']);
    expect(await codes('烟', { division: TOWN, includeBelow: false })).toEqual(['2']);
    expect(await codes('秸秆', { division: '370000000000' })).toEqual(['2', '1']);
    expect(await codes('烟', { division: '000000000000' })).toEqual(['4', '2']);
    expect(await codes('秸秆', { division: '110000000000' })).toEqual([]);
    expect(await codes('秸', { division: '110000000000' })).toEqual([]);
  });

  test('by kind, domain, lead organ and handling class', async () => {
    expect(await codes('秸秆', { kind: 'TERRITORIAL' })).toEqual(['2']);
    expect(await codes('秸秆', { kind: 'VILLAGE_AFFAIRS', division: TOWN })).toEqual(['1']);
    expect(await codes('秸秆', { domain: '生态环境' })).toEqual(['2']);
    expect(await codes('秸秆', { leadOrgan: ORGANS.towns.id })).toEqual(['2']);
    expect(await codes('垃圾', { leadOrgan: ORGANS.towns.id })).toEqual([]);
    expect(await codes('烟', { handlingClass: 'MUST_NOT_HANDLE' })).toEqual(['2']);
  });
});

test('L-10 what was in force on a day and known at an instant is what is found', async () => {
  const then = { asOf: { effectiveAt: '2024-06-01' } };
  expect(await codes('养犬')).toEqual([]);
  expect(await codes('养犬', then)).toEqual(['1', '3.12']);
  expect(await codes('减量', then)).toEqual([]);
  expect(await codes('减量')).toEqual(['3.12']);
  expect(await codes('养犬', { asOf: { recordedAt: '2020-01-01T00:00:00.000Z' } })).toEqual([]);
});

test('pages follow one another; a cursor of another search is refused', async () => {
  const one = await search('烟', { first: 1 });
  expect(one).toMatchObject({ found: 2, pageInfo: { hasNextPage: true } });
  const two = await search('烟', { first: 1, after: one.pageInfo.endCursor });
  expect(two.edges[0].node.code).toBe('2');
  expect(two.pageInfo.hasNextPage).toBe(false);
  const fault = await h.fault(SEARCH, { text: '垃圾', division: COUNTY, after: one.pageInfo.endCursor });
  expect(fault).toMatchObject({ code: 'INVALID_INPUT', field: 'after' });
});

test.each([
  ['  ', 'INVALID_INPUT'],
  ['！？', 'INVALID_INPUT'],
  ['长'.repeat(101), 'LIMIT_EXCEEDED'],
  ['一 二 三 四 五 六 七 八 九', 'LIMIT_EXCEEDED'],
])('refuses to search for %j', async (text, code) => {
  expect(await h.fault(SEARCH, { text, division: COUNTY })).toMatchObject({ code, field: 'text' });
});
