import type { Refusal } from '@dutyledger/event-store/decider';
import type { StoredEvent } from '@dutyledger/event-store/event-store';
import { chinaDate } from '@dutyledger/reference-data/china-time';
import { requireDivision } from '@dutyledger/subgraph-kit/access';
import { type ChangeInput, commandContext } from '@dutyledger/subgraph-kit/commands';
import { refusalError } from '@dutyledger/subgraph-kit/errors';
import type { Mutated } from '@dutyledger/subgraph-kit/mutation';
import { OFFICERS, speakFor } from '../acting.ts';
import type { ListsContext } from '../context.ts';
import {
  type BasisInput,
  carryOut,
  countyOfTown,
  type Input,
  named,
  readBasis,
  requireCounty,
  today,
  townRef,
} from './carry-out.ts';
import type { PowerCommand } from './delegation.ts';
import type { EvaluationResult, TownRef } from './events.ts';
import { registerMutations } from './register-mutations.ts';
import { type DelegationRow, delegations, townClasses } from './rows.ts';
import { RULE, unknownDelegation } from './rules.ts';
import type { PowerRegister } from './state.ts';

/** Mutations about powers and their delegation (L-5): look facts up, hand one command to the county's register. */

type Ctx = ListsContext;

/** The delegation of an input, within the caller's division or, for a town's own officer, of a town in it. */
async function ownDelegation(context: Ctx, id: string, town?: string): Promise<DelegationRow> {
  const row = await context.service.projections.documents(delegations).get(id);
  if (!row) throw refusalError(unknownDelegation(id));
  requireDivision(context, town ?? row.county, 'delegation');
  return row;
}

async function answer(context: Ctx, id: string, { repeated, pending }: Mutated<PowerRegister>) {
  const delegation = await context.service.projections.documents(delegations).get(id);
  if (!delegation) throw refusalError(notShownYet);
  return { delegation, repeated, pending };
}

const notShownYet: Refusal = {
  code: 'UNAVAILABLE',
  message: {
    en: 'The change is recorded, but queries do not show it yet; ask again in a while.',
    'zh-CN': '更改已记录，但查询尚未更新，请稍后再试。',
  },
};

interface ProposalInput {
  county: string;
  title: string;
  powers: string[];
  towns?: string[] | null;
  townClass?: string | null;
  scope: string;
  ground: BasisInput[];
  trialMonths: number;
  evaluationMonths: number;
}

async function proposeDelegation(_: unknown, { input }: Input<ProposalInput>, context: Ctx) {
  const { county, change, powers, trialMonths, evaluationMonths } = input;
  requireCounty(context, county);
  const codes = [...new Set([...(input.towns ?? []), ...(await townsOfClass(context, input))])];
  const towns: TownRef[] = [];
  for (const [i, town] of codes.entries()) {
    if (countyOfTown(town) !== county) throw refusalError(elsewhere(town, county, `towns[${i}]`));
    towns.push(await townRef(context, town, `towns[${i}]`));
  }
  const operation = 'proposeDelegation';
  const { commandId } = commandContext(context, operation, change, { division: county });
  const id = `delegation:${county.slice(0, 6)}-${commandId.replaceAll('-', '').slice(0, 10)}`;
  const proposal = {
    id,
    title: input.title.trim(),
    powers,
    towns,
    scope: input.scope.trim(),
    ground: readBasis(input.ground),
    trialMonths,
    evaluationMonths,
  };
  const done = await carryOut(
    context,
    { type: 'ProposeDelegation', proposal },
    { operation, county, change, content: input },
  );
  const [event] = done.events as (StoredEvent & { data: { id: string } })[];
  return answer(context, event?.data.id ?? id, done);
}

async function townsOfClass({ service, now }: Ctx, { county, townClass }: ProposalInput): Promise<string[]> {
  if (!townClass) return [];
  const { rows } = await service.projections.temporal(townClasses).find({
    index: 'byCounty',
    where: { county },
    filter: ({ code }) => code === townClass,
    limit: 1_000,
    asOf: { effectiveAt: chinaDate(now.toISOString()) },
  });
  return rows.map(({ doc }) => doc.town);
}

const elsewhere = (town: string, county: string, field: string): Refusal => ({
  code: 'RULE_VIOLATED',
  rule: RULE,
  field,
  citation: { title: 'DutyLedger domain rules', article: RULE },
  message: {
    en: `Town ${town} is not in county ${county}; a county delegates to its own towns.`,
    'zh-CN': `镇街 ${town} 不属于 ${county}；县只能向本县镇街赋权。`,
  },
});

async function giveDelegationOpinion(
  _: unknown,
  {
    input,
  }: Input<{
    delegation: string;
    town: string;
    accepts: boolean;
    text: string;
    documentNumber?: string | null;
  }>,
  context: Ctx,
) {
  const { town, accepts, change } = input;
  const row = await ownDelegation(context, input.delegation, town);
  const proposed = row.towns.find((entry) => entry.town === town) ?? (await townRef(context, town, 'town'));
  const { role, onBehalfOf } = speakFor(context, {
    organ: { id: proposed.organ, name: proposed.name },
    own: OFFICERS,
    documentNumber: input.documentNumber,
    division: row.county,
    what: { en: 'The opinion', 'zh-CN': '意见' },
  });
  const documentNumber = input.documentNumber?.trim() || null;
  const opinion = { ...proposed, accepts, text: input.text.trim(), documentNumber };
  const done = await carryOut(
    context,
    { type: 'GiveDelegationOpinion', delegation: row.id, opinion },
    {
      operation: 'giveDelegationOpinion',
      county: row.county,
      change: onBehalfOf ? { ...change, onBehalfOf } : change,
      content: input,
      role,
    },
  );
  return answer(context, row.id, done);
}

/** One command on a delegation of the caller's county, answered with the delegation as it is then. */
async function onDelegation<T extends { delegation: string; change: ChangeInput }>(
  context: Ctx,
  operation: string,
  input: T,
  command: (row: DelegationRow) => PowerCommand | Promise<PowerCommand>,
) {
  const row = await ownDelegation(context, input.delegation);
  const carrying = { operation, county: row.county, change: input.change, content: input };
  return answer(context, row.id, await carryOut(context, await command(row), carrying));
}

interface AssessmentInput {
  delegation: string;
  town: string;
  passed: boolean;
  assessor: string;
  assessedOn?: string | null;
  criteria: { name: string; met: boolean; finding: string }[];
}

const assessDelegationCapacity = (_: unknown, { input }: Input<AssessmentInput>, context: Ctx) =>
  onDelegation(context, 'assessDelegationCapacity', input, async ({ id }) => {
    const { town, passed, criteria } = input;
    const assessor = await named(context, input.assessor, 'assessor', new Map());
    const assessment = {
      town,
      passed,
      assessor,
      assessedOn: input.assessedOn ?? today(context),
      criteria: criteria.map(({ name, met, finding }) => ({
        name: name.trim(),
        met,
        finding: finding.trim(),
      })),
    };
    return { type: 'AssessCapacity', delegation: id, assessment };
  });

interface DecisionInput {
  delegation: string;
  approved: boolean;
  body: string;
  documentNumber: string;
  text: string;
  towns?: string[] | null;
  from?: string | null;
}

const decideDelegation = (_: unknown, { input }: Input<DecisionInput>, context: Ctx) =>
  onDelegation(context, 'decideDelegation', input, ({ id }) => ({
    type: 'DecideDelegation',
    delegation: id,
    approved: input.approved,
    body: input.body.trim(),
    documentNumber: input.documentNumber.trim(),
    text: input.text.trim(),
    towns: input.towns ?? null,
    from: input.from ?? null,
  }));

const withdrawDelegation = (_: unknown, { input }: Input<{ delegation: string }>, context: Ctx) =>
  onDelegation(context, 'withdrawDelegation', input, ({ id }) => ({
    type: 'WithdrawDelegation',
    delegation: id,
  }));

interface EvaluationInput {
  delegation: string;
  town: string;
  result: EvaluationResult;
  on?: string | null;
  text: string;
}

const evaluateDelegation = (_: unknown, { input }: Input<EvaluationInput>, context: Ctx) =>
  onDelegation(context, 'evaluateDelegation', input, ({ id }) => ({
    type: 'EvaluateDelegation',
    delegation: id,
    town: input.town,
    result: input.result,
    on: input.on ?? today(context),
    text: input.text.trim(),
  }));

interface RecallInput {
  delegation: string;
  powers?: string[] | null;
  towns?: string[] | null;
  from: string;
  body: string;
  documentNumber: string;
}

const recallPowers = (_: unknown, { input }: Input<RecallInput>, context: Ctx) =>
  onDelegation(context, 'recallPowers', input, ({ id }) => ({
    type: 'RecallPowers',
    delegation: id,
    powers: input.powers ?? null,
    towns: input.towns ?? null,
    from: input.from,
    body: input.body.trim(),
    documentNumber: input.documentNumber.trim(),
  }));

export const Mutation = {
  ...registerMutations,
  proposeDelegation,
  giveDelegationOpinion,
  assessDelegationCapacity,
  decideDelegation,
  withdrawDelegation,
  evaluateDelegation,
  recallPowers,
};
