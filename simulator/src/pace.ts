import { later } from './arrivals.ts';
import type { CaseView } from './case-view.ts';
import type { Case } from './scene.ts';

/** How long things lie before somebody does something about them. */

const UNIT_MINUTES: Readonly<Record<string, number>> = {
  MINUTES: 1,
  HOURS: 60,
  WORKING_HOURS: 100,
  WORKING_DAYS: 1_440,
  CALENDAR_DAYS: 1_440,
};
const DAY = 1_440;

/** Most is done in a third of the limit, one task in ten takes longer than it has. */
const OF_LIMIT = { median: 0.3, spread: 0.85 };

/** Median in minutes, the spread around it, and whether it waits for office hours. */
function usual({
  status,
  level,
  limits,
  tasks,
  suspensionAsked,
  extensionAsked,
}: CaseView): [number, number, boolean] {
  const office = level !== 'WORKER';
  switch (status) {
    case 'REPORTED':
      return office ? [35, 0.8, true] : [25, 0.8, false];
    case 'ACCEPTED':
      return office ? [60, 0.9, true] : [90, 0.8, false];
    case 'FILED':
      return [70, 0.9, true];
    case 'HANDLING': {
      if (suspensionAsked || extensionAsked) return [60, 0.5, true];
      if (tasks.some((task) => task.status === 'ASSIGNED' || task.status === 'RETURNED'))
        return [45, 0.7, true];
      const { amount, unit } = limits.handle;
      return [amount * (UNIT_MINUTES[unit] ?? DAY) * OF_LIMIT.median, OF_LIMIT.spread, true];
    }
    case 'SUSPENDED':
      return [3 * DAY, 0.5, true];
    case 'HANDLED':
      return [50, 0.7, true];
    case 'FED_BACK':
      return [150, 0.9, true];
    case 'VERIFIED':
      return [40, 0.5, true];
    default:
      return [1.2 * DAY, 0.8, true];
  }
}

/** When somebody looks at the case next, in milliseconds since 1970. */
export function nextAt({ view, random }: Pick<Case, 'view' | 'random'>, ms: number): number {
  const [median, spread, office] = usual(view);
  return later(ms, random.around(median, spread), office, random);
}
