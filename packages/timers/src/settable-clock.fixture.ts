import { type Clock, systemClock } from './clock.ts';

/** For tests: a clock that is set. */
export interface SettableClock extends Clock {
  /** From now on it stands still at this instant; alarms that are due ring, the earliest first. */
  set(at: string): void;
}

/** It follows the machine's clock until it is set for the first time. */
export function settableClock(start?: string): SettableClock {
  let standing = start === undefined ? undefined : new Date(start);
  const alarms = new Set<{ at: Date; ring: () => void; calledOff: () => void }>();
  const now = (): Date => standing ?? systemClock.now();
  const look = (): void => {
    const due = [...alarms].filter(({ at }) => at <= now()).sort((a, b) => +a.at - +b.at);
    for (const alarm of due) {
      alarms.delete(alarm);
      alarm.calledOff();
      alarm.ring();
    }
  };
  return {
    now,
    alarm(at, ring) {
      const alarm = { at, ring, calledOff: () => {} };
      const soon = standing !== undefined && at <= standing;
      if (soon) {
        const timer = setImmediate(look);
        alarm.calledOff = () => clearImmediate(timer);
      } else if (standing === undefined) alarm.calledOff = systemClock.alarm(at, look);
      alarms.add(alarm);
      return () => {
        alarms.delete(alarm);
        alarm.calledOff();
      };
    },
    set(at) {
      const to = new Date(at);
      if (Number.isNaN(to.getTime())) throw new RangeError(`not an instant: ${at}`);
      standing = to;
      look();
    },
  };
}
