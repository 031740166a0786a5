import { accept, type Decision } from '@dutyledger/event-store/decider';
import { endOfDay } from './clocks.ts';
import type { Of } from './commands.ts';
import { type CaseEvent, type Clock, LEVELS, type Level } from './events.ts';
import { busy, resumption } from './pausing.ts';
import type { KnownCase } from './state.ts';

/** What time alone does to a case (G-8): clocks turn amber, run out and escalate, a suspension ends. Each happens once. */

type Outcome = Decision<CaseEvent>;

function recordTime({ timing: { now } }: Of<'RecordTime'>, state: KnownCase): Outcome {
  const { clocks, suspension } = state;
  if (state.status === 'MERGED') return accept();
  if (suspension) {
    const end = endOfDay(suspension.until);
    return now >= end ? accept<CaseEvent>(resumption(state, end)) : accept();
  }
  const overdue = clocks.filter((clock) => !clock.overdue && isPast(clock.due, now));
  const amber = clocks.filter(
    (clock) => !clock.warned && isPast(clock.amberAt, now) && !isPast(clock.due, now),
  );
  return accept<CaseEvent>(
    ...amber.map(({ of, phase, due }): CaseEvent => {
      return { type: 'ClockAmber', data: { of, phase, due: due ?? now } };
    }),
    ...overdue.map((clock) => ranOut(clock, state, now)),
    ...(overdue.length > 0 && !state.escalated ? escalation(overdue, state) : []),
  );
}

const isPast = (at: string | null, now: string): boolean => at !== null && now >= at;

function ranOut({ of, phase, due }: Clock, { level, tasks }: KnownCase, now: string): CaseEvent {
  const organ = tasks.find(({ id }) => id === of)?.organ ?? null;
  return { type: 'ClockOverdue', data: { of, phase, due: due ?? now, level, organ } };
}

/** A joint meeting is for what is hard to handle, not for what lies on a desk. */
function levelAbove(level: Level, handled: boolean): Level | undefined {
  const next = LEVELS[LEVELS.indexOf(level) + 1];
  return next === 'JOINT' && !handled ? undefined : next;
}

/** Once in a phase, whichever of its clocks runs out first: the next level takes over, or it is supervised (督办). */
function escalation(overdue: readonly Clock[], state: KnownCase): CaseEvent[] {
  const { policy, level: from } = state;
  const text = '办理超时，系统自动督办';
  const reason = '办理超时，系统自动提级';
  if (policy.escalation === 'NONE') return [];
  const to = levelAbove(
    from,
    overdue.some(({ phase }) => phase === 'handle'),
  );
  if (policy.escalation === 'NEXT_LEVEL' && to) {
    return [{ type: 'CaseEscalated', data: { from, to, cause: 'OVERDUE', reason } }];
  }
  return [{ type: 'CaseSupervised', data: { cause: 'OVERDUE', text, organs: busy(state) } }];
}

export const steps = { RecordTime: recordTime };
