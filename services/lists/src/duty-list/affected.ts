import { changedFields, type ItemContent, type ItemField } from './item.ts';
import { namedOrgans } from './organ-facts.ts';
import { draftContent, type OpenList, publishedContent } from './state.ts';

/** Whom changes of items concern: every organ that a change names or no longer names (L-3, L-4). */

const ORGAN_FIELDS: readonly ItemField[] = ['leads', 'cooperators', 'fiscalShares', 'townBody', 'procedure'];

/** Ids, each once. A change of other fields (name, remarks …) names nobody. */
export function affectedBy(before: ItemContent | null, after: ItemContent | null): string[] {
  if (!before || !after) return namedOrgans(before ?? after ?? {});
  const changed = changedFields(before, after).filter((field) => ORGAN_FIELDS.includes(field));
  const part = (item: ItemContent): Partial<ItemContent> =>
    Object.fromEntries(changed.map((field) => [field, item[field]]));
  return [...new Set([...namedOrgans(part(before)), ...namedOrgans(part(after))])];
}

/** Whom the draft as it stands concerns. */
export const affectedByDraft = (state: OpenList): string[] => [
  ...new Set(
    [...state.draft.keys()].flatMap((code) =>
      affectedBy(publishedContent(state, code), draftContent(state, code)),
    ),
  ),
];
