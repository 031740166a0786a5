import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  announce,
  COUNTY,
  change,
  fact,
  type ListsHarness,
  ORGANS,
  refused,
  startListsHarness,
} from './harness.ts';
import { PENALTY_POWERS } from './penalty-powers.ts';

/** Delegation and recall of powers (L-5), asked through GraphQL as the people of a county would. */

const STRONG = ['370114101000', '370114016000'];
const ORDINARY = ['370114002000', '370114003000', '370114004000'];
const TOWNS = [...STRONG, ...ORDINARY];
const organOf = (town: string) =>
  town === '370114101000' ? ORGANS.street.id : `organ:370114-${9000 + Number(town.slice(6, 9))}`;
const code = (i: number) => `P-${String(i + 1).padStart(3, '0')}`;
const power = (i: number) => `power:370114/${code(i)}`;

const REGISTER = /* GraphQL */ `
  mutation ($input: RegisterPowersInput!) { registerPowers(input: $input) { registered revised repeated pending } }
`;
const CLASS = /* GraphQL */ `
  mutation ($input: SetTownClassInput!) { setTownClass(input: $input) { town class } }
`;
const PROPOSE = /* GraphQL */ `
  mutation ($input: ProposeDelegationInput!) {
    proposeDelegation(input: $input) { delegation { id status powers towns { town name } } repeated }
  }
`;
const OPINION = /* GraphQL */ `
  mutation ($input: GiveDelegationOpinionInput!) {
    giveDelegationOpinion(input: $input) { delegation { towns { town accepts opinion } } }
  }
`;
const ASSESS = /* GraphQL */ `
  mutation ($input: AssessDelegationCapacityInput!) {
    assessDelegationCapacity(input: $input) { delegation { towns { town assessment { passed } } } }
  }
`;
const DECIDE = /* GraphQL */ `
  mutation ($input: DecideDelegationInput!) {
    decideDelegation(input: $input) {
      delegation { status holding decision { towns from trialUntil } towns { town receives evaluationDue } }
    }
  }
`;
const EVALUATE = /* GraphQL */ `
  mutation ($input: EvaluateDelegationInput!) {
    evaluateDelegation(input: $input) { delegation { towns { town evaluation { result } evaluationDue evaluationOverdue } } }
  }
`;
const RECALL = /* GraphQL */ `
  mutation ($input: RecallPowersInput!) {
    recallPowers(input: $input) { delegation { status holding recalls { powers towns from } } }
  }
`;
const WITHDRAW = /* GraphQL */ `
  mutation ($input: WithdrawDelegationInput!) { withdrawDelegation(input: $input) { delegation { status } } }
`;
const MAY = /* GraphQL */ `
  query ($power: ID!, $town: DivisionCode!, $organ: ID!, $on: Date, $caseFiledOn: Date, $recordedAt: DateTime) {
    mayExercisePower(power: $power, town: $town, organ: $organ, on: $on, caseFiledOn: $caseFiledOn, recordedAt: $recordedAt) {
      allowed through holderName reason from trialUntil scope
      holder { id } delegation { id title } power { code name } basis { title documentNumber }
    }
  }
`;
const FIGURES = /* GraphQL */ `
  query ($county: DivisionCode!, $asOf: AsOf) {
    delegationFigures(county: $county, asOf: $asOf) {
      powers delegated byClass { class name towns powers } byTown { town class powers }
    }
  }
`;

type As = NonNullable<Parameters<ListsHarness['ask']>[2]>;
const EDITOR = { roles: ['LIST_EDITOR'] } satisfies As;
const APPROVER = { roles: ['COUNTY_APPROVER'], organ: null, name: '区政府办公室' } satisfies As;
const townOfficer = (town: string): As => ({
  roles: ['TOWN_OPERATOR'],
  division: town,
  organ: organOf(town),
});
const ground = [{ title: '中华人民共和国行政处罚法', article: '第二十四条' }];

let h: ListsHarness;

/** Carries a proposal through to the decision; every town accepts and passes unless named. */
async function delegate(
  title: string,
  target: { towns?: string[]; townClass?: string },
  powers: string[],
  from: string,
  trialMonths = 6,
): Promise<string> {
  const { proposeDelegation } = await h.ask(PROPOSE, {
    input: {
      county: COUNTY,
      title,
      powers,
      ...target,
      scope: '辖区内案件，跨镇案件除外',
      ground,
      trialMonths,
      change,
    },
  });
  const { id, towns } = proposeDelegation.delegation;
  for (const { town } of towns) {
    await h.ask(
      OPINION,
      { input: { delegation: id, town, accepts: true, text: '同意承接', change } },
      townOfficer(town),
    );
    await h.ask(ASSESS, { input: assessment(id, town, true) });
  }
  await h.ask(DECIDE, { input: decision(id, from) }, APPROVER);
  return id;
}

const assessment = (delegation: string, town: string, passed: boolean) => ({
  delegation,
  town,
  passed,
  assessor: ORGANS.staffing.id,
  criteria: [{ name: '执法人员', met: passed, finding: passed ? '持证执法人员 12 人' : '持证执法人员 1 人' }],
  change,
});
const decision = (delegation: string, from: string, changes: object = {}) => ({
  delegation,
  approved: true,
  body: '区政府常务会议',
  documentNumber: '章政发〔2026〕1号',
  text: '同意赋权',
  from,
  change,
  ...changes,
});
const may = async (variables: object) =>
  (await h.ask(MAY, variables as Record<string, unknown>)).mayExercisePower;
const figures = async (asOf?: object) =>
  (await h.ask(FIGURES, { county: COUNTY, ...(asOf && { asOf }) })).delegationFigures;

beforeAll(async () => {
  h = await startListsHarness();
  await announce(
    h,
    TOWNS.filter((town) => town !== '370114101000').map((town) =>
      fact(9000 + Number(town.slice(6, 9)), `${town} 镇人民政府`, {
        kind: 'TOWN_GOVERNMENT',
        level: 'town',
        division: town,
      }),
    ),
  );
});
afterAll(() => h.end());

describe('Zhangqiu: 133 powers for economically strong towns, 25 for ordinary ones', () => {
  let strong = '';
  let ordinary = '';

  test('L-5 the county registers its powers, in calls of at most 500; the same again changes nothing', async () => {
    const powers = Array.from({ length: 140 }, (_, i) => {
      const { name, field, basis } = PENALTY_POWERS[
        i % PENALTY_POWERS.length
      ] as (typeof PENALTY_POWERS)[number];
      const round = Math.floor(i / PENALTY_POWERS.length);
      return {
        code: code(i),
        name: round === 0 ? name : `${name}（样例${round}）`,
        kind: 'PENALTY',
        field,
        basis: [basis],
        holder: ORGANS.enforcement.id,
      };
    });
    const input = { county: COUNTY, powers, effectiveFrom: '2020-01-01', change };
    expect((await h.ask(REGISTER, { input })).registerPowers).toMatchObject({ registered: 140, revised: 0 });
    expect((await h.ask(REGISTER, { input })).registerPowers).toMatchObject({ registered: 0, revised: 0 });
  });

  test('L-5 two classes of towns, two delegations; the figures come out of what the towns hold', async () => {
    for (const town of STRONG) {
      await h.ask(CLASS, {
        input: { town, class: 'STRONG', name: '经济发达镇', effectiveFrom: '2020-01-01', change },
      });
    }
    for (const town of ORDINARY) {
      await h.ask(CLASS, {
        input: { town, class: 'ORDINARY', name: '普通镇', effectiveFrom: '2020-01-01', change },
      });
    }
    const codes = Array.from({ length: 133 }, (_, i) => code(i));
    strong = await delegate('经济发达镇赋权', { townClass: 'STRONG' }, codes, '2026-03-01');
    ordinary = await delegate('普通镇赋权', { townClass: 'ORDINARY' }, codes.slice(0, 25), '2026-04-01', 0);
    expect(await figures({ effectiveAt: '2026-05-01' })).toEqual({
      powers: 140,
      delegated: 133,
      byClass: [
        { class: 'ORDINARY', name: '普通镇', towns: 3, powers: 25 },
        { class: 'STRONG', name: '经济发达镇', towns: 2, powers: 133 },
      ],
      byTown: TOWNS.toSorted().map((town) =>
        STRONG.includes(town)
          ? { town, class: 'STRONG', powers: 133 }
          : { town, class: 'ORDINARY', powers: 25 },
      ),
    });
    expect((await figures({ effectiveAt: '2026-02-28' })).delegated).toBe(0);
    expect((await figures({ effectiveAt: '2026-03-31' })).byClass[0]).toMatchObject({
      class: 'ORDINARY',
      powers: 0,
    });
  });

  test('L-5 who may exercise it: the town from its day on, the department before it and elsewhere', async () => {
    const [town] = STRONG;
    const asked = { power: power(0), town, organ: organOf(town as string) };
    const held = await may({ ...asked, on: '2026-05-01' });
    expect(held).toMatchObject({
      allowed: true,
      through: 'DELEGATION',
      holderName: '垛庄镇人民政府',
      from: '2026-03-01',
      trialUntil: '2026-09-01',
      delegation: { id: strong, title: '经济发达镇赋权' },
    });
    expect(held.reason).toMatch(/on trial until 2026-09-01/);
    expect(held.basis[0]).toEqual({ title: `赋权 ${strong}`, documentNumber: '章政发〔2026〕1号' });
    expect(await may({ ...asked, organ: ORGANS.body.id, on: '2026-05-01' })).toMatchObject({ allowed: true });
    expect(await may({ ...asked, on: '2026-02-28' })).toMatchObject({ allowed: false, through: null });
    const department = { ...asked, organ: ORGANS.enforcement.id };
    expect(await may({ ...department, on: '2026-02-28' })).toMatchObject({
      allowed: true,
      through: 'STATUTE',
    });
    const not = await may({ ...department, on: '2026-05-01' });
    expect(not).toMatchObject({ allowed: false, holder: { id: organOf(town as string) } });
    expect(not.reason).toMatch(/held here by 垛庄镇人民政府.*hand the case to it/);
    expect(await may({ ...department, power: power(139), on: '2026-05-01' })).toMatchObject({
      allowed: true,
    });
    expect(await may({ ...asked, power: 'power:370114/none' })).toMatchObject({
      allowed: false,
      holder: null,
    });
  });

  test('L-5 a case that was filed before the change stays with who filed it', async () => {
    const town = STRONG[0] as string;
    const filed = { power: power(0), town, on: '2026-05-01', caseFiledOn: '2026-02-10' };
    const department = await may({ ...filed, organ: ORGANS.enforcement.id });
    expect(department).toMatchObject({ allowed: true, through: 'TRANSITION' });
    expect(department.basis[0].title).toMatch(/由原立案主体办结/);
    expect(await may({ ...filed, organ: organOf(town) })).toMatchObject({ allowed: false });
  });

  test('L-5 evaluated, then recalled in part and whole; what was answered before stays answerable', async () => {
    const town = STRONG[0] as string;
    const evaluated = await h.ask(EVALUATE, {
      input: { delegation: strong, town, result: 'CONTINUE', on: '2026-08-20', text: '办理规范', change },
    });
    const ofTown = evaluated.evaluateDelegation.delegation.towns.find(
      (one: { town: string }) => one.town === town,
    );
    expect(ofTown).toMatchObject({
      evaluation: { result: 'CONTINUE' },
      evaluationDue: '2027-08-20',
    });
    const before = new Date().toISOString();
    const recalling = {
      delegation: strong,
      from: '2026-11-01',
      body: '区政府常务会议',
      documentNumber: '章政发〔2026〕8号',
      change,
    };
    const part = await h.ask(RECALL, { input: { ...recalling, powers: [code(0)], towns: [town] } }, APPROVER);
    expect(part.recallPowers.delegation).toMatchObject({ status: 'IN_FORCE', holding: 265 });
    const asked = { power: power(0), town, organ: organOf(town), on: '2026-11-10' };
    expect(await may(asked)).toMatchObject({ allowed: false, holderName: ORGANS.enforcement.name });
    expect(await may({ ...asked, caseFiledOn: '2026-10-31' })).toMatchObject({
      allowed: true,
      through: 'TRANSITION',
    });
    expect(await may({ ...asked, recordedAt: before })).toMatchObject({
      allowed: true,
      through: 'DELEGATION',
    });
    expect(await may({ ...asked, on: '2026-10-31' })).toMatchObject({ allowed: true, through: 'DELEGATION' });
    const whole = await h.ask(RECALL, { input: { ...recalling, from: '2027-01-01' } }, APPROVER);
    expect(whole.recallPowers.delegation).toMatchObject({ status: 'RECALLED', holding: 0 });
    expect((await figures({ effectiveAt: '2027-01-01' })).byClass).toMatchObject([
      { class: 'ORDINARY', powers: 25 },
      { class: 'STRONG', powers: 0 },
    ]);
  });

  test('L-5 the file of a delegation, the powers of a town, the towns of a power; and the same after a rebuild', async () => {
    const query = /* GraphQL */ `
      query ($id: ID!, $town: DivisionCode!, $county: DivisionCode!) {
        delegation(id: $id) {
          title status towns { town accepts receives } proposedBy { name }
          history(first: 3) { edges { node { change effectiveFrom author { name } reason } } }
        }
        delegatedPowers(town: $town, asOf: { effectiveAt: "2026-05-01" }, first: 1) {
          edges { node { power { code delegatedTo { edges { node { town } } } } formerName to } }
          pageInfo { hasNextPage }
        }
        powers(county: $county, field: "市容环卫", first: 1) { edges { node { code holderName } } }
        delegations(county: $county, status: RECALLED) { edges { node { id } } }
        overdue: delegations(county: $county, evaluationOverdue: true) { edges { node { id } } }
      }
    `;
    const ask = () => h.ask(query, { id: strong, town: ORDINARY[0], county: COUNTY });
    const before = await ask();
    expect(
      before.delegation.history.edges.map((edge: { node: { change: string } }) => edge.node.change),
    ).toEqual(['RECALLED', 'RECALLED', 'EVALUATED']);
    expect(before.delegatedPowers.edges[0].node.power.delegatedTo.edges).toHaveLength(5);
    expect(before.delegations.edges).toEqual([{ node: { id: strong } }]);
    expect(before.overdue.edges).toEqual([]);
    const digest = await h.service.projections.digest('procedures');
    await h.restart('read');
    await expect.poll(() => h.service.projections.digest('procedures')).toBe(digest);
    // The copy of staffing's organs was lost as well, and comes over the bus again.
    const known = async (town: string) =>
      (await h.send(MAY, { power: power(0), town, organ: organOf(town) })).errors === undefined;
    for (const town of TOWNS) await expect.poll(() => known(town)).toBe(true);
    expect(await ask()).toEqual(before);
    expect(ordinary).not.toBe(strong);
  });
});

describe('what is refused', () => {
  test('L-5 a town that failed its assessment, one that declines, one that is not a town of the county', async () => {
    const [first, second] = ORDINARY as [string, string];
    const proposal = {
      county: COUNTY,
      title: '按需赋权',
      powers: [code(130)],
      towns: [first, second],
      scope: '全部',
      ground,
      change,
    };
    const { proposeDelegation } = await h.ask(PROPOSE, { input: proposal });
    const { id } = proposeDelegation.delegation;
    await h.ask(
      OPINION,
      { input: { delegation: id, town: first, accepts: true, text: '同意', change } },
      townOfficer(first),
    );
    await h.ask(ASSESS, { input: assessment(id, first, false) });
    const failed = await refused(h, [DECIDE, decision(id, '2026-06-01', { towns: [first] }), APPROVER], {
      code: 'RULE_VIOLATED',
      rule: 'L-5',
      field: 'towns',
    });
    expect(failed.message).toMatch(/did not pass the assessment/);
    expect(failed.citation?.title).toBe('中华人民共和国行政处罚法');
    await h.ask(OPINION, {
      input: {
        delegation: id,
        town: second,
        accepts: false,
        text: '人员不足',
        change,
        documentNumber: '〔2026〕3号',
      },
    });
    await refused(h, [DECIDE, decision(id, '2026-06-01', { towns: [second] }), APPROVER], {
      rule: 'L-5',
      field: 'towns',
    });
    await refused(h, [DECIDE, decision(id, '2026-06-01'), APPROVER], { rule: 'L-5', field: 'towns' });
    await h.ask(WITHDRAW, { input: { delegation: id, change } });
    await refused(h, [DECIDE, decision(id, '2026-06-01'), APPROVER], { rule: 'L-5', field: 'delegation' });
    await refused(h, [PROPOSE, { ...proposal, towns: ['370115001000'] }], { rule: 'L-5', field: 'towns[0]' });
    await refused(h, [PROPOSE, { ...proposal, towns: ['370114005000'] }], { rule: 'L-5', field: 'towns[0]' });
    await refused(h, [PROPOSE, { ...proposal, powers: [code(1)] }], { rule: 'L-5', field: 'powers' });
  });

  test('L-5 the wrong role, another town’s opinion, another county, an organ nobody knows', async () => {
    const { proposeDelegation } = await h.ask(PROPOSE, {
      input: {
        county: COUNTY,
        title: '待定',
        powers: [code(131)],
        towns: [ORDINARY[0]],
        scope: '全部',
        ground,
        change,
      },
    });
    const { id } = proposeDelegation.delegation;
    const opinion = { delegation: id, town: ORDINARY[0], accepts: true, text: '同意', change };
    await refused(h, [DECIDE, decision(id, '2026-06-01'), EDITOR], { code: 'NOT_PERMITTED' });
    await refused(
      h,
      [RECALL, { delegation: id, from: '2026-06-01', body: '区', documentNumber: '1', change }, EDITOR],
      { code: 'NOT_PERMITTED' },
    );
    await refused(h, [OPINION, opinion, { ...townOfficer(ORDINARY[0] as string), organ: ORGANS.street.id }], {
      code: 'NOT_PERMITTED',
    });
    await refused(h, [OPINION, opinion], { code: 'NOT_PERMITTED', field: 'documentNumber' });
    await refused(h, [DECIDE, decision(id, '2026-06-01'), { ...APPROVER, division: '370115000000' }], {
      code: 'NOT_PERMITTED',
    });
    await refused(
      h,
      [REGISTER, { county: '370100000000', powers: [], change }, { division: '370000000000' }],
      { code: 'INVALID_INPUT', field: 'county' },
    );
    const nobody = { code: 'X', name: '某项处罚', kind: 'PENALTY', basis: ground };
    await refused(h, [REGISTER, { county: COUNTY, powers: [nobody], change }], {
      code: 'INVALID_INPUT',
      field: 'powers[0].holder',
    });
    await refused(
      h,
      [REGISTER, { county: COUNTY, powers: [{ ...nobody, holder: 'organ:370114-7777' }], change }],
      { field: 'powers[0].holder' },
    );
    const fault = await h.fault(MAY, { power: power(0), town: STRONG[0], organ: 'organ:370114-7777' });
    expect(fault).toMatchObject({ code: 'NOT_FOUND', field: 'organ' });
  });
});
