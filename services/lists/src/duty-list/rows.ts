import type { Actor, Basis } from '@dutyledger/event-store/event-store';
import { documents, temporal } from '@dutyledger/read-store/read-store';
import type { FieldChange, Staged } from './changes.ts';
import type { Approval, LegalityReview, RecordedOpinion } from './events.ts';
import type { ItemContent, ListKind } from './item.ts';
import type { EditionProcedure } from './stages.ts';

/** Rows and collections of the read model of duty lists; read-model.ts fills them. */

/** Who, why, on what ground, when. */
export interface Provenance {
  author: Actor & { onBehalfOf: string | null };
  reason: string;
  basis: Basis[];
  recordedAt: string;
  correlationId: string;
}

export interface ListRow {
  id: string;
  kind: ListKind;
  division: string;
  title: string;
  maintainer: { organ: string; name: string };
  /** Number of the newest edition, 0 before the first. */
  edition: number;
  itemCount: number;
  draft: DraftState;
}

export interface DraftState {
  number: number;
  added: number;
  revised: number;
  retired: number;
  /** The newest edition when the draft was begun; null while nothing is staged. */
  baseEdition: number | null;
  /** Null while the draft is edited. */
  procedure: EditionProcedure | null;
  submitted: Provenance | null;
}

export interface EditionRow {
  list: string;
  number: number;
  effectiveFrom: string;
  documentNumber: string;
  itemCount: number;
  /** Items of the edition before it, null for the first. */
  formerCount: number | null;
  added: string[];
  revised: string[];
  retired: string[];
  digest: string;
  review: LegalityReview;
  opinions: RecordedOpinion[];
  approval: Approval;
  /** The adjustment (L-4) that the edition consists of, when it was applied at once. */
  adjustment: string | null;
  published: Provenance;
  corrections: CorrectionRow[];
}

export interface CorrectionRow {
  number: number;
  effectiveFrom: string;
  documentNumber: string;
  codes: string[];
  made: Provenance;
}

/** An item of an edition, from a day on. */
export interface ItemRow {
  list: string;
  kind: ListKind;
  division: string;
  code: string;
  /** The code with its numbers padded, so that 2 comes before 10. */
  order: string;
  edition: number;
  correction: number | null;
  content: ItemContent;
  leadOrgans: string[];
  coopOrgans: string[];
  caseClasses: string[];
  /** What it is found by: postings lead from each of them to the item. */
  terms: string[];
}

export interface LeadLevels {
  departments: number;
  towns: number;
  villages: number;
  joint: number;
  none: number;
}

/** Counts by key; the empty key stands for items without one. */
export type Tally = Record<string, number>;

/** Counts (L-12) of the items in force in a list. */
export interface FiguresRow {
  list: string;
  kind: ListKind;
  division: string;
  total: number;
  leads: LeadLevels;
  domains: Tally;
  classes: Tally;
  roles: Tally;
}

/**
 * How many items of a place ever took words up, for the words that begin alike; a bound from above for those that hold
 * them as of any day.
 */
export interface WordCounts {
  /** An area, or the two digits of a province. */
  place: string;
  digits: number;
  beginning: string;
  /** The empty word: of all items. */
  words: Record<string, number>;
}

/** Items of a city, or of one of its areas, that ever took a word up. */
export interface PostingRow {
  word: string;
  /** The city's or the county's part of the division's code (cityOf, areaOf). */
  place: string;
  /** The lowest rank among them. */
  least: number;
  /** How many they are. */
  items: number;
  /** As postings.ts writes them down: a text, so that adding to it takes nothing apart. */
  posted: string;
  /** In the row of an area: which further ones there are. */
  further: [rank: number, part: number][];
}

/**
 * An item's rank and code. Of two items that hold the same word the one with the lower rank says less beside it:
 * characters of its name when it took the word up.
 */
export type Posted = readonly [rank: number, code: string];

/** A staged change of one item. */
export interface StagedRow {
  list: string;
  code: string;
  order: string;
  staged: Staged;
  by: Provenance;
  /** History entries of the change, to mark them when it is taken back. */
  entries: string[];
}

export interface LineageRow {
  list: string;
  code: string;
  /** Codes in the same list. */
  predecessors: string[];
  successors: string[];
}

export type HistoryChange =
  | 'LIST_OPENED'
  | 'ITEM_ADDED'
  | 'ITEM_REVISED'
  | 'ITEM_RETIRED'
  | 'ITEM_RESET'
  | 'DRAFT_DISCARDED'
  | 'DRAFT_REBASED'
  | 'PROCEDURE_VOIDED'
  | 'DRAFT_SUBMITTED'
  | 'LEGALITY_REVIEWED'
  | 'OPINIONS_REQUESTED'
  | 'OPINION_GIVEN'
  | 'OPINIONS_LAPSED'
  | 'STAGE_OVERDUE'
  | 'APPROVED'
  | 'PUBLISHED'
  | 'CORRECTED';

export interface HistoryRow {
  id: string;
  list: string;
  /** `item:<list>/<code>`, null for changes of the list as a whole. */
  item: string | null;
  code: string | null;
  itemName: string | null;
  change: HistoryChange;
  changes: (Omit<FieldChange, 'field'> & { field: string })[];
  position: number;
  /**
   * The edition that a staged change was staged for: it came into force with that edition, if it was published. Of a
   * publication or correction, its edition. Null: of no edition, or taken back.
   */
  edition: number | null;
  /** Number of the correction within the edition. */
  correction: number | null;
  /** The adjustment (L-4) that brought the change, if one did. */
  adjustment: string | null;
  provenance: Provenance;
}

export const lists = documents<ListRow>()('lists', {
  byDivision: ['division', 'kind'],
  byKind: ['kind', 'division'],
});
export const editions = documents<EditionRow>()('editions', { byList: ['list', 'number'] });
/** Which edition is in force: keyed by list. */
export const inForce = temporal<{ list: string; edition: number }>()('inForce', { byList: ['list'] });
export const items = temporal<ItemRow>()('items', {
  byList: ['list', 'order'],
  byDivision: ['division', 'list', 'order'],
  byLead: ['leadOrgans', 'list', 'order'],
  byCooperator: ['coopOrgans', 'list', 'order'],
  byCaseClass: ['caseClasses', 'list'],
});
/** By list. */
export const listFigures = temporal<FiguresRow>()('listFigures', { byDivision: ['division', 'kind'] });
export const wordCounts = documents<WordCounts>()('wordCounts', {
  byBeginning: ['beginning', 'digits', 'place'],
});
export const postings = documents<PostingRow>()('postings', { byWord: ['word', 'least', 'place'] });
export const stagedChanges = documents<StagedRow>()('stagedChanges', { byList: ['list', 'order'] });
/** Changes of an adjustment that is applied at once, until its edition, which comes in the same append. */
export const adjustedItems = documents<StagedRow>()('adjustedItems', { byList: ['list', 'order'] });
/** Items that others go on from, or that go on from others: renumbered, split, merged (L-4). By item id. */
export const lineage = documents<LineageRow>()('lineage', { byList: ['list'] });
export const history = documents<HistoryRow>()('history', {
  byList: ['list', 'position'],
  byItem: ['item', 'position'],
});

export const itemId = (list: string, code: string): string => `item:${list.slice('list:'.length)}/${code}`;
export const AREA_DIGITS = 6;
export const areaOf = (division: string): string => division.slice(0, AREA_DIGITS);
const CITY_DIGITS = 4;
export const cityOf = (area: string): string => area.slice(0, CITY_DIGITS);
export const isArea = (place: string): boolean => place.length === AREA_DIGITS;
export const editionId = (list: string, number: number): string => `${list}#${number}`;

/** Sorts as people count: numbers by value, at most 12 digits of them. */
export const orderOf = (code: string): string => code.replace(/\d+/g, (digits) => digits.padStart(12, '0'));
