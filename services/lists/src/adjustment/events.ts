import type { Fact, Refusal } from '@dutyledger/event-store/decider';
import type { Opinion, OpinionRequest, OrganName } from '../consultation.ts';
import type { Seen } from '../duty-list/adjusted.ts';
import type { ItemContent, ListKind } from '../duty-list/item.ts';

/** Events of an adjustment of duty lists (L-4): a storage format. */

export interface CodedItem {
  code: string;
  /** What differs from the item that it goes on from. */
  item: Partial<ItemContent>;
}

/** Kinds that change fields of one item that stays. */
export type FieldKind =
  | 'REVISE'
  | 'TRANSFER_LEAD'
  | 'CHANGE_COOPERATION'
  | 'DELEGATE_DOWN'
  | 'RECALL_UP'
  | 'RECLASS';

export type ProposedChange =
  | { kind: 'ADD'; code: string; item: ItemContent }
  | { kind: FieldKind; code: string; changes: Partial<ItemContent> }
  | { kind: 'RETIRE'; code: string }
  | { kind: 'RENUMBER'; code: string; to: string }
  | { kind: 'SPLIT'; code: string; into: CodedItem[] }
  /** `into` may be one of the merged items, which then goes on. */
  | { kind: 'MERGE'; codes: string[]; into: CodedItem };

export type ChangeKind = ProposedChange['kind'];

/** One line of the application. */
export interface Proposal {
  /** From 1. */
  number: number;
  list: string;
  change: ProposedChange;
  /** Of this line; the reasons of the whole are those of the event. */
  reason: string | null;
}

export interface AdjustmentHead {
  id: string;
  /** 12-digit code of the county. */
  division: string;
  title: string;
  applicant: OrganName;
  /** Number of the written application, when it came on paper. */
  documentNumber: string | null;
  lists: AdjustedList[];
  /** Lines of the application; each has its `AdjustmentChangeProposed`. */
  changes: number;
  /** Whom the changes concern: they are asked once the legality review has passed. */
  affected: OrganName[];
}

/** A list that the application speaks of, as it was then. */
export interface AdjustedList {
  list: string;
  kind: ListKind;
  title: string;
  edition: number;
}

interface Due {
  /** Last day of the stage that goes on with it. */
  due: string;
}

export interface OfficeReview {
  passed: boolean;
  opinion: string;
}

export interface LegalityOpinion extends OfficeReview, OrganName {
  documentNumber?: string;
}

/** What becomes of the changes. Null edition: they enter the draft of the next one. */
export interface Application {
  edition: { effectiveFrom: string; documentNumber: string } | null;
}

export interface AdjustmentDecision {
  body: string;
  documentNumber: string;
  /** Why it goes on in spite of objections, or without the opinion of organs. */
  overruling: string | null;
  /** Why it is rejected. */
  reasons: string | null;
  /** Null: rejected. */
  application: Application | null;
}

export type AdjustmentStage = 'REVIEW' | 'LEGALITY_REVIEW' | 'OPINIONS' | 'DECISION' | 'APPLICATION';

export type AdjustmentEvent =
  | Fact<'AdjustmentSubmitted', AdjustmentHead & Due>
  | Fact<'AdjustmentChangeProposed', Proposal & { seen: Seen[]; name: string }>
  | Fact<
      'AdjustmentReviewed',
      OfficeReview & { silenceIsConsent: boolean; alsoAsk: OrganName[] } & Partial<Due>
    >
  | Fact<'AdjustmentLegalityReviewed', LegalityOpinion & Partial<Due>>
  | Fact<'AdjustmentOpinionsRequested', OpinionRequest>
  | Fact<'AdjustmentOpinionGiven', Opinion & Partial<Due>>
  | Fact<'AdjustmentOpinionsLapsed', { organs: OrganName[] } & Due>
  | Fact<'AdjustmentDecided', AdjustmentDecision & { of: Summary } & Partial<Due>>
  | Fact<'AdjustmentWithdrawn', { stage: AdjustmentStage }>
  /** One per list: the edition that it made, or the number of the draft that holds it. `last`: nothing is left to do. */
  | Fact<
      'AdjustmentApplied',
      { list: string; edition: number | null; draftNumber: number; last: boolean } & StillPending
    >
  | Fact<'AdjustmentApplicationFailed', { list: string; refusal: Refusal } & StillPending>
  | Fact<'AdjustmentApplicationRetried', { lists: string[] }>
  | Fact<'AdjustmentStageOverdue', { stage: AdjustmentStage; due: string }>;

/** What was decided on, so that the event explains itself. */
interface Summary {
  division: string;
  title: string;
  applicant: string;
  lists: string[];
  changes: number;
}

/** Lists that the changes have yet to be tried on. */
interface StillPending {
  pending: number;
}

const PREFIX = 'lists.adjustment-';

export const adjustmentStream = (id: string): string => `${PREFIX}${id.slice('adjustment:'.length)}`;

export const adjustmentIdOf = (stream: string): string => `adjustment:${stream.slice(PREFIX.length)}`;
