import { changedFields, type ItemContent, type ItemField } from './item.ts';

/** What a draft or a correction does to one item: shared by the decider and the read model, so that both always agree. */

/** What the draft does to one item. A revision holds only the fields it sets, so that corrections below it show through. */
export type Staged =
  | { change: 'ADD'; item: ItemContent }
  | { change: 'REVISE'; changes: Partial<ItemContent> }
  /** `successors`: codes of the items that go on from it: renumbered, split or merged (L-4). */
  | { change: 'RETIRE'; successors?: string[] };

export const retirement = ({ successors }: { successors?: string[] }): Staged => ({
  change: 'RETIRE',
  ...(successors && { successors }),
});

/** A further revision is laid over what is staged already. */
export function revision(before: Staged | undefined, changes: Partial<ItemContent>): Staged {
  if (before?.change === 'ADD') return { change: 'ADD', item: { ...before.item, ...changes } };
  return {
    change: 'REVISE',
    changes: { ...(before?.change === 'REVISE' ? before.changes : {}), ...changes },
  };
}

/** What the list would say of an item, given what it says now. */
export function stagedContent(staged: Staged | undefined, published: ItemContent | null): ItemContent | null {
  switch (staged?.change) {
    case undefined:
      return published;
    case 'ADD':
      return staged.item;
    case 'REVISE':
      return published && { ...published, ...staged.changes };
    case 'RETIRE':
      return null;
    default:
      return staged satisfies never;
  }
}

export type Correction =
  | { kind: 'REVISE'; code: string; changes: Partial<ItemContent> }
  /** An item that the edition had left out by mistake. */
  | { kind: 'ADD'; code: string; item: ItemContent }
  /** An item that stood in the edition by mistake. */
  | { kind: 'STRIKE'; code: string };

/** What the edition says of an item once corrected, given what it said. */
export function correctedContent(correction: Correction, before: ItemContent | null): ItemContent | null {
  switch (correction.kind) {
    case 'ADD':
      return correction.item;
    case 'STRIKE':
      return null;
    case 'REVISE':
      return before && { ...before, ...correction.changes };
    default:
      return correction satisfies never;
  }
}

/** A field before and after. */
export interface FieldChange {
  field: ItemField;
  before: unknown;
  after: unknown;
}

/** Field by field; nothing to compare where an item appears or goes. */
export function fieldChanges(before: ItemContent | null, after: ItemContent | null): FieldChange[] {
  if (!before || !after) return [];
  return changedFields(before, after).map((field) => ({ field, before: before[field], after: after[field] }));
}
