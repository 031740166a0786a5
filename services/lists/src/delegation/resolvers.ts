import type { Version } from '@dutyledger/read-store/read-store';
import { chinaDate } from '@dutyledger/reference-data/china-time';
import { requireDivision } from '@dutyledger/subgraph-kit/access';
import { type AsOf, type AsOfInput, asOf } from '@dutyledger/subgraph-kit/as-of';
import { connection, type PageArguments, pageOf } from '@dutyledger/subgraph-kit/connections';
import { refusalError } from '@dutyledger/subgraph-kit/errors';
import type { ListsContext } from '../context.ts';
import { author } from '../history-resolvers.ts';
import { organsById } from '../organs.ts';
import { delegationFigures } from './figures.ts';
import { mayExercise, type PowerAnswer } from './may-exercise.ts';
import {
  type DelegationHistoryRow,
  type DelegationRow,
  type DelegationStatus,
  delegationHistory,
  delegations,
  type HoldingRow,
  holdings,
  type PowerRow,
  powers,
} from './rows.ts';

/** Queries and fields about powers and their delegation (L-5). */

type Ctx = ListsContext;
type WithAsOf = { asOf?: AsOfInput | null };

const organ = (id: string | null | undefined) => (id ? { __typename: 'Organ', id } : null);

/** A power with the clocks of the question, which its fields go on from. */
interface PowerAsOf {
  row: PowerRow;
  at: AsOf;
}

interface HoldingAsOf {
  version: Version<HoldingRow>;
  at: AsOf;
}

const delegationById = (context: Ctx, id: string): Promise<DelegationRow | undefined> =>
  context.loaders.load('delegations', id, (ids) =>
    context.service.projections.documents(delegations).getMany(ids),
  );

async function powerAsOf({ service }: Ctx, id: string, at: AsOf): Promise<PowerAsOf | null> {
  const version = await service.projections.temporal(powers).get(id, at);
  return version ? { row: version.doc, at } : null;
}

async function holdingPage(
  { service, now }: Ctx,
  args: PageArguments & WithAsOf,
  query: { index: 'byTown'; where: { town: string } } | { index: 'byPower'; where: { power: string } },
  at: AsOf = asOf(args.asOf, now),
) {
  const page = await service.projections.temporal(holdings).find({ ...query, ...pageOf(args), asOf: at });
  return connection(page, args, ({ version }): HoldingAsOf => ({ version, at }));
}

interface MayExerciseArgs {
  power: string;
  town: string;
  organ: string;
  on?: string | null;
  caseFiledOn?: string | null;
  recordedAt?: string | null;
}

async function mayExercisePower(_: unknown, args: MayExerciseArgs, context: Ctx) {
  const { service, now } = context;
  const acting = (await organsById(service.organs, [args.organ], 0)).get(args.organ);
  if (!acting) {
    throw refusalError({
      code: 'NOT_FOUND',
      rule: 'L-5',
      field: 'organ',
      message: {
        en: `Staffing knows no organ ${args.organ}.`,
        'zh-CN': `机构登记中没有 ${args.organ}。`,
      },
    });
  }
  const at = asOf({ effectiveAt: args.on ?? null, recordedAt: args.recordedAt ?? null }, now);
  const answer = await mayExercise(service.projections, {
    power: args.power,
    town: args.town,
    organ: acting,
    on: at.effectiveAt,
    caseFiledOn: args.caseFiledOn ?? null,
    recordedAt: at.recordedAt,
  });
  return { ...answer, at };
}

export const Query = {
  mayExercisePower,

  power: (_: unknown, args: { id: string } & WithAsOf, context: Ctx) =>
    powerAsOf(context, args.id, asOf(args.asOf, context.now)),

  async powers(
    _: unknown,
    args: { county: string; field?: string | null } & PageArguments & WithAsOf,
    { service, now }: Ctx,
  ) {
    const { county, field } = args;
    const at = asOf(args.asOf, now);
    const query = {
      index: field ? ('byField' as const) : ('byCounty' as const),
      where: { county, ...(field && { field }) },
    };
    const page = await service.projections.temporal(powers).find({ ...query, ...pageOf(args), asOf: at });
    return connection(page, args, ({ doc }): PowerAsOf => ({ row: doc, at }));
  },

  delegatedPowers: (_: unknown, args: { town: string } & PageArguments & WithAsOf, context: Ctx) =>
    holdingPage(context, args, { index: 'byTown', where: { town: args.town } }),

  delegationFigures: (_: unknown, args: { county: string } & WithAsOf, { service, now }: Ctx) =>
    delegationFigures(service.projections, args.county, asOf(args.asOf, now)),

  delegation: (_: unknown, { id }: { id: string }, context: Ctx) => delegationById(context, id),

  async delegations(
    _: unknown,
    args: {
      county: string;
      status?: DelegationStatus | null;
      evaluationOverdue?: boolean | null;
    } & PageArguments,
    { service, now }: Ctx,
  ) {
    const { county, status, evaluationOverdue } = args;
    const query = {
      index: status ? ('byStatus' as const) : ('byCounty' as const),
      where: { county, ...(status && { status }) },
    };
    const today = chinaDate(now.toISOString());
    const overdue = (row: DelegationRow) => townsOf(row, today).some((town) => town.evaluationOverdue);
    const page = await service.projections.documents(delegations).find({
      ...query,
      ...pageOf(args),
      ...(typeof evaluationOverdue === 'boolean' && {
        filter: (row: DelegationRow) => overdue(row) === evaluationOverdue,
      }),
    });
    return connection(page, args, ({ doc }) => doc);
  },
};

const PowerAnswerFields = {
  power: ({ power, at }: PowerAnswer & { at: AsOf }) => power && { row: power, at },
  holder: ({ holder }: PowerAnswer) => organ(holder?.organ),
  holderName: ({ holder }: PowerAnswer) => holder?.name,
  delegation: ({ holding }: PowerAnswer, _: unknown, context: Ctx) =>
    holding ? delegationById(context, holding.doc.delegation) : null,
  from: ({ holding }: PowerAnswer) => holding?.effectiveFrom,
  trialUntil: ({ holding }: PowerAnswer) => holding?.doc.trialUntil,
  scope: ({ holding }: PowerAnswer) => holding?.doc.scope,
  reason: ({ reason }: PowerAnswer, _: unknown, { locale }: Ctx) => reason[locale],
};

const PowerFields = {
  __resolveReference: ({ id }: { id: string }, context: Ctx) =>
    powerAsOf(context, id, asOf(undefined, context.now)),
  id: ({ row }: PowerAsOf) => row.id,
  county: ({ row }: PowerAsOf) => row.county,
  code: ({ row }: PowerAsOf) => row.code,
  name: ({ row }: PowerAsOf) => row.name,
  kind: ({ row }: PowerAsOf) => row.kind,
  field: ({ row }: PowerAsOf) => row.field,
  basis: ({ row }: PowerAsOf) => row.basis,
  holder: ({ row }: PowerAsOf) => organ(row.holder.organ),
  holderName: ({ row }: PowerAsOf) => row.holder.name,
  list: ({ row }: PowerAsOf) => row.item?.list,
  itemCode: ({ row }: PowerAsOf) => row.item?.code,
  delegatedTo: ({ row, at }: PowerAsOf, args: PageArguments & WithAsOf, context: Ctx) => {
    const query = { index: 'byPower', where: { power: row.id } } as const;
    return holdingPage(context, args, query, args.asOf ? asOf(args.asOf, context.now) : at);
  },
};

const DelegatedPower = {
  power: ({ version, at }: HoldingAsOf, _: unknown, context: Ctx) =>
    powerAsOf(context, version.doc.power, at),
  town: ({ version }: HoldingAsOf) => version.doc.town,
  holder: ({ version }: HoldingAsOf) => organ(version.doc.holder.organ),
  holderName: ({ version }: HoldingAsOf) => version.doc.holder.name,
  former: ({ version }: HoldingAsOf) => organ(version.doc.former.organ),
  formerName: ({ version }: HoldingAsOf) => version.doc.former.name,
  scope: ({ version }: HoldingAsOf) => version.doc.scope,
  from: ({ version }: HoldingAsOf) => version.effectiveFrom,
  to: ({ version }: HoldingAsOf) => version.effectiveTo,
  trialUntil: ({ version }: HoldingAsOf) => version.doc.trialUntil,
  documentNumber: ({ version }: HoldingAsOf) => version.doc.documentNumber,
  delegation: ({ version }: HoldingAsOf, _: unknown, context: Ctx) =>
    delegationById(context, version.doc.delegation),
};

/** Every town of a delegation with all that is on file of it. */
function townsOf(row: DelegationRow, today: string) {
  return row.towns.map(({ town, organ: id, name }) => {
    const opinion = row.opinions.find((entry) => entry.town === town);
    const assessment = row.assessments.find((entry) => entry.town === town) ?? null;
    const evaluation = row.evaluations.find((entry) => entry.town === town) ?? null;
    const receives = row.decision ? row.decision.towns.includes(town) : null;
    const holds = receives && row.status === 'IN_FORCE' && !recalledWhole(row, town);
    const evaluationDue = holds ? (evaluation?.next ?? row.decision?.evaluationDue ?? null) : null;
    return {
      town,
      organ: organ(id),
      name,
      accepts: opinion?.accepts ?? null,
      opinion: opinion?.text ?? null,
      assessment: assessment && { ...assessment, assessorName: assessment.assessor.name },
      receives,
      evaluation,
      evaluationDue,
      evaluationOverdue: evaluationDue !== null && evaluationDue < today,
    };
  });
}

function recalledWhole({ powers: all, recalls }: DelegationRow, town: string): boolean {
  const recalled = new Set(recalls.filter(({ towns }) => towns.includes(town)).flatMap((one) => one.powers));
  return all.every((code) => recalled.has(code));
}

const Delegation = {
  __resolveReference: ({ id }: { id: string }, context: Ctx) => delegationById(context, id),
  towns: (row: DelegationRow, _: unknown, { now }: Ctx) => townsOf(row, chinaDate(now.toISOString())),
  proposedBy: ({ proposed }: DelegationRow) => author(proposed),
  proposedAt: ({ proposed }: DelegationRow) => proposed.recordedAt,
  reason: ({ proposed }: DelegationRow) => proposed.reason,

  async history({ id, county }: DelegationRow, args: PageArguments, context: Ctx) {
    requireDivision(context, county);
    const page = await context.service.projections.documents(delegationHistory).find({
      index: 'byDelegation',
      where: { delegation: id },
      reverse: true,
      ...pageOf(args),
    });
    return connection(page, args, ({ doc }) => doc);
  },
};

const DelegationHistoryEntry = {
  recordedAt: ({ provenance }: DelegationHistoryRow) => provenance.recordedAt,
  author: ({ provenance }: DelegationHistoryRow) => author(provenance),
  reason: ({ provenance }: DelegationHistoryRow) => provenance.reason,
  basis: ({ provenance }: DelegationHistoryRow) => provenance.basis,
};

export const types = {
  PowerAnswer: PowerAnswerFields,
  Power: PowerFields,
  DelegatedPower,
  Delegation,
  DelegationHistoryEntry,
};
