import { requireDivision } from '@dutyledger/subgraph-kit/access';
import { type AsOfInput, asOf } from '@dutyledger/subgraph-kit/as-of';
import { type ChangeInput, commandContext } from '@dutyledger/subgraph-kit/commands';
import { mutate } from '@dutyledger/subgraph-kit/mutation';
import { todayOf } from '@dutyledger/subgraph-kit/request-context';
import type { Limit } from '../class-policy/policy.ts';
import type { GridEventsContext } from '../context.ts';
import { authorOf } from '../provenance.ts';
import { callTerms, callTermsStream } from './call-terms.ts';
import { type LimitInForce, type TermsInForce, termsInForce } from './call-terms-model.ts';
import type { CallKind, OverduePolicy, Scale, Step } from './terms.ts';

/** Terms of calls, in GraphQL. */

type Ctx = GridEventsContext;

interface SetCallTermsInput {
  division: string;
  effectiveFrom?: string | null;
  limits: { kind: CallKind; step: Step; limit?: Limit | null }[];
  overdue?: OverduePolicy | null;
  scale?: Scale | null;
  change: ChangeInput;
}

async function setCallTerms(_: unknown, { input }: { input: SetCallTermsInput }, context: Ctx) {
  const { division, change, overdue, scale } = input;
  requireDivision(context, division, 'division');
  const today = todayOf(context);
  const effectiveFrom = input.effectiveFrom ?? today;
  const limits = input.limits.map(({ kind, step, limit = null }) => ({
    kind,
    step,
    limit: limit && { amount: limit.amount, unit: limit.unit },
  }));
  const given = { limits, ...(overdue !== undefined && { overdue }), ...(scale !== undefined && { scale }) };
  const command = { type: 'SetCallTerms' as const, division, effectiveFrom, given, today };
  const scope = { division, effectiveAt: effectiveFrom, content: input };
  const around = commandContext(context, 'setCallTerms', change, scope);
  const { grid, locale } = context;
  const done = await mutate(grid, locale, callTerms, callTermsStream(division), command, around);
  return {
    terms: await termsInForce(grid.projections, division, { effectiveAt: effectiveFrom }),
    repeated: done.repeated,
    pending: done.pending,
  };
}

export const callTermsQueries = {
  callTerms: (_: unknown, args: { division: string; asOf?: AsOfInput | null }, { grid, now }: Ctx) =>
    termsInForce(grid.projections, args.division, asOf(args.asOf, now)),
};

export const callTermsMutations = { setCallTerms };

export const callTermsTypes = {
  CallTerms: {
    overdue: ({ overdue }: TermsInForce) => overdue.value,
    overdueIsDefault: ({ overdue }: TermsInForce) => overdue.set === null,
    scale: ({ scale }: TermsInForce) => scale.value,
    scaleIsDefault: ({ scale }: TermsInForce) => scale.set === null,
  },
  CallLimit: {
    limit: ({ value }: LimitInForce) => value,
    isDefault: ({ set }: LimitInForce) => set === null,
    division: ({ set }: LimitInForce) => set?.doc.division,
    effectiveFrom: ({ set }: LimitInForce) => set?.effectiveFrom,
    setBy: ({ set }: LimitInForce) => set && authorOf(set.doc.set),
    setAt: ({ set }: LimitInForce) => set?.doc.set.recordedAt,
    reason: ({ set }: LimitInForce) => set?.doc.set.reason,
    basis: ({ set }: LimitInForce) => set?.doc.set.basis ?? [],
  },
};
