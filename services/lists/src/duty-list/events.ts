import type { Fact } from '@dutyledger/event-store/decider';
import type { Opinion, OpinionRequest, OrganName } from '../consultation.ts';
import type { Correction, Staged } from './changes.ts';
import type { ItemContent, ListKind } from './item.ts';
import type { EditionProcedure } from './stages.ts';

/** Events of a duty list: a storage format. Fields with a question mark were added later; older events lack them. */

export interface ListHead {
  id: string;
  kind: ListKind;
  /** 12-digit code of the division that the list belongs to. */
  division: string;
  title: string;
  maintainer: { organ: string; name: string };
}

export type DutyListEvent =
  | Fact<'DutyListOpened', ListHead>
  | Fact<'ItemAdded', { code: string; item: ItemContent } & Staging>
  | Fact<'ItemRevised', { code: string; changes: Partial<ItemContent> } & Staging>
  | Fact<'ItemRetired', { code: string } & Staging & { successors?: string[] }>
  | Fact<'ItemReset', { code: string } & Staging>
  | Fact<'DraftDiscarded', { changes: number }>
  | Fact<'DraftRebased', Rebase>
  | Fact<'ProcedureVoided', { stage: EditionProcedure['stage'] }>
  | Fact<'DraftSubmitted', Submission>
  | Fact<'LegalityReviewed', LegalityReview>
  | Fact<'OpinionsRequested', OpinionRequest>
  | Fact<'OpinionGiven', Opinion & OpensStage>
  | Fact<'OpinionsLapsed', { organs: OrganName[] } & OpensStage>
  | Fact<'EditionApproved', Approval & OpensStage>
  | Fact<'EditionStageOverdue', { stage: RunningStage; due: string }>
  | Fact<'ItemAdjusted', { code: string; adjustment: string; staged: Staged }>
  | Fact<'EditionPublished', Publication>
  | Fact<'EditionCorrected', EditionCorrection>;

/** The adjustment (L-4) that staged the change, if one did. */
interface Staging {
  adjustment?: string;
}

/** Stages of the procedure between editing and publication that have a time limit (L-3). */
export type RunningStage = 'LEGALITY_REVIEW' | 'OPINIONS' | 'APPROVAL' | 'PUBLICATION';

/** Last day of the stage that the event opens, when it opens one; of what is still to come of the opinions. */
interface OpensStage {
  due?: string;
}

export interface Submission {
  draftNumber: number;
  /** Whom the changes concern: they are asked as soon as the legality review has passed. */
  affected: OrganName[];
  silenceIsConsent: boolean;
  /** Last day of the legality review. */
  due: string;
}

export interface LegalityReview extends OpensStage {
  outcome: 'PASSED' | 'RETURNED';
  organ: string;
  organName: string;
  opinion: string;
  /** Of the paper that the review came on, when somebody else recorded it. */
  documentNumber?: string;
}

export interface Approval {
  /** Who approved: 区委编委, 区政府常务会议 … */
  body: string;
  documentNumber: string;
  /** Why the list goes on in spite of objections, or without the opinion of organs; needed when there are any. */
  overruling: string | null;
}

/** The draft was brought onto an edition that was published, or corrected, beside it. */
export interface Rebase {
  edition: number;
  /** Codes of the items that the draft and the edition said different things of; the events before it resolve them. */
  conflicts: string[];
}

export interface Publication {
  /** What the list was at that moment, so that the event explains itself. */
  list: Pick<ListHead, 'kind' | 'division' | 'title'>;
  edition: number;
  effectiveFrom: string;
  documentNumber: string;
  added: string[];
  revised: string[];
  retired: string[];
  itemCount: number;
  /** sha256 over all items of the edition, in the order of their codes. */
  digest: string;
  /** An adjustment applied at once (L-4): the edition holds its `ItemAdjusted` and leaves the draft alone. */
  adjustment?: { id: string; review: LegalityReview; opinions: RecordedOpinion[]; approval: Approval };
}

/** What an organ said, or that it said nothing in time. */
export type RecordedOpinion = Opinion | (OrganName & { position: 'NONE'; silenceIsConsent: boolean });

export interface EditionCorrection {
  edition: number;
  /** Number of the correction within the edition, from 1. */
  correction: number;
  effectiveFrom: string;
  documentNumber: string;
  corrections: Correction[];
}
