import { addWorkingDays } from '@dutyledger/reference-data/working-time';

/**
 * Stages of the procedures of lists, and how many working days each may take. But for one, no statute at hand counts them: 条例 486
 * art. 10 names the steps of a dispute and 山东省乡镇人民政府工作条例 art. 4 those of an admission, both without days. What
 * stands here is the product's proposal, in the measure of neighbouring rules: 5 working days to take a position
 * (信访工作条例 art. 23 for objections to an assignment, 济南市12345条例 art. 24 for an answer), 10 to decide
 * (济南市绩效管理条例 art. 26). A county sets its own (stage-limits.ts).
 */
export const DEFAULT_LIMITS = {
  /** L-3: legality review of a draft. */
  EDITION_LEGALITY_REVIEW: 5,
  /** L-3: opinion of an organ that a draft affects. */
  EDITION_OPINION: 5,
  /** L-3: approval of an edition by the county. */
  EDITION_APPROVAL: 10,
  /** L-3: from the approval to publication: 政府信息公开条例(2019) art. 26 leaves 20 at most. */
  EDITION_PUBLICATION: 20,
  /** L-4: review of an application by the 编办. */
  ADJUSTMENT_REVIEW: 5,
  ADJUSTMENT_LEGALITY_REVIEW: 5,
  ADJUSTMENT_OPINION: 5,
  ADJUSTMENT_DECISION: 10,
  /** L-4: from the decision to the list. */
  ADJUSTMENT_APPLICATION: 5,
  /** L-4: answer of a higher level to a proposal. */
  ADJUSTMENT_ANSWER: 20,
  /** L-6: written opinion of a town. */
  ADMISSION_OPINION: 5,
  ADMISSION_LEGALITY_REVIEW: 5,
  ADMISSION_DECISION: 10,
  /** L-7: the organs negotiate. */
  DISPUTE_NEGOTIATION: 5,
  /** L-7: opinion of the 编办. */
  DISPUTE_OPINION: 5,
  /** L-7: decision of the government. */
  DISPUTE_DECISION: 10,
} as const;

export type Stage = keyof typeof DEFAULT_LIMITS;

/** Working days per stage, as they hold for a county on a day. */
export type StageLimits = Readonly<Record<Stage, number>>;

/**
 * The last day of a stage that begins on `day`: the day it begins on does not count (民法典 art. 201), and the stage is
 * overdue from the next day on.
 */
export const dueDay = (limits: StageLimits, stage: Stage, day: string): string =>
  addWorkingDays(day, limits[stage]);
