import type { Clock } from '@dutyledger/timers/clock';

/** The time of a node that is simulated: it stands still until it is set on. */
export interface SimulatedClock extends Clock {
  /** Alarms that are due then ring, the earliest first. Milliseconds since 1970; never back. */
  set(ms: number): void;
}

export function simulatedClock(start: number): SimulatedClock {
  let now = start;
  const alarms = new Set<{ at: number; ring: () => void }>();
  const look = (): void => {
    const due = [...alarms].filter(({ at }) => at <= now).sort((a, b) => a.at - b.at);
    for (const alarm of due) if (alarms.delete(alarm)) alarm.ring();
  };
  return {
    now: () => new Date(now),
    alarm(at, ring) {
      const alarm = { at: at.getTime(), ring };
      alarms.add(alarm);
      if (alarm.at <= now) setImmediate(look);
      return () => alarms.delete(alarm);
    },
    set(ms) {
      if (ms < now) throw new RangeError('a simulated clock is not set back');
      now = ms;
      look();
    },
  };
}
