import { accept, type Decision, type Refusal, refuse } from '@dutyledger/event-store/decider';
import type { EvaluationResult, PowerEvent } from './events.ts';
import { addMonths } from './months.ts';
import { inStatus, notReceiving, refusal, text } from './rules.ts';
import { evaluationDue, heldNow, type InForce, type PowerRegister } from './state.ts';

/** The regular evaluation of delegated powers (L-5; 行政处罚法 art. 24), town by town. */

export interface EvaluateDelegation {
  type: 'EvaluateDelegation';
  delegation: string;
  town: string;
  result: EvaluationResult;
  on: string;
  text: string;
}

/** The day by which a town was to be evaluated may have passed. */
export interface RecordEvaluationDue {
  type: 'RecordEvaluationDue';
  delegation: string;
  town: string;
  today: string;
}

export function evaluate(command: EvaluateDelegation, state: PowerRegister): Decision<PowerEvent> {
  const { delegation: id, town, result, on } = command;
  const found = inStatus(state, id, 'decided');
  if (!found.ok) return refuse(found.refusal);
  const { delegation } = found;
  const problem =
    text('text', command.text, 'The finding of the evaluation', '评估意见') ??
    notReceiving(delegation, [town], 'town') ??
    tooEarly(delegation, town, on);
  if (problem) return refuse(problem);
  const next = addMonths(on, delegation.proposal.evaluationMonths);
  const evaluation = { town, result, on, text: command.text, next };
  return accept<PowerEvent>({ type: 'DelegationEvaluated', data: { delegation: id, evaluation } });
}

function tooEarly({ decision, evaluations }: InForce, town: string, on: string): Refusal | undefined {
  const last = evaluations.get(town)?.on ?? decision.from ?? on;
  if (on >= last) return undefined;
  return refusal(
    'on',
    `Powers held or last evaluated from ${last} on cannot be evaluated on ${on}.`,
    `该赋权自 ${last} 起行使（或最近一次评估于该日），不能以 ${on} 为评估日。`,
  );
}

/** Once per due day. A town that holds nothing any more is dropped: on record too, as events alone end what waits. */
export function recordEvaluationDue(
  { delegation: id, town, today }: RecordEvaluationDue,
  state: PowerRegister,
): Decision<PowerEvent> {
  const delegation = state.delegations.get(id);
  if (delegation?.status !== 'decided') return accept();
  const due = evaluationDue(delegation, town);
  const receiving = delegation.proposal.towns.find((entry) => entry.town === town);
  if (!due || !receiving || today <= due || delegation.overdue.get(town) === due) return accept();
  if (!holdsAny(delegation, town, state)) {
    return accept<PowerEvent>({ type: 'DelegationEvaluationDropped', data: { delegation: id, town } });
  }
  const overdue = { title: delegation.proposal.title, town: receiving, due };
  return accept<PowerEvent>({ type: 'DelegationEvaluationOverdue', data: { delegation: id, overdue } });
}

const holdsAny = ({ proposal }: InForce, town: string, state: PowerRegister): boolean =>
  proposal.powers.some((code) => heldNow(state, code, town)?.delegation === proposal.id);
