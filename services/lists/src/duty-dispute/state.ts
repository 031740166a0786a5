import { assertNever, type Fact, type Refusal } from '@dutyledger/event-store/decider';
import type { Pause, RunningLimit } from '@dutyledger/timers/limit';
import type { OrganName } from '../consultation.ts';

/**
 * A dispute about whose duty something is (职责争议, L-7; 地方各级人民政府机构设置和编制管理条例 art. 10): its events (a storage
 * format), its state, and how the one makes the other. The rules are in duty-dispute.ts. The read model keeps the state
 * as it is.
 */

export interface Matter {
  /** The item of a list that is disputed, as it stood. */
  item: { list: string; code: string; name: string; edition: number } | null;
  /** The case that was returned, as the service that has it names it. */
  caseReference: string | null;
  caseClass: string | null;
  description: string;
}

export interface Dispute {
  id: string;
  /** 12-digit code of the county. */
  division: string;
  matter: Matter;
  /** Keeps handling until it is settled (首接负责). */
  firstReceiver: OrganName;
  /** Who said "not our duty"; one of the parties. */
  returnedBy: OrganName;
  /** Why it is not theirs. */
  ground: string;
  /** Two or more, the first receiver among them. */
  parties: OrganName[];
}

/** Who a party says is to handle it. */
export interface Position extends OrganName {
  handler: OrganName;
  text: string;
  documentNumber?: string;
}

export interface Ruling {
  handler: OrganName;
  /** Who decided: 区政府, 区政府常务会议 … */
  body: string;
  documentNumber: string;
  reasons: string;
}

/** What became of the list once it was settled whose duty an item is. */
export interface FollowUp {
  /** The adjustment that was applied for; null when there was none to apply for. */
  adjustment: string | null;
  /** Why the lists took none, in their words; null when one was applied for, or the list says so already. */
  refusal: Refusal | null;
}

export type DisputeStage = 'NEGOTIATION' | 'OPINION' | 'DECISION';

/** How long a stage may take: working days from an instant on, without its pauses. */
export interface StageClock {
  workingDays: number;
  startedAt: string;
  pauses: Pause[];
}

export type DutyDisputeEvent =
  | Fact<'DisputeOpened', Dispute & { clock: StageClock; due: string }>
  | Fact<'DisputePositionTaken', Position>
  | Fact<'DisputeAgreed', { handler: OrganName } & Pick<Dispute, 'matter'>>
  | Fact<'DisputeReferred', { by: OrganName; text: string; clock: StageClock; due: string }>
  | Fact<'DisputeOpinionGiven', Position & { clock: StageClock; due: string }>
  | Fact<'DisputeRuled', Ruling & Pick<Dispute, 'matter'>>
  | Fact<'DisputeWithdrawn', { by: OrganName; handler: OrganName } & Pick<Dispute, 'matter'>>
  | Fact<'DisputePaused', { from: string }>
  | Fact<'DisputeResumed', { to: string; due: string }>
  | Fact<'DisputeStageOverdue', { stage: DisputeStage; due: string }>
  | Fact<'DisputeFollowedUp', FollowUp>;

interface Known {
  dispute: Dispute;
  /** Who handles the matter now. */
  handler: OrganName;
  positions: Position[];
  /** The opinion of the 编办. */
  opinion: Position | null;
  overdue: { stage: DisputeStage; due: string }[];
}

interface Settled extends Known {
  followUp: FollowUp | null;
}

export interface OpenDispute extends Known {
  status: DisputeStage;
  clock: StageClock;
  /** Last day of the stage; null while it is paused. */
  due: string | null;
}

export type DutyDispute =
  | { status: 'ABSENT' }
  | OpenDispute
  | (Settled & { status: 'AGREED' | 'WITHDRAWN' })
  | (Settled & { status: 'RULED'; ruling: Ruling });

export type SettledDispute = Extract<DutyDispute, Settled>;

export const initial: DutyDispute = { status: 'ABSENT' };

export const isOpen = (state: DutyDispute): state is OpenDispute =>
  state.status === 'NEGOTIATION' || state.status === 'OPINION' || state.status === 'DECISION';

export function evolve(state: DutyDispute, event: DutyDisputeEvent): DutyDispute {
  if (event.type === 'DisputeOpened') {
    const { clock, due, ...dispute } = event.data;
    const handler = dispute.firstReceiver;
    return { status: 'NEGOTIATION', dispute, handler, positions: [], opinion: null, overdue: [], clock, due };
  }
  if (event.type === 'DisputeFollowedUp' && isSettled(state)) return { ...state, followUp: event.data };
  if (event.type === 'DisputeFollowedUp' || !isOpen(state))
    throw new Error(`${event.type} of a dispute that is ${state.status}`);
  const { dispute, handler, positions, opinion, overdue, clock } = state;
  const known: Known = { dispute, handler, positions, opinion, overdue };
  switch (event.type) {
    case 'DisputePositionTaken':
      return {
        ...state,
        positions: [...positions.filter(({ organ }) => organ !== event.data.organ), event.data],
      };
    case 'DisputeAgreed':
      return { ...known, handler: event.data.handler, status: 'AGREED', followUp: null };
    case 'DisputeReferred':
      return { ...known, status: 'OPINION', clock: event.data.clock, due: event.data.due };
    case 'DisputeOpinionGiven': {
      const { clock: next, due, ...given } = event.data;
      return { ...known, opinion: given, status: 'DECISION', clock: next, due };
    }
    case 'DisputeRuled': {
      const { matter: _, ...ruling } = event.data;
      return { ...known, handler: ruling.handler, status: 'RULED', ruling, followUp: null };
    }
    case 'DisputeWithdrawn':
      return { ...known, status: 'WITHDRAWN', followUp: null };
    case 'DisputePaused':
      return {
        ...state,
        clock: { ...clock, pauses: [...clock.pauses, { from: event.data.from, to: null }] },
        due: null,
      };
    case 'DisputeResumed':
      return { ...state, clock: resumed(clock, event.data.to), due: event.data.due };
    case 'DisputeStageOverdue':
      return { ...state, overdue: [...overdue, event.data] };
    default:
      return assertNever(event);
  }
}

export const isSettled = (state: DutyDispute): state is SettledDispute =>
  state.status === 'AGREED' || state.status === 'RULED' || state.status === 'WITHDRAWN';

export const isPaused = ({ clock }: OpenDispute): boolean => clock.pauses.at(-1)?.to === null;

export const resumed = (clock: StageClock, to: string): StageClock => ({
  ...clock,
  pauses: clock.pauses.map((pause) => (pause.to === null ? { ...pause, to } : pause)),
});

/** As time limits are reckoned (packages/timers). */
export const runningLimit = ({ workingDays, startedAt, pauses }: StageClock): RunningLimit => ({
  limit: { unit: 'workingDays', length: workingDays },
  startedAt,
  pauses,
});

const PREFIX = 'lists.dutyDispute-';
const ID = 'dispute:';

export const dutyDisputeStream = (id: string): string => `${PREFIX}${id.slice(ID.length)}`;
export const disputeIdOf = (stream: string): string => `${ID}${stream.slice(PREFIX.length)}`;
