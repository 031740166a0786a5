import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  announce,
  COUNTY,
  change,
  type Data,
  dogs,
  fact,
  type ListsHarness,
  ORGANS,
  openList,
  publish,
  refused,
  stage,
  startListsHarness,
  TOWN,
} from './harness.ts';

/** Admission of tasks and the ledger of unlisted work, through GraphQL (L-6). */

const SECOND_TOWN = '370114010000';
const second = fact(20, '文祖街道办事处', { kind: 'TOWN_GOVERNMENT', level: 'town', division: SECOND_TOWN });
const city = fact(21, '济南市农业农村局', {
  id: 'organ:370100-0001',
  level: 'city',
  division: '370100000000',
});
const village = fact(22, '垛庄村民委员会', {
  kind: 'VILLAGE_ORGANISATION',
  level: 'village',
  division: '370114101201',
});

const ADMISSION = `admission { id status due overdue endedOn endedEarly
  towns { townName agrees text lapsed due } decision { body documentNumber reasons } } repeated pending`;
const mutation = (name: string, input: string, answer = ADMISSION) =>
  `mutation ($input: ${input}!) { ${name}(input: $input) { ${answer} } }`;
const APPLY = mutation('applyForTask', 'ApplyForTaskInput');
const OPINION = mutation('recordTownOpinion', 'RecordTownOpinionInput');
const REVIEW = mutation('recordTaskLegalityReview', 'RecordTaskLegalityReviewInput');
const DECIDE = mutation('decideTask', 'DecideTaskInput');
const WITHDRAW = mutation('withdrawTask', 'TaskAdmissionStepInput');
const END = mutation('endTask', 'TaskAdmissionStepInput');
const TASK =
  'task { id listed arrival townName issuerName violates { title article documentNumber } } repeated';
const HAND = mutation('handDownTask', 'HandDownTaskInput', TASK);
const REPORT = mutation('reportUnlistedTask', 'ReportUnlistedTaskInput', TASK);
const LIMITS = mutation(
  'setStageLimits',
  'SetStageLimitsInput',
  'limits { stage workingDays isDefault division } pending',
);
const MAY = `query ($issuer: ID!, $town: ID!, $day: Date, $grid: Boolean, $admission: ID, $item: ListedItemInput, $caseClass: String) {
  mayHandDown(issuer: $issuer, town: $town, day: $day, grid: $grid, admission: $admission, item: $item, caseClass: $caseClass) {
    allowed because violates { title article documentNumber } cover { title item { code } admission { id } } } }`;

const farming = { roles: ['DEPARTMENT_OFFICER'] as const, organ: ORGANS.farming.id, name: '农业局王科长' };
const police = { roles: ['DEPARTMENT_OFFICER'] as const, organ: ORGANS.police.id };
const town = { roles: ['TOWN_OPERATOR'] as const, organ: ORGANS.street.id, division: TOWN };
const otherTown = { roles: ['TOWN_OPERATOR'] as const, organ: second.id, division: SECOND_TOWN };
const county = { roles: ['COUNTY_APPROVER'] as const, organ: null };

let h: ListsHarness;

/** An instant of China's wall clock. */
const at = (text: string) => h.travelTo(`${text.replace(' ', 'T')}:00+08:00`);

const task = (more: object = {}) => ({
  title: '松材线虫病秋季普查',
  what: '对辖区松林逐小班踏查，登记枯死松树',
  whyUnlisted: '省级临时部署，清单未列',
  from: '2026-03-16',
  to: '2026-04-15',
  funds: '每镇 3 万元',
  people: '派技术员 2 人',
  technology: '配发定位终端',
  training: '3 月 12 日集中培训',
  ...more,
});
const application = (more: object = {}) => ({
  division: COUNTY,
  applicant: ORGANS.farming.id,
  task: task(),
  towns: [ORGANS.street.id, second.id],
  change,
  ...more,
});

async function apply(more: object = {}): Promise<string> {
  return (await h.ask(APPLY, { input: application(more) }, farming)).applyForTask.admission.id;
}
const agree = (id: string, more: object = {}) => ({
  id,
  organ: ORGANS.street.id,
  agrees: true,
  text: '同意',
  change,
  ...more,
});
const decision = (id: string, more: object = {}) => ({
  id,
  admit: true,
  body: '区政府常务会议',
  documentNumber: '章政字〔2026〕12号',
  change,
  ...more,
});
async function admitted(more: object = {}): Promise<string> {
  const id = await apply(more);
  await h.ask(OPINION, { input: agree(id) }, town);
  await h.ask(OPINION, { input: agree(id, { organ: second.id }) }, otherTown);
  await h.ask(DECIDE, { input: decision(id) }, county);
  return id;
}
const read = async (id: string, fields = 'status due overdue endedOn'): Promise<Data> =>
  (await h.ask(`query ($id: ID!) { taskAdmission(id: $id) { ${fields} } }`, { id })).taskAdmission;
beforeAll(async () => {
  h = await startListsHarness();
  await announce(h, [second, city, village]);
  await at('2026-03-02 09:00');
});
afterAll(() => h.end());

describe('from the application to the last day', () => {
  test('L-6 a task is applied for, both towns write, the county admits it, and it starts and ends by itself', async () => {
    await at('2026-03-02 09:00');
    const applied = await h.ask(APPLY, { input: application() }, farming);
    const { id } = applied.applyForTask.admission;
    // Mon 2 March 2026 and five working days.
    expect(applied.applyForTask.admission).toMatchObject({
      status: 'OPINIONS',
      due: '2026-03-09',
      overdue: false,
    });
    await h.ask(OPINION, { input: agree(id) }, town);
    await at('2026-03-04 09:00');
    const last = await h.ask(
      OPINION,
      { input: agree(id, { organ: second.id, text: '同意，需增加人员' }) },
      otherTown,
    );
    // Wed 4 March 2026 and ten working days.
    expect(last.recordTownOpinion.admission).toMatchObject({ status: 'DECISION', due: '2026-03-18' });
    const decided = await h.ask(DECIDE, { input: decision(id) }, county);
    expect(decided.decideTask.admission).toMatchObject({ status: 'ADMITTED', due: null });
    await at('2026-03-15 23:59');
    expect(await read(id)).toMatchObject({ status: 'ADMITTED' });
    await at('2026-03-16 00:00');
    expect(await read(id)).toMatchObject({ status: 'RUNNING' });
    await at('2026-04-16 00:00');
    expect(await read(id)).toMatchObject({ status: 'ENDED', endedOn: '2026-04-15' });
    const { steps } = await read(
      id,
      'steps { edges { node { step by { name organId role } content effectiveAt } } }',
    );
    expect(steps.edges.map(({ node }: Data) => node.step)).toEqual([
      'TaskApplied',
      'TownOpinionGiven',
      'TownOpinionGiven',
      'TaskAdmitted',
      'TaskStarted',
      'TaskEnded',
    ]);
    expect(steps.edges[0].node.by).toMatchObject({ name: '农业局王科长', organId: ORGANS.farming.id });
    expect(steps.edges[5].node).toMatchObject({ by: { role: 'SYSTEM' }, effectiveAt: '2026-04-15' });
  });

  test('L-6 a town’s deadline passes on record, and the county says why it goes on without it', async () => {
    await at('2026-09-28 09:00');
    const id = await apply({ task: task({ from: '2026-10-20', to: '2026-11-20' }) });
    await h.ask(OPINION, { input: agree(id) }, town);
    const early = await refused(h, [DECIDE, decision(id), county], { code: 'RULE_VIOLATED', rule: 'L-6' });
    expect(early.message).toContain(second.name);
    // Mon 28 Sep 2026: Tue 29 (1), Wed 30 (2), 1 to 7 Oct off, Thu 8 (3), Fri 9 (4), Sat 10 is worked (5).
    expect((await read(id)).due).toBe('2026-10-10');
    await at('2026-10-11 00:00');
    expect(await read(id)).toMatchObject({ status: 'DECISION' });
    const { towns } = await read(id, 'towns { townName agrees lapsed }');
    expect(towns).toEqual([
      { townName: ORGANS.street.name, agrees: true, lapsed: false },
      { townName: second.name, agrees: null, lapsed: true },
    ]);
    await refused(h, [DECIDE, decision(id), county], {
      code: 'RULE_VIOLATED',
      rule: 'L-6',
      field: 'overruling',
    });
    await h.ask(DECIDE, { input: decision(id, { reasons: '该街道辖区无松林' }) }, county);
    expect(await read(id)).toMatchObject({ status: 'ADMITTED' });
  });

  test('L-6 a decision that is not taken in time is overdue, once', async () => {
    await at('2026-03-02 09:00');
    const id = await apply({ silenceIsConsent: true, task: task({ to: '2026-12-31' }) });
    await at('2026-03-10 08:00');
    expect(await read(id)).toMatchObject({ status: 'DECISION', due: '2026-03-24', overdue: false });
    await at('2026-03-25 00:00');
    expect(await read(id)).toMatchObject({ overdue: true });
    await h.restart();
    await at('2026-03-26 00:00');
    const { taskAdmissions } = await h.ask(
      `{ taskAdmissions(division: "${COUNTY}", overdue: true) { edges { node { id } } } }`,
    );
    expect(taskAdmissions.edges).toEqual([{ node: { id } }]);
    await h.ask(DECIDE, { input: decision(id) }, county);
    expect(await read(id)).toMatchObject({ status: 'RUNNING' });
    const { steps } = await read(id, 'steps { edges { node { step } } }');
    const names = steps.edges.map(({ node }: Data) => node.step);
    expect(names.filter((name: string) => name === 'AdmissionStageOverdue')).toHaveLength(1);
  });

  test('L-6 a county sets its own limits; what runs keeps the limit it began with', async () => {
    await at('2027-03-01 09:00');
    const before = await apply({ task: task({ from: '2027-04-01', to: '2027-04-30' }) });
    const limits = [{ stage: 'ADMISSION_OPINION', workingDays: 2 }];
    const set = await h.ask(LIMITS, {
      input: { division: COUNTY, effectiveFrom: '2027-03-02', limits, change },
    });
    expect(set.setStageLimits.limits).toContainEqual({
      stage: 'ADMISSION_OPINION',
      workingDays: 2,
      isDefault: false,
      division: COUNTY,
    });
    await at('2027-03-02 09:00');
    const after = await apply({ task: task({ from: '2027-04-01', to: '2027-04-30' }) });
    expect([(await read(before)).due, (await read(after)).due]).toEqual(['2027-03-08', '2027-03-04']);
    const { stageLimits } = await h.ask(
      `query ($asOf: AsOf) { stageLimits(division: "${TOWN}", asOf: $asOf) { stage workingDays } }`,
      { asOf: { effectiveAt: '2027-03-01' } },
    );
    expect(stageLimits).toContainEqual({ stage: 'ADMISSION_OPINION', workingDays: 5 });
    for (const workingDays of [0, 366, -1]) {
      await refused(h, [LIMITS, { division: COUNTY, limits: [{ ...limits[0], workingDays }], change }], {
        code: 'RULE_VIOLATED',
        rule: 'L-4',
        field: 'limits[0].workingDays',
      });
    }
    await refused(h, [LIMITS, { division: COUNTY, limits: [limits[0], limits[0]], change }], {
      field: 'limits[1].stage',
    });
    await refused(h, [LIMITS, { division: COUNTY, effectiveFrom: '2027-03-01', limits, change }], {
      field: 'effectiveFrom',
    });
    await h.ask(LIMITS, { input: { division: COUNTY, limits: [{ stage: 'ADMISSION_OPINION' }], change } });
  });

  test('L-6 with a legality review: after the opinions, before the decision; returned it is closed', async () => {
    await at('2026-03-02 09:00');
    const id = await apply({ towns: [ORGANS.street.id], legalityReview: true });
    const review = {
      id,
      organ: ORGANS.justice.id,
      passed: true,
      opinion: '合法',
      documentNumber: '章司审〔2026〕3号',
      change,
    };
    await refused(h, [REVIEW, review], { code: 'RULE_VIOLATED', rule: 'L-6' });
    await h.ask(OPINION, { input: agree(id) }, town);
    await refused(h, [DECIDE, decision(id), county], { code: 'RULE_VIOLATED', rule: 'L-6' });
    await h.ask(REVIEW, { input: review });
    await refused(h, [REVIEW, review], { code: 'RULE_VIOLATED', rule: 'L-6' });
    expect(await read(id)).toMatchObject({ status: 'DECISION' });
    const returned = await apply({ towns: [ORGANS.street.id], legalityReview: true });
    await h.ask(OPINION, { input: agree(returned) }, town);
    const justice = { roles: ['LEGALITY_REVIEWER'] as const, organ: ORGANS.justice.id };
    const no = { ...review, id: returned, passed: false, documentNumber: null };
    await h.ask(REVIEW, { input: no }, justice);
    expect(await read(returned)).toMatchObject({ status: 'RETURNED', due: null });
    await refused(h, [DECIDE, decision(returned), county], { code: 'RULE_VIOLATED', rule: 'L-6' });
  });
});

describe('refusals', () => {
  test('L-6 everything must be said, within bounds, and of towns of the county', async () => {
    await at('2026-03-02 09:00');
    const bad = (more: object, expected: object) =>
      refused(h, [APPLY, application(more), farming], { code: 'RULE_VIOLATED', rule: 'L-6', ...expected });
    for (const field of ['title', 'what', 'whyUnlisted', 'funds', 'people', 'technology', 'training']) {
      const fault = await bad({ task: task({ [field]: '  ' }) }, { field: `task.${field}` });
      expect(fault.citation).toEqual({ title: '山东省乡镇人民政府工作条例', article: '第四条' });
    }
    await bad({ task: task({ from: '2026-03-01' }) }, { field: 'task.from' });
    await bad({ task: task({ to: '2026-03-15' }) }, { field: 'task.to' });
    await bad({ task: task({ to: '2027-03-17' }) }, { field: 'task.to' });
    await bad({ towns: [] }, { field: 'towns' });
    await bad({ towns: [ORGANS.street.id, ORGANS.street.id] }, { field: 'towns[1]' });
    await bad({ towns: [ORGANS.police.id] }, { field: 'towns[0]' });
    await bad({ division: '370112000000', applicant: ORGANS.farming.id, towns: [] }, { field: 'applicant' });
  });

  test('L-6 nobody acts for another organ, or in a role that is not theirs', async () => {
    await at('2026-03-02 09:00');
    await refused(h, [APPLY, application(), police], { code: 'NOT_PERMITTED' });
    await refused(h, [APPLY, application()], { code: 'NOT_PERMITTED', field: 'documentNumber' });
    const id = await apply();
    await refused(h, [OPINION, agree(id), otherTown], { code: 'NOT_PERMITTED' });
    await refused(h, [OPINION, agree(id)], { code: 'NOT_PERMITTED', field: 'documentNumber' });
    await refused(h, [DECIDE, decision(id), farming], { code: 'NOT_PERMITTED' });
    await refused(h, [DECIDE, decision(id), { ...county, division: '370112000000' }], {
      code: 'NOT_PERMITTED',
    });
    await refused(h, [WITHDRAW, { id, change }, police], { code: 'NOT_PERMITTED' });
    await refused(h, [OPINION, agree('admission:370114-none'), town], { code: 'NOT_FOUND' });
    // From paper, the editor records for the town.
    await h.ask(OPINION, { input: agree(id, { documentNumber: '垛政函〔2026〕5号' }) });
    const { steps } = await read(id, 'steps { edges { node { by { role onBehalfOf } } } }');
    expect(steps.edges[1].node.by).toEqual({ role: 'LIST_EDITOR', onBehalfOf: ORGANS.street.name });
  });

  test('L-6 an objection is overruled in writing, a refusal has reasons, and neither is decided twice', async () => {
    await at('2026-03-02 09:00');
    const id = await apply({ towns: [ORGANS.street.id] });
    await refused(h, [OPINION, agree(id, { organ: second.id }), otherTown], {
      code: 'RULE_VIOLATED',
      field: 'organ',
    });
    await refused(h, [OPINION, agree(id, { text: ' ' }), town], { code: 'RULE_VIOLATED', field: 'text' });
    await h.ask(OPINION, { input: agree(id, { agrees: false, text: '无林业人员' }) }, town);
    const fault = await refused(h, [DECIDE, decision(id), county], {
      code: 'RULE_VIOLATED',
      field: 'overruling',
    });
    expect(fault.message).toContain('无林业人员');
    await refused(h, [DECIDE, decision(id, { admit: false }), county], {
      code: 'RULE_VIOLATED',
      field: 'overruling',
    });
    await refused(h, [DECIDE, decision(id, { body: ' ', reasons: 'x' }), county], { field: 'body' });
    await h.ask(DECIDE, { input: decision(id, { admit: false, reasons: '镇街无力承接' }) }, county);
    expect(await read(id, 'status decision { reasons }')).toEqual({
      status: 'REFUSED',
      decision: { reasons: '镇街无力承接' },
    });
    await refused(h, [DECIDE, decision(id), county], { code: 'RULE_VIOLATED', rule: 'L-6' });
    await refused(h, [WITHDRAW, { id, change }, farming], { code: 'RULE_VIOLATED', rule: 'L-6' });
    await refused(h, [END, { id, change }, county], { code: 'RULE_VIOLATED', rule: 'L-6' });
  });

  test('L-6 withdrawn it is closed; admitted it can end early; a retry is answered as the first time', async () => {
    await at('2026-03-02 09:00');
    const id = await apply();
    await h.ask(WITHDRAW, { input: { id, change } }, farming);
    await refused(h, [OPINION, agree(id), town], { code: 'RULE_VIOLATED', rule: 'L-6' });
    const keyed = { ...change, idempotencyKey: 'end-1' };
    const running = await admitted({ task: task({ from: '2026-03-02' }) });
    expect(await read(running)).toMatchObject({ status: 'RUNNING' });
    await at('2026-03-20 09:00');
    for (const repeated of [false, true]) {
      const ended = await h.ask(END, { input: { id: running, change: keyed } }, farming);
      expect(ended.endTask).toMatchObject({
        repeated,
        admission: { endedOn: '2026-03-20', endedEarly: true },
      });
    }
  });

  test('L-6 other systems see what was admitted, and nobody sees into other counties', async () => {
    await at('2026-03-02 09:00');
    const open = await apply();
    const granted = await admitted();
    const integrator = { roles: ['INTEGRATOR'] as const, organ: null };
    const seen = async (id: string, as: object) =>
      (await h.ask('query ($id: ID!) { taskAdmission(id: $id) { id } }', { id }, as)).taskAdmission;
    expect([await seen(open, integrator), await seen(granted, integrator)]).toEqual([null, { id: granted }]);
    expect(await seen(open, town)).toEqual({ id: open });
    expect(await seen(open, { ...town, division: '370112001000' })).toBe(null);
  });
});

describe('handing down', () => {
  const handed = (more: object = {}) => ({
    issuer: ORGANS.farming.id,
    town: ORGANS.street.id,
    title: '填报林业台账',
    what: '每周五填报',
    change,
    ...more,
  });
  const ledger = async (args: string, as?: object): Promise<Data> =>
    (
      await h.ask(
        `{ handedTasks(division: "${COUNTY}" ${args}) { edges { node { id title arrival listed } } } }`,
        {},
        as,
      )
    ).handedTasks.edges.map(({ node }: Data) => node);

  test('L-6 what nothing covers is refused with its citation, and on record all the same', async () => {
    await at('2026-05-06 09:00');
    const keyed = handed({ change: { ...change, idempotencyKey: 'down-1' } });
    const fault = await h.fault(HAND, { input: keyed }, farming);
    expect(fault).toMatchObject({
      code: 'RULE_VIOLATED',
      rule: 'L-6',
      citation: { title: '山东省乡镇人民政府工作条例', article: '第四条' },
    });
    const id = fault.details?.['ledgerEntry'];
    expect(await h.inChinese()).toContain('清单外交办台账');
    expect(await h.fault(HAND, { input: keyed }, farming)).toMatchObject({ details: { ledgerEntry: id } });
    expect(await ledger(`town: "${ORGANS.street.id}", listed: false`)).toEqual([
      { id, title: '填报林业台账', arrival: 'REFUSED', listed: false },
    ]);
    const may = await h.ask(MAY, { issuer: ORGANS.farming.id, town: ORGANS.street.id }, town);
    expect(may.mayHandDown).toMatchObject({ allowed: false, violates: { article: '第四条' } });
  });

  test('L-6 an application covers nothing: not before every town has written, nor before the county has approved', async () => {
    await at('2026-05-06 10:00');
    const admission = await apply({ task: task({ from: '2026-05-07', to: '2026-05-20' }) });
    await at('2026-05-08 09:00');
    const down = handed({ admission });
    const uncovered = async () => {
      const fault = await h.fault(HAND, { input: down }, farming);
      expect(fault).toMatchObject({ code: 'RULE_VIOLATED', rule: 'L-6', citation: expect.anything() });
      expect(fault.message).toContain('“松材线虫病秋季普查” was not admitted');
    };
    await h.ask(OPINION, { input: agree(admission) }, town);
    await refused(h, [DECIDE, decision(admission), county], { code: 'RULE_VIOLATED', rule: 'L-6' });
    await uncovered();
    await h.ask(OPINION, { input: agree(admission, { organ: second.id }) }, otherTown);
    expect(await read(admission)).toMatchObject({ status: 'DECISION' });
    await uncovered();
    await h.ask(
      DECIDE,
      { input: decision(admission, { admit: false, reasons: '可由部门自行承担' }) },
      county,
    );
    await uncovered();
  });

  test('L-6 the county’s admission list is what is violated, where one is in force', async () => {
    await at('2026-05-06 09:00');
    const list = await openList(h, { kind: 'ADMISSION', title: '章丘区职责准入清单' });
    await stage(h, list, 0, [{ code: '1', add: dogs }]);
    await publish(h, list, '2026-06-01', 1);
    const days = { '2026-05-31': '山东省乡镇人民政府工作条例', '2026-06-01': '章丘区职责准入清单' };
    for (const [day, title] of Object.entries(days)) {
      const may = await h.ask(MAY, { issuer: ORGANS.farming.id, town: second.id, day });
      expect(may.mayHandDown.violates.title).toBe(title);
    }
    // What the list gives both of them may be handed down: 各镇街 stands for each town.
    const item = { list, code: '1' };
    const may = (issuer: string, day: string) => h.ask(MAY, { issuer, town: ORGANS.street.id, item, day });
    expect((await may(ORGANS.farming.id, '2026-06-01')).mayHandDown).toMatchObject({
      allowed: true,
      cover: { item: null, title: dogs.name },
    });
    expect((await may(ORGANS.farming.id, '2026-05-31')).mayHandDown.allowed).toBe(false);
    expect((await may(ORGANS.health.id, '2026-06-01')).mayHandDown.allowed).toBe(false);
    await at('2026-06-02 09:00');
    const done = await h.ask(HAND, { input: handed({ item }) }, farming);
    expect(done.handDownTask).toMatchObject({ task: { listed: true, arrival: null, violates: null } });
  });

  test('L-6 an admission covers its department, towns and days, and grids only where it was admitted for grids', async () => {
    await at('2027-05-06 09:00');
    const admission = await admitted({ task: task({ from: '2027-05-10', to: '2027-05-20', grid: true }) });
    const plain = await admitted({ task: task({ from: '2027-05-10', to: '2027-05-20' }) });
    await at('2027-05-10 00:00');
    const may = async (more: object) =>
      (
        await h.ask(MAY, {
          issuer: ORGANS.farming.id,
          town: ORGANS.street.id,
          day: '2027-05-12',
          admission,
          ...more,
        })
      ).mayHandDown;
    expect(await may({})).toMatchObject({ allowed: true, cover: { admission: { id: admission } } });
    expect(await may({ grid: true })).toMatchObject({ allowed: true });
    expect(await may({ town: village.id, grid: true })).toMatchObject({ allowed: true });
    const not: [object, RegExp][] = [
      [{ day: '2027-05-21' }, /2027-05-20/],
      [{ day: '2027-05-09' }, /2027-05-10/],
      [{ issuer: ORGANS.police.id }, /农业农村局/],
      [{ grid: true, admission: plain }, /grids/],
      [{ admission: 'admission:370114-none' }, /no admission/],
      [{ admission: null, grid: true, item: { list: 'list:370114-x', code: '1' } }, /grid/],
      [{ admission: null, caseClass: 'nothing' }, /nothing/],
    ];
    for (const [more, why] of not) {
      expect({ more, ...(await may(more)) }).toMatchObject({
        allowed: false,
        because: expect.stringMatching(why),
      });
    }
  });

  test('L-6 a town reports what arrived another way; the ledger is asked by town, organ and period, and counted', async () => {
    await at('2028-03-01 09:00');
    const report = {
      town: ORGANS.street.id,
      title: '拍照打卡上传',
      what: '每日上传照片 20 张',
      issuerName: '省某厅',
      day: '2028-02-20',
      change,
    };
    const done = await h.ask(REPORT, { input: report }, town);
    expect(done.reportUnlistedTask.task).toMatchObject({
      listed: false,
      arrival: 'REPORTED',
      issuerName: '省某厅',
    });
    await h.ask(REPORT, { input: { ...report, issuerName: null, issuer: city.id, day: '2028-02-21' } }, town);
    await refused(h, [REPORT, report, otherTown], { code: 'NOT_PERMITTED' });
    await refused(h, [REPORT, { ...report, day: '2028-03-02' }, town], { field: 'day' });
    await refused(h, [REPORT, { ...report, issuerName: ' ' }, town], { field: 'issuerName' });
    await refused(h, [REPORT, { ...report, town: ORGANS.police.id }, police], {});
    expect(await ledger('from: "2028-02-01", to: "2028-02-20"')).toHaveLength(1);
    expect(await ledger(`issuer: "${city.id}"`)).toHaveLength(1);
    expect(
      await ledger('from: "2028-02-01"', { ...town, division: SECOND_TOWN, organ: second.id }),
    ).toHaveLength(2);
    expect(await ledger('from: "2028-02-01"', { ...town, division: '370112001000' })).toEqual([]);
    const { handedTaskFigures } = await h.ask(
      `{ handedTaskFigures(division: "${COUNTY}", from: "2028-01-01") {
           total unlisted byTown { name count organ { id } } byIssuer { name count } } }`,
    );
    expect(handedTaskFigures).toEqual({
      total: 2,
      unlisted: 2,
      byTown: [{ name: ORGANS.street.name, count: 2, organ: { id: ORGANS.street.id } }],
      byIssuer: [
        { name: city.name, count: 1 },
        { name: '省某厅', count: 1 },
      ],
    });
  });
});

test('L-6 a read model that is built anew holds the same', async () => {
  for (const name of ['lists.procedures', 'lists.listsDueTimers']) {
    const { rebuildListsReadModel } = await h.ask(
      `mutation { rebuildListsReadModel(input: { name: "${name}" }) { digestBefore digestAfter } }`,
      {},
      { roles: ['SYSTEM_ADMIN'] },
    );
    expect(rebuildListsReadModel.digestAfter).toBe(rebuildListsReadModel.digestBefore);
  }
});
