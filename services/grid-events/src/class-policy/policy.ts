/** What a class of cases may take, phase by phase, and what happens when it takes longer (G-8). */

/** Phases of a case that have a limit of their own, in their order. */
export const PHASES = ['accept', 'file', 'dispatch', 'handle', 'verify'] as const;
export type Phase = (typeof PHASES)[number];

export const LIMIT_UNITS = ['MINUTES', 'HOURS', 'WORKING_HOURS', 'WORKING_DAYS', 'CALENDAR_DAYS'] as const;

/** A whole number of the unit. */
export interface Limit {
  amount: number;
  unit: (typeof LIMIT_UNITS)[number];
}

/** What is done, once, when a limit has run out: the next level takes over, it is supervised (督办), or nothing. */
export const ESCALATIONS = ['NEXT_LEVEL', 'SUPERVISE', 'NONE'] as const;
export type Escalation = (typeof ESCALATIONS)[number];

export interface ClassPolicy {
  caseClass: string;
  /** Name of the class as people know it; the code itself where nobody has named it. */
  name: string;
  /** Number of the class's setting in the nearest division that has one, from 1; 0 where all of it is default. */
  version: number;
  limits: Record<Phase, Limit>;
  /** Share of the limit that has passed when it turns amber, above 0 and below 1. */
  amberAtShare: number;
  escalation: Escalation;
}
