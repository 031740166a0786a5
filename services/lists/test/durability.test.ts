import { validate } from '@dutyledger/contracts/catalogue';
import type { CloudEvent } from '@dutyledger/contracts/envelope';
import { LISTS_TOPIC } from '@dutyledger/contracts/lists';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  announce,
  CORRECT,
  change,
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

/** What survives a restart, a lost store and a rebuild, and what other services are told. */

let h: ListsHarness;
let list: string;
let told: object;

const CORRECTION = { edition: 1, effectiveFrom: '2024-03-01', documentNumber: '勘〔2025〕1号', change };

beforeAll(async () => {
  h = await startListsHarness();
  list = await openList(h);
  await stage(h, list, 0, [
    { code: '1', add: dogs },
    { code: '2', add: straw },
    { code: '10', add: { ...dogs, name: '流浪犬控制和处置' } },
  ]);
  await publish(h, list, '2024-01-01', 3);
  await stage(h, list, 3, [
    { code: '1', revise: { leads: [{ organ: ORGANS.enforcement.id, duty: '查处违法' }] } },
    { code: '10', retire: true },
  ]);
  await publish(h, list, '2025-01-01', 5);
  const corrections = [{ code: '1', revise: { domain: '公共安全' } }];
  await h.ask(CORRECT, { input: { list, ...CORRECTION, corrections } });
  await stage(h, list, 5, [{ code: '2', revise: { remarks: '拟修改' } }]);
  told = await everything();
});
afterAll(() => h.end());

const EVERYTHING = /* GraphQL */ `
  query ($list: ID!, $town: DivisionCode!, $early: AsOf!, $organs: [_Any!]!) {
    dutyList(id: $list) {
      title maintainerName
      draft { number revised itemCount changes { edges { node { code changes { field after } by { name } } } } }
      editions { edges { node { number digest effectiveTo corrections { number codes recordedAt } publishedBy { name } } } }
      history { edges { node { id change code edition changes { field before after } reason recordedAt } } }
      now: items { edges { node { code name edition recordedFrom leads { name } } } }
      then: items(asOf: $early) { edges { node { code domain correction effectiveTo recordedFrom } } }
      figures { total byLeadLevel { departments towns } }
    }
    responsible(division: $town, text: "焚烧秸秆") { matches { score because lead { name listedAs organ { id } } } }
    _entities(representations: $organs) { ... on Organ { dutiesLed { edges { node { id } } } } }
  }
`;
const everything = (): Promise<object> =>
  h.ask(EVERYTHING, {
    list,
    town: TOWN,
    early: { effectiveAt: '2024-06-01' },
    organs: [{ __typename: 'Organ', id: ORGANS.enforcement.id }],
  });
const digest = () => h.service.projections.digest('dutyLists');

describe('restart', () => {
  test('the story answers as it should before anything is lost', () => {
    expect(told).toMatchObject({
      responsible: { matches: [{ lead: [{ name: ORGANS.street.name, listedAs: '各镇街' }] }] },
      dutyList: { now: { edges: [{ node: { code: '1' } }, { node: { code: '2' } }] } },
    });
  });
  test('everything is found again, and work goes on', async () => {
    const before = await digest();
    await h.restart();
    expect(await everything()).toEqual(told);
    expect(await digest()).toBe(before);
  });
  test.each(['read', 'bus'] as const)(
    'the %s store was deleted: the same content comes back',
    async (lost) => {
      const before = await digest();
      await h.restart(lost);
      await expect.poll(everything).toEqual(told);
      expect(await digest()).toBe(before);
    },
  );
  test('after all of it what staffing says is still heard', async () => {
    const late = fact(300, '济南市章丘区数据局');
    await announce(h, [late]);
    const draft = await stage(h, list, 6, [{ code: '3', add: { ...dogs, leads: [{ organ: late.id }] } }]);
    expect(draft).toMatchObject({ number: 7, added: 1 });
    await stage(h, list, 7, [{ code: '3', reset: true }]);
    told = await everything();
  });
});

const REBUILD = /* GraphQL */ `
  mutation ($name: String!) {
    rebuildListsReadModel(input: { name: $name }) {
      readModel { name failure rebuilding position head } digestBefore digestAfter
    }
  }
`;
const admin = { roles: ['SYSTEM_ADMIN'] as const } as { roles: ['SYSTEM_ADMIN'] };

describe('rebuild', () => {
  test('a read model that is built anew serves all the while, and holds the same', async () => {
    const rebuilding = h.ask(REBUILD, { name: 'lists.dutyLists' }, admin);
    const answers = await Promise.all([everything(), everything(), everything()]);
    const { rebuildListsReadModel: rebuilt } = await rebuilding;
    expect(rebuilt.readModel).toMatchObject({ name: 'lists.dutyLists', failure: null, rebuilding: null });
    expect(rebuilt.digestAfter).toBe(rebuilt.digestBefore);
    for (const answer of [...answers, await everything()]) expect(answer).toEqual(told);
  });
  test('a read model that there is none of', async () => {
    expect(await h.fault(REBUILD, { name: 'lists.none' }, admin)).toMatchObject({
      code: 'NOT_FOUND',
      field: 'name',
    });
  });
});

/** Everything that is on the bus, from its beginning, by subject; of each subject in order. */
async function onBus(group: string): Promise<Map<string, CloudEvent[]>> {
  const found = new Map<string, CloudEvent[]>();
  const subscription = h.bus.subscribe({ group, topics: [LISTS_TOPIC] }, async (event) => {
    found.set(event.subject, [...(found.get(event.subject) ?? []), event]);
  });
  await subscription.caughtUp;
  await subscription.stop();
  return found;
}

/** Resolves when both editions, the correction and their items are on the bus. */
async function toldAll(group: string): Promise<Map<string, CloudEvent[]>> {
  let found = new Map<string, CloudEvent[]>();
  await vi.waitUntil(
    async () => {
      found = await onBus(group);
      return [...found.values()].flat().length >= 9;
    },
    { timeout: 60_000, interval: 20 },
  );
  return found;
}

describe('what other services are told', () => {
  const stream = () => `lists.dutyList-${list.slice('list:'.length)}`;

  test('of every edition and correction once, in order, as the contracts say', async () => {
    const heard = await toldAll('editions');
    expect([...heard.values()].flat().filter((event) => !validate(event).ok)).toEqual([]);
    expect(heard.get(stream())?.map(({ type, data }) => [type, data])).toMatchObject([
      ['cn.dutyledger.lists.EditionPublished.v1', { listId: list, edition: 1, itemCount: 3, added: 3 }],
      ['cn.dutyledger.lists.EditionPublished.v1', { edition: 2, itemCount: 2, revised: 1, retired: 1 }],
      ['cn.dutyledger.lists.EditionCorrected.v1', { edition: 1, correction: 1, codes: ['1'] }],
    ]);
  });

  test('of every item that an edition or correction touched, whole, each under a subject of its own (G-7)', async () => {
    const heard = await toldAll('items');
    const item = (code: string) => heard.get(`${stream()}/${code}`)?.map(({ data }) => data);
    const { police, enforcement, farming, towns } = ORGANS;
    const cooperators = [
      { organ: farming.id, name: farming.name, duty: '免疫检疫' },
      { organ: towns.id, name: towns.name, duty: '组织免疫并协助登记' },
    ];
    expect(item('1')).toMatchObject([
      { edition: 1, effectiveFrom: '2024-01-01', item: { leads: [{ organ: police.id }], cooperators } },
      { edition: 2, effectiveFrom: '2025-01-01', item: { leads: [{ organ: enforcement.id }], cooperators } },
      // What edition 1 says once it is corrected, though edition 2 was published before the correction.
      { edition: 1, effectiveFrom: '2024-03-01', item: { leads: [{ organ: police.id }], cooperators } },
    ]);
    expect(item('2')).toMatchObject([{ edition: 1, item: { name: straw.name, caseClasses: [], steps: [] } }]);
    expect(item('10')).toMatchObject([
      { edition: 1, item: { name: '流浪犬控制和处置' } },
      { edition: 2, item: null },
    ]);
    expect(JSON.stringify([...heard.values()])).not.toContain('拟修改');
  });

  test('the very same again when the bus was lost', async () => {
    const before = await toldAll('before');
    await h.restart('bus');
    expect(await toldAll('after')).toEqual(before);
  });
});
