import { assertNever } from '@dutyledger/event-store/decider';
import { Map as IMap } from 'immutable';
import type {
  CapacityAssessment,
  DelegationDecision,
  Evaluation,
  Power,
  PowerEvent,
  Proposal,
  Recall,
  TownClass,
  TownOpinion,
} from './events.ts';

/** What a county's register of powers is after its events. Dates are days; `to` is the first day after. */

export interface Held {
  delegation: string;
  from: string;
  to: string | null;
}

interface Dealt {
  proposal: Proposal;
  /** By town. */
  opinions: IMap<string, TownOpinion>;
  assessments: IMap<string, CapacityAssessment>;
}

export type Delegation = Dealt &
  (
    | { status: 'proposed' }
    | { status: 'withdrawn' }
    | { status: 'refused'; decision: DelegationDecision }
    | {
        status: 'decided';
        decision: DelegationDecision;
        /** The last one, by town. */
        evaluations: IMap<string, Evaluation>;
        /** The day by which an evaluation was due that is on record as overdue, by town. */
        overdue: IMap<string, string>;
      }
  );

export type InForce = Extract<Delegation, { status: 'decided' }>;

export interface PowerRegister {
  powers: IMap<string, Power>;
  classes: IMap<string, TownClass>;
  delegations: IMap<string, Delegation>;
  /** Who held a power by delegation and when, by `<code>@<town>`, in the order of days. */
  held: IMap<string, Held[]>;
}

export const initial: PowerRegister = { powers: IMap(), classes: IMap(), delegations: IMap(), held: IMap() };

export const pairOf = (code: string, town: string): string => `${code}@${town}`;

export function evolve(
  state: PowerRegister,
  event: PowerEvent,
  { effectiveAt }: { effectiveAt: string },
): PowerRegister {
  switch (event.type) {
    case 'PowerRegistered':
    case 'PowerRevised':
      return { ...state, powers: state.powers.set(event.data.power.code, event.data.power) };
    case 'PowerAbolished':
      return abolished(state, event.data.code, effectiveAt);
    case 'TownClassSet':
      return classed(state, event.data.town, event.data.class);
    case 'DelegationProposed':
      return { ...state, delegations: state.delegations.set(event.data.id, proposed(event.data)) };
    case 'DelegationOpinionGiven': {
      const { delegation, opinion } = event.data;
      return changed(state, delegation, (one) => ({
        ...one,
        opinions: one.opinions.set(opinion.town, opinion),
      }));
    }
    case 'CapacityAssessed': {
      const { delegation, assessment } = event.data;
      return changed(state, delegation, (one) => ({
        ...one,
        assessments: one.assessments.set(assessment.town, assessment),
      }));
    }
    case 'DelegationDecided':
      return decided(state, event.data.delegation, event.data.decision);
    case 'DelegationWithdrawn':
      return changed(state, event.data.delegation, (one) => ({ ...dealt(one), status: 'withdrawn' }));
    case 'DelegationEvaluated': {
      const { delegation, evaluation } = event.data;
      return changed(state, delegation, (one) =>
        one.status === 'decided'
          ? { ...one, evaluations: one.evaluations.set(evaluation.town, evaluation) }
          : one,
      );
    }
    case 'DelegationEvaluationOverdue': {
      const { delegation, overdue } = event.data;
      return changed(state, delegation, (one) =>
        one.status === 'decided' ? { ...one, overdue: one.overdue.set(overdue.town.town, overdue.due) } : one,
      );
    }
    case 'DelegationEvaluationDropped':
      return state;
    case 'PowersRecalled':
      return recalled(state, event.data.delegation, event.data.recall);
    default:
      return assertNever(event);
  }
}

const classed = (state: PowerRegister, town: string, given: TownClass | null): PowerRegister => ({
  ...state,
  classes: given ? state.classes.set(town, given) : state.classes.delete(town),
});

const proposed = (proposal: Proposal): Delegation => ({
  status: 'proposed',
  proposal,
  opinions: IMap(),
  assessments: IMap(),
});

const recalled = (
  state: PowerRegister,
  delegation: string,
  { powers, towns, from }: Recall,
): PowerRegister => ({
  ...state,
  held: state.held.withMutations((held) => {
    for (const code of powers)
      for (const town of towns)
        held.update(pairOf(code, town), [], (spans) => ended(spans, delegation, from));
  }),
});

const dealt = ({ proposal, opinions, assessments }: Delegation): Dealt => ({
  proposal,
  opinions,
  assessments,
});

const changed = (
  state: PowerRegister,
  id: string,
  change: (delegation: Delegation) => Delegation,
): PowerRegister => {
  const delegation = state.delegations.get(id);
  if (!delegation) throw new Error(`an event of delegation ${id}, which was never proposed`);
  return { ...state, delegations: state.delegations.set(id, change(delegation)) };
};

function decided(state: PowerRegister, id: string, decision: DelegationDecision): PowerRegister {
  const after = changed(state, id, (one) =>
    decision.approved
      ? { ...dealt(one), status: 'decided', decision, evaluations: IMap(), overdue: IMap() }
      : { ...dealt(one), status: 'refused', decision },
  );
  const { from } = decision;
  const powers = state.delegations.get(id)?.proposal.powers ?? [];
  if (from === null) return after;
  return {
    ...after,
    held: after.held.withMutations((held) => {
      for (const code of powers)
        for (const town of decision.towns)
          held.update(pairOf(code, town), [], (spans) => [...spans, { delegation: id, from, to: null }]);
    }),
  };
}

function abolished(state: PowerRegister, code: string, from: string): PowerRegister {
  const end = (spans: Held[], pair: string) =>
    pair.slice(0, pair.lastIndexOf('@')) === code
      ? spans.map((span) => (span.to === null ? { ...span, to: from } : span))
      : spans;
  return { ...state, powers: state.powers.delete(code), held: state.held.map(end) };
}

const ended = (spans: readonly Held[], delegation: string, to: string): Held[] =>
  spans.map((span) => (span.delegation === delegation && span.to === null ? { ...span, to } : span));

/** Day by which the town is to be evaluated next; null for a town that received nothing. */
export const evaluationDue = ({ decision, evaluations }: InForce, town: string): string | null =>
  decision.towns.includes(town) ? (evaluations.get(town)?.next ?? decision.evaluationDue) : null;

/** The delegation that a pair is under without end, if any. */
export const heldNow = (state: PowerRegister, code: string, town: string): Held | undefined =>
  state.held.get(pairOf(code, town))?.find(({ to }) => to === null);
