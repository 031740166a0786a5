import { requireDivision } from '@dutyledger/subgraph-kit/access';
import { type AsOfInput, asOf } from '@dutyledger/subgraph-kit/as-of';
import { type ChangeInput, commandContext } from '@dutyledger/subgraph-kit/commands';
import { mutate } from '@dutyledger/subgraph-kit/mutation';
import { todayOf } from '@dutyledger/subgraph-kit/request-context';
import type { ListsContext } from '../context.ts';
import { author } from '../history-resolvers.ts';
import { limitsInForce, type StageLimitInForce } from './read-model.ts';
import { type StageLimit, stageLimits, stageLimitsStream } from './stage-limits.ts';

/** Limits of stages, in GraphQL. */

type Ctx = ListsContext;

interface SetStageLimitsInput {
  division: string;
  effectiveFrom?: string | null;
  limits: { stage: StageLimit['stage']; workingDays?: number | null }[];
  change: ChangeInput;
}

async function setStageLimits(_: unknown, { input }: { input: SetStageLimitsInput }, context: Ctx) {
  const { division, change } = input;
  requireDivision(context, division, 'division');
  const today = todayOf(context);
  const effectiveFrom = input.effectiveFrom ?? today;
  const limits = input.limits.map(({ stage, workingDays = null }) => ({ stage, workingDays }));
  const command = { type: 'SetStageLimits' as const, division, effectiveFrom, limits, today };
  const scope = commandContext(context, 'setStageLimits', change, {
    division,
    effectiveAt: effectiveFrom,
    content: input,
  });
  const { service, locale } = context;
  const done = await mutate(service, locale, stageLimits, stageLimitsStream(division), command, scope);
  return {
    limits: await limitsInForce(service.projections, division, { effectiveAt: effectiveFrom }),
    repeated: done.repeated,
    pending: done.pending,
  };
}

export const stageLimitQueries = {
  stageLimits: (_: unknown, args: { division: string; asOf?: AsOfInput | null }, { service, now }: Ctx) =>
    limitsInForce(service.projections, args.division, asOf(args.asOf, now)),
};

export const stageLimitMutations = { setStageLimits };

export const stageLimitTypes = {
  StageLimit: {
    isDefault: ({ set }: StageLimitInForce) => set === null,
    division: ({ set }: StageLimitInForce) => set?.doc.division,
    effectiveFrom: ({ set }: StageLimitInForce) => set?.effectiveFrom,
    setBy: ({ set }: StageLimitInForce) => set && author(set.doc.set),
    setAt: ({ set }: StageLimitInForce) => set?.doc.set.recordedAt,
    reason: ({ set }: StageLimitInForce) => set?.doc.set.reason,
    basis: ({ set }: StageLimitInForce) => set?.doc.set.basis ?? [],
  },
};
