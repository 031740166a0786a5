import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ADJUSTMENT_LEGALITY,
  ADJUSTMENT_OPINION,
  adjustmentLegality,
  adjustmentOpinion,
  application,
  atOnce,
  DECIDE,
  decision,
  officeReview,
  prepare,
  REVIEW_ADJUSTMENT,
  SUBMIT_ADJUSTMENT,
  submit,
  WITHDRAW,
} from './adjustment-harness.ts';
import {
  announce,
  COUNTY,
  change,
  dogs,
  fact,
  type ListsHarness,
  ORGANS,
  openList,
  publish,
  refused,
  stage,
  startListsHarness,
  straw,
  TOWN,
} from './harness.ts';
import { l2 } from './refusal-story.ts';

/** Every refusal of L-4, through the API, in both languages; nothing is recorded. */

let h: ListsHarness;
let [list, shared, village] = ['', '', ''];
beforeAll(async () => {
  h = await startListsHarness();
  list = await openList(h);
  await stage(h, list, 0, [
    { code: '1', add: dogs },
    { code: '2', add: straw },
  ]);
  await publish(h, list, '2026-01-01', 2);
  shared = await openList(h, { kind: 'SHARED' });
  village = await openList(h, { kind: 'VILLAGE_AFFAIRS' });
  await stage(h, village, 0, [{ code: '1', add: { name: '户籍证明', handlingClass: 'ASSIST' } }]);
  await publish(h, village, '2026-01-01', 1);
});
afterAll(() => h.end());

const l4 = (field: string) => ({ code: 'RULE_VIOLATED', rule: 'L-4', field });
const lead = (id: string) => ({ leads: [{ organ: id }] });
type Request = [string, object, object?];
const applying = (changes: object[], more: object = {}, as?: object): Request => [
  SUBMIT_ADJUSTMENT,
  application(changes, more),
  as,
];

describe('L-4 an application is refused by the rule of its items', () => {
  test.each<[string, () => object, object]>([
    [
      'a second lead',
      () => ({
        list,
        kind: 'REVISE',
        code: '1',
        item: { leads: [{ organ: ORGANS.police.id }, { organ: ORGANS.health.id }] },
      }),
      l2('changes[0].item.leads[1].organ'),
    ],
    [
      'shares of 99.9 %',
      () => ({
        list: shared,
        kind: 'ADD',
        code: '1',
        item: {
          ...dogs,
          fiscalShares: [
            { organ: ORGANS.police.id, percent: 60 },
            { organ: ORGANS.farming.id, percent: 39.9 },
          ],
        },
      }),
      l2('changes[0].item.fiscalShares'),
    ],
    [
      'a lead among the cooperators',
      () => ({ list, kind: 'TRANSFER_LEAD', code: '1', item: lead(ORGANS.farming.id) }),
      l2('changes[0].item.cooperators[0].organ'),
    ],
    [
      'no basis',
      () => ({ list, kind: 'ADD', code: '9', item: { ...dogs, basis: [] } }),
      l2('changes[0].item.basis'),
    ],
    [
      'an unknown organ',
      () => ({ list, kind: 'TRANSFER_LEAD', code: '1', item: lead('organ:370114-9999') }),
      l2('changes[0].item.leads[0].organ'),
    ],
    ['a code that is taken', () => ({ list, kind: 'ADD', code: '1', item: dogs }), l2('changes[0].code')],
    [
      'an item that is not there',
      () => ({ list, kind: 'RETIRE', code: '8' }),
      { code: 'NOT_FOUND', rule: 'L-2', field: 'changes[0].code' },
    ],
    [
      'a list that is not there',
      () => ({ list: 'list:370114-none', kind: 'RETIRE', code: '1' }),
      { code: 'NOT_FOUND', rule: 'L-1', field: 'changes[0].list' },
    ],
    [
      'no change at all',
      () => ({ list, kind: 'REVISE', code: '1', item: { domain: dogs.domain } }),
      l4('changes[0].item'),
    ],
    [
      'a transfer that leaves the lead',
      () => ({ list, kind: 'TRANSFER_LEAD', code: '1', item: lead(ORGANS.police.id) }),
      l4('changes[0].item.leads'),
    ],
    [
      'a transfer that changes the name',
      () => ({ list, kind: 'TRANSFER_LEAD', code: '1', item: { ...lead(ORGANS.health.id), name: '甲' } }),
      l4('changes[0].item.name'),
    ],
    [
      'a delegation to the same level',
      () => ({ list, kind: 'DELEGATE_DOWN', code: '1', item: lead(ORGANS.health.id) }),
      l4('changes[0].item.leads'),
    ],
    [
      'a recall to the same level',
      () => ({ list, kind: 'RECALL_UP', code: '2', item: lead(ORGANS.street.id) }),
      l4('changes[0].item.leads'),
    ],
    [
      'a class outside of village lists',
      () => ({ list, kind: 'RECLASS', code: '1', item: { handlingClass: 'ASSIST' } }),
      l4('changes[0].item.handlingClass'),
    ],
    ['a renumbering to itself', () => ({ list, kind: 'RENUMBER', code: '1', to: '1' }), l4('changes[0].to')],
    [
      'a split into one',
      () => ({ list, kind: 'SPLIT', code: '1', into: [{ code: '1-1' }] }),
      l4('changes[0].into'),
    ],
    [
      'a merger of one',
      () => ({ list, kind: 'MERGE', merged: ['1'], into: [{ code: '1' }] }),
      l4('changes[0].merged'),
    ],
    [
      'a kind without what it needs',
      () => ({ list, kind: 'RENUMBER', code: '1' }),
      { code: 'INVALID_INPUT', rule: 'L-4', field: 'changes[0].to' },
    ],
    [
      'a kind with what it has no place for',
      () => ({ list, kind: 'RETIRE', code: '1', to: '5' }),
      { code: 'INVALID_INPUT', rule: 'L-4', field: 'changes[0].to' },
    ],
  ])('L-4 refuses %s', async (_, one, expected) => {
    await refused(h, applying([one()]), expected);
  });

  test('L-4 names every change at fault', async () => {
    const fault = await refused(
      h,
      applying([
        { list, kind: 'RETIRE', code: '1' },
        { list, kind: 'RETIRE', code: '7' },
        { list, kind: 'RETIRE', code: '8' },
      ]),
      { code: 'NOT_FOUND', rule: 'L-2', field: 'changes[1].code' },
    );
    expect(((fault.details?.['problems'] ?? []) as { field: string }[]).map(({ field }) => field)).toEqual([
      'changes[1].code',
      'changes[2].code',
    ]);
  });

  test('L-4 refuses none, and more than 500', async () => {
    const limit = { code: 'LIMIT_EXCEEDED', rule: 'L-4', field: 'changes' };
    await refused(h, applying([]), limit);
    const many = Array.from({ length: 501 }, (_, i) => ({
      list,
      kind: 'ADD',
      code: `n${i}`,
      item: { ...dogs, name: `事项${i}` },
    }));
    await refused(h, applying(many), limit);
  });

  test('L-4 takes 500 changes, and shows what they come to', async () => {
    const many = Array.from({ length: 500 }, (_, i) => ({
      list: village,
      kind: 'ADD',
      code: `n${i}`,
      item: { name: `事项${i}`, handlingClass: 'ASSIST' },
    }));
    const { id } = await submit(h, many);
    const query = `query ($id: ID!) { adjustment(id: $id) { changeCount
      effect { problems { change } lists { added after { total byHandlingClass { key count } } } } } }`;
    expect((await h.ask(query, { id })).adjustment).toEqual({
      changeCount: 500,
      effect: {
        problems: [],
        lists: [{ added: 500, after: { total: 501, byHandlingClass: [{ key: 'ASSIST', count: 501 }] } }],
      },
    });
  });
});

describe('who may', () => {
  const retire = () => [{ list, kind: 'RETIRE', code: '2' }];
  const police = { roles: ['DEPARTMENT_OFFICER'] as const, organ: ORGANS.police.id };
  test('L-4 an organ applies for itself; what came on paper is recorded with its number', async () => {
    const other = { ...police, organ: ORGANS.farming.id };
    const fault = await refused(h, applying(retire(), { documentNumber: null }, other), {
      code: 'NOT_PERMITTED',
    });
    expect(fault.message).toContain('DEPARTMENT_OFFICER');
    await refused(h, applying(retire(), { documentNumber: ' ' }), { code: 'NOT_PERMITTED' });
    const input = application(retire(), { documentNumber: null });
    expect((await h.ask(SUBMIT_ADJUSTMENT, { input }, police)).submitAdjustment.adjustment.status).toBe(
      'REVIEW',
    );
  });
  test('L-4 an organ of another county does not apply, nor do lists of two counties go together', async () => {
    const stranger = fact(50, '历城区水务局', { id: 'organ:370112-0050', division: '370112000000' });
    await announce(h, [stranger]);
    const as = { roles: ['DEPARTMENT_OFFICER'], organ: stranger.id, division: '370112000000' };
    await refused(h, applying(retire(), { applicant: stranger.id, documentNumber: null }, as), {
      code: 'NOT_PERMITTED',
      field: 'applicant',
    });
    const elsewhere = (
      await h.ask(
        'mutation ($input: OpenDutyListInput!) { openDutyList(input: $input) { list { id } } }',
        {
          input: {
            division: '370112000000',
            kind: 'POWER',
            title: '权力清单',
            maintainer: stranger.id,
            change,
          },
        },
        { division: '370112000000' },
      )
    ).openDutyList.list.id;
    const two = [...retire(), { list: elsewhere, kind: 'ADD', code: '1', item: dogs }];
    await refused(h, applying(two), l4('changes'));
  });
  test('L-4 an application is seen by its county, its applicant, and those who are asked', async () => {
    const { id } = await submit(h, [
      { list, kind: 'TRANSFER_LEAD', code: '2', item: lead(ORGANS.health.id) },
    ]);
    const query = 'query ($id: ID!) { adjustment(id: $id) { id } }';
    const see = (as: object) => h.send(query, { id }, as);
    for (const as of [police, { roles: ['AUDITOR'] }, { roles: ['COUNTY_APPROVER'] }])
      expect((await see(as)).data).toEqual({ adjustment: { id } });
    const health = { ...police, organ: ORGANS.health.id };
    expect((await see(health)).errors?.[0]?.extensions?.['code']).toBe('NOT_PERMITTED');
    await prepare(h, id);
    expect((await see(health)).data).toEqual({ adjustment: { id } });
    expect((await see({ roles: ['AUDITOR'], division: TOWN })).errors).toHaveLength(1);
    const mine = `query ($division: DivisionCode!) { adjustments(division: $division) { edges { node { id applicant { id } } } } }`;
    const seen = (await h.ask(mine, { division: COUNTY }, health)).adjustments.edges;
    expect(seen.map((edge: { node: { id: string } }) => edge.node.id)).toEqual([id]);
  });
});

describe('steps', () => {
  const step = (query: string, input: object, as?: object): Request => [query, input, as];
  const out = { code: 'RULE_VIOLATED', rule: 'L-4', field: 'adjustment' };
  test('L-4 refuses a step out of order, a stage twice, and steps after the end', async () => {
    const { id } = await submit(h, [
      { list, kind: 'TRANSFER_LEAD', code: '2', item: lead(ORGANS.health.id) },
    ]);
    await refused(h, step(ADJUSTMENT_LEGALITY, adjustmentLegality(id)), out);
    await refused(h, step(DECIDE, decision(id)), out);
    await refused(h, step(ADJUSTMENT_OPINION, adjustmentOpinion(id, ORGANS.health.id)), out);
    await h.ask(REVIEW_ADJUSTMENT, { input: officeReview(id) });
    await refused(h, step(REVIEW_ADJUSTMENT, officeReview(id)), out);
    await h.ask(ADJUSTMENT_LEGALITY, { input: adjustmentLegality(id) });
    await refused(h, step(ADJUSTMENT_LEGALITY, adjustmentLegality(id)), out);
    await refused(h, step(DECIDE, decision(id)), out);
    await refused(h, step(ADJUSTMENT_OPINION, adjustmentOpinion(id, ORGANS.police.id)), l4('organ'));
    const objecting = adjustmentOpinion(id, ORGANS.health.id, { agrees: false, text: '无承接能力' });
    await h.ask(ADJUSTMENT_OPINION, { input: objecting });
    await h.ask(ADJUSTMENT_OPINION, { input: adjustmentOpinion(id, ORGANS.street.id) });
    await refused(h, step(DECIDE, decision(id)), l4('overruling'));
    await refused(h, step(DECIDE, decision(id, { approved: false })), l4('reasons'));
    await refused(h, step(DECIDE, decision(id, { body: ' ' })), l4('body'));
    await refused(h, step(DECIDE, decision(id, { documentNumber: ' ' })), l4('documentNumber'));
    const early = decision(id, { overruling: '已增配人员', ...atOnce('2025-12-31') });
    await refused(h, step(DECIDE, early), {
      code: 'RULE_VIOLATED',
      rule: 'L-3',
      field: 'edition.effectiveFrom',
    });
    await refused(h, step(DECIDE, decision(id), { roles: ['LIST_EDITOR'] }), { code: 'NOT_PERMITTED' });
    await h.ask(DECIDE, { input: decision(id, { approved: false, reasons: '条件尚不成熟' }) });
    await refused(h, step(DECIDE, decision(id)), out);
    const withdrawal = { adjustment: id, documentNumber: '号', change };
    await refused(h, step(WITHDRAW, withdrawal), { code: 'CONFLICT', rule: 'L-4', field: 'adjustment' });
  });
  test('L-4 a review that does not pass rejects it; the applicant may withdraw before', async () => {
    const retire = [{ list, kind: 'RETIRE', code: '2' }];
    const one = await submit(h, retire);
    await refused(h, step(REVIEW_ADJUSTMENT, officeReview(one.id, { opinion: ' ' })), l4('opinion'));
    const input = officeReview(one.id, { passed: false, opinion: '材料不全' });
    const { reviewAdjustment } = await h.ask(REVIEW_ADJUSTMENT, { input });
    expect(reviewAdjustment.adjustment).toMatchObject({ status: 'REJECTED', due: null });
    await refused(h, step(REVIEW_ADJUSTMENT, officeReview(one.id)), out);
    const two = await submit(h, retire);
    const withdrawal = { adjustment: two.id, change };
    const stranger = { roles: ['DEPARTMENT_OFFICER'] as const, organ: ORGANS.farming.id };
    await refused(h, step(WITHDRAW, withdrawal, stranger), { code: 'NOT_PERMITTED' });
    const own = { roles: ['DEPARTMENT_OFFICER'] as const, organ: ORGANS.police.id };
    const { withdrawAdjustment } = await h.ask(WITHDRAW, { input: withdrawal }, own);
    expect(withdrawAdjustment.adjustment.status).toBe('WITHDRAWN');
    await refused(h, step(REVIEW_ADJUSTMENT, officeReview(two.id)), out);
  });
  test('L-4 refuses an adjustment that is not there, and one of another division', async () => {
    const nowhere = { code: 'NOT_FOUND', rule: 'L-4', field: 'adjustment' };
    await refused(h, step(REVIEW_ADJUSTMENT, officeReview('adjustment:370114-none')), nowhere);
    const { id } = await submit(h, [{ list, kind: 'RETIRE', code: '2' }]);
    await refused(h, step(REVIEW_ADJUSTMENT, officeReview(id), { division: '370112000000' }), {
      code: 'NOT_PERMITTED',
      field: 'adjustment',
    });
  });
});
