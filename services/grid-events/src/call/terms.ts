import { dueAt, type Limit as TimerLimit } from '@dutyledger/timers/limit';
import type { Limit } from '../class-policy/policy.ts';

/**
 * What a call runs under (G-9): how long each step of a called organ may take, what becomes of an overdue one, and in
 * what scale the town rates. Nobody publishes limits for calls: 山东省乡镇人民政府工作条例 art. 5 has departments settle a
 * town's request 及时, without a number, and so do the reforms of the seeds. What stands here is the product's proposal; a
 * county sets its own (call-terms.ts). A call keeps the terms it was issued under.
 */

/** The situations in which towns call (吹哨情形, Beijing): what residents raise and the town cannot settle, 应急处置, 综合执法. */
export type CallKind = 'CASE' | 'EMERGENCY' | 'JOINT_ENFORCEMENT';
export const CALL_KINDS: readonly CallKind[] = ['CASE', 'EMERGENCY', 'JOINT_ENFORCEMENT'];

/** The three duties of a called organ, and the county's: to decide on a refusal. */
export type Step = 'ACCEPT' | 'ON_SITE' | 'DONE' | 'DECISION';
export const STEPS: readonly Step[] = ['ACCEPT', 'ON_SITE', 'DONE', 'DECISION'];

/** What becomes of an overdue step: 督办 by the county, or nothing beyond the record. */
export type OverduePolicy = 'SUPERVISE' | 'NONE';

/** 1 to 5 points; or 满意、基本满意、不满意, which count as 5, 3 and 1. */
export type Scale = 'FIVE_POINTS' | 'THREE_GRADES';

export interface Terms {
  limits: Readonly<Record<Step, Limit>>;
  overdue: OverduePolicy;
  scale: Scale;
}

const minutes = (amount: number): Limit => ({ amount, unit: 'MINUTES' });
const hours = (amount: number): Limit => ({ amount, unit: 'HOURS' });
const workingHours = (amount: number): Limit => ({ amount, unit: 'WORKING_HOURS' });
const workingDays = (amount: number): Limit => ({ amount, unit: 'WORKING_DAYS' });

export const DEFAULT_LIMITS: Readonly<Record<CallKind, Terms['limits']>> = {
  CASE: { ACCEPT: workingHours(2), ON_SITE: workingDays(1), DONE: workingDays(5), DECISION: workingDays(1) },
  EMERGENCY: { ACCEPT: minutes(10), ON_SITE: minutes(30), DONE: hours(24), DECISION: minutes(30) },
  JOINT_ENFORCEMENT: {
    ACCEPT: workingHours(4),
    ON_SITE: workingDays(2),
    DONE: workingDays(5),
    DECISION: workingDays(1),
  },
};
export const DEFAULT_OVERDUE: OverduePolicy = 'SUPERVISE';
export const DEFAULT_SCALE: Scale = 'FIVE_POINTS';

const asTimers = ({ amount, unit }: Limit): TimerLimit => {
  switch (unit) {
    case 'MINUTES':
      return { unit: 'minutes', length: amount };
    case 'HOURS':
      return { unit: 'minutes', length: amount * 60 };
    case 'WORKING_HOURS':
      return { unit: 'workingHours', length: amount };
    case 'WORKING_DAYS':
      return { unit: 'workingDays', length: amount };
    case 'CALENDAR_DAYS':
      return { unit: 'calendarDays', length: amount };
    default:
      return unit satisfies never;
  }
};

/** The instant from which a step that begins at `startedAt` is overdue: an ISO text. */
export function dueOf({ limits }: Terms, step: Step, startedAt: string): string {
  const due = dueAt({ limit: asTimers(limits[step]), startedAt });
  if (due === null) throw new Error('a limit without pauses runs out');
  return due;
}
