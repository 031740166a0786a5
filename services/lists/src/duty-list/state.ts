import { assertNever, type Envelope } from '@dutyledger/event-store/decider';
import { Map as IMap } from 'immutable';
import { correctedContent, retirement, revision, type Staged, stagedContent } from './changes.ts';
import type { DutyListEvent, EditionCorrection, ListHead, Publication } from './events.ts';
import type { ItemContent, ItemField } from './item.ts';
import { afterStep, type EditionProcedure } from './stages.ts';

/** The state of a duty list (L-1), made of its events. Read duty-list.ts for the whole. */

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
  /** What the draft was begun on: the newest edition then, and what it said of each staged item when that was staged. */
  base: { edition: number; contents: IMap<string, ItemContent | null> };
  /** How far the draft, as it stands, is on its way; null while it is edited. */
  procedure: EditionProcedure | null;
  /** Items of an adjustment that is applied at once (L-4), until its edition is published with the same append. */
  adjusting: IMap<string, Staged>;
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
      return staged(state, event.data.code, retirement(event.data), [], envelope);
    case 'ItemReset':
      return staged(state, event.data.code, null, [], envelope);
    case 'DraftDiscarded':
      return discarded(state, envelope);
    case 'ProcedureVoided':
      return { ...state, procedure: null };
    case 'DraftRebased':
      return rebased(state, event.data.conflicts.length > 0);
    case 'DraftSubmitted':
    case 'LegalityReviewed':
    case 'OpinionsRequested':
    case 'OpinionGiven':
    case 'OpinionsLapsed':
    case 'EditionApproved':
    case 'EditionStageOverdue':
      return { ...state, procedure: afterStep(state.procedure, event) };
    case 'ItemAdjusted':
      return { ...state, adjusting: state.adjusting.set(event.data.code, event.data.staged) };
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
  base: { edition: 0, contents: IMap() },
  procedure: null,
  adjusting: IMap(),
};

function staged(
  state: OpenList,
  code: string,
  change: Staged | null,
  fields: ItemField[],
  { actor, recordedAt, reason }: Envelope,
): OpenList {
  const number = state.draftNumber + 1;
  const { contents } = state.base;
  return {
    ...state,
    // Review, opinions and approval speak of the draft as it stood; a change voids them.
    procedure: null,
    draft: change ? state.draft.set(code, change) : state.draft.delete(code),
    draftNumber: number,
    base: {
      edition: state.draft.isEmpty() ? state.editions.length : state.base.edition,
      contents: !change
        ? contents.delete(code)
        : contents.has(code)
          ? contents
          : contents.set(code, publishedContent(state, code)),
    },
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
    ...state,
    ...noDraft,
    draftNumber: number,
    touched: state.touched.merge(state.draft.map(() => touch)),
  };
}

const noDraft = { draft: emptyList.draft, base: emptyList.base, procedure: null };

/** Without conflicts, the staged changes are the very ones that were looked at: the steps stand. */
const rebased = (state: OpenList, conflicts: boolean): OpenList => ({
  ...state,
  base: {
    edition: state.editions.length,
    contents: state.draft.map((_, code) => publishedContent(state, code)),
  },
  ...(conflicts && { procedure: null, draftNumber: state.draftNumber + 1 }),
});

/** An adjustment applied at once brings its own changes; the draft stays as it is, on its former base. */
function published(state: OpenList, { edition, effectiveFrom, adjustment }: Publication): OpenList {
  const changes = adjustment ? state.adjusting : state.draft;
  return {
    ...state,
    editions: [...state.editions, { edition, effectiveFrom, corrections: 0, changedFrom: effectiveFrom }],
    items: state.items.withMutations((items) => {
      for (const [code, change] of changes)
        items.update(code, [], (versions) =>
          insertVersion(versions, effectiveFrom, stagedContent(change, publishedContent(state, code))),
        );
    }),
    ...(adjustment ? { adjusting: emptyList.adjusting } : noDraft),
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
export const draftItems = (state: OpenList): Map<string, ItemContent> => itemsWith(state, state.draft);

/** All items of the newest edition with the changes laid over them, by code. */
export function itemsWith(state: OpenList, changes: IMap<string, Staged>): Map<string, ItemContent> {
  const items = new Map<string, ItemContent>();
  for (const code of new Set([...state.items.keys(), ...changes.keys()])) {
    const content = stagedContent(changes.get(code), publishedContent(state, code));
    if (content) items.set(code, content);
  }
  return items;
}

const PREFIX = 'lists.dutyList-';

export const dutyListStream = (id: string): string => `${PREFIX}${id.slice('list:'.length)}`;

export const listIdOf = (stream: string): string => `list:${stream.slice(PREFIX.length)}`;
