import type { DevelopmentToken } from '@dutyledger/subgraph-kit/dev-issuer';
import { settableClock } from '@dutyledger/timers/settable-clock.fixture';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Standalone } from '../src/standalone.ts';
import { embeddedNode } from './embedded.ts';
import { type Fault, type Followed, follow, type Message, TRANSPORTS } from './follow.ts';
import { ask, folder } from './harness.ts';
import { added, County, change } from './reforms/county.ts';

/** Cases, calls and limits of a real node, followed over both transports while they happen (G-4 to G-9). */

const COUNTY = '370114000000';
const TOWN = '370114101000';
const OTHER_TOWN = '370114001000';
const PATIENCE = { timeout: 120_000, interval: 10 };
const clock = settableClock('2026-03-05T02:00:00.000Z');
const dataDir = folder();

type Claims = Pick<DevelopmentToken, 'roles'> & Partial<DevelopmentToken>;
type Transport = (typeof TRANSPORTS)[number];

let node: Standalone;
let police: string;
let water: string;
let towns: { hall: string; other: string };

const platform: Claims = { roles: ['COUNTY_OPERATOR'] };
const integrator: Claims = { roles: ['INTEGRATOR'] };
const officer = (organ: string): Claims => ({ roles: ['DEPARTMENT_OFFICER'], organ });
const operator = (division: string, organ: string): Claims => ({ roles: ['TOWN_OPERATOR'], division, organ });
const tokenOf = (as: Claims) =>
  node.token({ division: COUNTY, name: '赵指挥', subject: as.roles[0] ?? '', ...as });

/** The answer; throws what was refused against expectation. */
async function told<T>(as: Claims, query: string, variables: Record<string, unknown> = {}): Promise<T> {
  const { data, errors } = await ask<T>(node.url, await tokenOf(as), query, variables);
  if (!data || errors) throw new Error(JSON.stringify(errors));
  return data;
}

const INPUTS: Record<string, string> = {
  dispatchCase: 'DispatchCaseInput',
  acceptCase: 'AcceptCaseInput',
  finishCaseTask: 'FinishCaseTaskInput',
  giveCaseFeedback: 'GiveCaseFeedbackInput',
  verifyCase: 'VerifyCaseInput',
  reportCase: 'ReportCaseInput',
};

/** Takes a step on a case; answers its id. */
async function step(name: string, as: Claims, input: object): Promise<string> {
  const query = `mutation ($input: ${INPUTS[name]}!) { ${name}(input: $input) { case { id } } }`;
  const answer = await told<Record<string, { case: { id: string } }>>(as, query, {
    input: { ...input, change },
  });
  return answer[name]?.case.id ?? '';
}

const report = (caseClass: string, division = TOWN): Promise<string> =>
  step('reportCase', platform, { division, source: 'COMMAND', class: caseClass, description: '群众反映' });

async function dispatch(id: string): Promise<string> {
  await step('acceptCase', platform, { id, file: true });
  return step('dispatchCase', platform, { id });
}

/** From the report to the verified end: CaseReported, CaseFiled, CaseDispatched, CaseClosed. */
const LIFE = ['CaseReported', 'CaseFiled', 'CaseDispatched', 'CaseClosed'];
async function live(division = TOWN): Promise<string> {
  const result = { text: '已办结' };
  const id = await report('公安.犬只', division);
  await dispatch(id);
  await step('finishCaseTask', officer(police), { id, task: '1', result });
  await step('giveCaseFeedback', officer(police), { id, text: '已办结' });
  return step('verifyCase', platform, { id, result, close: true });
}

const CASES = `subscription ($division: DivisionCode, $case: ID, $after: String) {
  caseEvents(division: $division, case: $case, after: $after) {
    cursor id event division
    case { id status route { item { name domain } lead { organ { id name } } } tasks { organ { name } } }
  }
}`;
interface CaseMessage extends Message {
  division: string;
  case: {
    id: string;
    status: string;
    route: { item: { name: string }; lead: { organ: { id: string; name: string } } };
    tasks: { organ: { name: string } }[];
  };
}
const OVERDUE = `subscription ($division: DivisionCode!, $organ: ID) {
  overdue(division: $division, organ: $organ) { cursor id event phase task organId level due case { id overdue } }
}`;
const CALLS = `subscription ($organ: ID!) {
  callsFor(organ: $organ) { cursor id event call { id title town { name } parts { organ { id name } status } } }
}`;

/** Resolves when so many subscriptions of the field are open. */
const open = (field: string, count: number) =>
  vi.waitUntil(async () => {
    const text = await (await fetch(`${node.url}/metrics`)).text();
    const found = new RegExp(`^dutyledger_subscribers\\{field="${field}"\\} (\\d+)$`, 'm').exec(text);
    return Number(found?.[1] ?? 0) === count;
  }, PATIENCE);

const following = async <M extends Message>(
  transport: Transport,
  as: Claims,
  query: string,
  variables: Record<string, unknown>,
): Promise<Followed<M>> => {
  const followed = follow<M>(transport, node.url, await tokenOf(as), { query, variables });
  onTestFinished(() => followed.kill());
  return followed;
};

const refusalOf = async (
  as: Claims,
  query: string,
  variables: Record<string, unknown>,
): Promise<Fault | undefined> => (await (await following('WebSocket', as, query, variables)).ended)[0];

const events = (messages: readonly Message[]): string[] => messages.map(({ event }) => event);
const ids = (messages: readonly Message[]): string[] => messages.map(({ id }) => id);

beforeAll(async () => {
  node = await embeddedNode({ clock, dataDir });
  const county = new County(node, COUNTY);
  const hall = { kind: 'TOWN_GOVERNMENT', level: 'TOWN' };
  const [office = '', ...organs] = await county.register([
    { name: '区委编办', kind: 'DEPARTMENT' },
    { name: '章丘区公安局', kind: 'DEPARTMENT' },
    { name: '章丘区水务局', kind: 'DEPARTMENT' },
    { ...hall, name: '相公庄镇人民政府', division: TOWN },
    { ...hall, name: '明水街道办', division: OTHER_TOWN },
  ]);
  const [first = '', second = '', third = '', fourth = ''] = organs;
  [police, water, towns] = [first, second, { hall: third, other: fourth }];
  const list = await county.open('TERRITORIAL', office);
  const basis = [{ title: '济南市文明养犬管理条例', article: '第三十条' }];
  const items = [
    { name: '犬只管理', domain: '公共安全', leads: [{ organ: police }], basis, caseClasses: ['公安.*'] },
    { name: '河道管理', domain: '水务', leads: [{ organ: water }], basis, caseClasses: ['水务.*'] },
  ];
  await county.publish(list, await county.stage(list, 0, added(items)), office);
  const ROUTE = `{ routeFor(division: "${TOWN}", caseClass: "公安.犬只") { kind } }`;
  await vi.waitUntil(
    async () => (await told<{ routeFor: { kind: string } }>(platform, ROUTE)).routeFor.kind === 'ITEM',
    PATIENCE,
  );
});
afterAll(() => node?.stop());

describe.each(TRANSPORTS)('over %s', (transport) => {
  test('a case is told from its report to its end, with what staffing and lists say of it', async () => {
    const county = await following<CaseMessage>(transport, integrator, CASES, { division: COUNTY });
    const town = await following<CaseMessage>(transport, operator(TOWN, towns.hall), CASES, {
      division: TOWN,
    });
    const other = await following<CaseMessage>(transport, operator(OTHER_TOWN, towns.other), CASES, {
      division: OTHER_TOWN,
    });
    const involved = await following<CaseMessage>(transport, officer(police), CASES, { division: COUNTY });
    const uninvolved = await following<CaseMessage>(transport, officer(water), CASES, { division: COUNTY });
    await open('caseEvents', 5);
    const id = await live();
    const elsewhere = await live(OTHER_TOWN);
    const [reported, , dispatched, closed] = await county.until(8);
    expect(events(county.messages)).toEqual([...LIFE, ...LIFE]);
    expect(reported).toMatchObject({
      cursor: expect.stringMatching(/^[\w-]+$/),
      division: TOWN,
      case: {
        id,
        route: { item: { name: '犬只管理', domain: '公共安全' }, lead: { organ: { name: '章丘区公安局' } } },
      },
    });
    expect(dispatched?.case.tasks).toEqual([{ organ: { name: '章丘区公安局' } }]);
    expect(closed?.case.status).toBe('CLOSED');
    expect((await town.until(4)).map(({ case: { id: of } }) => of)).toEqual([id, id, id, id]);
    expect((await other.until(4)).map(({ case: { id: of } }) => of)).toEqual(Array(4).fill(elsewhere));
    // A department sees the cases in which it has a part; the other has none in either.
    expect(events(await involved.until(4)).slice(-1)).toEqual(['CaseClosed']);
    const mark = await dispatch(await report('水务.采砂'));
    const seen = await uninvolved.until(1);
    expect(new Set(seen.map(({ case: { id: of } }) => of))).toEqual(new Set([mark]));
    for (const one of [county, town, other, involved, uninvolved]) one.kill();
    await open('caseEvents', 0);
  });

  test('calls reach the organ that is called, and limits that run out whoever watches over them', async () => {
    const called = await following<Message & { call: { title: string } }>(transport, officer(water), CALLS, {
      organ: water,
    });
    const limits = await following<
      Message & { organId: string | null; case: { id: string; overdue: boolean } }
    >(transport, platform, OVERDUE, { division: COUNTY });
    const others = await following<Message>(transport, integrator, OVERDUE, {
      division: COUNTY,
      organ: police,
    });
    await open('callsFor', 1);
    await open('overdue', 2);
    const ISSUE = 'mutation ($input: IssueCallInput!) { issueCall(input: $input) { call { id } } }';
    const input = {
      kind: 'EMERGENCY',
      title: '河道采砂',
      asked: '到场查处',
      place: { address: '相公庄镇' },
      organs: [{ organ: water, role: 'LEAD' }],
      change,
    };
    const { issueCall } = await told<{ issueCall: { call: { id: string } } }>(
      operator(TOWN, towns.hall),
      ISSUE,
      { input },
    );
    const [issued] = await called.until(1);
    expect(issued).toMatchObject({
      event: 'CallIssued',
      call: {
        id: issueCall.call.id,
        title: '河道采砂',
        town: { name: '相公庄镇人民政府' },
        parts: [{ organ: { id: water, name: '章丘区水务局' } }],
      },
    });
    const id = await dispatch(await report('水务.采砂'));
    clock.set(new Date(clock.now().getTime() + 60 * 86_400_000).toISOString());
    await limits.until(2);
    const own = limits.messages.filter((message) => message.case.id === id);
    expect(own[0]).toMatchObject({ event: 'CaseOverdue', phase: 'HANDLE', case: { id, overdue: true } });
    expect(await called.until(2)).toContainEqual(expect.objectContaining({ event: 'CallOverdue' }));
    expect(others.messages).toEqual([]);
    for (const one of [called, limits, others]) one.kill();
    await open('overdue', 0);
  });
});

test('who may not subscribe is told so, and what is no cursor', async () => {
  const refused: [Claims, string, Record<string, unknown>, string, string?][] = [
    [operator(TOWN, towns.hall), CASES, { division: COUNTY }, 'NOT_PERMITTED', 'division'],
    [operator(TOWN, towns.hall), OVERDUE, { division: OTHER_TOWN }, 'NOT_PERMITTED', 'division'],
    [officer(police), CALLS, { organ: water }, 'NOT_PERMITTED', 'organ'],
    [{ roles: ['SYSTEM_ADMIN'] }, CASES, { division: COUNTY }, 'NOT_PERMITTED'],
    [integrator, CASES, {}, 'INVALID_INPUT', 'division'],
    [integrator, CASES, { division: COUNTY, after: 'AAAA' }, 'INVALID_INPUT', 'after'],
  ];
  for (const [as, query, variables, code, field] of refused) {
    const fault = await refusalOf(as, query, variables);
    expect(fault?.extensions).toMatchObject({ code, ...(field && { field }) });
  }
});

test('killed and resumed 50 times during load, over both transports: every event once, in order per case', async () => {
  const KILLS = 50;
  const variables = { division: COUNTY };
  const witness = await following<CaseMessage>('WebSocket', integrator, CASES, variables);
  await open('caseEvents', 1);
  const first = await live();
  const [begin] = await witness.until(1);
  let stopped = false;
  const lived = [first];
  const load = Array.from({ length: 3 }, async () => {
    while (!stopped) lived.push(await live());
  });
  const token = await tokenOf(integrator);
  const survive = async (transport: Transport) => {
    const got: CaseMessage[] = begin ? [begin] : [];
    const next = () =>
      follow<CaseMessage>(transport, node.url, token, {
        query: CASES,
        variables: { ...variables, after: got.at(-1)?.cursor },
      });
    for (let kill = 0; kill < KILLS; kill += 1) {
      const following = next();
      await following.until(kill % 5);
      following.kill();
      got.push(...following.messages);
    }
    return { got, last: next() };
  };
  const survivors = await Promise.all(TRANSPORTS.map(survive));
  stopped = true;
  await Promise.all(load);
  const all = await witness.until(lived.length * LIFE.length);
  for (const { got, last } of survivors) {
    got.push(...(await last.until(all.length - got.length)));
    last.kill();
    expect(ids(got)).toEqual(ids(all));
    expect(new Set(ids(got)).size).toBe(all.length);
    for (const id of lived) {
      expect(events(got.filter((message) => message.case.id === id))).toEqual(LIFE);
    }
  }
  witness.kill();
}, 240_000);

test('a node that stops tells its clients, and serves them from where they were when it is back', async () => {
  const variables = { division: COUNTY };
  const followers = await Promise.all(
    TRANSPORTS.map((transport) => following<CaseMessage>(transport, integrator, CASES, variables)),
  );
  await open('caseEvents', followers.length);
  await live();
  await Promise.all(followers.map((one) => one.until(4)));
  await node.stop();
  const [cursor, ...others] = await Promise.all(
    followers.map(async ({ ended }) => {
      const [fault] = await ended;
      expect(fault?.extensions).toMatchObject({ code: 'UNAVAILABLE', details: { reason: 'stopping' } });
      return fault?.extensions.details?.cursor;
    }),
  );
  expect(others).toEqual([cursor]);
  node = await embeddedNode({ clock, dataDir });
  const id = await live();
  const again = await following<CaseMessage>('WebSocket', integrator, CASES, { ...variables, after: cursor });
  expect((await again.until(4)).map((message) => message.case.id)).toEqual([id, id, id, id]);
});
