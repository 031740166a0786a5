import type { StoredEvent } from '@dutyledger/event-store/event-store';
import type { CommandContext } from '@dutyledger/event-store/handle-command';
import { uuidFrom } from '@dutyledger/event-store/ids';
import type { Projection } from '@dutyledger/read-store/projection';
import { documents } from '@dutyledger/read-store/read-store';
import { chinaDate } from '@dutyledger/reference-data/china-time';

/**
 * Durable timers: a read model of what is due when, made from events like every other. An event that starts a stage
 * sets a timer, the event that ends the stage clears it, and so does the event that the timer itself brings about when
 * it has fired. What one aggregate causes in another is a timer that is due at once.
 */

/** Due as soon as it is seen, in the order of the events that caused it. Before every instant there can be. */
export const AT_ONCE = '0000-01-01T00:00:00.000Z';

export interface Timer {
  /** Unique in the service; set again, it replaces what was set. */
  id: string;
  /** Which handler it is for. */
  kind: string;
  /** ISO UTC with milliseconds; `AT_ONCE` for a to-do. */
  due: string;
  /** What the handler needs to know. */
  data: Readonly<Record<string, unknown>>;
  /** The event that set it. */
  cause: { event: string; position: number; recordedAt: string; correlationId: string; division: string };
}

export type TimerChange =
  | { set: string; kind: string; due: string; data?: Readonly<Record<string, unknown>> }
  | { clear: string };

/** What the events of one aggregate mean for timers. Pure; clearing one that is not set does nothing. */
export interface TimerSource {
  handles: readonly string[];
  changes(event: StoredEvent): readonly TimerChange[];
}

export const timers = documents<Timer & { position: number }>()('timers', { byDue: ['due', 'position'] });

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/**
 * The due table of a service, under a name of its own: services may share a read store. `version` is raised whenever a
 * source sets other timers than before.
 */
export function timersProjection(
  service: string,
  version: number,
  sources: readonly TimerSource[],
): Projection {
  const sourcesOf = new Map<string, TimerSource[]>();
  for (const source of sources) {
    for (const type of source.handles) sourcesOf.set(type, [...(sourcesOf.get(type) ?? []), source]);
  }
  const changesOf = (event: StoredEvent): TimerChange[] =>
    (sourcesOf.get(event.type) ?? []).flatMap((source) => source.changes(event));
  return {
    name: `${service}DueTimers`,
    version,
    collections: [timers],
    handles: [...sourcesOf.keys()],
    project(event, batch) {
      for (const change of changesOf(event)) {
        if ('clear' in change) batch.delete(timers, change.clear);
        else batch.put(timers, change.set, { ...timerOf(event, change), position: event.position });
      }
    },
  };
}

function timerOf(
  { id: event, position, recordedAt, metadata }: StoredEvent,
  { set: id, kind, due, data = {} }: Extract<TimerChange, { set: string }>,
): Timer {
  if (!INSTANT.test(due)) throw new RangeError(`timer ${id} is due at no instant: ${due}`);
  const { correlationId, division } = metadata;
  return { id, kind, due, data, cause: { event, position, recordedAt, correlationId, division } };
}

/** One firing of a timer. */
export interface Firing {
  timer: Timer;
  /** The same for every attempt, in every instance and after every restart: what was carried out before is recognised. */
  commandId: string;
  /** What the clock says now: never before the timer is due. */
  now: Date;
}

/**
 * Carries out what is to be done. Fulfilled: done, or nothing is to be done any more. Rejected: tried again, with longer
 * and longer waits. It must be safe to do twice, which a command with the id of the firing is.
 */
export type TimerHandler = (firing: Firing) => Promise<void>;

/** A timer that is set again, by another event or for another time, is another firing. */
export const commandIdOf = ({ id, due, cause }: Timer): string => uuidFrom('timer', id, due, cause.event);

/** What surrounds the command of a firing. The day from which its facts hold is that of the firing, in China. */
export const firingContext = (
  { timer, commandId, now }: Firing,
  { actor, reason, basis }: Pick<CommandContext, 'actor' | 'reason' | 'basis'>,
): CommandContext => ({
  commandId,
  // Another attempt brings another present with it and is the same command all the same.
  content: { timer: timer.id, due: timer.due },
  actor,
  reason,
  basis,
  correlationId: timer.cause.correlationId,
  causationId: timer.cause.event,
  division: timer.cause.division,
  effectiveAt: chinaDate(now.toISOString()),
});
