import {
  accept,
  assertNever,
  type Decider,
  type Decision,
  type Refusal,
  refuse,
} from '@dutyledger/event-store/decider';
import { documentMissing, MAX, unfit } from '@dutyledger/event-store/rule-texts';
import { dueAt, dueDayOf } from '@dutyledger/timers/limit';
import type { OrganName } from '../consultation.ts';
import type { Stage, StageLimits } from '../stage-limits/stages.ts';
import {
  absent,
  closed,
  exists,
  lawful,
  notOpener,
  notParty,
  notPaused,
  outOfOrder,
  paused,
  ranOut,
} from './refusals.ts';
import {
  type Dispute,
  type DisputeStage,
  type DutyDispute,
  type DutyDisputeEvent,
  evolve,
  type FollowUp,
  initial,
  isOpen,
  isPaused,
  isSettled,
  type OpenDispute,
  type Position,
  type Ruling,
  resumed,
  runningLimit,
  type StageClock,
} from './state.ts';

/**
 * L-7: who returns a matter as "not our duty" opens a dispute; the first receiver keeps handling it (首接负责). The organs
 * negotiate: when all name the same handler, that is agreed and filed with the 编办. Else the 编办 gives its opinion and
 * brings the matter before the government, which decides (条例 486 art. 10).
 */

/** The instant (ISO UTC with milliseconds), its day in China, and how long the county gives each stage. */
export interface Timing {
  now: string;
  today: string;
  limits: StageLimits;
}

export type DutyDisputeCommand = { timing: Timing } & (
  | { type: 'OpenDispute'; dispute: Dispute }
  | { type: 'TakePosition'; position: Position }
  | { type: 'ReferDispute'; by: OrganName; text: string }
  | { type: 'GiveDisputeOpinion'; opinion: Position }
  | { type: 'RuleDispute'; ruling: Ruling }
  | { type: 'WithdrawDispute'; by: OrganName }
  | { type: 'PauseDispute' }
  | { type: 'ResumeDispute' }
  /** What time alone does: a stage goes over its limit. */
  | { type: 'RecordTime' }
  /** What the settlement led to in the lists. */
  | { type: 'RecordFollowUp'; followUp: FollowUp }
);

type Of<T extends DutyDisputeCommand['type']> = Extract<DutyDisputeCommand, { type: T }>;
type Outcome = Decision<DutyDisputeEvent>;

function decide(command: DutyDisputeCommand, state: DutyDispute): Outcome {
  if (command.type === 'OpenDispute') return open(command, state);
  if (command.type === 'RecordTime') return accept(...overdue(command.timing, state));
  if (state.status === 'ABSENT') return refuse(absent);
  if (command.type === 'RecordFollowUp') return followUp(command, state);
  if (!isOpen(state)) return refuse(closed(state));
  switch (command.type) {
    case 'TakePosition':
      return takePosition(command, state);
    case 'ReferDispute':
      return refer(command, state);
    case 'GiveDisputeOpinion':
      return giveOpinion(command, state);
    case 'RuleDispute':
      return rule(command, state);
    case 'WithdrawDispute':
      return withdraw(command, state);
    case 'PauseDispute':
      return pause(command, state);
    case 'ResumeDispute':
      return resume(command, state);
    default:
      return assertNever(command);
  }
}

/** Told again, it is nothing: the to-do may be carried out twice. */
function followUp({ followUp: data }: Of<'RecordFollowUp'>, state: DutyDispute): Outcome {
  if (!isSettled(state) || state.followUp) return accept();
  return accept<DutyDisputeEvent>({ type: 'DisputeFollowedUp', data });
}

const LIMITS: Record<DisputeStage, Stage> = {
  NEGOTIATION: 'DISPUTE_NEGOTIATION',
  OPINION: 'DISPUTE_OPINION',
  DECISION: 'DISPUTE_DECISION',
};

/** The clock of a stage that begins now, and its last day. */
function begin(stage: DisputeStage, { limits, now }: Timing): { clock: StageClock; due: string } {
  const clock = { workingDays: limits[LIMITS[stage]], startedAt: now, pauses: [] };
  return { clock, due: lastDay(clock) };
}

function lastDay(clock: StageClock): string {
  const due = dueAt(runningLimit(clock));
  if (due === null) throw new Error('a stage that is paused has no last day');
  return dueDayOf(due);
}

const MOST_PARTIES = 20;

function open({ dispute, timing }: Of<'OpenDispute'>, state: DutyDispute): Outcome {
  if (state.status !== 'ABSENT') return refuse(exists(dispute.id));
  const problem = disputeProblem(dispute);
  if (problem) return refuse(problem);
  return accept<DutyDisputeEvent>({
    type: 'DisputeOpened',
    data: { ...dispute, ...begin('NEGOTIATION', timing) },
  });
}

function disputeProblem({
  matter,
  ground,
  parties,
  firstReceiver,
  returnedBy,
}: Dispute): Refusal | undefined {
  if (!matter.item && !matter.caseReference && !matter.caseClass) {
    return lawful('matter', {
      en: 'A dispute is about an item of a list, a case or a case class: name at least one.',
      'zh-CN': '职责争议应写明清单事项、案件编号或案件类别，至少其一。',
    });
  }
  const ids = parties.map(({ organ }) => organ);
  if (new Set(ids).size < 2 || new Set(ids).size !== ids.length || ids.length > MOST_PARTIES) {
    return lawful('parties', {
      en: `A dispute has 2 to ${MOST_PARTIES} parties, each named once.`,
      'zh-CN': `职责争议应有 2 至 ${MOST_PARTIES} 个当事单位，且不得重复。`,
    });
  }
  for (const { organ, organName } of [firstReceiver, returnedBy]) {
    if (!ids.includes(organ)) return notParty({ parties }, { organ, organName });
  }
  return (
    tooLong('caseReference', matter.caseReference, MAX.name) ??
    tooLong('caseClass', matter.caseClass, MOST_CLASS) ??
    unfit('L-7', 'description', matter.description, MAX.text, {
      en: 'What is disputed',
      'zh-CN': '争议事项',
    }) ??
    unfit('L-7', 'ground', ground, MAX.text, {
      en: 'Why it is not their duty',
      'zh-CN': '不属本单位职责的理由',
    })
  );
}

/** Longest code of a case class. */
const MOST_CLASS = 100;

const tooLong = (field: string, text: string | null, most: number): Refusal | undefined =>
  text === null ? undefined : unfit('L-7', field, text, most, { en: 'The reference', 'zh-CN': '编号' });

const textProblem = ({ text, documentNumber }: Position): Refusal | undefined =>
  unfit('L-7', 'text', text, MAX.text, { en: 'The opinion', 'zh-CN': '意见' }) ??
  (documentNumber === undefined ? undefined : documentMissing('L-7', documentNumber));

/** The last party that names the same handler as all others makes the agreement. */
function takePosition({ position }: Of<'TakePosition'>, state: OpenDispute): Outcome {
  const { parties } = state.dispute;
  const problem =
    (state.status === 'NEGOTIATION' ? undefined : outOfOrder('NEGOTIATION', state)) ??
    (parties.some(({ organ }) => organ === position.organ) ? undefined : notParty(state.dispute, position)) ??
    textProblem(position);
  if (problem) return refuse(problem);
  const taken: DutyDisputeEvent = { type: 'DisputePositionTaken', data: position };
  const { positions } = evolve(state, taken) as OpenDispute;
  const agreed =
    positions.length === parties.length &&
    positions.every(({ handler }) => handler.organ === position.handler.organ);
  const { matter } = state.dispute;
  const agreement: DutyDisputeEvent = { type: 'DisputeAgreed', data: { handler: position.handler, matter } };
  return accept<DutyDisputeEvent>(taken, ...(agreed ? [agreement] : []));
}

function refer({ by, text, timing }: Of<'ReferDispute'>, state: OpenDispute): Outcome {
  const problem =
    (state.status === 'NEGOTIATION' ? undefined : outOfOrder('NEGOTIATION', state)) ??
    unfit('L-7', 'text', text, MAX.text, { en: 'Where the negotiation stands', 'zh-CN': '协商情况' });
  if (problem) return refuse(problem);
  return accept<DutyDisputeEvent>({
    type: 'DisputeReferred',
    data: { by, text, ...begin('OPINION', timing) },
  });
}

function giveOpinion({ opinion, timing }: Of<'GiveDisputeOpinion'>, state: OpenDispute): Outcome {
  const problem =
    (state.status === 'OPINION' ? undefined : outOfOrder('OPINION', state)) ?? textProblem(opinion);
  if (problem) return refuse(problem);
  return accept<DutyDisputeEvent>({
    type: 'DisputeOpinionGiven',
    data: { ...opinion, ...begin('DECISION', timing) },
  });
}

function rule({ ruling }: Of<'RuleDispute'>, state: OpenDispute): Outcome {
  const problem =
    (state.status === 'DECISION' ? undefined : outOfOrder('DECISION', state)) ??
    unfit('L-7', 'body', ruling.body, MAX.name, { en: 'Who decided', 'zh-CN': '决定机关' }) ??
    documentMissing('L-7', ruling.documentNumber) ??
    unfit('L-7', 'reasons', ruling.reasons, MAX.text, {
      en: 'The reasons of the ruling',
      'zh-CN': '裁定理由',
    });
  if (problem) return refuse(problem);
  const { matter } = state.dispute;
  return accept<DutyDisputeEvent>({ type: 'DisputeRuled', data: { ...ruling, matter } });
}

/** The matter stays with who handles it. */
function withdraw({ by }: Of<'WithdrawDispute'>, state: OpenDispute): Outcome {
  const { handler, dispute } = state;
  if (by.organ !== dispute.returnedBy.organ) return refuse(notOpener(state));
  return accept<DutyDisputeEvent>({
    type: 'DisputeWithdrawn',
    data: { by, handler, matter: dispute.matter },
  });
}

/** What has run out cannot be paused any more. */
function pause({ timing: { now, today } }: Of<'PauseDispute'>, state: OpenDispute): Outcome {
  if (state.due === null) return refuse(paused);
  if (today > state.due) return refuse(ranOut(state.due));
  return accept<DutyDisputeEvent>({ type: 'DisputePaused', data: { from: now } });
}

function resume({ timing: { now } }: Of<'ResumeDispute'>, state: OpenDispute): Outcome {
  if (!isPaused(state)) return refuse(notPaused);
  return accept<DutyDisputeEvent>({
    type: 'DisputeResumed',
    data: { to: now, due: lastDay(resumed(state.clock, now)) },
  });
}

/** Once for each last day, however often it is looked at. */
function overdue({ today }: Timing, state: DutyDispute): DutyDisputeEvent[] {
  if (!isOpen(state) || state.due === null || today <= state.due) return [];
  const { status: stage, due } = state;
  if (state.overdue.some((entry) => entry.stage === stage && entry.due === due)) return [];
  return [{ type: 'DisputeStageOverdue', data: { stage, due } }];
}

export const dutyDispute: Decider<DutyDispute, DutyDisputeCommand, DutyDisputeEvent> = {
  initial,
  evolve,
  decide,
};
