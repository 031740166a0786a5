import { assertNever, type Envelope, type Fact } from '@dutyledger/event-store/decider';
import { Map as IMap } from 'immutable';
import { type Correction, correctedContent, revision, type Staged, stagedContent } from './changes.ts';
import type { ItemContent, ItemField, ListKind } from './item.ts';

/**
 * A duty list (L-1): its events (a storage format), its state, and how the one makes the other. Read duty-list.ts for
 * the whole; draft.ts and editions.ts hold the rules.
 */

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
  | Fact<'ItemAdded', { code: string; item: ItemContent }>
  | Fact<'ItemRevised', { code: string; changes: Partial<ItemContent> }>
  | Fact<'ItemRetired', { code: string }>
  | Fact<'ItemReset', { code: string }>
  | Fact<'DraftDiscarded', { changes: number }>
  | Fact<'LegalityReviewed', LegalityReview>
  | Fact<'OpinionGiven', Opinion>
  | Fact<'EditionApproved', Approval>
  | Fact<'EditionPublished', Publication>
  | Fact<'EditionCorrected', EditionCorrection>;

export interface LegalityReview {
  outcome: 'PASSED' | 'RETURNED';
  organ: string;
  organName: string;
  opinion: string;
}

export interface Opinion {
  organ: string;
  organName: string;
  position: 'AGREE' | 'OBJECT';
  text: string;
}

export interface Approval {
  /** Who approved: 区委编委, 区政府常务会议 … */
  body: string;
  documentNumber: string;
  /** Why the list goes on in spite of objections; needed when there are any. */
  overruling: string | null;
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
}

export interface EditionCorrection {
  edition: number;
  /** Number of the correction within the edition, from 1. */
  correction: number;
  effectiveFrom: string;
  documentNumber: string;
  corrections: Correction[];
}

/** Who touched an item of the draft last: what a second editor is told (L-3). */
export interface Touch {
  number: number;
  by: string;
  organ: string | null;
  at: string;
  reason: string;
  fields: ItemField[];
}

/** An item's content from a day on, as known now; null: not in the list. */
export interface ItemVersion {
  effectiveFrom: string;
  content: ItemContent | null;
}

export interface EditionHead {
  edition: number;
  effectiveFrom: string;
  corrections: number;
  /** Latest day from which the edition or a correction of it is in force. */
  changedFrom: string;
}

export interface OpenList {
  status: 'open';
  head: ListHead;
  editions: EditionHead[];
  /** By code, in the order of effective days. */
  items: IMap<string, ItemVersion[]>;
  draft: IMap<string, Staged>;
  /** Draft changes so far, over all editions; an editor says which number the work was based on. */
  draftNumber: number;
  touched: IMap<string, Touch>;
  review: LegalityReview | null;
  opinions: IMap<string, Opinion>;
  approval: Approval | null;
}

export type DutyList = { status: 'absent' } | OpenList;

export const initial: DutyList = { status: 'absent' };

export function evolve(state: DutyList, event: DutyListEvent, envelope: Envelope): DutyList {
  if (event.type === 'DutyListOpened') return { ...emptyList, head: event.data };
  if (state.status === 'absent') throw new Error(`${event.type} before DutyListOpened`);
  switch (event.type) {
    case 'ItemAdded':
      return staged(state, event.data.code, { change: 'ADD', item: event.data.item }, [], envelope);
    case 'ItemRevised':
      return revised(state, event.data.code, event.data.changes, envelope);
    case 'ItemRetired':
      return staged(state, event.data.code, { change: 'RETIRE' }, [], envelope);
    case 'ItemReset':
      return staged(state, event.data.code, null, [], envelope);
    case 'DraftDiscarded':
      return discarded(state, envelope);
    case 'LegalityReviewed':
      return { ...state, review: event.data };
    case 'OpinionGiven':
      return { ...state, opinions: state.opinions.set(event.data.organ, event.data) };
    case 'EditionApproved':
      return { ...state, approval: event.data };
    case 'EditionPublished':
      return published(state, event.data);
    case 'EditionCorrected':
      return corrected(state, event.data);
    default:
      return assertNever(event);
  }
}

const emptyList: Omit<OpenList, 'head'> = {
  status: 'open',
  editions: [],
  items: IMap(),
  draft: IMap(),
  draftNumber: 0,
  touched: IMap(),
  review: null,
  opinions: IMap(),
  approval: null,
};

/** Review, opinions and approval speak of the draft as it stood; a change voids them. */
const withoutSteps = (state: OpenList): OpenList => ({
  ...state,
  review: null,
  opinions: emptyList.opinions,
  approval: null,
});

function staged(
  state: OpenList,
  code: string,
  change: Staged | null,
  fields: ItemField[],
  { actor, recordedAt, reason }: Envelope,
): OpenList {
  const number = state.draftNumber + 1;
  return {
    ...withoutSteps(state),
    draft: change ? state.draft.set(code, change) : state.draft.delete(code),
    draftNumber: number,
    touched: state.touched.set(code, {
      number,
      by: actor.name,
      organ: actor.organ,
      at: recordedAt,
      reason,
      fields,
    }),
  };
}

function revised(state: OpenList, code: string, changes: Partial<ItemContent>, envelope: Envelope): OpenList {
  const change = revision(state.draft.get(code), changes);
  return staged(state, code, change, Object.keys(changes) as ItemField[], envelope);
}

/** Whoever looked at one of the items before is told that its staged change is gone. */
function discarded(state: OpenList, { actor, recordedAt, reason }: Envelope): OpenList {
  const number = state.draftNumber + 1;
  const touch: Touch = { number, by: actor.name, organ: actor.organ, at: recordedAt, reason, fields: [] };
  return {
    ...withoutSteps(state),
    draft: IMap(),
    draftNumber: number,
    touched: state.touched.merge(state.draft.map(() => touch)),
  };
}

function published(state: OpenList, { edition, effectiveFrom }: Publication): OpenList {
  return {
    ...withoutSteps(state),
    editions: [...state.editions, { edition, effectiveFrom, corrections: 0, changedFrom: effectiveFrom }],
    items: state.items.withMutations((items) => {
      for (const code of state.draft.keys())
        items.update(code, [], (versions) =>
          insertVersion(versions, effectiveFrom, draftContent(state, code)),
        );
    }),
    draft: IMap(),
  };
}

function corrected(state: OpenList, event: EditionCorrection): OpenList {
  return {
    ...state,
    editions: state.editions.map((head) =>
      head.edition === event.edition ? correctedHead(head, event) : head,
    ),
    items: state.items.withMutations((items) => {
      for (const correction of event.corrections)
        items.update(correction.code, [], (versions) =>
          insertVersion(
            versions,
            event.effectiveFrom,
            correctedContent(correction, contentOn(versions, event.effectiveFrom)),
          ),
        );
    }),
  };
}

const correctedHead = (head: EditionHead, { correction, effectiveFrom }: EditionCorrection): EditionHead => ({
  ...head,
  corrections: correction,
  changedFrom: effectiveFrom > head.changedFrom ? effectiveFrom : head.changedFrom,
});

/** From that day until the next known version starts, `content` is what holds. */
function insertVersion(
  versions: ItemVersion[],
  effectiveFrom: string,
  content: ItemContent | null,
): ItemVersion[] {
  return [
    ...versions.filter((version) => version.effectiveFrom < effectiveFrom),
    { effectiveFrom, content },
    ...versions.filter((version) => version.effectiveFrom > effectiveFrom),
  ];
}

export const contentOn = (versions: readonly ItemVersion[] | undefined, day: string): ItemContent | null =>
  versions?.findLast((version) => version.effectiveFrom <= day)?.content ?? null;

/** Content in the newest edition, null when the item is not in it. */
export const publishedContent = (state: OpenList, code: string): ItemContent | null =>
  state.items.get(code)?.at(-1)?.content ?? null;

/** Content that the draft would publish, null when it would not be in the list. */
export const draftContent = (state: OpenList, code: string): ItemContent | null =>
  stagedContent(state.draft.get(code), publishedContent(state, code));

/** All items that the draft would publish, by code. */
export function draftItems(state: OpenList): Map<string, ItemContent> {
  const items = new Map<string, ItemContent>();
  for (const code of new Set([...state.items.keys(), ...state.draft.keys()])) {
    const content = draftContent(state, code);
    if (content) items.set(code, content);
  }
  return items;
}

const PREFIX = 'lists.dutyList-';

export const dutyListStream = (id: string): string => `${PREFIX}${id.slice('list:'.length)}`;

export const listIdOf = (stream: string): string => `list:${stream.slice(PREFIX.length)}`;
