import type { Role } from '@dutyledger/subgraph-kit/identity';
import { type SettableClock, settableClock } from '@dutyledger/timers/settable-clock.fixture';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Standalone } from '../../src/standalone.ts';
import { embeddedNode } from '../embedded.ts';
import { ask } from '../harness.ts';
import { County, change } from './county.ts';

/**
 * ZJ: sand mining in Qujiang (seed 003: 一旦发现非法采砂行为，只要乡镇（街道）吹哨，区水利局即负责牵头，其他相关部门协同处理),
 * through the gateway alone: from the integrated matter to the rated call and the closed case.
 */

const COUNTY = '330803000000';
const TOWN = '330803114000';

let node: Standalone;
let clock: SettableClock;
let county: County;
/** Ids, in the order of `organs`. */
let ids: string[];
beforeAll(async () => {
  clock = settableClock('2026-03-02T01:00:00.000Z');
  node = await embeddedNode({ clock });
  county = new County(node, COUNTY);
  ids = await county.register(organs);
});
afterAll(() => node.stop());

/** An instant of China's wall clock. */
const china = (text: string): string => new Date(`${text.replace(' ', 'T')}:00+08:00`).toISOString();
const at = (text: string): void => clock.set(china(text));

interface Who {
  roles: readonly Role[];
  organ?: string;
  division: string;
}

// biome-ignore lint/suspicious/noExplicitAny: the shape of an answer is that of its query.
type Data = any;

async function say(who: Who, query: string, variables: Record<string, unknown> = {}): Promise<Data> {
  const { data, errors } = await ask<Data>(
    node.url,
    await node.token({ ...who, name: '某人' }),
    query,
    variables,
  );
  if (!data || errors) throw new Error(JSON.stringify(errors));
  return data;
}

const CASE =
  'id status onTime closeBy tasks { id organName role status clock { due overdue } } clocks { task due overdue paused }';
const CALL = 'id status level closedAt parts { organ { id name } role status overdue due rating { points } }';
const onCase = (name: string, input: string): string =>
  `mutation ($input: ${input}Input!) { ${name}(input: $input) { case { ${CASE} } } }`;
const onCall = (name: string, input: string): string =>
  `mutation ($input: ${input}Input!) { ${name}(input: $input) { call { ${CALL} } } }`;

const step = async (who: Who, query: string, input: object): Promise<Data> =>
  (Object.values(await say(who, query, { input: { ...input, change } })) as Data[])[0];

const organs = [
  { name: '衢江区司法局', kind: 'DEPARTMENT' },
  { name: '衢江区水利局', kind: 'DEPARTMENT' },
  { name: '衢江区公安分局', kind: 'DEPARTMENT' },
  { name: '衢江区林业局', kind: 'DEPARTMENT' },
  { name: '衢江区自然资源和规划局', kind: 'DEPARTMENT' },
  { name: '衢江区社会治理中心', kind: 'INSTITUTION' },
  { name: '高家镇人民政府', kind: 'TOWN_GOVERNMENT', division: TOWN },
];

const of = (organ: string): Who => ({ roles: ['DEPARTMENT_OFFICER'], organ, division: COUNTY });

async function publishMatter([water, police, forestry, planning]: string[]): Promise<void> {
  const stepOf = (
    id: string,
    name: string,
    organ: string | undefined,
    amount: number,
    ...after: string[]
  ) => ({
    id,
    name,
    organ,
    limit: { amount, unit: 'WORKING_DAYS' },
    after,
  });
  const content = {
    name: '河道非法采砂治理“一件事”',
    leads: [{ organ: water, duty: '牵头处置' }],
    participants: [
      { organ: police, duty: '控制涉案人员和船只' },
      { organ: forestry, duty: '岸线林地核查' },
      { organ: planning, duty: '矿产价值鉴定' },
    ],
    basis: [{ title: '中华人民共和国水法', article: '第三十九条' }],
    caseClasses: ['SL.采砂'],
    keywords: ['采砂'],
    steps: [
      stepOf('1', '牵头查处', water, 2),
      stepOf('2', '控制人员船只', police, 1),
      stepOf('3', '林地核查', forestry, 2),
      stepOf('4', '价值鉴定', planning, 3, '1', '2'),
    ],
    promised: { amount: 5, unit: 'WORKING_DAYS' },
  };
  const drafted = await county.ask<Data>(
    'mutation ($input: DraftIntegratedMatterInput!) { draftIntegratedMatter(input: $input) { id } }',
    { input: { division: COUNTY, content, change } },
  );
  const matter = drafted.draftIntegratedMatter.id;
  const decision = { approved: true, body: '区委编委', documentNumber: '衢江编〔2026〕3号', opinion: '同意' };
  await county.ask(
    'mutation ($input: DecideIntegratedMatterInput!) { decideIntegratedMatter(input: $input) { id } }',
    { input: { matter, draftNumber: 1, ...decision, change } },
  );
  const publication = { effectiveFrom: '2026-03-02', documentNumber: '衢江政办发〔2026〕9号' };
  await county.ask(
    'mutation ($input: PublishIntegratedMatterInput!) { publishIntegratedMatter(input: $input) { version } }',
    { input: { matter, draftNumber: 1, ...publication, change } },
  );
}

test('G-9 G-7 G-6 a town whistles, the water bureau leads, the others work in parallel, limits run, the town rates', async () => {
  const [, water = '', police = '', forestry = '', planning = '', command = '', town = ''] = ids;
  await publishMatter([water, police, forestry, planning]);

  const operator: Who = { roles: ['TOWN_OPERATOR'], organ: town, division: TOWN };
  const platform: Who = { roles: ['COUNTY_OPERATOR'], organ: command, division: COUNTY };
  const route = `{ routeFor(division: "${TOWN}", caseClass: "SL.采砂") { kind lead { name } } }`;
  await vi.waitUntil(async () => (await say(platform, route)).routeFor.kind === 'MATTER', {
    timeout: 60_000,
  });

  // Thursday, 5 March 2026. A citizen's report, passed on to the county at once.
  at('2026-03-05 10:00');
  const report = {
    division: TOWN,
    source: 'CITIZEN',
    class: 'SL.采砂',
    description: '衢江高家段有船采砂',
    urgency: 'URGENT',
  };
  const { id } = (await step(operator, onCase('reportCase', 'ReportCase'), report)).case;
  await step(operator, onCase('escalateCase', 'EscalateCase'), { id, explanation: '需部门执法' });
  await step(platform, onCase('acceptCase', 'AcceptCase'), { id, file: true });
  const dispatched = (await step(platform, onCase('dispatchCase', 'DispatchCase'), { id })).case;
  expect(dispatched.tasks.map((task: Data) => [task.organName, task.role, task.status])).toEqual([
    ['衢江区水利局', 'LEAD', 'ASSIGNED'],
    ['衢江区公安分局', 'COOPERATE', 'ASSIGNED'],
    ['衢江区林业局', 'COOPERATE', 'ASSIGNED'],
    ['衢江区自然资源和规划局', 'COOPERATE', 'WAITING'],
  ]);

  // The whistle names nobody: the matter does.
  const whistle = {
    kind: 'CASE',
    title: '河道非法采砂',
    asked: '立即到场制止、取证、控制船只',
    place: { address: '高家镇衢江段', lon: 118.97, lat: 28.98 },
    caseId: id,
  };
  const call = (await step(operator, onCall('issueCall', 'IssueCall'), whistle)).call;
  expect(call.parts.map((part: Data) => [part.organ.name, part.role])).toEqual([
    ['衢江区水利局', 'LEAD'],
    ['衢江区公安分局', 'COOPERATE'],
    ['衢江区林业局', 'COOPERATE'],
    ['衢江区自然资源和规划局', 'COOPERATE'],
  ]);
  // Two working hours: from ten to twelve, where the morning ends.
  expect(call.parts.map((part: Data) => part.due)).toEqual(Array(4).fill(china('2026-03-05 12:00')));
  const answer = (organ: string, name: string, input: string, more: object = {}) =>
    step(of(organ), onCall(name, input), { id: call.id, ...more });
  at('2026-03-05 10:30');
  for (const organ of [water, police, forestry])
    await answer(organ, 'acceptCall', 'AnswerCall', { text: '出发' });

  // The fourth does not answer: overdue at noon, raised to the county, once.
  at('2026-03-05 13:30');
  const calls = `query ($id: ID!) { call(id: $id) { ${CALL} history { edges { node { step } } } } }`;
  const callNow = async (): Promise<Data> => (await say(platform, calls, { id: call.id })).call;
  await vi.waitUntil(async () => (await callNow()).level === 'COUNTY', { timeout: 60_000 });
  const steps = (await callNow()).history.edges.map(({ node: { step: name } }: Data) => name);
  expect(steps.filter((name: string) => name === 'CallOverdue' || name === 'CallRaised')).toHaveLength(2);
  await answer(planning, 'arriveOnCall', 'AnswerCall');
  for (const organ of [water, police, forestry]) await answer(organ, 'arriveOnCall', 'AnswerCall');
  for (const organ of [water, police, forestry, planning])
    await answer(organ, 'finishCall', 'ReportOnCall', { text: '已到场处置' });

  // The tasks of the case: police and forestry are done, a flood stops the rest until Wednesday.
  const result = { text: '已办理' };
  const finish = (organ: string, task: string) =>
    step(of(organ), onCase('finishCaseTask', 'FinishCaseTask'), { id, task, result });
  await finish(police, '2');
  await finish(forestry, '3');
  const pause = { id, cause: 'SEASON_OR_WEATHER', until: '2026-03-11', explanation: '洪水' };
  await step(of(water), onCase('requestCaseSuspension', 'RequestCaseSuspension'), pause);
  const approval = { id, approve: true, explanation: '属实' };
  const paused = (await step(platform, onCase('decideCaseSuspension', 'DecideOnCase'), approval)).case;
  expect(paused).toMatchObject({ status: 'SUSPENDED' });
  expect(paused.clocks.every((running: Data) => running.paused)).toBe(true);

  at('2026-03-12 09:00');
  const cases = `query ($id: ID!) { case(id: $id) { ${CASE} calls { edges { node { id } } } } }`;
  const caseNow = async (): Promise<Data> => (await say(platform, cases, { id })).case;
  await vi.waitUntil(async () => (await caseNow()).status === 'HANDLING', { timeout: 60_000 });
  const lead = (await caseNow()).tasks[0];
  // Two working days, of which the 5th and the days of the pause do not count: the 12th and the 13th.
  expect(lead.clock).toEqual({ due: china('2026-03-14 00:00'), overdue: false });
  await finish(water, '1');
  const handled = (await finish(planning, '4')).case;
  expect(handled.status).toBe('HANDLED');
  await step(of(water), onCase('giveCaseFeedback', 'GiveCaseFeedback'), {
    id,
    text: '采砂船已查扣，河道恢复',
  });
  const verified = await step(platform, onCase('verifyCase', 'VerifyCase'), { id, result, close: true });
  expect(verified.case).toMatchObject({ status: 'CLOSED', onTime: true });
  const evaluation = { id, by: 'TOWN', responded: true, resolved: true, satisfied: true };
  await step(operator, onCase('evaluateCase', 'EvaluateCase'), evaluation);

  // One call, one rating: each organ once; the last one closes the call.
  const rate = (organ: string, points: number) =>
    step(operator, onCall('rateCall', 'RateCall'), {
      id: call.id,
      organ,
      points,
      ...(points < 5 && { text: '未按时响应' }),
    });
  for (const organ of [water, police, forestry]) await rate(organ, 5);
  expect((await rate(planning, 2)).call).toMatchObject({ status: 'CLOSED', level: 'COUNTY' });
  expect((await caseNow()).calls.edges).toEqual([{ node: { id: call.id } }]);
  const { callFigures } = await say(
    platform,
    `{ callFigures(county: "${COUNTY}", from: "2026-03-01", to: "2026-03-31") {
      organ { name } called acceptedInTime onSiteInTime doneInTime overdue meanPoints } }`,
  );
  const figures = (name: string, acceptedInTime: number, overdue: number, meanPoints: number) => ({
    organ: { name },
    called: 1,
    acceptedInTime,
    onSiteInTime: 1,
    doneInTime: 1,
    overdue,
    meanPoints,
  });
  expect(callFigures).toEqual([
    figures('衢江区水利局', 1, 0, 5),
    figures('衢江区公安分局', 1, 0, 5),
    figures('衢江区林业局', 1, 0, 5),
    figures('衢江区自然资源和规划局', 0, 1, 2),
  ]);
});

test('G-3 L-6 what is handed to a grid without admission is refused, and in the ledger of unlisted work of lists', async () => {
  const [, water = '', , , , command = '', town = ''] = ids;
  const manager: Who = { roles: ['GRID_MANAGER'], organ: command, division: COUNTY };
  const grids = [{ town: TOWN, code: 'GJ-01', name: '高家一网格', households: 400, population: 1_000 }];
  const created = await step(
    manager,
    'mutation ($input: CreateGridsInput!) { createGrids(input: $input) { grids { id } } }',
    { division: COUNTY, grids },
  );
  const handing = { grid: created.grids[0].id, title: '水表抄录', what: '逐户抄录', change };
  const HAND = 'mutation ($input: HandTaskToGridInput!) { handTaskToGrid(input: $input) { handed { id } } }';
  const { errors } = await ask(node.url, await node.token(of(water)), HAND, { input: handing });
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'RULE_VIOLATED', rule: 'G-3', citation: {} });
  const auditor: Who = { roles: ['AUDITOR'], division: COUNTY };
  const ledger = `{ handedTasks(division: "${COUNTY}") { edges { node {
    title grid listed arrival issuerName town { id } violates { title } } } } }`;
  const entries = async (): Promise<Data[]> => (await say(auditor, ledger)).handedTasks.edges;
  await vi.waitUntil(async () => (await entries()).length > 0, { timeout: 60_000 });
  expect(await entries()).toMatchObject([
    {
      node: {
        title: '水表抄录',
        grid: true,
        listed: false,
        arrival: 'REFUSED',
        issuerName: '衢江区水利局',
        town: { id: town },
      },
    },
  ]);
});
