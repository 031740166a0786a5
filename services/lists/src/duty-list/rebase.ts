import { accept, type Decision, type Refusal, refuse } from '@dutyledger/event-store/decider';
import { broken } from '@dutyledger/event-store/rule-texts';
import type { Staged } from './changes.ts';
import { draftMoved } from './draft-refusals.ts';
import type { DutyListEvent } from './events.ts';
import { changedFields, type ItemContent, type ItemField, sameValue } from './item.ts';
import { type OpenList, publishedContent } from './state.ts';

/**
 * A draft whose edition moved on beneath it (L-3): an adjustment applied at once published another edition, or a
 * correction changed what the draft changes too. The draft is carried over where the two do not touch; where they do, the
 * editor says item by item, or field by field, which of them holds.
 */

export interface RebaseDraft {
  type: 'RebaseDraft';
  draftNumber: number;
  resolutions: Resolution[];
}

export interface Resolution {
  code: string;
  /** Left out (null): all that is in conflict of the item. */
  field: string | null;
  take: 'MINE' | 'THEIRS';
}

export interface ItemConflict {
  code: string;
  /** What the draft does to the item. */
  change: Staged['change'];
  /** Published when the change was staged, published now, and as the draft would have it; null: not in the list. */
  base: ItemContent | null;
  theirs: ItemContent | null;
  mine: ItemContent | null;
  /** Fields that both changed, and differently; empty when the item as a whole is in conflict. */
  fields: ItemField[];
}

/** Every item that the draft and what was published since say different things of, by code. */
export function conflictsOf(state: OpenList): ItemConflict[] {
  const found: ItemConflict[] = [];
  for (const [code, staged] of state.draft) {
    const base = state.base.contents.get(code) ?? null;
    const theirs = publishedContent(state, code);
    if (base === theirs || sameValue(base, theirs)) continue;
    const conflict = conflictOf(code, staged, base, theirs);
    if (conflict) found.push(conflict);
  }
  return found.sort((a, b) => (a.code < b.code ? -1 : 1));
}

function conflictOf(
  code: string,
  staged: Staged,
  base: ItemContent | null,
  theirs: ItemContent | null,
): ItemConflict | undefined {
  const change = staged.change;
  if (staged.change !== 'REVISE') {
    return { code, change, base, theirs, mine: staged.change === 'ADD' ? staged.item : null, fields: [] };
  }
  const mine = base && { ...base, ...staged.changes };
  if (!base || !theirs || !mine) return { code, change, base, theirs, mine, fields: [] };
  const fields = changedFields(base, theirs).filter(
    (field) => field in staged.changes && !sameValue(mine[field], theirs[field]),
  );
  return fields.length > 0 ? { code, change, base, theirs, mine, fields } : undefined;
}

/** Whether the draft has to be rebased before anything further is done with it. */
export const isSuperseded = (state: OpenList): boolean =>
  !state.draft.isEmpty() && (state.base.edition !== state.editions.length || conflictsOf(state).length > 0);

export function superseded(state: OpenList): Refusal | undefined {
  if (!isSuperseded(state)) return undefined;
  const conflicts = conflictsOf(state);
  const codes = conflicts.map(({ code }) => code);
  const newest = state.editions.length;
  return {
    code: 'CONFLICT',
    rule: 'L-3',
    field: 'list',
    message: {
      en: `The draft was begun on edition ${state.base.edition}; edition ${newest} ${state.base.edition === newest ? 'was corrected' : 'was published'} since${codes.length > 0 ? ` and touches the same items: ${codes.slice(0, 10).join(', ')}` : ''}. Bring the draft onto it first (rebaseDraft).`,
      'zh-CN': `草案以第 ${state.base.edition} 版为基础，其后第 ${newest} 版已${state.base.edition === newest ? '勘误' : '公布'}${codes.length > 0 ? `，涉及相同事项：${codes.slice(0, 10).join('、')}` : ''}。请先将草案更新到该版（rebaseDraft）。`,
    },
    details: { baseEdition: state.base.edition, edition: newest, conflicts: codes.slice(0, 500) },
  };
}

/** Nothing happens to a draft that is not superseded. */
export function rebaseDraft(command: RebaseDraft, state: OpenList): Decision<DutyListEvent> {
  const moved = draftMoved(command.draftNumber, state);
  if (moved) return refuse(moved);
  if (!isSuperseded(state)) return accept();
  const conflicts = conflictsOf(state);
  const open = unresolved(conflicts, command.resolutions);
  if (open) return refuse(open);
  const events: DutyListEvent[] = [];
  for (const conflict of conflicts) {
    const outcome = settled(conflict, command.resolutions, state);
    if (!Array.isArray(outcome)) return refuse(outcome);
    events.push(...outcome);
  }
  const codes = conflicts.map(({ code }) => code);
  return accept(...events, {
    type: 'DraftRebased',
    data: { edition: state.editions.length, conflicts: codes },
  });
}

const takenFor = (
  resolutions: readonly Resolution[],
  code: string,
  field: string | null,
): Resolution['take'] | undefined =>
  resolutions.findLast((one) => one.code === code && (one.field === null || one.field === field))?.take;

function unresolved(
  conflicts: readonly ItemConflict[],
  resolutions: readonly Resolution[],
): Refusal | undefined {
  const open = conflicts.flatMap(({ code, fields }) =>
    (fields.length > 0 ? fields : [null]).flatMap((field) =>
      takenFor(resolutions, code, field) ? [] : [{ code, field }],
    ),
  );
  const [first] = open;
  if (!first) return undefined;
  const place = `${first.code}${first.field ? `.${first.field}` : ''}`;
  return broken(
    'L-3',
    'resolutions',
    {
      en: `${open.length} conflicts are not resolved, the first of them ${place}: say for each whether mine or theirs holds.`,
      'zh-CN': `尚有 ${open.length} 处冲突未处理，首个为 ${place}：请逐一说明以本草案（MINE）还是以已公布内容（THEIRS）为准。`,
    },
    { unresolved: open.slice(0, 500) },
  );
}

/** What brings the draft into line with the resolutions of one item. */
function settled(
  conflict: ItemConflict,
  resolutions: readonly Resolution[],
  state: OpenList,
): DutyListEvent[] | Refusal {
  const { code, fields, change, theirs } = conflict;
  const reset: DutyListEvent = { type: 'ItemReset', data: { code } };
  if (fields.length > 0) {
    const yielded = fields.filter((field) => takenFor(resolutions, code, field) === 'THEIRS');
    if (yielded.length === 0) return [];
    const changes = without(state.draft.get(code), yielded);
    return Object.keys(changes).length === 0
      ? [reset]
      : [reset, { type: 'ItemRevised', data: { code, changes } }];
  }
  if (takenFor(resolutions, code, null) === 'THEIRS' || (change === 'RETIRE' && !theirs)) return [reset];
  const { mine } = conflict;
  if (!mine) return [];
  if (!theirs) return [reset, { type: 'ItemAdded', data: { code, item: mine } }];
  if (theirs.name !== mine.name) return codeWentTo(code, theirs);
  const changes = Object.fromEntries(changedFields(theirs, mine).map((field) => [field, mine[field]]));
  return Object.keys(changes).length === 0
    ? [reset]
    : [reset, { type: 'ItemRevised', data: { code, changes } }];
}

function without(staged: Staged | undefined, fields: readonly ItemField[]): Partial<ItemContent> {
  const changes = staged?.change === 'REVISE' ? staged.changes : {};
  return Object.fromEntries(
    Object.entries(changes).filter(([field]) => !fields.includes(field as ItemField)),
  );
}

const codeWentTo = (code: string, theirs: ItemContent): Refusal =>
  broken(
    'L-2',
    'resolutions',
    {
      en: `Code ${code} went to “${theirs.name}” meanwhile; take theirs, and add yours under another code.`,
      'zh-CN': `编码 ${code} 已用于“${theirs.name}”；请以已公布内容为准（THEIRS），并以其他编码重新新增本事项。`,
    },
    { code, name: theirs.name },
  );
