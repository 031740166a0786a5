import type { ReadView, Version } from '@dutyledger/read-store/read-store';
import { ancestors } from '@dutyledger/reference-data/divisions';
import { patternsFor } from '../routing/patterns.ts';
import { type ClassRow, classId, classSettings } from './rows.ts';

/** What a class of cases may take, phase by phase, and what happens when it takes longer (G-8). */

/** Phases of a case that have a limit of their own, in their order. */
export const PHASES = ['accept', 'file', 'dispatch', 'handle', 'verify'] as const;
export type Phase = (typeof PHASES)[number];

export type LimitUnit = 'MINUTES' | 'HOURS' | 'WORKING_HOURS' | 'WORKING_DAYS' | 'CALENDAR_DAYS';

/** A whole number of the unit. */
export interface Limit {
  amount: number;
  unit: LimitUnit;
}

/** What is done, once, when a limit has run out: the next level takes over, it is supervised (督办), or nothing. */
export type Escalation = 'NEXT_LEVEL' | 'SUPERVISE' | 'NONE';

export interface ClassPolicy {
  caseClass: string;
  /** Name of the class as people know it; the code itself where nobody has named it. */
  name: string;
  /** Number of the setting that comes first, from 1 in its division and class; 0 where all of it is default. */
  version: number;
  limits: Record<Phase, Limit>;
  /** Share of the limit that has passed when it turns amber, above 0 and below 1. */
  amberAtShare: number;
  escalation: Escalation;
}

/**
 * What holds where nobody has set anything: the product's proposal, which says so wherever it is shown. Five working
 * days for handling are those of the hotline 12345 (济南, 办理并回复); no source at hand counts the other phases.
 */
export const DEFAULTS: Pick<ClassPolicy, 'limits' | 'amberAtShare' | 'escalation'> = {
  limits: {
    accept: { amount: 2, unit: 'WORKING_HOURS' },
    file: { amount: 4, unit: 'WORKING_HOURS' },
    dispatch: { amount: 4, unit: 'WORKING_HOURS' },
    handle: { amount: 5, unit: 'WORKING_DAYS' },
    verify: { amount: 1, unit: 'WORKING_DAYS' },
  },
  amberAtShare: 0.8,
  escalation: 'SUPERVISE',
};

export interface PolicyQuestion {
  /** Where the case lies: a town, a village or a county. */
  division: string;
  caseClass: string;
  /** Day in China on which the clock begins. */
  at: string;
  /** As known at this instant. Default: now. */
  recordedAt?: string | undefined;
}

/** A policy, and where each part of it was set: null for a default. */
export interface PolicyInForce {
  policy: ClassPolicy;
  /** The setting of the class itself that is nearest, which also says what it is called and when it is filed and closed. */
  own: Version<ClassRow> | null;
  limits: Record<Phase, Version<ClassRow> | null>;
  amberAtShare: Version<ClassRow> | null;
  escalation: Version<ClassRow> | null;
}

/**
 * G-8: the policy of a class in a division on a day. Each part comes from the nearest division that says something of
 * it; there the class itself comes before a pattern (市容环境.*), and a longer pattern before a shorter one; else it is
 * the default.
 */
export async function policyInForce(view: ReadView, question: PolicyQuestion): Promise<PolicyInForce> {
  const { division, caseClass, at, recordedAt } = question;
  const places = [division, ...ancestors(division)];
  const ids = places.flatMap((place) => patternsFor(caseClass).map((pattern) => classId(place, pattern)));
  const asOf = { effectiveAt: at, ...(recordedAt && { recordedAt }) };
  const found = await view.temporal(classSettings).getMany(ids, asOf);
  const settings = ids.flatMap((id) => found.get(id) ?? []);
  const first = (says: (row: ClassRow) => unknown) =>
    settings.find(({ doc }) => says(doc) !== null && says(doc) !== undefined) ?? null;
  const own = first((row) => (row.caseClass === caseClass ? row : null));
  const limits = byPhase((phase) => first((row) => row.limits[phase]));
  const amberAtShare = first((row) => row.amberAtShare);
  const escalation = first((row) => row.escalation);
  return {
    own,
    limits,
    amberAtShare,
    escalation,
    policy: {
      caseClass,
      name: own?.doc.name ?? caseClass,
      version: settings[0]?.doc.version ?? 0,
      limits: byPhase((phase) => limits[phase]?.doc.limits[phase] ?? DEFAULTS.limits[phase]),
      amberAtShare: amberAtShare?.doc.amberAtShare ?? DEFAULTS.amberAtShare,
      escalation: escalation?.doc.escalation ?? DEFAULTS.escalation,
    },
  };
}

const byPhase = <T>(of: (phase: Phase) => T): Record<Phase, T> => ({
  accept: of('accept'),
  file: of('file'),
  dispatch: of('dispatch'),
  handle: of('handle'),
  verify: of('verify'),
});

/** G-8: what a clock that begins on that day goes by. `view`: the read models of this service. */
export const policyOf = async (view: ReadView, question: PolicyQuestion): Promise<ClassPolicy> =>
  (await policyInForce(view, question)).policy;
