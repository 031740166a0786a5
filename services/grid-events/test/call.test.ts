import { outgoing } from '@dutyledger/contracts/event-contract';
import { EditionPublished } from '@dutyledger/contracts/lists';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { publishSandMining } from './case-harness.ts';
import {
  COUNTY,
  change,
  type GridHarness,
  ORGANS,
  OTHER_TOWN,
  recordOf,
  refused,
  say,
  startGridHarness,
  TOWN,
} from './harness.ts';

/** Calls through GraphQL, on real embedded stores (G-9). */

const { water, police, forestry, planning } = ORGANS;
const town = { roles: ['TOWN_OPERATOR'] as const, organ: ORGANS.town.id, division: TOWN };
const otherTown = { roles: ['TOWN_OPERATOR'] as const, organ: ORGANS.otherTown.id, division: OTHER_TOWN };
const of = (organ: { id: string }) => ({
  roles: ['DEPARTMENT_OFFICER'] as const,
  organ: organ.id,
  division: COUNTY,
});

const CALL = `id status level problem overdue closedAt parts { number organ { id } organName role status owes due overdue
  reworks transfers feedback refusal { text list { id } edition item title article stands reasons }
  taken { step due at inTime } overdueSteps { step due } rating { points scale text } }`;
const mutation = (name: string, input: string) =>
  `mutation ($input: ${input}!) { ${name}(input: $input) { call { ${CALL} } repeated pending } }`;
const ISSUE = mutation('issueCall', 'IssueCallInput');
const ACCEPT = mutation('acceptCall', 'AnswerCallInput');
const ARRIVE = mutation('arriveOnCall', 'AnswerCallInput');
const FINISH = mutation('finishCall', 'ReportOnCallInput');
const REPORT = mutation('reportOnCall', 'ReportOnCallInput');
const REFUSE = mutation('refuseCall', 'RefuseCallInput');
const DECIDE = mutation('decideCallRefusal', 'DecideCallRefusalInput');
const SUBSTITUTE = mutation('substituteCalledOrgan', 'SubstituteCalledOrganInput');
const REWORK = mutation('askCallRework', 'AskCallReworkInput');
const RATE = mutation('rateCall', 'RateCallInput');
const WITHDRAW = mutation('withdrawCall', 'WithdrawCallInput');
const ONE = `query ($id: ID!) { call(id: $id) { ${CALL} history { edges { node { step by { subject role } } } } } }`;

let h: GridHarness;
beforeAll(async () => {
  h = await startGridHarness();
  await at('2026-03-05 10:00');
});
afterAll(() => h.end());

/** An instant of China's wall clock. */
const at = (text: string) => h.travelTo(`${text.replace(' ', 'T')}:00+08:00`);

const sandMining = (more: object = {}) => ({
  kind: 'EMERGENCY',
  title: '河道非法采砂',
  asked: '到场制止并查处',
  place: { address: '高家镇衢江段', lon: 118.97, lat: 28.98 },
  organs: [{ organ: water.id, role: 'LEAD' }, { organ: police.id }],
  change,
  ...more,
});

async function issue(more: object = {}): Promise<string> {
  return (await h.ask(ISSUE, { input: sandMining(more) }, town)).issueCall.call.id;
}
const alone = { organs: [{ organ: water.id, role: 'LEAD' }] };
const step = (query: string, id: string, more: object, as: object) =>
  h.ask(query, { input: { id, change, ...more } }, as);
const one = async (id: string) => (await h.ask(ONE, { id })).call;

async function done(id: string, organ = water): Promise<void> {
  await step(ACCEPT, id, {}, of(organ));
  await step(ARRIVE, id, {}, of(organ));
  await step(FINISH, id, { text: '已制止' }, of(organ));
}

describe('a call from its issue to its ratings', () => {
  test('G-9 each organ accepts, comes, is done and is rated once; the last rating closes the call', async () => {
    await at('2026-03-05 10:00');
    const id = await issue();
    expect((await one(id)).parts).toMatchObject([
      {
        organ: { id: water.id },
        role: 'LEAD',
        status: 'CALLED',
        owes: 'ACCEPT',
        due: '2026-03-05T02:10:00.000Z',
      },
      { organ: { id: police.id }, role: 'COOPERATE', status: 'CALLED' },
    ]);
    await at('2026-03-05 10:05');
    await step(ACCEPT, id, { text: '执法艇出发' }, of(water));
    await step(ACCEPT, id, {}, of(police));
    await at('2026-03-05 10:20');
    await step(ARRIVE, id, {}, of(water));
    await step(REPORT, id, { text: '正在取证' }, of(water));
    await step(FINISH, id, { text: '查扣采砂船一艘' }, of(water));
    const rated = await step(RATE, id, { organ: water.id, points: 5 }, town);
    expect(rated.rateCall.call).toMatchObject({
      status: 'OPEN',
      parts: [{ status: 'RATED', rating: { points: 5 } }, {}],
    });
    await step(ARRIVE, id, {}, of(police));
    await step(FINISH, id, { text: '控制涉案人员' }, of(police));
    const last = await step(RATE, id, { organ: police.id, points: 4, text: '到场稍迟' }, town);
    expect(last.rateCall.call).toMatchObject({ status: 'CLOSED', closedAt: '2026-03-05T02:20:00.000Z' });
    const { history } = await one(id);
    expect(history.edges.map((edge: { node: { step: string } }) => edge.node.step)).toEqual([
      'CallIssued',
      'CallAccepted',
      'CallAccepted',
      'CalledOrganArrived',
      'CallFeedbackGiven',
      'CalledOrganDone',
      'CallRated',
      'CalledOrganArrived',
      'CalledOrganDone',
      'CallRated',
    ]);
  });

  test('G-9 a retried call is one call', async () => {
    const input = sandMining({ ...alone, change: { ...change, idempotencyKey: 'whistle-1' } });
    const first = (await h.ask(ISSUE, { input }, town)).issueCall;
    const again = (await h.ask(ISSUE, { input }, town)).issueCall;
    expect([first.repeated, again.repeated]).toEqual([false, true]);
    expect(again.call.id).toBe(first.call.id);
  });

  test('G-9 a follow-up leads back to the call that it follows', async () => {
    const first = await issue(alone);
    const second = await issue({ ...alone, follows: first });
    const { call } = await h.ask(
      `query ($id: ID!) { call(id: $id) { followUps { edges { node { id follows { id } } } } } }`,
      { id: first },
    );
    expect(call.followUps.edges).toEqual([{ node: { id: second, follows: { id: first } } }]);
  });
});

describe('what time does', () => {
  test('G-9 overdue is recorded once, raised to the county, over a restart, and told to nobody twice', async () => {
    await at('2026-03-06 09:00');
    const id = await issue();
    await at('2026-03-06 09:09');
    expect((await one(id)).overdue).toBe(false);
    await h.restart();
    await at('2026-03-06 09:10');
    await h.restart();
    await at('2026-03-06 12:00');
    const call = await one(id);
    expect(call).toMatchObject({ overdue: true, level: 'COUNTY' });
    expect(call.history.edges.map((edge: { node: object }) => edge.node)).toMatchObject([
      { step: 'CallIssued' },
      { step: 'CallOverdue', by: { subject: 'system:timers', role: 'SYSTEM' } },
      { step: 'CallOverdue' },
      { step: 'CallRaised' },
    ]);
    const late = await step(ARRIVE, id, {}, of(water));
    expect(late.arriveOnCall.call.parts[0]).toMatchObject({
      status: 'ON_SITE',
      taken: [
        { step: 'ACCEPT', inTime: false },
        { step: 'ON_SITE', inTime: true },
      ],
    });
  });

  test('G-9 who never came is rated all the same', async () => {
    await at('2026-03-07 09:00');
    const id = await issue(alone);
    await refused(h, [RATE, { id, organ: water.id, points: 1, text: '未到场', change }, town], {
      rule: 'G-9',
      details: { status: 'CALLED' },
    });
    await at('2026-03-07 10:00');
    const rated = await step(RATE, id, { organ: water.id, points: 1, text: '未到场' }, town);
    expect(rated.rateCall.call).toMatchObject({ status: 'CLOSED', parts: [{ status: 'RATED', taken: [] }] });
  });
});

describe('refusal, substitution, rework, withdrawal', () => {
  beforeAll(() => {
    const edition = { edition: 2, effectiveFrom: '2026-01-01', documentNumber: null, digest: 'a'.repeat(64) };
    const list = { listId: 'list:330803-a', kind: 'TERRITORIAL', division: COUNTY, title: '属地管理清单' };
    const counts = { itemCount: 1, added: 1, revised: 0, retired: 0 };
    const stored = recordOf('EditionPublished', 'lists.dutyList-330803-a');
    return say(h, 'lists', [
      outgoing(EditionPublished, { stored, data: { ...list, ...edition, ...counts } }),
    ]);
  });

  test('G-9 a refusal without a duty citation is refused; with one the county decides', async () => {
    const id = await issue(alone);
    const refusal = { id, text: '该河段为航道', change };
    await refused(h, [REFUSE, refusal, of(water)], { rule: 'G-9', field: 'citation' });
    await refused(h, [REFUSE, { ...refusal, citation: { list: 'list:330803-x', item: '1' } }, of(water)], {
      field: 'citation',
    });
    const unpublished = { list: 'list:330803-a', edition: 3, item: '92' };
    await refused(h, [REFUSE, { ...refusal, citation: unpublished }, of(water)], {
      rule: 'G-9',
      field: 'citation.list',
      details: { editions: [2] },
    });
    const citation = { title: '中华人民共和国航道法', article: '第四十三条' };
    const answer = await step(REFUSE, id, { text: '该河段为航道', citation }, of(water));
    expect(answer.refuseCall.call.parts[0]).toMatchObject({
      status: 'REFUSED',
      owes: 'DECISION',
      refusal: citation,
    });
    const decision = { id, organ: water.id, stands: false, reasons: '清单载明由水利牵头', change };
    await refused(h, [DECIDE, decision, town], { code: 'NOT_PERMITTED' });
    await step(DECIDE, id, decision, {});
    await refused(h, [REFUSE, { ...refusal, citation }, of(water)], { rule: 'G-9', field: 'id' });
    await step(ACCEPT, id, {}, of(water));
  });

  test('G-9 with a refusal that stands another organ takes the place', async () => {
    const id = await issue(alone);
    await step(
      REFUSE,
      id,
      { text: '属林业', citation: { list: 'list:330803-a', edition: 2, item: '92' } },
      of(water),
    );
    const decided = await step(
      DECIDE,
      id,
      { organ: water.id, stands: true, reasons: '林区内采砂', substitute: forestry.id },
      {},
    );
    expect(decided.decideCallRefusal.call).toMatchObject({
      status: 'OPEN',
      parts: [
        {
          status: 'SUBSTITUTED',
          refusal: { list: { id: 'list:330803-a' }, edition: 2, item: '92', stands: true },
        },
        { organ: { id: forestry.id }, role: 'LEAD', status: 'CALLED', transfers: 1 },
      ],
    });
    await refused(h, [ACCEPT, { id, change }, of(water)], { details: { status: 'SUBSTITUTED' } });
  });

  test('G-9 three transfers make a problem order that is raised a level', async () => {
    const id = await issue(alone);
    const chain = [water, police, forestry, planning] as const;
    for (const [i, organ] of chain.slice(0, 3).entries()) {
      const substitute = (chain[i + 1] as typeof water).id;
      await step(SUBSTITUTE, id, { organ: organ.id, substitute, reasons: '改由其承办' }, {});
    }
    expect(await one(id)).toMatchObject({ problem: 'TRANSFERS', level: 'COUNTY' });
  });

  test('G-9 three reworks make a problem order that is raised a level', async () => {
    const id = await issue(alone);
    await done(id);
    for (let i = 0; i < 3; i += 1) {
      if (i > 0) await step(FINISH, id, { text: '再次制止' }, of(water));
      await step(REWORK, id, { organ: water.id, text: '仍有船只作业' }, town);
    }
    expect(await one(id)).toMatchObject({ problem: 'REWORKS', level: 'COUNTY', parts: [{ reworks: 3 }] });
  });

  test('G-9 a town withdraws what has not come to an end', async () => {
    const id = await issue();
    await done(id);
    await step(WITHDRAW, id, {}, town);
    expect(await one(id)).toMatchObject({
      status: 'OPEN',
      parts: [{ status: 'DONE' }, { status: 'WITHDRAWN' }],
    });
    await refused(h, [WITHDRAW, { id, change }, town], { rule: 'G-9', field: 'organs' });
  });
});

describe('who may what', () => {
  test('G-9 a town calls for itself, whom it may call', async () => {
    await refused(h, [ISSUE, sandMining(), of(water)], { code: 'NOT_PERMITTED' });
    await refused(h, [ISSUE, sandMining(), { ...town, organ: water.id }], {
      code: 'NOT_PERMITTED',
      rule: 'G-9',
    });
    await refused(h, [ISSUE, sandMining(), { ...town, organ: null }], { code: 'NOT_PERMITTED', rule: 'G-9' });
    for (const organ of [ORGANS.otherTown.id, ORGANS.village.id])
      await refused(h, [ISSUE, sandMining({ organs: [{ organ }] }), town], {
        rule: 'G-9',
        field: 'organs[0]',
      });
    await refused(h, [ISSUE, sandMining({ organs: [] }), town], { rule: 'G-9', field: 'organs' });
    await refused(h, [ISSUE, sandMining({ place: { address: '某处', lon: 118 } }), town], { field: 'place' });
  });

  test('G-9 only the town that called rates, only a called organ answers', async () => {
    const id = await issue(alone);
    await refused(h, [ACCEPT, { id, change }, of(police)], { rule: 'G-9', field: 'organ' });
    await refused(h, [ACCEPT, { id, change }, { ...of(police), organ: null }], { code: 'NOT_PERMITTED' });
    await done(id);
    await refused(h, [RATE, { id, organ: water.id, points: 5, change }, otherTown], { code: 'NOT_FOUND' });
    await refused(h, [RATE, { id, organ: water.id, points: 5, change }, { ...otherTown, division: COUNTY }], {
      code: 'NOT_PERMITTED',
      rule: 'G-9',
    });
    await step(RATE, id, { organ: water.id, points: 5 }, town);
    await refused(h, [RATE, { id, organ: water.id, points: 5, change }, town], { rule: 'G-9', field: 'id' });
    await refused(h, [ACCEPT, { id: 'call:330803-none', change }, of(water)], { code: 'NOT_FOUND' });
  });

  test('G-9 a call is shown to its county, its town and who is called', async () => {
    const id = await issue(alone);
    const seen = async (as: object) =>
      (await h.ask('query ($id: ID!) { call(id: $id) { id } }', { id }, as)).call;
    expect(await seen(town)).toEqual({ id });
    expect(await seen({ ...of(water), division: OTHER_TOWN })).toEqual({ id });
    expect(await seen(otherTown)).toBeNull();
    expect(await seen({ roles: ['AUDITOR'], division: '330802000000' })).toBeNull();
  });
});

describe('terms', () => {
  const TERMS = `{ limits { kind step limit { amount unit } isDefault division } overdue overdueIsDefault scale scaleIsDefault }`;
  const SET = `mutation ($input: SetCallTermsInput!) { setCallTerms(input: $input) { terms ${TERMS} repeated } }`;

  test('G-9 a county sets limits and scale from a day on; a call keeps what it was issued under', async () => {
    await at('2026-04-01 09:00');
    const before = await issue(alone);
    const onSite = { kind: 'EMERGENCY', step: 'ACCEPT', limit: { amount: 3, unit: 'MINUTES' } };
    const given = { division: COUNTY, limits: [onSite], scale: 'THREE_GRADES', change };
    const { terms } = (await h.ask(SET, { input: given })).setCallTerms;
    expect(terms).toMatchObject({ scale: 'THREE_GRADES', scaleIsDefault: false, overdueIsDefault: true });
    expect(terms.limits).toContainEqual({ ...onSite, isDefault: false, division: COUNTY });
    const after = await issue(alone);
    expect((await one(before)).parts[0].due).toBe('2026-04-01T01:10:00.000Z');
    expect((await one(after)).parts[0].due).toBe('2026-04-01T01:03:00.000Z');
    await done(after);
    await refused(h, [RATE, { id: after, organ: water.id, points: 5, change }, town], { field: 'grade' });
    const rated = await step(RATE, after, { organ: water.id, grade: 'NOT_SATISFIED', text: '仍在采' }, town);
    expect(rated.rateCall.call.parts[0].rating).toEqual({ points: 1, scale: 'THREE_GRADES', text: '仍在采' });
    await refused(h, [SET, { ...given, limits: [onSite, onSite] }], { rule: 'G-9', field: 'limits[1]' });
    await refused(h, [SET, { ...given, division: '330802000000' }], { code: 'NOT_PERMITTED' });
    await h.ask(SET, { input: { ...given, limits: [{ ...onSite, limit: null }], scale: null } });
    const { callTerms } = await h.ask(`{ callTerms(division: "${TOWN}") ${TERMS} }`);
    expect(callTerms).toMatchObject({ scale: 'FIVE_POINTS', scaleIsDefault: true });
  });
});

describe('a call for a case', () => {
  const REPORT = `mutation ($input: ReportCaseInput!) { reportCase(input: $input) { case { id } } }`;
  const report = async (more: object = {}): Promise<string> => {
    const input = { division: TOWN, source: 'CITIZEN', class: 'SL.采砂', description: '夜间采砂', change };
    return (await h.ask(REPORT, { input: { ...input, ...more } })).reportCase.case.id;
  };

  test('G-9 names a case of the town that is not closed, and is found from it; who is called sees the case', async () => {
    await at('2026-04-20 09:00');
    const caseId = await report();
    const forCase = { ...alone, kind: 'CASE', caseId };
    const id = await issue(forCase);
    const found = `query ($id: ID!, $call: ID!) { case(id: $id) { calls { edges { node { id } } } }
      callsOfCase(caseId: $id) { edges { node { id } } } call(id: $call) { kind case { id } } }`;
    const edges = [{ node: { id } }];
    expect(await h.ask(found, { id: caseId, call: id }, town)).toEqual({
      case: { calls: { edges } },
      callsOfCase: { edges },
      call: { kind: 'CASE', case: { id: caseId } },
    });
    const { call } = await h.ask('query ($id: ID!) { call(id: $id) { case { id } } }', { id }, of(water));
    expect(call.case).toEqual({ id: caseId });
    const nowhere = { ...forCase, caseId: 'case:330803-none' };
    await refused(h, [ISSUE, sandMining(nowhere), town], { code: 'NOT_FOUND' });
    const { caseId: _, ...without } = forCase;
    await refused(h, [ISSUE, sandMining(without), town], { rule: 'G-9', field: 'case' });
    const elsewhere = { ...forCase, caseId: await report({ division: OTHER_TOWN }) };
    await refused(h, [ISSUE, sandMining(elsewhere), town], { code: 'NOT_FOUND' });
    await refused(h, [ISSUE, sandMining(elsewhere), { ...town, division: COUNTY }], {
      rule: 'G-9',
      field: 'caseId',
    });
  });

  test('G-9 without organs named it goes to whom the case’s integrated matter names; a case without any names nobody', async () => {
    const unrouted = await report({ class: 'SL.未列' });
    const { organs: _, ...input } = sandMining({ kind: 'CASE', caseId: unrouted });
    await refused(h, [ISSUE, input, town], { rule: 'G-9', field: 'organs' });
    await publishSandMining(h);
    const routed = await report();
    const { issueCall } = await h.ask(ISSUE, { input: { ...input, caseId: routed } }, town);
    const roles = issueCall.call.parts.map((part: { organName: string; role: string }) => [
      part.organName,
      part.role,
    ]);
    expect(roles).toEqual([
      [water.name, 'LEAD'],
      [police.name, 'COOPERATE'],
      [planning.name, 'COOPERATE'],
      [forestry.name, 'COOPERATE'],
    ]);
  });
});

describe('lists of calls and figures', () => {
  const CALLS = `query ($division: DivisionCode!, $status: CallStatus, $overdue: Boolean, $problem: Boolean) {
    calls(division: $division, status: $status, overdue: $overdue, problem: $problem, first: 200) { edges { node { id } } } }`;
  const idsOf = (page: { edges: { node: { id: string } }[] }) => page.edges.map(({ node }) => node.id);

  test('G-9 calls of a division, by status; calls for an organ; figures that open to their calls', async () => {
    await at('2026-05-06 09:00');
    const good = await issue(alone);
    await done(good);
    await step(RATE, good, { organ: water.id, points: 5 }, town);
    const bad = await issue(alone);
    const open = await issue({ organs: [{ organ: planning.id }] });
    await at('2026-05-06 10:00');
    await step(RATE, bad, { organ: water.id, points: 2, text: '未到场' }, town);
    const listed = async (more: object) => idsOf((await h.ask(CALLS, { division: COUNTY, ...more })).calls);
    expect((await listed({ status: 'CLOSED' })).slice(0, 2)).toEqual([bad, good]);
    expect((await listed({ status: 'OPEN', overdue: true }))[0]).toBe(open);
    expect(await listed({ problem: true })).toHaveLength(2);
    expect(idsOf((await h.ask(CALLS, { division: TOWN })).calls)[0]).toBe(open);
    expect(idsOf((await h.ask(CALLS, { division: OTHER_TOWN })).calls)).toEqual([]);
    const FOR = `query ($organ: ID!, $status: [CallPartStatus!]) {
      callsFor(organ: $organ, status: $status) { edges { node { id } } } }`;
    expect(
      idsOf((await h.ask(FOR, { organ: planning.id, status: ['CALLED'] }, of(planning))).callsFor)[0],
    ).toBe(open);
    const FIGURES = `query ($from: Date!, $to: Date!, $organ: ID) { callFigures(county: "${COUNTY}", from: $from, to: $to, organ: $organ) {
      organName called accepted acceptedInTime onSite onSiteInTime done doneInTime overdue rated meanPoints
      calls(measure: OVERDUE) { edges { node { id } } } } }`;
    const day = { from: '2026-05-06', to: '2026-05-06' };
    const { callFigures } = await h.ask(FIGURES, { ...day, organ: water.id });
    expect(callFigures).toEqual([
      {
        organName: water.name,
        called: 2,
        accepted: 1,
        acceptedInTime: 1,
        onSite: 1,
        onSiteInTime: 1,
        done: 1,
        doneInTime: 1,
        overdue: 1,
        rated: 2,
        meanPoints: 3.5,
        calls: { edges: [{ node: { id: bad } }] },
      },
    ]);
    expect(
      (await h.ask(FIGURES, day)).callFigures.map((row: { organName: string }) => row.organName),
    ).toEqual([water.name, planning.name]);
    const fault = await h.fault(FIGURES, { from: '2026-05-06', to: '2026-05-05' });
    expect(fault).toMatchObject({ rule: 'G-9', field: 'to' });
  });

  test('G-9 figures, parts and calls are the same after a rebuild from events', async () => {
    const before = await h.service.projections.digest('calls');
    await h.service.projections.rebuild('calls');
    expect(await h.service.projections.digest('calls')).toBe(before);
  });
});
