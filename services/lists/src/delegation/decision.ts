import { accept, type Decision, type Refusal, refuse } from '@dutyledger/event-store/decider';
import { documentMissing, MAX } from '@dutyledger/event-store/rule-texts';
import type { Handed, PowerEvent } from './events.ts';
import { addMonths } from './months.ts';
import { inStatus, overlapping, PENALTY_LAW, RULE, refusal, text, twice } from './rules.ts';
import { type Delegation, heldNow, type PowerRegister, pairOf } from './state.ts';

/** The county's decision on a delegation (L-5): only to towns that take it on and can carry it. */

export interface DecideDelegation {
  type: 'DecideDelegation';
  delegation: string;
  approved: boolean;
  body: string;
  documentNumber: string;
  text: string;
  /** Towns that receive the powers; null: every one that accepted and passed. */
  towns: string[] | null;
  /** First day that the towns hold the powers; needed when approved. */
  from: string | null;
}

export function decideDelegation(command: DecideDelegation, state: PowerRegister): Decision<PowerEvent> {
  const { delegation: id, approved, body, documentNumber } = command;
  const found = inStatus(state, id, 'proposed');
  if (!found.ok) return refuse(found.refusal);
  const problem =
    text('body', body, 'Who decided', '决定机关', MAX.name) ??
    documentMissing(RULE, documentNumber) ??
    text('text', command.text, 'The decision in words', '决定内容');
  if (problem) return refuse(problem);
  const shared = { approved, body, documentNumber, text: command.text };
  if (!approved) {
    const nothing = { towns: [], from: null, trialUntil: null, evaluationDue: null, handed: null };
    const data = { delegation: id, decision: { ...shared, ...nothing } };
    return accept<PowerEvent>({ type: 'DelegationDecided', data });
  }
  return approve(command, found.delegation, shared, state);
}

function approve(
  { delegation: id, towns: given, from }: DecideDelegation,
  delegation: Delegation,
  shared: { approved: boolean; body: string; documentNumber: string; text: string },
  state: PowerRegister,
): Decision<PowerEvent> {
  if (from === null) {
    const en = 'An approval says from which day the towns hold the powers.';
    return refuse(refusal('from', en, '批准赋权应当写明镇街开始行使的日期。'));
  }
  const ready = delegation.proposal.towns.filter(({ town }) => !unready(delegation, town));
  const towns = given ?? ready.map(({ town }) => town);
  const problem = townsProblem(delegation, towns) ?? pairsProblem(delegation, towns, from, state);
  if (problem) return refuse(problem);
  const { trialMonths, evaluationMonths } = delegation.proposal;
  const trialUntil = trialMonths > 0 ? addMonths(from, trialMonths) : null;
  const evaluationDue = trialUntil ?? addMonths(from, evaluationMonths);
  const handed = handedOver(delegation, towns, state);
  const decision = { ...shared, towns, from, trialUntil, evaluationDue, handed };
  return accept<PowerEvent>({
    type: 'DelegationDecided',
    data: { delegation: id, decision },
    effectiveAt: from,
  });
}

const handedOver = (
  { proposal }: Delegation,
  towns: readonly string[],
  { powers }: PowerRegister,
): Handed => ({
  title: proposal.title,
  powers: proposal.powers.flatMap((code) => {
    const power = powers.get(code);
    return power ? [{ code, name: power.name, former: power.holder }] : [];
  }),
  towns: proposal.towns.filter(({ town }) => towns.includes(town)),
});

function townsProblem(delegation: Delegation, towns: readonly string[]): Refusal | undefined {
  if (towns.length === 0) {
    return refusal(
      'towns',
      'No town has both accepted the powers and passed the assessment of its capacity.',
      '没有镇街既同意承接又通过承接能力评估。',
      undefined,
      PENALTY_LAW,
    );
  }
  const [repeated] = twice(towns);
  if (repeated !== undefined) {
    return refusal('towns', `Town ${repeated} is named twice.`, `镇街 ${repeated} 重复。`);
  }
  for (const town of towns) {
    const problem = unready(delegation, town);
    if (problem) return problem;
  }
  return undefined;
}

/** Why the town cannot receive the powers; undefined when it can. */
function unready({ proposal, opinions, assessments }: Delegation, town: string): Refusal | undefined {
  const name = proposal.towns.find((entry) => entry.town === town)?.name;
  if (name === undefined) {
    return refusal('towns', `Town ${town} was not proposed.`, `镇街 ${town} 不在拟赋权范围内。`);
  }
  const opinion = opinions.get(town);
  if (!opinion?.accepts) {
    return opinion
      ? refusal(
          'towns',
          `${name} declines the powers (“${opinion.text}”); powers are delegated on demand.`,
          `${name} 不同意承接（“${opinion.text}”）；赋权应当按需。`,
        )
      : refusal(
          'towns',
          `${name} has not said whether it takes the powers on.`,
          `${name} 尚未表示是否承接。`,
        );
  }
  const assessment = assessments.get(town);
  if (assessment?.passed) return undefined;
  const failed = assessment?.criteria.find(({ met }) => !met);
  const why = failed && {
    en: `“${failed.name}”: ${failed.finding}`,
    zh: `“${failed.name}”：${failed.finding}`,
  };
  return refusal(
    'towns',
    assessment
      ? `${name} did not pass the assessment of its capacity${why ? ` (${why.en})` : ''}; penalties go only to towns that can carry them.`
      : `The capacity of ${name} was not assessed.`,
    assessment
      ? `${name} 未通过承接能力评估${why ? `（${why.zh}）` : ''}；只能向能够有效承接的镇街赋权。`
      : `${name} 尚未进行承接能力评估。`,
    { town, assessment: assessment ?? null },
    PENALTY_LAW,
  );
}

/** Between proposal and decision another delegation may have come, or an earlier one gone on until a later day. */
function pairsProblem(
  { proposal }: Delegation,
  towns: readonly string[],
  from: string,
  state: PowerRegister,
): Refusal | undefined {
  const abolished = proposal.powers.find((code) => !state.powers.has(code));
  if (abolished !== undefined) {
    return refusal('powers', `Power ${abolished} was abolished meanwhile.`, `权力 ${abolished} 已取消。`);
  }
  for (const town of towns)
    for (const code of proposal.powers) {
      const held = heldNow(state, code, town);
      if (held) return overlapping(code, town, held.delegation);
      const last = state.held.get(pairOf(code, town))?.at(-1);
      if (last?.to && from < last.to) {
        return refusal(
          'from',
          `Town ${town} held power ${code} until ${last.to} by ${last.delegation}; a new delegation starts then or later.`,
          `镇街 ${town} 依 ${last.delegation} 行使权力 ${code} 至 ${last.to}，新的赋权不得早于该日。`,
        );
      }
    }
  return undefined;
}
