import { accessMatrix } from '@dutyledger/subgraph-kit/access';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { submit } from './adjustment-harness.ts';
import { delegationRequests, proposeOne } from './delegation-requests.ts';
import {
  COUNTY,
  change,
  dogs,
  EXPORT,
  LEGALITY,
  type ListsHarness,
  legality,
  ORGANS,
  openList,
  publish,
  SUBMIT,
  stage,
  startListsHarness,
  TOWN,
} from './harness.ts';
import { draftMatter, dumping, publishMatter } from './matters.ts';
import { disputeRequests, taskRequests } from './task-requests.ts';

/** Every role against every root field, guarded field and entity; and what divisions keep from each other. */

let h: ListsHarness;
let list: string;
let adjustment: string;
let matter: string;
let delegation: string;

beforeAll(async () => {
  h = await startListsHarness();
  list = await openList(h);
  await stage(h, list, 0, [{ code: '1', add: dogs }]);
  await publish(h, list, '2024-01-01', 1);
  await stage(h, list, 1, [{ code: '1', revise: { remarks: '内部讨论' } }]);
  await h.ask(SUBMIT, { input: { list, draftNumber: 2, alsoAsk: [ORGANS.staffing.id], change } });
  await h.ask(LEGALITY, { input: legality(list) });
  const applicant = ORGANS.staffing.id;
  adjustment = (await submit(h, [{ list, kind: 'RETIRE', code: '1' }], { applicant })).id;
  matter = await draftMatter(h, dumping);
  await publishMatter(h, matter, 1, '2024-01-01');
  delegation = await proposeOne(h);
});
afterAll(() => h.end());

const ground = 'change: { reason: "按目录编制", basis: [{ title: "意见" }] }';
const mutation = (name: string, fields: string, answer = 'repeated'): string =>
  `mutation { ${name}(input: { list: "${list}", ${fields}${ground} }) { ${answer} } }`;
const onAdjustment = (name: string, fields: string): string =>
  `mutation { ${name}(input: { adjustment: "${adjustment}", ${fields}${ground} }) { repeated } }`;
const asked = (selection: string): string => `{ dutyList(id: "${list}") { ${selection} } }`;

const requests = (): Record<string, string> => ({
  ...taskRequests,
  ...disputeRequests,
  ...delegationRequests(delegation),
  'Query.dutyList': asked('id'),
  'Query.dutyLists': `{ dutyLists(division: "${COUNTY}") { edges { node { id } } } }`,
  'Subscription.listEvents': `subscription { listEvents(division: "${COUNTY}") { __typename } }`,
  'Query.dutyItem': `{ dutyItem(list: "${list}", code: "1") { name } }`,
  'Query.responsible': `{ responsible(division: "${TOWN}", text: "养犬") { matches { score } } }`,
  'Query.searchItems': `{ searchItems(division: "${COUNTY}", text: "养犬") { found } }`,
  'Query.townBurden': `{ townBurden(town: "${TOWN}") { townName } }`,
  'Query.townBurdens': `{ townBurdens(towns: ["${TOWN}"]) { townName } }`,
  'Query.dutyFigures': `{ dutyFigures(division: "${COUNTY}") { total } }`,
  'Query.difference': `{ difference(list: "${list}", from: {}, to: {}) { added } }`,
  'Query.unmappedDuties': `{ unmappedDuties(town: "${TOWN}") { edges { cursor } } }`,
  'Query.exportDutyList': `{ exportDutyList(list: "${list}", format: CSV) { itemCount } }`,
  'Query.listsReadModels': '{ listsReadModels { name } }',
  'Mutation.openDutyList': `mutation { openDutyList(input: { division: "${COUNTY}", kind: POWER, title: " ",
    maintainer: "${ORGANS.staffing.id}", ${ground} }) { repeated } }`,
  'Mutation.changeDraft': mutation('changeDraft', 'basedOn: 0, changes: [], '),
  'Mutation.discardDraft': mutation('discardDraft', '').replace(list, 'list:370114-none'),
  'Mutation.importDutyItems': mutation('importDutyItems', 'fileName: "a.csv", content: "", dryRun: true, '),
  'Mutation.submitDraft': mutation('submitDraft', 'draftNumber: 99, '),
  'Mutation.requestOpinions': mutation('requestOpinions', 'draftNumber: 99, organs: [], '),
  'Mutation.rebaseDraft': mutation('rebaseDraft', 'draftNumber: 99, '),
  'Mutation.recordLegalityReview': mutation(
    'recordLegalityReview',
    `passed: true, organ: "${ORGANS.staffing.id}", opinion: " ", documentNumber: "号", `,
  ),
  'Mutation.recordOpinion': mutation(
    'recordOpinion',
    `organ: "${ORGANS.staffing.id}", agrees: true, text: " ", documentNumber: "号", `,
  ),
  'Mutation.recordApproval': mutation('recordApproval', 'body: " ", documentNumber: "号", '),
  'Mutation.publishEdition': mutation(
    'publishEdition',
    'draftNumber: 99, effectiveFrom: "2026-01-01", documentNumber: "号", ',
  ),
  'Mutation.correctEdition': mutation(
    'correctEdition',
    'edition: 9, effectiveFrom: "2024-01-01", documentNumber: "号", corrections: [], ',
  ),
  'Query.adjustment': '{ adjustment(id: "adjustment:none") { id } }',
  'Query.adjustments': `{ adjustments(division: "${COUNTY}") { edges { cursor } } }`,
  'DutyList.adjustments': asked('adjustments { edges { cursor } }'),
  Adjustment: `{ _entities(representations: [{ __typename: "Adjustment", id: "${adjustment}" }]) {
    ... on Adjustment { title } } }`,
  'Mutation.submitAdjustment': `mutation { submitAdjustment(input: { applicant: "${ORGANS.staffing.id}", title: " ",
    documentNumber: "号", changes: [{ list: "${list}", kind: RETIRE, code: "1" }], ${ground} }) { repeated } }`,
  'Mutation.reviewAdjustment': onAdjustment('reviewAdjustment', 'passed: true, opinion: " ", '),
  'Mutation.reviewAdjustmentLegality': onAdjustment(
    'reviewAdjustmentLegality',
    `passed: true, organ: "${ORGANS.staffing.id}", opinion: " ", documentNumber: "号", `,
  ),
  'Mutation.requestAdjustmentOpinions': onAdjustment('requestAdjustmentOpinions', 'organs: [], '),
  'Mutation.recordAdjustmentOpinion': onAdjustment(
    'recordAdjustmentOpinion',
    `organ: "${ORGANS.staffing.id}", agrees: true, text: " ", documentNumber: "号", `,
  ),
  'Mutation.decideAdjustment': onAdjustment(
    'decideAdjustment',
    'approved: true, body: " ", documentNumber: "号", ',
  ),
  'Mutation.withdrawAdjustment': onAdjustment('withdrawAdjustment', 'documentNumber: "号", ').replace(
    adjustment,
    'adjustment:none',
  ),
  'Mutation.retryAdjustment': onAdjustment('retryAdjustment', ''),
  'Query.upwardProposal': '{ upwardProposal(id: "proposal:none") { id } }',
  'Query.upwardProposals': `{ upwardProposals(division: "${COUNTY}") { edges { cursor } } }`,
  'Mutation.proposeUpward': `mutation { proposeUpward(input: { division: "${COUNTY}", title: " ",
    proposer: "${ORGANS.staffing.id}", addresseeName: "市", documentNumber: "号", items: [], ${ground} }) { repeated } }`,
  'Mutation.recordUpwardAnswer': `mutation { recordUpwardAnswer(input: { proposal: "proposal:none", answers: [],
    documentNumber: "号", answeredOn: "2026-01-01", ${ground} }) { repeated } }`,
  'Mutation.withdrawUpwardProposal': `mutation { withdrawUpwardProposal(input: { proposal: "proposal:none",
    ${ground} }) { repeated } }`,
  'Mutation.rebuildListsReadModel':
    'mutation { rebuildListsReadModel(input: { name: "nothing" }) { digestAfter } }',
  'Query.integratedMatter': `{ integratedMatter(id: "${matter}") { name } }`,
  'Query.integratedMatters': `{ integratedMatters(division: "${COUNTY}") { edges { node { name } } } }`,
  'Query.integratedMatterDifference': `{ integratedMatterDifference(matter: "${matter}", from: {}, to: {}) { changes { field } } }`,
  'Query.integratedMatterDraft': `{ integratedMatterDraft(matter: "${matter}") { number } }`,
  'Query.integratedMatterDrafts': `{ integratedMatterDrafts(division: "${COUNTY}") { edges { cursor } } }`,
  'Mutation.draftIntegratedMatter': `mutation { draftIntegratedMatter(input: { division: "${COUNTY}", ${ground}, content: {
    name: " ", leads: [], participants: [], basis: [], steps: [], promised: { amount: 1, unit: HOURS } } }) { repeated } }`,
  'Mutation.reviseIntegratedMatter': `mutation { reviseIntegratedMatter(input: { matter: "${matter}", basedOn: 99, ${ground}, content: {
    name: " ", leads: [], participants: [], basis: [], steps: [], promised: { amount: 1, unit: HOURS } } }) { repeated } }`,
  'Mutation.decideIntegratedMatter': `mutation { decideIntegratedMatter(input: { matter: "${matter}", draftNumber: 99,
    approved: true, body: " ", documentNumber: " ", opinion: " ", ${ground} }) { repeated } }`,
  'Mutation.publishIntegratedMatter': `mutation { publishIntegratedMatter(input: { matter: "${matter}", draftNumber: 99,
    effectiveFrom: "2024-01-01", documentNumber: " ", ${ground} }) { repeated } }`,
  'Mutation.retireIntegratedMatter': `mutation { retireIntegratedMatter(input: { matter: "${matter}",
    effectiveFrom: "2024-01-01", documentNumber: " ", ${ground} }) { repeated } }`,
  IntegratedMatter: `{ _entities(representations: [{ __typename: "IntegratedMatter", id: "${matter}" }]) {
    ... on IntegratedMatter { name } } }`,
  'IntegratedMatter.history': `{ integratedMatter(id: "${matter}") { history { edges { cursor } } } }`,
  'DutyList.draft': asked('draft { number }'),
  'DutyList.history': asked('history { edges { cursor } }'),
  DutyList: `{ _entities(representations: [{ __typename: "DutyList", id: "${list}" }]) { ... on DutyList { title } } }`,
  DutyItem: `{ _entities(representations: [{ __typename: "DutyItem", id: "item:${list.slice(5)}/1" }]) {
    ... on DutyItem { name } } }`,
  Organ: `{ _entities(representations: [{ __typename: "Organ", id: "${ORGANS.police.id}" }]) {
    ... on Organ { dutiesLed { edges { node { name } } } } } }`,
});

test('every role reaches what it may and nothing else', async () => {
  const queries = requests();
  const matrix = accessMatrix(h.service.subgraph.schema);
  expect(new Set(matrix.map(({ target }) => target))).toEqual(new Set(Object.keys(queries)));
  const head = await h.events.head();
  for (const { target, role, allowed } of matrix) {
    const { errors = [] } = await h.send(queries[target] as string, {}, { roles: [role] });
    const codes = errors.map(({ extensions }) => extensions?.['code']);
    expect([target, role, codes.includes('NOT_PERMITTED')]).toEqual([target, role, !allowed]);
    expect([target, role, codes.includes('INTERNAL')]).toEqual([target, role, false]);
  }
  expect(await h.events.head()).toBe(head);
});

test('who does not say who they are learns nothing', async () => {
  const answer = await h.service.subgraph.execute({ query: asked('title'), headers: {} });
  expect(answer.errors?.[0]?.extensions?.['code']).toBe('UNAUTHENTICATED');
  expect(answer.data ?? null).toBeNull();
});

describe('what is only staged is the business of its own division', () => {
  const elsewhere = {
    roles: ['LIST_EDITOR', 'LIST_PUBLISHER', 'AUDITOR'],
    division: '370112000000',
    organ: ORGANS.health.id,
  } as const;
  const life = `query ($list: ID!) { dutyItem(list: $list, code: "1") { history { edges { node { change edition } } } } }`;
  const changes = async (as?: object) =>
    (await h.ask(life, { list }, as)).dutyItem.history.edges.map((edge: { node: object }) => edge.node);

  test('an item’s history keeps drafts from editors of other divisions', async () => {
    expect(await changes()).toHaveLength(2);
    expect(await changes({ ...elsewhere, division: '370100000000' })).toHaveLength(2);
    expect(await changes(elsewhere)).toEqual([{ change: 'ITEM_ADDED', edition: 1 }]);
    expect(await changes({ roles: ['AUDITOR'], division: TOWN })).toEqual([
      { change: 'ITEM_ADDED', edition: 1 },
    ]);
  });
  test.each(['draft { number }', 'history { edges { cursor } }'])('%s', async (selection) => {
    expect(await h.fault(asked(selection), {}, elsewhere)).toMatchObject({ code: 'NOT_PERMITTED' });
  });
  test('a draft is not exported to other divisions, nor to those who only read', async () => {
    const variables = { list, format: 'CSV', draft: true };
    expect(await h.fault(EXPORT, variables, elsewhere)).toMatchObject({
      code: 'NOT_PERMITTED',
      field: 'list',
    });
    const reader = { roles: ['INTEGRATOR'], division: COUNTY } as const;
    expect(await h.fault(EXPORT, variables, reader)).toMatchObject({ code: 'NOT_PERMITTED', field: 'draft' });
    expect((await h.ask(EXPORT, { ...variables, draft: false }, elsewhere)).exportDutyList.itemCount).toBe(1);
  });
});
