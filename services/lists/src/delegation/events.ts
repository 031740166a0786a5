import type { Fact } from '@dutyledger/event-store/decider';
import type { Basis } from '@dutyledger/event-store/event-store';

/**
 * Events of a county's register of powers and of their delegation and recall (L-5). A storage format: fields are added
 * with a neutral meaning where they are missing, never changed in meaning.
 */

const POWER_KINDS = [
  'PENALTY', // 行政处罚
  'COERCION', // 行政强制
  'INSPECTION', // 行政检查
  'LICENCE', // 行政许可
  'CONFIRMATION', // 行政确认
  'PAYMENT', // 行政给付
  'SERVICE', // 公共服务
  'OTHER', // 其他
] as const;
export type PowerKind = (typeof POWER_KINDS)[number];

export interface OrganRef {
  organ: string;
  name: string;
}

/** A power as the county's register has it: whoever holds it unless it is delegated. */
export interface Power {
  /** Unique in the county, stable. */
  code: string;
  name: string;
  kind: PowerKind;
  /** Field of enforcement (领域). */
  field: string | null;
  basis: Basis[];
  holder: OrganRef;
  /** The item of a list that assigns it to its holder; null: a statute names the holder. */
  item: { list: string; code: string } | null;
}

/** A town with the organ that receives powers for it. */
export interface TownRef {
  town: string;
  organ: string;
  name: string;
}

export interface Proposal {
  id: string;
  title: string;
  powers: string[];
  towns: TownRef[];
  /** What of the powers goes over, in words: whole powers, or up to which fine, without cross-town cases … */
  scope: string;
  /** What permits the delegation: 行政处罚法 art. 24 and the province's decision. */
  ground: Basis[];
  /** Months of trial from the first day; 0: none. */
  trialMonths: number;
  /** Months between two evaluations after the trial. */
  evaluationMonths: number;
}

export interface TownOpinion extends TownRef {
  accepts: boolean;
  text: string;
  /** Of the paper that it came on, when somebody else recorded it. */
  documentNumber: string | null;
}

export interface Criterion {
  name: string;
  met: boolean;
  finding: string;
}

export interface CapacityAssessment {
  town: string;
  passed: boolean;
  assessor: OrganRef;
  assessedOn: string;
  criteria: Criterion[];
}

export interface DelegationDecision {
  approved: boolean;
  /** Who decided: 区政府常务会议 … */
  body: string;
  documentNumber: string;
  text: string;
  /** Towns that receive the powers, out of those proposed; empty when refused. */
  towns: string[];
  /** First day that the towns hold the powers; null when refused. */
  from: string | null;
  trialUntil: string | null;
  /** Day by which the first evaluation is due. */
  evaluationDue: string | null;
  /** What goes over, and to whom, so that the event explains itself; null when refused. */
  handed: Handed | null;
}

export interface Handed {
  title: string;
  powers: { code: string; name: string; former: OrganRef }[];
  towns: TownRef[];
}

const EVALUATIONS = ['CONTINUE', 'IMPROVE', 'RECALL'] as const;
export type EvaluationResult = (typeof EVALUATIONS)[number];

export interface Evaluation {
  town: string;
  result: EvaluationResult;
  on: string;
  text: string;
  /** Day by which the next one is due. */
  next: string;
}

/** An evaluation that its day passed without, so that the event explains itself. */
export interface OverdueEvaluation {
  title: string;
  town: TownRef;
  due: string;
}

export interface Recall {
  powers: string[];
  towns: string[];
  /** First day that the former organs hold the powers again. */
  from: string;
  body: string;
  documentNumber: string;
}

export type PowerEvent =
  | Fact<'PowerRegistered', { power: Power }>
  | Fact<'PowerRevised', { power: Power }>
  | Fact<'PowerAbolished', { code: string }>
  | Fact<'TownClassSet', { town: string; class: TownClass | null }>
  | Fact<'DelegationProposed', Proposal>
  | Fact<'DelegationOpinionGiven', { delegation: string; opinion: TownOpinion }>
  | Fact<'CapacityAssessed', { delegation: string; assessment: CapacityAssessment }>
  | Fact<'DelegationDecided', { delegation: string; decision: DelegationDecision }>
  | Fact<'DelegationWithdrawn', { delegation: string }>
  | Fact<'DelegationEvaluated', { delegation: string; evaluation: Evaluation }>
  | Fact<'DelegationEvaluationOverdue', { delegation: string; overdue: OverdueEvaluation }>
  /** The day has come, but the town holds nothing by the delegation any more. */
  | Fact<'DelegationEvaluationDropped', { delegation: string; town: string }>
  | Fact<'PowersRecalled', { delegation: string; recall: Recall }>;

/** Class of a town (ZQ: economically strong, ordinary): a county names its own. */
export interface TownClass {
  code: string;
  name: string;
}

const PREFIX = 'lists.powerRegister-';

/** One register per county: who holds what is unique in it (ADR 0002's reasons hold here too). */
export const powerStream = (division: string): string => `${PREFIX}${division.slice(0, 6)}`;

/** 12-digit code of the county that a register belongs to. */
export const countyOf = (stream: string): string => `${stream.slice(PREFIX.length)}000000`;

export const powerId = (county: string, code: string): string => `power:${county.slice(0, 6)}/${code}`;
