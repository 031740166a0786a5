import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { change, type Data, type Harness, register, startHarness } from './harness.ts';

/** Every change of an organ, and what is seen of it before and after, on both clocks. */

let h: Harness;
beforeAll(async () => {
  h = await startHarness();
});
afterAll(() => h.end());

const auditor = { roles: ['AUDITOR'] as const };
const ORGAN = /* GraphQL */ `
  query ($id: ID!, $asOf: AsOf) {
    organ(id: $id, asOf: $asOf) {
      name shortName aliases kind status effectiveFrom creditCode
      superior { name } successors { id name }
    }
  }
`;
const organ = async (id: string, asOf?: object): Promise<Data> =>
  (await h.ask(ORGAN, { id, asOf }, auditor)).organ;

const HISTORY = /* GraphQL */ `
  query ($id: ID!, $asOf: AsOf, $first: Int, $after: String) {
    organ(id: $id, asOf: $asOf) {
      history(first: $first, after: $after) {
        edges { node {
          id change changes { field before after } author { subject name organId role onBehalfOf }
          reason basis { title article documentNumber } recordedAt effectiveFrom correlationId
        } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`;
const history = async (id: string, variables: object = {}): Promise<Data[]> => {
  const { organ: found } = await h.ask(HISTORY, { id, ...variables }, auditor);
  return found.history.edges.map((edge: Data) => edge.node);
};
const one = async (name: string, fields: object = {}): Promise<string> =>
  (await register(h, [{ name, kind: 'DEPARTMENT', ...fields }]))[0] as string;

const mutation = (
  name: string,
  selection = 'organ { id name status effectiveFrom } repeated pending',
): string => {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
  return `mutation ($input: ${type}!) { ${name}(input: $input) { ${selection} } }`;
};
const LATER = '2026-03-01';

/** Until the next event is recorded at another millisecond than the last one. */
async function clockTick(): Promise<void> {
  for (const now = Date.now(); Date.now() === now; ) await new Promise((resolve) => setImmediate(resolve));
}

describe('S-1 changes through GraphQL', () => {
  test('S-1 a new name holds from its day on; the former one is an alias; the record tells when it was known', async () => {
    const id = await one('旅游局');
    await clockTick();
    const answer = await h.ask(mutation('renameOrgan'), {
      input: { organ: id, name: ' 文化和旅游局 ', effectiveFrom: LATER, change },
    });
    expect(answer.renameOrgan).toEqual({
      organ: { id, name: '文化和旅游局', status: 'ACTIVE', effectiveFrom: LATER },
      repeated: false,
      pending: false,
    });
    expect(await organ(id)).toMatchObject({
      name: '文化和旅游局',
      aliases: ['旅游局'],
      effectiveFrom: LATER,
    });
    expect(await organ(id, { effectiveAt: '2026-02-28' })).toMatchObject({ name: '旅游局', aliases: [] });
    expect(await organ(id, { effectiveAt: '2025-12-31' })).toBeNull();

    const [renamed, registered] = await history(id);
    const before = { recordedAt: registered.recordedAt };
    expect(await organ(id, before)).toMatchObject({ name: '旅游局', effectiveFrom: '2026-01-01' });
    expect(await organ(id, { recordedAt: renamed.recordedAt })).toMatchObject({ name: '文化和旅游局' });
    expect(await history(id, { asOf: before })).toEqual([registered]);
    expect(renamed).toMatchObject({
      change: 'RENAMED',
      changes: [
        { field: 'name', before: '旅游局', after: '文化和旅游局' },
        { field: 'aliases', before: [], after: ['旅游局'] },
      ],
      effectiveFrom: LATER,
    });
    expect(registered).toMatchObject({
      change: 'REGISTERED',
      changes: [],
      author: {
        subject: 'developer',
        name: '开发用户 Developer',
        organId: null,
        role: 'ORGAN_REGISTRAR',
        onBehalfOf: null,
      },
      reason: change.reason,
      basis: [{ ...change.basis[0], article: null }],
      effectiveFrom: '2026-01-01',
    });
  });
  test('S-1 a change ahead of its day is not seen today', async () => {
    const id = await one('体育局');
    await h.ask(mutation('renameOrgan'), {
      input: { organ: id, name: '教体局', effectiveFrom: '2099-01-01', change },
    });
    expect(await organ(id)).toMatchObject({ name: '体育局' });
    expect(await organ(id, { effectiveAt: '2099-01-01' })).toMatchObject({ name: '教体局' });
  });
  test('S-1 revises fields; null clears; the same again changes nothing', async () => {
    const [superior, id] = (await register(h, [
      { name: '交通运输局', kind: 'DEPARTMENT' },
      { name: '公路中心', kind: 'INSTITUTION', shortName: '公路', aliases: ['公路局'] },
    ])) as [string, string];
    const input = { organ: id, superior, shortName: null, aliases: ['公路站'], effectiveFrom: LATER, change };
    const first = await h.ask(mutation('reviseOrgan'), { input });
    expect(first.reviseOrgan.organ.effectiveFrom).toBe(LATER);
    expect(await organ(id)).toMatchObject({
      shortName: null,
      aliases: ['公路站'],
      superior: { name: '交通运输局' },
    });
    await h.ask(mutation('reviseOrgan'), { input });
    const entries = await history(id);
    expect(entries.map((entry) => entry.change)).toEqual(['REVISED', 'REGISTERED']);
    expect(entries[0].changes).toEqual([
      { field: 'shortName', before: '公路', after: null },
      { field: 'aliases', before: ['公路局'], after: ['公路站'] },
      { field: 'superior', before: null, after: superior },
    ]);
  });
  test('S-1 organs reached from another keep the point in time of the question', async () => {
    const [superior, id] = (await register(h, [
      { name: '住房局', kind: 'DEPARTMENT' },
      { name: '物业中心', kind: 'INSTITUTION' },
    ])) as [string, string];
    await h.ask(mutation('reviseOrgan'), {
      input: { organ: id, superior, effectiveFrom: '2026-01-01', change },
    });
    await h.ask(mutation('renameOrgan'), {
      input: { organ: superior, name: '住房和城乡建设局', effectiveFrom: LATER, change },
    });
    expect(await organ(id, { effectiveAt: '2026-02-01' })).toMatchObject({ superior: { name: '住房局' } });
    expect(await organ(id)).toMatchObject({ superior: { name: '住房和城乡建设局' } });
    const { organs } = await h.ask(
      '{ organs(division: "370114000000", nameContains: "物业", asOf: { effectiveAt: "2026-02-01" }) { edges { node { superior { name } } } } }',
    );
    expect(organs.edges[0].node.superior.name).toBe('住房局');
  });
  test('S-1 confirms an organ met in an import; again changes nothing', async () => {
    const id = await one('执法大队', { provisional: true });
    expect(await organ(id)).toMatchObject({ status: 'PROVISIONAL' });
    const input = { organ: id, effectiveFrom: LATER, change };
    const answer = await h.ask(mutation('confirmOrgan'), { input });
    expect(answer.confirmOrgan.organ).toMatchObject({ status: 'ACTIVE', effectiveFrom: LATER });
    const again = await h.ask(mutation('confirmOrgan'), { input });
    expect(again.confirmOrgan).toMatchObject({ organ: { status: 'ACTIVE' }, repeated: false });
    expect((await history(id)).map((entry) => entry.change)).toEqual(['CONFIRMED', 'REGISTERED']);
  });
  test('S-1 a merged organ still answers, with its successor and its history', async () => {
    const [source, into] = (await register(h, [
      { name: '粮食局', kind: 'DEPARTMENT' },
      { name: '发展改革局', kind: 'DEPARTMENT' },
    ])) as [string, string];
    const answer = await h.ask(mutation('mergeOrgans'), {
      input: { sources: [source], into, effectiveFrom: LATER, change },
    });
    expect(answer.mergeOrgans.organ).toMatchObject({ id: into, status: 'ACTIVE' });
    expect(await organ(source)).toMatchObject({
      name: '粮食局',
      status: 'MERGED',
      effectiveFrom: LATER,
      successors: [{ id: into, name: '发展改革局' }],
    });
    expect(await organ(source, { effectiveAt: '2026-02-01' })).toMatchObject({
      status: 'ACTIVE',
      successors: [],
    });
    const [merged] = await history(source);
    expect(merged).toMatchObject({ change: 'MERGED' });
    expect(merged.changes).toContainEqual({ field: 'status', before: 'active', after: 'merged' });
    expect((await history(into))[0]).toMatchObject({
      change: 'SUCCEEDED',
      changes: [],
      effectiveFrom: LATER,
    });
  });
  test('S-1 a merger founds an organ, which may bear the name of one of the merged', async () => {
    const sources = await register(h, [
      { name: '民政局', kind: 'DEPARTMENT' },
      { name: '老龄办', kind: 'DEPARTMENT' },
    ]);
    const answer = await h.ask(mutation('mergeOrgans'), {
      input: { sources, intoNew: { name: '民政局', kind: 'DEPARTMENT' }, effectiveFrom: LATER, change },
    });
    const { id } = answer.mergeOrgans.organ;
    expect(sources).not.toContain(id);
    expect((await history(id)).map((entry) => entry.change)).toEqual(['SUCCEEDED', 'REGISTERED']);
    expect(await organ(id, { effectiveAt: '2026-02-01' })).toBeNull();
  });
  test('S-1 splits an organ that ends, and one that goes on', async () => {
    const split = mutation(
      'splitOrgan',
      'source { id status successors { name } } into { id name } repeated pending',
    );
    const ending = await one('国土规划局');
    const parts = [
      { name: '国土局', kind: 'DEPARTMENT' },
      { name: '规划局', kind: 'DEPARTMENT' },
    ];
    const ended = await h.ask(split, {
      input: { source: ending, into: parts, effectiveFrom: LATER, change },
    });
    expect(ended.splitOrgan).toMatchObject({
      source: { id: ending, status: 'ABOLISHED', successors: [{ name: '国土局' }, { name: '规划局' }] },
      into: [{ name: '国土局' }, { name: '规划局' }],
    });
    expect((await history(ending))[0]).toMatchObject({ change: 'SPLIT' });

    const going = await one('科技局');
    const kept = await h.ask(split, {
      input: {
        source: going,
        into: [{ name: '工信局', kind: 'DEPARTMENT' }],
        sourceContinues: true,
        effectiveFrom: LATER,
        change,
      },
    });
    expect(kept.splitOrgan.source).toEqual({ id: going, status: 'ACTIVE', successors: [] });
    expect(await organ(going)).toMatchObject({ status: 'ACTIVE', effectiveFrom: '2026-01-01' });
    expect((await history(going))[0]).toMatchObject({ change: 'SPLIT', changes: [] });
    expect((await history(kept.splitOrgan.into[0].id))[0]).toMatchObject({ change: 'SUCCEEDED' });
  });
  test('S-1 abolishes an organ and names who answers', async () => {
    const [id, successor] = (await register(h, [
      { name: '招商局', kind: 'DEPARTMENT' },
      { name: '商务局', kind: 'DEPARTMENT' },
    ])) as [string, string];
    const answer = await h.ask(mutation('abolishOrgan'), {
      input: { organ: id, successors: [successor], effectiveFrom: LATER, change },
    });
    expect(answer.abolishOrgan.organ).toMatchObject({ status: 'ABOLISHED' });
    expect(await organ(id)).toMatchObject({ successors: [{ name: '商务局' }] });
    expect((await history(successor))[0]).toMatchObject({ change: 'SUCCEEDED' });
    expect((await history(id))[0]).toMatchObject({ change: 'ABOLISHED' });
  });
  test('S-1 without a day a change holds from today in China', async () => {
    const id = await one('应急局');
    await h.ask(mutation('renameOrgan'), { input: { organ: id, name: '应急管理局', change } });
    const today = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
    expect([today, new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10)]).toContain(
      (await organ(id)).effectiveFrom,
    );
  });
  test('the history comes page by page, newest first', async () => {
    const id = await one('一局');
    for (const name of ['二局', '三局', '四局']) {
      await h.ask(mutation('renameOrgan'), { input: { organ: id, name, effectiveFrom: LATER, change } });
    }
    const { organ: found } = await h.ask(HISTORY, { id, first: 3 });
    const { edges, pageInfo } = found.history;
    expect(edges.map((edge: Data) => edge.node.changes[0]?.after)).toEqual(['四局', '三局', '二局']);
    expect(pageInfo.hasNextPage).toBe(true);
    const rest = await history(id, { first: 3, after: pageInfo.endCursor });
    expect(rest.map((entry) => entry.change)).toEqual(['REGISTERED']);
  });
  test('every event says on whose behalf and in which chain of work', async () => {
    const id = await one('八局');
    const said = { ...change, onBehalfOf: '区委编办', correlationId: 'reform-2026' };
    await h.ask(mutation('renameOrgan'), {
      input: { organ: id, name: '九局', effectiveFrom: LATER, change: said },
    });
    expect((await history(id))[0]).toMatchObject({
      author: { onBehalfOf: '区委编办' },
      correlationId: 'reform-2026',
    });
  });
});
