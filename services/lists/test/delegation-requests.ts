import { COUNTY, change, type ListsHarness, ORGANS, TOWN } from './harness.ts';

/** One request per root field and guarded type of delegation (L-5), none of which changes anything. */

const ground = 'change: { reason: "赋权", basis: [{ title: "意见" }] }';
const NONE = 'delegation: "delegation:370114-none"';
const POWER = 'power:370114/1';

const onDelegation = (name: string, fields: string): string =>
  `mutation { ${name}(input: { ${NONE}, ${fields} ${ground} }) { repeated } }`;

/** Registers a power and proposes to delegate it; resolves to the id of the delegation. */
export async function proposeOne(h: ListsHarness): Promise<string> {
  const basis = [{ title: '中华人民共和国行政处罚法', article: '第二十四条' }];
  const powers = [
    { code: '1', name: '对养犬违法的处罚', kind: 'PENALTY', basis, holder: ORGANS.enforcement.id },
  ];
  await h.ask('mutation ($input: RegisterPowersInput!) { registerPowers(input: $input) { registered } }', {
    input: { county: COUNTY, powers, change },
  });
  const input = {
    county: COUNTY,
    title: '赋权',
    powers: ['1'],
    towns: [TOWN],
    scope: '全部',
    ground: basis,
    change,
  };
  const { proposeDelegation } = await h.ask(
    'mutation ($input: ProposeDelegationInput!) { proposeDelegation(input: $input) { delegation { id } } }',
    { input },
  );
  return proposeDelegation.delegation.id;
}

export const delegationRequests = (delegation: string): Record<string, string> => ({
  'Query.mayExercisePower': `{ mayExercisePower(power: "${POWER}", town: "${TOWN}", organ: "${ORGANS.street.id}") { allowed } }`,
  'Query.power': `{ power(id: "${POWER}") { name } }`,
  'Query.powers': `{ powers(county: "${COUNTY}") { edges { cursor } } }`,
  'Query.delegatedPowers': `{ delegatedPowers(town: "${TOWN}") { edges { cursor } } }`,
  'Query.delegationFigures': `{ delegationFigures(county: "${COUNTY}") { powers } }`,
  'Query.delegation': `{ delegation(id: "${delegation}") { title } }`,
  'Query.delegations': `{ delegations(county: "${COUNTY}") { edges { cursor } } }`,
  'Mutation.registerPowers': `mutation { registerPowers(input: { county: "${COUNTY}", powers: [], ${ground} }) { repeated } }`,
  'Mutation.abolishPower': `mutation { abolishPower(input: { power: "power:370114/none", effectiveFrom: "2026-01-01", ${ground} }) { repeated } }`,
  'Mutation.setTownClass': `mutation { setTownClass(input: { town: "${TOWN}", ${ground} }) { repeated } }`,
  'Mutation.proposeDelegation': `mutation { proposeDelegation(input: { county: "${COUNTY}", title: "赋权", powers: [],
    towns: ["${TOWN}"], scope: "全部", ground: [], ${ground} }) { repeated } }`,
  'Mutation.giveDelegationOpinion': onDelegation(
    'giveDelegationOpinion',
    `town: "${TOWN}", accepts: true, text: "同意",`,
  ),
  'Mutation.assessDelegationCapacity': onDelegation(
    'assessDelegationCapacity',
    `town: "${TOWN}", passed: true, assessor: "${ORGANS.staffing.id}", criteria: [],`,
  ),
  'Mutation.decideDelegation': onDelegation(
    'decideDelegation',
    'approved: false, body: "区政府", documentNumber: "号", text: "否",',
  ),
  'Mutation.withdrawDelegation': onDelegation('withdrawDelegation', ''),
  'Mutation.evaluateDelegation': onDelegation(
    'evaluateDelegation',
    `town: "${TOWN}", result: CONTINUE, text: "好",`,
  ),
  'Mutation.recallPowers': onDelegation(
    'recallPowers',
    'from: "2026-01-01", body: "区政府", documentNumber: "号",',
  ),
  Power: `{ _entities(representations: [{ __typename: "Power", id: "${POWER}" }]) { ... on Power { name } } }`,
  Delegation: `{ _entities(representations: [{ __typename: "Delegation", id: "${delegation}" }]) {
    ... on Delegation { title } } }`,
  'Delegation.history': `{ delegation(id: "${delegation}") { history { edges { cursor } } } }`,
});
