import type { Harness } from '@dutyledger/subgraph-kit/service-harness';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  CORRECT,
  COUNTY,
  change,
  dogs,
  ORGANS,
  openList,
  publish,
  stage,
  startListsHarness,
  straw,
  TOWN,
} from './harness.ts';

let harness: Harness;
let list: string;
/** Instants between the steps of the story, to ask as known then. */
const known: string[] = [];

/** An instant that everything before is recorded at or before, and everything after is recorded after. */
async function mark(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 2));
  known.push(new Date().toISOString());
  await new Promise((resolve) => setTimeout(resolve, 2));
}

/** Edition 1 from 2024, edition 2 from 2025; then a correction of edition 1. */
beforeAll(async () => {
  harness = await startListsHarness();
  list = await openList(harness);
  await stage(harness, list, 0, [
    { code: '1', add: dogs },
    { code: '2', add: straw },
    { code: '10', add: { ...dogs, name: '流浪犬控制和处置' } },
  ]);
  await mark();
  await publish(harness, list, '2024-01-01', 3);
  await mark();
  await stage(harness, list, 3, [
    { code: '1', revise: { leads: [{ organ: ORGANS.enforcement.id, duty: '查处违法' }] } },
    { code: '10', retire: true },
  ]);
  await publish(harness, list, '2025-01-01', 5);
  await mark();
  await harness.ask(CORRECT, {
    input: {
      list,
      edition: 1,
      effectiveFrom: '2024-03-01',
      documentNumber: '勘〔2025〕1号',
      corrections: [{ code: '1', revise: { domain: '公共安全' } }],
      change,
    },
  });
  await mark();
});
afterAll(() => harness.end());

const nodes = <T>({ edges }: { edges: { node: T }[] }): T[] => edges.map(({ node }) => node);

const AT = /* GraphQL */ `
  query ($list: ID!, $asOf: AsOf) {
    dutyList(id: $list) {
      edition(asOf: $asOf) { number effectiveTo corrections { number } }
      items(asOf: $asOf) {
        edges { node { code name domain edition correction effectiveFrom effectiveTo leads { name } } }
      }
    }
  }
`;
const at = async (effectiveAt: string, recordedAt?: string) => {
  const { dutyList } = await harness.ask(AT, { list, asOf: { effectiveAt, recordedAt } });
  const items = nodes<{ code: string; domain: string }>(dutyList.items);
  return { edition: dutyList.edition?.number ?? null, items, codes: items.map(({ code }) => code) };
};

describe('time travel', () => {
  test('L-10 before the first edition there is nothing', async () => {
    expect(await at('2023-12-31')).toEqual({ edition: null, items: [], codes: [] });
    expect(await at('2030-01-01', known[0])).toEqual({ edition: null, items: [], codes: [] });
  });

  test('L-10 a list as it stood on a day, in the order of its codes', async () => {
    expect(await at('2024-12-31')).toMatchObject({ edition: 1, codes: ['1', '2', '10'] });
    const second = await at('2025-01-01');
    expect(second).toMatchObject({ edition: 2, codes: ['1', '2'] });
    expect(second.items[0]).toMatchObject({ edition: 2, leads: [{ name: ORGANS.enforcement.name }] });
  });

  test('L-10 as known at an instant: edition 2 was not known when only edition 1 was', async () => {
    const view = await at('2025-06-01', known[1]);
    expect(view).toMatchObject({ edition: 1, codes: ['1', '2', '10'] });
    expect(view.items[0]).toMatchObject({ effectiveTo: null, leads: [{ name: ORGANS.police.name }] });
  });

  test('L-3 a correction changes what is known of its time, from its recording on', async () => {
    const domain = async (day: string, instant?: string) => (await at(day, instant)).items[0]?.domain;
    expect(await domain('2024-02-29')).toBe('城市管理');
    expect(await domain('2024-03-01')).toBe('公共安全');
    expect(await domain('2024-03-01', known[2])).toBe('城市管理');
    expect(await domain('2025-01-01')).toBe('城市管理');
    expect((await at('2024-03-01')).items[0]).toMatchObject({
      edition: 1,
      correction: 1,
      effectiveTo: '2025-01-01',
    });
  });

  const DIFFERENCE = /* GraphQL */ `
    query ($list: ID!, $from: AsOf!, $to: AsOf!, $first: Int, $after: String) {
      difference(list: $list, from: $from, to: $to, first: $first, after: $after) {
        added removed changed unchanged
        edges { cursor node { code kind changes { field before after } before { name } after { name } } }
        pageInfo { hasNextPage endCursor }
      }
    }
  `;
  const difference = async (from: object, to: object, page: object = {}) =>
    (await harness.ask(DIFFERENCE, { list, from, to, ...page })).difference;

  test('L-10 the difference of two days, field by field', async () => {
    const found = await difference({ effectiveAt: '2024-01-01' }, { effectiveAt: '2025-01-01' });
    expect(found).toMatchObject({ added: 0, removed: 1, changed: 1, unchanged: 1 });
    expect(nodes(found)).toMatchObject([
      { code: '1', kind: 'CHANGED', changes: [{ field: 'leads' }] },
      { code: '10', kind: 'REMOVED', after: null, before: { name: '流浪犬控制和处置' } },
    ]);
  });

  test('L-10 the difference of two states of knowledge about one day', async () => {
    const day = { effectiveAt: '2024-06-01' };
    const found = await difference({ ...day, recordedAt: known[2] }, { ...day, recordedAt: known[3] });
    expect(found).toMatchObject({ added: 0, removed: 0, changed: 1, unchanged: 2 });
    expect(found.edges[0].node.changes).toEqual([{ field: 'domain', before: '城市管理', after: '公共安全' }]);
  });

  test('L-10 a difference is paged, and its cursors are its own', async () => {
    const [from, to] = [{ effectiveAt: '2023-01-01' }, { effectiveAt: '2024-01-01' }];
    const first = await difference(from, to, { first: 2 });
    expect(first).toMatchObject({ added: 3, pageInfo: { hasNextPage: true } });
    const rest = await difference(from, to, { first: 2, after: first.pageInfo.endCursor });
    expect(nodes(rest)).toMatchObject([{ code: '10' }]);
    const forged = { list, from, to, after: 'bm9uc2Vuc2U' };
    expect(await harness.fault(DIFFERENCE, forged)).toMatchObject({ code: 'INVALID_INPUT', field: 'after' });
    expect(await harness.fault(DIFFERENCE, { ...forged, list: 'list:none' })).toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});

const HISTORY = /* GraphQL */ `
  query ($list: ID!) {
    dutyItem(list: $list, code: "1") {
      history {
        edges {
          node {
            change edition effectiveFrom reason basis { title }
            author { name organId role }
            changes { field before after }
          }
        }
      }
    }
    dutyList(id: $list) { history(first: 200) { edges { node { change code edition } } } }
  }
`;

test('L-10 an item’s whole life, with author, reason and basis of every step', async () => {
  const { dutyItem, dutyList } = await harness.ask(HISTORY, { list });
  const life = nodes(dutyItem.history);
  expect(life).toMatchObject([
    { change: 'CORRECTED', edition: 1, effectiveFrom: '2024-03-01', changes: [{ field: 'domain' }] },
    { change: 'ITEM_REVISED', edition: 2, effectiveFrom: '2025-01-01', changes: [{ field: 'leads' }] },
    { change: 'ITEM_ADDED', edition: 1, effectiveFrom: '2024-01-01', changes: [] },
  ]);
  for (const entry of life) {
    expect(entry).toMatchObject({
      reason: change.reason,
      basis: [{ title: change.basis[0]?.title }],
      author: { name: '李编辑', organId: ORGANS.staffing.id },
    });
  }
  const steps = (opinions: number) => [
    'PUBLISHED',
    'APPROVED',
    ...Array(opinions).fill('OPINION_GIVEN'),
    'OPINIONS_REQUESTED',
    'LEGALITY_REVIEWED',
    'DRAFT_SUBMITTED',
  ];
  expect(nodes<{ change: string }>(dutyList.history).map((entry) => entry.change)).toEqual([
    'CORRECTED',
    ...steps(4),
    'ITEM_RETIRED',
    'ITEM_REVISED',
    ...steps(3),
    'ITEM_ADDED',
    'ITEM_ADDED',
    'ITEM_ADDED',
    'LIST_OPENED',
  ]);
});

test('L-10 what is only staged is not in the history that others read', async () => {
  await stage(harness, list, 5, [{ code: '1', revise: { remarks: '草拟' } }]);
  const query = `query ($list: ID!) { dutyItem(list: $list, code: "1") { history { edges { node { edition } } } } }`;
  const asked = async (as?: object) => (await harness.ask(query, { list }, as)).dutyItem.history.edges;
  expect(await asked()).toHaveLength(4);
  expect(await asked({ roles: ['INTEGRATOR'], division: '000000000000' })).toHaveLength(3);
  await stage(harness, list, 6, [{ code: '1', reset: true }]);
});

test('L-12 counts by who leads, by domain, by role, as of any day', async () => {
  const query = /* GraphQL */ `
    query ($list: ID!, $asOf: AsOf) {
      dutyList(id: $list) {
        figures(asOf: $asOf) {
          edition total byLeadLevel { departments towns villages joint none }
          byDomain { key count } byTownRole { key count }
        }
        editions { edges { node { number itemCount slimmedBy } } }
      }
    }
  `;
  const { dutyList } = await harness.ask(query, { list, asOf: { effectiveAt: '2024-01-01' } });
  expect(dutyList.figures).toEqual({
    edition: 1,
    total: 3,
    byLeadLevel: { departments: 2, towns: 1, villages: 0, joint: 0, none: 0 },
    byDomain: [
      { key: '城市管理', count: 2 },
      { key: '生态环境', count: 1 },
    ],
    byTownRole: [
      { key: 'COOPERATE', count: 2 },
      { key: 'LEAD', count: 1 },
    ],
  });
  expect(nodes(dutyList.editions)).toEqual([
    { number: 2, itemCount: 2, slimmedBy: 1 },
    { number: 1, itemCount: 3, slimmedBy: null },
  ]);
});

describe('who is responsible', () => {
  const ASK = /* GraphQL */ `
    query ($division: DivisionCode!, $text: String, $caseClass: String, $asOf: AsOf) {
      responsible(division: $division, text: $text, caseClass: $caseClass, asOf: $asOf) {
        divisionName effectiveAt
        searched { edition list { id } }
        matches {
          score because item { code name } edition { number }
          lead { name listedAs particular duty organ { id } }
          cooperators { name duty }
        }
      }
    }
  `;
  const ask = async (variables: object) =>
    (await harness.ask(ASK, { division: TOWN, ...variables })).responsible;

  test('L-9 the item, its lead, its cooperators with their duties, the basis and the edition', async () => {
    const { matches, searched } = await ask({ text: '养犬', asOf: { effectiveAt: '2024-06-01' } });
    expect(searched).toEqual([{ edition: 1, list: { id: list } }]);
    expect(matches[0]).toMatchObject({
      item: { code: '1' },
      edition: { number: 1 },
      lead: [{ name: ORGANS.police.name, particular: true, listedAs: null, duty: '登记管理、查处违法' }],
      cooperators: [{ duty: '免疫检疫' }, { name: ORGANS.street.name, duty: '组织免疫并协助登记' }],
    });
    expect(matches[0].because).toContain('济南市文明养犬管理条例');
  });

  test('L-9 on another day, and as known before, another organ', async () => {
    const lead = async (asOf: object) => (await ask({ text: '养犬违法查处', asOf })).matches[0].lead[0].name;
    expect(await lead({ effectiveAt: '2025-06-01' })).toBe(ORGANS.enforcement.name);
    expect(await lead({ effectiveAt: '2025-06-01', recordedAt: known[1] })).toBe(ORGANS.police.name);
  });

  test('L-9 where the list names each town, the one of the division asked about', async () => {
    const { matches } = await ask({ text: '有人焚烧秸秆' });
    expect(matches[0]).toMatchObject({
      item: { code: '2' },
      lead: [
        { name: ORGANS.street.name, listedAs: '各镇街', particular: true, organ: { id: ORGANS.street.id } },
      ],
    });
    const county = await ask({ division: COUNTY, text: '秸秆' });
    expect(county.matches[0].lead).toMatchObject([{ name: '各镇街', particular: false }]);
  });

  test('L-9 what no list carries has no match, and says what was looked through', async () => {
    expect(await ask({ text: '航天发射审批' })).toMatchObject({ matches: [], searched: [{ edition: 2 }] });
    expect(await ask({ division: '520327000000', text: '养犬' })).toMatchObject({
      matches: [],
      searched: [],
    });
  });

  test('L-9 by case class', async () => {
    await stage(harness, list, 7, [{ code: '2', revise: { caseClasses: ['0207'] } }]);
    await publish(harness, list, '2026-01-01', 8);
    expect((await ask({ caseClass: '0207' })).matches).toMatchObject([{ item: { code: '2' }, score: 1 }]);
    expect((await ask({ caseClass: '0207', asOf: { effectiveAt: '2025-12-31' } })).matches).toEqual([]);
    expect((await ask({ caseClass: '9999' })).matches).toEqual([]);
  });

  test.each([{}, { text: '犬' }, { text: '犬'.repeat(201) }])(
    'L-9 a question that cannot be %#',
    async (variables) => {
      expect(await harness.fault(ASK, { division: TOWN, ...variables })).toMatchObject({
        code: 'INVALID_INPUT',
        field: 'text',
      });
    },
  );
});

test('organs answer for what they lead and support, as of any day', async () => {
  const query = /* GraphQL */ `
    query ($representations: [_Any!]!, $asOf: AsOf) {
      _entities(representations: $representations) {
        ... on Organ {
          dutiesLed(asOf: $asOf) { edges { node { code } } }
          dutiesSupported(asOf: $asOf) { edges { node { code } } }
        }
      }
    }
  `;
  const ask = async (id: string, effectiveAt: string) => {
    const representations = [{ __typename: 'Organ', id }];
    const [organ] = (await harness.ask(query, { representations, asOf: { effectiveAt } }))._entities;
    return [organ.dutiesLed, organ.dutiesSupported].map((found) =>
      nodes<{ code: string }>(found).map(({ code }) => code),
    );
  };
  expect(await ask(ORGANS.police.id, '2024-06-01')).toEqual([['1', '10'], []]);
  expect(await ask(ORGANS.police.id, '2025-06-01')).toEqual([[], []]);
  expect(await ask(ORGANS.farming.id, '2025-06-01')).toEqual([[], ['1']]);
});
