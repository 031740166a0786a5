import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { adjust, atOnce } from './adjustment-harness.ts';
import {
  announce,
  COUNTY,
  change,
  type Data,
  fact,
  type ListsHarness,
  ORGANS,
  openList,
  publish,
  refused,
  stage,
  startListsHarness,
} from './harness.ts';

/** Two of the five reforms through the API alone; every figure comes out of a query. */

const samples = (file: string, column: number): string[] =>
  readFileSync(new URL(`../data/samples/${file}`, import.meta.url), 'utf8')
    .split('\n')
    .slice(1)
    .flatMap((line) => line.split(',')[column]?.trim() || []);

describe('Fenggang: a village list goes from 80 items to 16, 30 and 34', () => {
  const VILLAGE = '520327000000';
  let h: ListsHarness;
  let list: string;
  const as = { division: VILLAGE } as const;
  const office = fact(1, '凤冈县委组织部', { id: 'organ:520327-0001', division: VILLAGE });

  /** Names of the seed first; the others are real duties of elsewhere and marked as sample. */
  const named = samples('village_grid_items.csv', 3).slice(0, 17);
  const filled = samples('duty_items.csv', 1).filter((name) => !named.includes(name));
  const items = [...named, ...filled].slice(0, 80);

  beforeAll(async () => {
    h = await startListsHarness();
    await announce(h, [office]);
    const asked: ListsHarness['ask'] = (query, variables, who) => h.ask(query, variables, { ...as, ...who });
    const village = { ...h, ask: asked };
    list = await openList(village, { division: VILLAGE, kind: 'VILLAGE_AFFAIRS', maintainer: office.id });
    await stage(
      village,
      list,
      0,
      items.map((name, i) => ({
        code: String(i + 1),
        add: { name, handlingClass: 'MAY_HANDLE', remarks: i < named.length ? null : '样例' },
      })),
    );
    await publish(village, list, '2024-01-01', 80);
    const reclass = (from: number, to: number, handlingClass: string) =>
      Array.from({ length: to - from }, (_, i) => ({
        list,
        kind: 'RECLASS',
        code: String(from + i + 1),
        item: { handlingClass },
        reason: '经政策法律审核并征求意见',
      }));
    await adjust(village, reclass(16, 46, 'ASSIST'), atOnce('2024-07-01'), { applicant: office.id });
    await adjust(village, reclass(46, 80, 'MUST_NOT_HANDLE'), atOnce('2025-01-01'), { applicant: office.id });
  });
  afterAll(() => h.end());

  const classes = async (effectiveAt: string): Promise<Record<string, number>> => {
    const query = `query ($list: ID!, $asOf: AsOf) { dutyList(id: $list) {
      figures(asOf: $asOf) { total byHandlingClass { key count } } } }`;
    const { figures } = (await h.ask(query, { list, asOf: { effectiveAt } }, as)).dutyList;
    const counts = figures.byHandlingClass.map(({ key, count }: Data) => [key, count]);
    return { total: figures.total, ...Object.fromEntries(counts) };
  };

  test('L-12 the figures say so, on every day', async () => {
    expect(await classes('2024-01-01')).toEqual({ total: 80, MAY_HANDLE: 80 });
    expect(await classes('2024-07-01')).toEqual({ total: 80, MAY_HANDLE: 50, ASSIST: 30 });
    expect(await classes('2025-01-01')).toEqual({
      total: 80,
      MAY_HANDLE: 16,
      ASSIST: 30,
      MUST_NOT_HANDLE: 34,
    });
  });

  test('L-10 every item tells which adjustment re-classed it', async () => {
    const query = `query ($list: ID!) {
      dutyItem(list: $list, code: "80") { history { edges { node { change adjustment changes { field before after } } } } }
      dutyList(id: $list) { adjustments { edges { node { id changeCount status } } } } }`;
    const { dutyItem, dutyList } = await h.ask(query, { list }, as);
    const [last, first] = dutyList.adjustments.edges.map(({ node }: Data) => node);
    expect([last, first]).toMatchObject([
      { changeCount: 34, status: 'APPLIED' },
      { changeCount: 30, status: 'APPLIED' },
    ]);
    expect(dutyItem.history.edges[0].node).toEqual({
      change: 'ITEM_REVISED',
      adjustment: last.id,
      changes: [{ field: 'handlingClass', before: 'MAY_HANDLE', after: 'MUST_NOT_HANDLE' }],
    });
  });
});

describe('Zhangqiu: five items of culture and tourism are proposed to the city', () => {
  let h: ListsHarness;
  beforeAll(async () => {
    h = await startListsHarness();
  });
  afterAll(() => h.end());

  const PROPOSE = `mutation ($input: ProposeUpwardInput!) { proposeUpward(input: $input) {
    proposal { id status due addresseeName items { number answer { outcome } } } } }`;
  const ANSWER = `mutation ($input: RecordUpwardAnswerInput!) { recordUpwardAnswer(input: $input) {
    proposal { status due items { number answer { outcome documentNumber } } } } }`;
  const WITHDRAW = `mutation ($input: WithdrawUpwardProposalInput!) { withdrawUpwardProposal(input: $input) {
    proposal { status } } }`;

  // The seed gives their number and field only; the names are samples.
  const items = [
    '文物保护巡查',
    '公共文化设施管理',
    '旅游市场秩序',
    '非物质文化遗产保护',
    '农家书屋管理',
  ].map((name) => ({
    name,
    content: `建议在市级清单中增列“${name}”，由区级部门主体负责（样例）`,
    reason: '镇街反映职责不清',
    basis: [{ title: '关于明晰县乡职责规范“属地管理”的若干意见(试行)', documentNumber: '鲁办发〔2019〕1号' }],
  }));
  const proposing = (more: object = {}) => ({
    division: COUNTY,
    proposer: ORGANS.staffing.id,
    addresseeName: '中共济南市委机构编制委员会办公室',
    title: '关于新增文化旅游类属地管理事项的建议',
    documentNumber: '章编〔2020〕12号',
    items,
    change,
    ...more,
  });
  const answering = (proposal: string, numbers: number[], more: object = {}) => ({
    proposal,
    answers: numbers.map((number) => ({ number, outcome: 'ACCEPTED', text: '予以采纳' })),
    documentNumber: '济编〔2020〕30号',
    answeredOn: '2020-12-01',
    change,
    ...more,
  });

  test('L-4 they are on record with their addressee, and so is the outcome when it comes', async () => {
    const { proposal } = (await h.ask(PROPOSE, { input: proposing() })).proposeUpward;
    expect(proposal).toMatchObject({ status: 'OPEN', addresseeName: '中共济南市委机构编制委员会办公室' });
    expect(proposal.items).toHaveLength(5);
    const first = (await h.ask(ANSWER, { input: answering(proposal.id, [1, 2, 3]) })).recordUpwardAnswer;
    expect(first.proposal).toMatchObject({ status: 'OPEN', due: proposal.due });
    await refused(h, [ANSWER, answering(proposal.id, [3])], {
      code: 'RULE_VIOLATED',
      rule: 'L-4',
      field: 'answers[0].number',
    });
    const last = (await h.ask(ANSWER, { input: answering(proposal.id, [4, 5]) })).recordUpwardAnswer;
    expect(last.proposal).toMatchObject({ status: 'ANSWERED', due: null });
    const query = `query ($division: DivisionCode!) { upwardProposals(division: $division, status: ANSWERED) {
      edges { node { items { answer { outcome } } } } } }`;
    const { edges } = (await h.ask(query, { division: COUNTY })).upwardProposals;
    expect(edges[0].node.items).toEqual(items.map(() => ({ answer: { outcome: 'ACCEPTED' } })));
    await refused(h, [ANSWER, answering(proposal.id, [1])], {
      code: 'CONFLICT',
      rule: 'L-4',
      field: 'proposal',
    });
    await refused(h, [WITHDRAW, { proposal: proposal.id, change }], {
      code: 'CONFLICT',
      rule: 'L-4',
      field: 'proposal',
    });
  });

  const l4 = (field: string) => ({ code: 'RULE_VIOLATED', rule: 'L-4', field });
  test.each<[string, object, object]>([
    ['without an addressee', { addresseeName: ' ' }, l4('addressee')],
    ['without a title', { title: '' }, l4('title')],
    ['without a document', { documentNumber: ' ' }, l4('documentNumber')],
    ['without items', { items: [] }, { code: 'LIMIT_EXCEEDED', rule: 'L-4', field: 'items' }],
    ['without a basis', { items: [{ ...items[0], basis: [] }] }, l4('items[0].basis')],
    ['without content', { items: [{ ...items[0], content: '' }] }, l4('items[0].content')],
  ])('L-4 refuses a proposal %s', async (_, more, expected) => {
    await refused(h, [PROPOSE, proposing(more)], expected);
  });

  test('L-4 refuses an answer from the future, and to nothing; an open proposal is withdrawn', async () => {
    const { proposal } = (await h.ask(PROPOSE, { input: proposing() })).proposeUpward;
    await refused(h, [ANSWER, answering(proposal.id, [1], { answeredOn: '2999-01-01' })], l4('answeredOn'));
    await refused(h, [ANSWER, answering(proposal.id, [])], l4('answers'));
    const nowhere = { code: 'NOT_FOUND', rule: 'L-4', field: 'proposal' };
    await refused(h, [ANSWER, answering('proposal:370114-none', [1])], nowhere);
    const { withdrawUpwardProposal } = await h.ask(WITHDRAW, { input: { proposal: proposal.id, change } });
    expect(withdrawUpwardProposal.proposal.status).toBe('WITHDRAWN');
  });
});
