import type { StoredEvent } from '@dutyledger/event-store/event-store';
import { type CommandDeps, handleCommand, load } from '@dutyledger/event-store/handle-command';
import {
  AT_ONCE,
  type Firing,
  type TimerChange,
  type TimerHandler,
  type TimerSource,
} from '@dutyledger/timers/timers';
import { onTime } from '../on-time.ts';
import { gridCase } from './case.ts';
import { endOfDay } from './clocks.ts';
import { type CaseEvent, type Clock, caseIdOf, caseStream } from './events.ts';
import { CASE_EVENT_TYPES } from './evolve.ts';

/**
 * What time alone does to a case (G-8), one timer for each clock: amber, then overdue. And what one case means for
 * another (G-6): a merger is told to the case that goes on, and its closing to those that were merged into it.
 */

const TIME = 'case';
const MERGER = 'caseMerger';
const CLOSING = 'caseClosing';

/** What a case that was merged into another is told of the other's end. */
interface Following {
  case: string;
  with: string;
  /** It was voided or refused. */
  ended?: boolean;
}

const clockTimer = (stream: string, of: string): string => `${stream}/clock-${of}`;
const suspensionTimer = (stream: string): string => `${stream}/suspension`;
const closingTimer = (id: string): string => `${caseStream(id)}/closing`;

function ofClocks({ stream, data }: StoredEvent & CaseEvent): TimerChange[] {
  const { set = [], stop = [] } = data.clocks ?? {};
  return [
    ...set.map((clock): TimerChange => {
      const due = nextOf(clock);
      const id = clockTimer(stream, clock.of);
      return due === null ? { clear: id } : { set: id, kind: TIME, due, data: { stream } };
    }),
    ...stop.map((of) => ({ clear: clockTimer(stream, of) })),
  ];
}

/** When something happens to the clock next. */
function nextOf({ due, amberAt, warned, overdue }: Clock): string | null {
  if (overdue || due === null) return null;
  return warned || amberAt === null || amberAt > due ? due : amberAt;
}

const toFollow = (id: string, data: Omit<Following, 'case'>): TimerChange => ({
  set: closingTimer(id),
  kind: CLOSING,
  due: AT_ONCE,
  data: { case: id, ...data },
});

function ofEvent(event: StoredEvent & CaseEvent): TimerChange[] {
  const { stream, type, data, id } = event;
  switch (type) {
    case 'ClockAmber':
      return [{ set: clockTimer(stream, data.of), kind: TIME, due: data.due, data: { stream } }];
    case 'ClockOverdue':
      return [{ clear: clockTimer(stream, data.of) }];
    case 'CaseSuspended':
      return [{ set: suspensionTimer(stream), kind: TIME, due: endOfDay(data.until), data: { stream } }];
    case 'CaseResumed':
    case 'CaseVoided':
      return [{ clear: suspensionTimer(stream) }];
    case 'CaseMerged':
    case 'CaseUnmerged': {
      const other = type === 'CaseMerged' ? data.into : data.from;
      const tell: TimerChange = {
        set: `${stream}/told-${id}`,
        kind: MERGER,
        due: AT_ONCE,
        data: { stream, other },
      };
      return type === 'CaseMerged' ? [tell] : [tell, { clear: closingTimer(caseIdOf(stream)) }];
    }
    case 'CaseAbsorbed': {
      const ended = { clear: data.told };
      return data.closed ? [ended, toFollow(data.case, { with: caseIdOf(stream) })] : [ended];
    }
    case 'CaseReleased': {
      const told = { clear: data.told };
      return data.ended ? [told, toFollow(data.case, { with: caseIdOf(stream), ended: true })] : [told];
    }
    case 'CaseClosed':
      return [
        { clear: closingTimer(caseIdOf(stream)) },
        ...data.merged.map((one) => toFollow(one, { with: caseIdOf(stream) })),
      ];
    case 'CaseKeptApart':
      return [{ clear: closingTimer(caseIdOf(stream)) }];
    default:
      return [];
  }
}

export const caseTimers: TimerSource = {
  handles: CASE_EVENT_TYPES,
  changes(stored) {
    const event = stored as StoredEvent & CaseEvent;
    return [...ofClocks(event), ...ofEvent(event)];
  },
};

export const caseTimerHandlers = (commands: CommandDeps): Record<string, TimerHandler> => ({
  async [TIME](firing) {
    const { stream } = firing.timer.data as { stream: string };
    const command = { type: 'RecordTime' as const, timing: timingOf(firing) };
    await handleCommand(commands, gridCase, stream, command, onTime(firing, '时限届至，系统自动记录', 'G-8'));
  },
  /** Told as it stands when it is told: a case that was merged and unmerged again is told as unmerged, twice. */
  async [MERGER](firing) {
    const { stream, other } = firing.timer.data as { stream: string; other: string };
    const { state } = await load(commands, gridCase, stream);
    const merged = state.status !== 'ABSENT' && state.mergedInto === other;
    const told = firing.timer.id;
    const id = caseIdOf(stream);
    const command = { type: 'RecordMerger' as const, case: id, merged, told, timing: timingOf(firing) };
    const context = onTime(firing, '并案情况自动登记', 'G-6');
    await handleCommand(commands, gridCase, caseStream(other), command, context);
  },
  async [CLOSING](firing) {
    const { case: id, ...ending } = firing.timer.data as unknown as Following;
    const command = { type: 'CloseMerged' as const, ...ending, timing: timingOf(firing) };
    const reason = ending.ended ? '并入的案件已作废或者不予受理，恢复单独办理' : '并入的案件已结案，随之结案';
    await handleCommand(commands, gridCase, caseStream(id), command, onTime(firing, reason, 'G-6'));
  },
});

const timingOf = ({ now }: Firing) => ({ now: now.toISOString() });
