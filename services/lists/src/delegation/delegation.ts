import {
  accept,
  assertNever,
  type Decider,
  type Decision,
  type Refusal,
  refuse,
} from '@dutyledger/event-store/decider';
import { documentMissing, MAX } from '@dutyledger/event-store/rule-texts';
import { type DecideDelegation, decideDelegation } from './decision.ts';
import {
  type EvaluateDelegation,
  evaluate,
  type RecordEvaluationDue,
  recordEvaluationDue,
} from './evaluation.ts';
import type { CapacityAssessment, PowerEvent, Proposal, TownOpinion } from './events.ts';
import { abolishPower, type RegisterCommand, registerPowers, setTownClass } from './register.ts';
import {
  basisProblem,
  inStatus,
  MOST,
  notReceiving,
  overlapping,
  PENALTY_LAW,
  RULE,
  refusal,
  text,
  tooMany,
  twice,
} from './rules.ts';
import { evolve, heldNow, initial, type PowerRegister } from './state.ts';

/**
 * Delegation and recall of powers (L-5): proposed, the towns say whether they take them on, each town's capacity is
 * assessed, the county decides, the powers are tried, evaluated again and again, and recalled whole or in part. The
 * register of powers is in register.ts, the decision in decision.ts, evaluations are in evaluation.ts.
 */

export type PowerCommand =
  | RegisterCommand
  | { type: 'ProposeDelegation'; proposal: Proposal }
  | { type: 'GiveDelegationOpinion'; delegation: string; opinion: TownOpinion }
  | { type: 'AssessCapacity'; delegation: string; assessment: CapacityAssessment }
  | DecideDelegation
  | { type: 'WithdrawDelegation'; delegation: string }
  | EvaluateDelegation
  | RecordEvaluationDue
  | RecallPowers;

interface RecallPowers {
  type: 'RecallPowers';
  delegation: string;
  /** Null: all that the delegation still gives. */
  powers: string[] | null;
  towns: string[] | null;
  from: string;
  body: string;
  documentNumber: string;
}

function decide(command: PowerCommand, state: PowerRegister): Decision<PowerEvent> {
  switch (command.type) {
    case 'RegisterPowers':
      return registerPowers(command.powers, state);
    case 'AbolishPower':
      return abolishPower(command, state);
    case 'SetTownClass':
      return setTownClass(command, state);
    case 'ProposeDelegation':
      return propose(command.proposal, state);
    case 'GiveDelegationOpinion':
      return giveOpinion(command, state);
    case 'AssessCapacity':
      return assessCapacity(command, state);
    case 'DecideDelegation':
      return decideDelegation(command, state);
    case 'WithdrawDelegation': {
      const found = inStatus(state, command.delegation, 'proposed');
      if (!found.ok) return refuse(found.refusal);
      return accept<PowerEvent>({ type: 'DelegationWithdrawn', data: { delegation: command.delegation } });
    }
    case 'EvaluateDelegation':
      return evaluate(command, state);
    case 'RecordEvaluationDue':
      return recordEvaluationDue(command, state);
    case 'RecallPowers':
      return recall(command, state);
    default:
      return assertNever(command);
  }
}

function propose(proposal: Proposal, state: PowerRegister): Decision<PowerEvent> {
  const problem =
    text('title', proposal.title, 'The title', '名称', MAX.title) ??
    text('scope', proposal.scope, 'The scope of the delegation', '赋权范围') ??
    basisProblem('ground', proposal.ground) ??
    countProblem(proposal) ??
    monthsProblem(proposal) ??
    pairsProblem(proposal, state);
  return problem ? refuse(problem) : accept<PowerEvent>({ type: 'DelegationProposed', data: proposal });
}

function countProblem({ powers, towns }: Proposal): Refusal | undefined {
  const [p, t] = [powers.length, towns.length];
  if (p === 0 || p > MOST.perDelegation) {
    return tooMany('powers', MOST.perDelegation, p, { en: 'powers', 'zh-CN': '项权力' });
  }
  if (t === 0 || t > MOST.towns) return tooMany('towns', MOST.towns, t, { en: 'towns', 'zh-CN': '个镇街' });
  if (p * t > MOST.pairs) {
    return tooMany('powers', MOST.pairs, p * t, {
      en: 'powers times towns',
      'zh-CN': '项（权力数乘镇街数）',
    });
  }
  const [code] = twice(powers);
  if (code !== undefined) return refusal('powers', `Power ${code} is named twice.`, `权力 ${code} 重复。`);
  const [town] = twice(towns.map((entry) => entry.town));
  return town === undefined
    ? undefined
    : refusal('towns', `Town ${town} is named twice.`, `镇街 ${town} 重复。`);
}

function monthsProblem({ trialMonths, evaluationMonths }: Proposal): Refusal | undefined {
  if (!(trialMonths >= 0 && trialMonths <= 24)) {
    return refusal('trialMonths', 'A trial takes 0 to 24 months.', '试行期应为 0 至 24 个月。');
  }
  if (evaluationMonths >= 1 && evaluationMonths <= 36) return undefined;
  return refusal(
    'evaluationMonths',
    'Delegated powers are evaluated regularly, every 1 to 36 months.',
    '下放的权力应当定期评估，间隔为 1 至 36 个月。',
    undefined,
    PENALTY_LAW,
  );
}

function pairsProblem({ powers, towns }: Proposal, state: PowerRegister): Refusal | undefined {
  const unknown = powers.filter((code) => !state.powers.has(code));
  if (unknown.length > 0) {
    return refusal(
      'powers',
      `The county's register has no power ${unknown[0]}; register it with its holder first.`,
      `本县权力目录中没有 ${unknown[0]}，请先登记该权力及其行使主体。`,
      { unknown: unknown.slice(0, 100) },
    );
  }
  for (const { town, name } of towns)
    for (const code of powers) {
      const held = heldNow(state, code, town);
      if (held) return overlapping(code, name, held.delegation);
    }
  return undefined;
}

function giveOpinion(
  { delegation, opinion }: { delegation: string; opinion: TownOpinion },
  state: PowerRegister,
): Decision<PowerEvent> {
  const found = inStatus(state, delegation, 'proposed');
  if (!found.ok) return refuse(found.refusal);
  const problem =
    strangerTown(found.delegation.proposal, opinion.town) ??
    text('text', opinion.text, 'The opinion of the town', '镇街意见');
  if (problem) return refuse(problem);
  return accept<PowerEvent>({ type: 'DelegationOpinionGiven', data: { delegation, opinion } });
}

const strangerTown = ({ towns, title }: Proposal, town: string): Refusal | undefined =>
  towns.some((entry) => entry.town === town)
    ? undefined
    : refusal(
        'town',
        `Town ${town} is not among those that “${title}” is to delegate to.`,
        `镇街 ${town} 不在“${title}”拟赋权范围内。`,
        { towns: towns.map((entry) => entry.town) },
      );

function assessCapacity(
  { delegation, assessment }: { delegation: string; assessment: CapacityAssessment },
  state: PowerRegister,
): Decision<PowerEvent> {
  const found = inStatus(state, delegation, 'proposed');
  if (!found.ok) return refuse(found.refusal);
  const problem = strangerTown(found.delegation.proposal, assessment.town) ?? criteriaProblem(assessment);
  if (problem) return refuse(problem);
  return accept<PowerEvent>({ type: 'CapacityAssessed', data: { delegation, assessment } });
}

function criteriaProblem({ criteria, passed }: CapacityAssessment): Refusal | undefined {
  if (criteria.length === 0 || criteria.length > MOST.criteria) {
    return tooMany('criteria', MOST.criteria, criteria.length, { en: 'criteria', 'zh-CN': '项评估指标' });
  }
  for (const [i, { name, finding }] of criteria.entries()) {
    const problem =
      text(`criteria[${i}].name`, name, 'The criterion', '评估指标', MAX.name) ??
      text(`criteria[${i}].finding`, finding, 'The finding', '评估情况');
    if (problem) return problem;
  }
  const failed = criteria.find(({ met }) => !met);
  if (!passed || !failed) return undefined;
  return refusal(
    'passed',
    `The assessment cannot pass: “${failed.name}” is not met (${failed.finding}).`,
    `“${failed.name}”未达到（${failed.finding}），承接能力评估不能通过。`,
    undefined,
    PENALTY_LAW,
  );
}

function recall(command: RecallPowers, state: PowerRegister): Decision<PowerEvent> {
  const { delegation: id, from, body, documentNumber } = command;
  const found = inStatus(state, id, 'decided');
  if (!found.ok) return refuse(found.refusal);
  const { proposal, decision } = found.delegation;
  const powers = command.powers ?? proposal.powers;
  const towns = command.towns ?? decision.towns;
  const problem =
    text('body', body, 'Who decided', '决定机关', MAX.name) ??
    documentMissing(RULE, documentNumber) ??
    (towns.length === 0 ? tooMany('towns', MOST.towns, 0, { en: 'towns', 'zh-CN': '个镇街' }) : undefined) ??
    notReceiving(found.delegation, towns, 'towns') ??
    (powers.length === 0
      ? tooMany('powers', MOST.perDelegation, 0, { en: 'powers', 'zh-CN': '项权力' })
      : undefined);
  if (problem) return refuse(problem);
  const stillHeld = (code: string, town: string) => heldNow(state, code, town)?.delegation === id;
  const whole = command.powers === null || command.towns === null;
  const left = powers.filter((code) => towns.some((town) => stillHeld(code, town)));
  const missing = powers.find((code) => towns.some((town) => !stillHeld(code, town)));
  if (left.length === 0 || (missing !== undefined && !whole)) return refuse(notDelegated(missing ?? '', id));
  if (decision.from !== null && from <= decision.from) return refuse(recalledTooEarly(from, decision.from));
  const data = { delegation: id, recall: { powers: left, towns: [...towns], from, body, documentNumber } };
  return accept<PowerEvent>({ type: 'PowersRecalled', data, effectiveAt: from });
}

const notDelegated = (code: string, id: string): Refusal =>
  refusal(
    'powers',
    `Power ${code} is not delegated to these towns by ${id} (any more); what is not delegated cannot be recalled.`,
    `权力 ${code} 未由 ${id} 下放至所列镇街（或已收回），不能收回未下放的权力。`,
    { power: code },
  );

const recalledTooEarly = (from: string, since: string): Refusal =>
  refusal(
    'from',
    `The towns hold the powers from ${since} on; a recall holds from a later day, not ${from}.`,
    `镇街自 ${since} 起行使该权力，收回之日应晚于该日，不能为 ${from}。`,
    { from: since },
  );

export const powerRegister: Decider<PowerRegister, PowerCommand, PowerEvent> = { initial, evolve, decide };
