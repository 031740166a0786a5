import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { adjust, atOnce, DECIDE, decision, prepare, RETRY, settled, submit } from './adjustment-harness.ts';
import {
  CORRECT,
  COUNTY,
  change,
  type Data,
  dogs,
  type ListsHarness,
  ORGANS,
  openList,
  publish,
  REBASE,
  refused,
  stage,
  startListsHarness,
  straw,
  TOWN,
} from './harness.ts';

/** L-4 through GraphQL: applications, their steps, and what becomes of them in the lists. */

let h: ListsHarness;
beforeAll(async () => {
  h = await startListsHarness();
});
afterAll(() => h.end());

const nodes = <T>({ edges }: { edges: { node: T }[] }): T[] => edges.map(({ node }) => node);

/** A list with one edition: dogs, straw, and stray dogs. */
async function published(more: object = {}): Promise<string> {
  const list = await openList(h, more);
  await stage(h, list, 0, [
    { code: '1', add: dogs },
    { code: '2', add: straw },
    { code: '3', add: { ...dogs, name: '流浪犬控制和处置' } },
  ]);
  await publish(h, list, '2026-01-01', 3);
  return list;
}

const LIST = /* GraphQL */ `
  query ($list: ID!, $asOf: AsOf) {
    dutyList(id: $list) {
      edition(asOf: $asOf) { number adjustmentId itemCount review { organName } approval { body } opinions { position } }
      items(asOf: $asOf) { edges { node { code name predecessors successors leads { organ { id } } cooperators { organ { id } } } } }
      draft { number added revised retired superseded }
      history(first: 10) { edges { node { change code adjustment author { name onBehalfOf } reason } } }
      adjustments { edges { node { id } } }
    }
  }
`;
const look = async (list: string, effectiveAt = '2026-12-31'): Promise<Data> =>
  (await h.ask(LIST, { list, asOf: { effectiveAt } })).dutyList;

describe('an adjustment of the next edition', () => {
  test('L-4 goes through its steps and enters the draft, once, under its own name', async () => {
    const list = await published();
    const { id, affected, due, division } = await submit(h, [
      {
        list,
        kind: 'TRANSFER_LEAD',
        code: '1',
        item: { leads: [{ organ: ORGANS.enforcement.id, duty: '查处违法' }] },
        reason: '职责划转',
      },
      { list, kind: 'CHANGE_COOPERATION', code: '3', item: { cooperators: [{ organ: ORGANS.health.id }] } },
    ]);
    expect(division).toBe(COUNTY);
    expect(due).toMatch(/^\d{4}-\d\d-\d\d$/);
    // Named, or no longer named; the applicant itself is not asked.
    const concerned = [ORGANS.enforcement, ORGANS.farming, ORGANS.health, ORGANS.street].map(
      (organ) => organ.id,
    );
    expect(affected.map((organ: { id: string }) => organ.id).sort()).toEqual(concerned.sort());
    await prepare(h, id);
    await h.ask(DECIDE, { input: decision(id) });
    const { applications } = await settled(h, id);
    expect(applications).toEqual([{ status: 'APPLIED', edition: null, refusal: null, list: { id: list } }]);
    const after = await look(list);
    expect(after.draft).toMatchObject({ number: 5, revised: 2, superseded: false });
    expect(after.edition).toMatchObject({ number: 1, adjustmentId: null });
    expect(nodes<Data>(after.history).slice(0, 2)).toMatchObject([
      { change: 'ITEM_REVISED', code: '3', adjustment: id, author: { name: '李编辑' } },
      { change: 'ITEM_REVISED', code: '1', adjustment: id },
    ]);
    expect(nodes(after.adjustments)).toEqual([{ id }]);
  });

  test('L-4 shows its effect before it is decided: difference, figures, organs concerned', async () => {
    const list = await published();
    const { id } = await submit(h, [
      { list, kind: 'DELEGATE_DOWN', code: '1', item: { leads: [{ organ: ORGANS.street.id }] } },
      { list, kind: 'RETIRE', code: '3' },
    ]);
    const EFFECT = /* GraphQL */ `
      query ($id: ID!) {
        adjustment(id: $id) {
          effect {
            problems { change message }
            organs { organ { id } ledBefore ledAfter supportedBefore supportedAfter }
            lists {
              added removed changed items { code kind changes { field } }
              before { total byLeadLevel { departments towns } } after { total byLeadLevel { departments towns } }
            }
          }
        }
      }
    `;
    const { effect } = (await h.ask(EFFECT, { id })).adjustment;
    expect(effect.problems).toEqual([]);
    expect(effect.lists).toMatchObject([
      {
        added: 0,
        removed: 1,
        changed: 1,
        before: { total: 3, byLeadLevel: { departments: 2, towns: 1 } },
        after: { total: 2, byLeadLevel: { departments: 0, towns: 2 } },
        items: [
          { code: '1', kind: 'CHANGED', changes: [{ field: 'leads' }] },
          { code: '3', kind: 'REMOVED', changes: [] },
        ],
      },
    ]);
    const police = effect.organs.find((one: Data) => one.organ.id === ORGANS.police.id);
    expect(police).toMatchObject({ ledBefore: 2, ledAfter: 0 });
    await h.ask(CORRECT, {
      input: {
        list,
        edition: 1,
        effectiveFrom: '2026-01-01',
        documentNumber: '勘〔2026〕1号',
        corrections: [{ code: '3', revise: { domain: '公共安全' } }],
        change,
      },
    });
    expect((await h.ask(EFFECT, { id })).adjustment.effect).toMatchObject({
      problems: [{ change: 2 }],
      lists: [{ removed: 1 }],
    });
    await prepare(h, id);
    const stale = { code: 'CONFLICT', rule: 'L-4', field: 'changes[1].code' };
    const fault = await refused(h, [DECIDE, decision(id)], stale);
    expect(fault.details).toMatchObject({
      change: 2,
      changes: [{ field: 'domain', seen: '城市管理', now: '公共安全' }],
    });
    const input = decision(id, { approved: false, reasons: '事项已变化，请重新申请' });
    const { decideAdjustment } = await h.ask(DECIDE, { input });
    expect(decideAdjustment.adjustment).toMatchObject({ status: 'REJECTED', due: null });
  });

  test('L-4 a superseded draft takes nothing; once it is rebased, the adjustment is tried again', async () => {
    const list = await published();
    const { id } = await submit(h, [{ list, kind: 'REVISE', code: '2', item: { remarks: '调整' } }]);
    await prepare(h, id);
    await stage(h, list, 3, [{ code: '1', revise: { remarks: '草案' } }]);
    await adjust(h, [{ list, kind: 'REVISE', code: '3', item: { remarks: '先行' } }], atOnce('2026-02-01'));
    expect((await look(list)).draft).toMatchObject({ superseded: true, number: 4 });
    await refused(h, [DECIDE, decision(id)], { code: 'CONFLICT', rule: 'L-3', field: 'adjustment' });
    await h.ask(REBASE, { input: { list, draftNumber: 4, change } });
    await h.ask(DECIDE, { input: decision(id) });
    await settled(h, id);
    expect((await look(list)).draft).toMatchObject({ superseded: false, revised: 2 });
    await refused(h, [RETRY, { adjustment: id, change }], {
      code: 'CONFLICT',
      rule: 'L-4',
      field: 'adjustment',
    });
  });
});

describe('an adjustment that is applied at once', () => {
  test('L-4 is an edition of its own, with its own review and approval, and leaves the draft alone', async () => {
    const list = await published();
    await stage(h, list, 3, [{ code: '2', revise: { remarks: '草案' } }]);
    const id = await adjust(
      h,
      [{ list, kind: 'RECALL_UP', code: '2', item: { leads: [{ organ: ORGANS.farming.id }] } }],
      atOnce('2026-03-01'),
    );
    const after = await look(list);
    expect(after.edition).toMatchObject({
      number: 2,
      adjustmentId: id,
      itemCount: 3,
      review: { organName: ORGANS.justice.name },
      approval: { body: '区委编委' },
    });
    expect((await look(list, '2026-02-28')).edition.number).toBe(1);
    expect(after.draft).toMatchObject({ number: 4, revised: 1, superseded: true });
    expect(nodes<Data>(after.history).slice(0, 2)).toMatchObject([
      { change: 'PUBLISHED', adjustment: id },
      { change: 'ITEM_REVISED', code: '2', adjustment: id },
    ]);
  });

  test('L-4 renumbers, splits and merges, and the history of the items follows', async () => {
    const list = await published();
    const id = await adjust(
      h,
      [
        { list, kind: 'RENUMBER', code: '2', to: '20' },
        {
          list,
          kind: 'SPLIT',
          code: '1',
          into: [
            { code: '1-1', item: { name: '犬只登记' } },
            { code: '1-2', item: { name: '养犬违法查处', leads: [{ organ: ORGANS.enforcement.id }] } },
          ],
        },
      ],
      atOnce('2026-02-01'),
    );
    const { items, history } = await look(list);
    expect(nodes<Data>(items).map(({ code, predecessors }) => [code, predecessors])).toEqual([
      ['1-1', ['1']],
      ['1-2', ['1']],
      ['3', []],
      ['20', ['2']],
    ]);
    expect(nodes<Data>(history)[0]).toMatchObject({ change: 'PUBLISHED', adjustment: id });
    const life = async (code: string) =>
      nodes<Data>(
        (
          await h.ask(
            `query ($list: ID!, $code: String!) { dutyItem(list: $list, code: $code, asOf: { effectiveAt: "2026-12-31" }) {
              history { edges { node { change code effectiveFrom } } } } }`,
            { list, code },
          )
        ).dutyItem.history,
      ).map(({ change: what, code: of }) => `${what} ${of}`);
    expect(await life('20')).toEqual(['ITEM_ADDED 20', 'ITEM_RETIRED 2', 'ITEM_ADDED 2']);
    await adjust(
      h,
      [{ list, kind: 'MERGE', merged: ['1-1', '3'], into: [{ code: '3', item: { remarks: '含犬只登记' } }] }],
      atOnce('2026-04-01'),
    );
    expect(nodes<Data>((await look(list)).items).map(({ code }) => code)).toEqual(['1-2', '3', '20']);
    expect(await life('3')).toEqual([
      'ITEM_REVISED 3',
      'ITEM_RETIRED 1-1',
      'ITEM_ADDED 1-1',
      'ITEM_RETIRED 1',
      'ITEM_ADDED 3',
      'ITEM_ADDED 1',
    ]);
  });

  test('L-4 over two lists of a county: both change, or the application says which did not', async () => {
    const [county, town] = [await published(), await openList(h, { kind: 'BASIC', division: TOWN })];
    const id = await adjust(
      h,
      [
        { list: county, kind: 'RETIRE', code: '3' },
        { list: town, kind: 'ADD', code: 'B1', item: { ...straw, leads: [{ organ: ORGANS.street.id }] } },
      ],
      atOnce('2026-05-01'),
    );
    const query =
      'query ($id: ID!) { adjustment(id: $id) { division applications { status edition list { id } } } }';
    expect((await h.ask(query, { id })).adjustment).toMatchObject({
      division: COUNTY,
      applications: [
        { status: 'APPLIED', edition: 2, list: { id: county } },
        { status: 'APPLIED', edition: 1, list: { id: town } },
      ],
    });
  });

  test('L-4 of two approved changes of one item the second finds it changed, and says so', async () => {
    const list = await published();
    const { id } = await submit(h, [{ list, kind: 'REVISE', code: '1', item: { remarks: '甲' } }]);
    await prepare(h, id);
    const other = await submit(h, [{ list, kind: 'REVISE', code: '1', item: { remarks: '乙' } }]);
    await prepare(h, other.id);
    // Both were right when they were decided; the first one that reaches the draft makes the other stale.
    await Promise.all([id, other.id].map((one) => h.send(DECIDE, { input: decision(one) })));
    const QUERY = 'query ($id: ID!) { adjustment(id: $id) { status applications { status refusal } } }';
    const both = async () =>
      Promise.all([id, other.id].map(async (one) => (await h.ask(QUERY, { id: one })).adjustment));
    const outcome = async () =>
      (await both()).map(({ status, applications }) => applications[0]?.status ?? status).sort();
    await expect
      .poll(async () => JSON.stringify(await outcome()), { timeout: 20_000 })
      .toMatch(/\["APPLIED","(FAILED|DECISION)"\]/);
  });
});

describe('an approval that its service does not outlive', () => {
  test('L-4 reaches the lists after the restart, each once', async () => {
    const [one, two] = [await published(), await published()];
    const change = (list: string) => ({ list, kind: 'REVISE', code: '1', item: { remarks: '调整' } });
    const { id } = await submit(h, [change(one), change(two)]);
    await prepare(h, id);
    await h.ask(DECIDE, { input: decision(id, atOnce('2026-06-01')) });
    await h.restart();
    await settled(h, id);
    await h.restart('read');
    const { applications } = await settled(h, id);
    expect(applications).toMatchObject([
      { status: 'APPLIED', edition: 2 },
      { status: 'APPLIED', edition: 2 },
    ]);
    for (const list of [one, two]) {
      const editions = await h.ask(
        'query ($list: ID!) { dutyList(id: $list) { editions { edges { node { number adjustmentId } } } } }',
        { list },
      );
      expect(nodes(editions.dutyList.editions)).toEqual([
        { number: 2, adjustmentId: id },
        { number: 1, adjustmentId: null },
      ]);
    }
  });
});

describe('time', () => {
  test('L-4 a stage over its limit is told, filtered, and put on record by itself', async () => {
    const list = await published();
    const { id, due } = await submit(h, [{ list, kind: 'RETIRE', code: '3' }]);
    const OVERDUE = `query ($division: DivisionCode!, $list: ID!) {
      adjustments(division: $division, overdue: true, list: $list) { edges { node { id overdue } } } }`;
    const overdue = async () => nodes((await h.ask(OVERDUE, { division: COUNTY, list })).adjustments);
    expect(await overdue()).toEqual([]);
    h.clock.set(`${due}T23:59:00+08:00`);
    expect(await overdue()).toEqual([]);
    h.clock.set(new Date(Date.parse(`${due}T00:00:00+08:00`) + 25 * 3_600_000).toISOString());
    expect(await overdue()).toEqual([{ id, overdue: true }]);
    const HISTORY =
      'query ($id: ID!) { adjustment(id: $id) { history { edges { node { event data by { name } } } } } }';
    const recorded = async () => nodes<Data>((await h.ask(HISTORY, { id })).adjustment.history)[0];
    await expect
      .poll(recorded, { timeout: 20_000 })
      .toMatchObject({ event: 'AdjustmentStageOverdue', data: { stage: 'REVIEW', due } });
  });
});
