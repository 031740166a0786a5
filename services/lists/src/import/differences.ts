import { nameKey, similarNames } from '@dutyledger/tables/text';
import { ITEM_FIELDS, type ItemContent, type ItemField, sameValue } from '../duty-list/item.ts';
import type { FileItem } from './to-items.ts';

export interface AddedItem {
  code: string;
  content: ItemContent;
  /** Line of the file. */
  row: number;
}

export interface RevisedItem {
  code: string;
  before: ItemContent;
  after: ItemContent;
  fields: ItemField[];
  row: number;
}

export interface FileDifferences {
  add: AddedItem[];
  revise: RevisedItem[];
  unchanged: number;
  /** Codes of items that the file does not have; an import never removes them. */
  missing: string[];
}

/** A renumbered item may have been renamed as well if its new name is this much like the old one. */
const RENAMED = 0.5;

/**
 * What a file changes in a draft (L-11). Items are the same by their code column; without one by name and domain, then
 * by name alone, then by running number if the names are alike. The order of rows plays no part, and the same file again
 * differs in nothing. Additions keep the file's code where it is free, else get the next number; a running number that
 * an item once had (`formerCodes`) is not free, while a code of the file's own means that very item.
 */
export function differencesOf(
  existing: ReadonlyMap<string, ItemContent>,
  items: readonly FileItem[],
  codesAreNumbers: boolean,
  formerCodes: Iterable<string> = [],
): FileDifferences {
  const matches = matchesOf(existing, items, codesAreNumbers);
  const result: FileDifferences = { add: [], revise: [], unchanged: 0, missing: [] };
  const added: FileItem[] = [];
  for (const item of items) {
    const code = matches.get(item);
    const before = code === undefined ? undefined : existing.get(code);
    if (code === undefined || before === undefined) {
      added.push(item);
      continue;
    }
    const fields = differingFields(before, item.content);
    if (fields.length === 0) result.unchanged += 1;
    else result.revise.push({ code, before, after: revised(before, item.content), fields, row: item.row });
  }
  const found = new Set(matches.values());
  result.missing = [...existing.keys()].filter((code) => !found.has(code));
  result.add = numberAdditions([...existing.keys(), ...(codesAreNumbers ? formerCodes : [])], added);
  return result;
}

type Matches = Map<FileItem, string>;

function matchesOf(
  existing: ReadonlyMap<string, ItemContent>,
  items: readonly FileItem[],
  codesAreNumbers: boolean,
): Matches {
  if (existing.size === 0) return new Map();
  return codesAreNumbers ? matchByName(existing, items) : matchByCode(existing, items);
}

function matchByCode(existing: ReadonlyMap<string, ItemContent>, items: readonly FileItem[]): Matches {
  const matches: Matches = new Map();
  const rest: FileItem[] = [];
  for (const item of items) {
    if (item.code === null) rest.push(item);
    else if (existing.has(item.code)) matches.set(item, item.code);
  }
  return rest.length === 0 ? matches : matchByName(existing, rest, matches);
}

/** Round by round, the surest first; a round pairs only what has exactly one counterpart on both sides. */
function matchByName(
  existing: ReadonlyMap<string, ItemContent>,
  items: readonly FileItem[],
  matches: Matches = new Map(),
): Matches {
  const taken = new Set(matches.values());
  const byKey = (keyOf: (content: ItemContent) => string) => {
    const open = grouped(
      [...existing].filter(([code]) => !taken.has(code)),
      ([, content]) => keyOf(content),
    );
    const wanted = grouped(
      items.filter((item) => !matches.has(item)),
      (item) => keyOf(item.content),
    );
    for (const [key, group] of wanted) {
      const [item, ...others] = group;
      const [candidate, ...more] = open.get(key) ?? [];
      if (!item || !candidate || others.length > 0 || more.length > 0) continue;
      matches.set(item, candidate[0]);
      taken.add(candidate[0]);
    }
  };
  byKey(({ name, domain, category }) =>
    [name, domain, category].map((text) => nameKey(text ?? '')).join('\n'),
  );
  byKey(({ name, domain }) => [name, domain].map((text) => nameKey(text ?? '')).join('\n'));
  byKey(({ name }) => nameKey(name));
  for (const item of items) {
    const before = item.code === null ? undefined : existing.get(item.code);
    if (item.code === null || matches.has(item) || !before || taken.has(item.code)) continue;
    if (similarNames(nameKey(before.name), nameKey(item.content.name)) < RENAMED) continue;
    matches.set(item, item.code);
    taken.add(item.code);
  }
  return matches;
}

function grouped<T>(entries: readonly T[], keyOf: (entry: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const each of entries) {
    const key = keyOf(each);
    const group = groups.get(key);
    if (group) group.push(each);
    else groups.set(key, [each]);
  }
  return groups;
}

/** Fields that differ. Names and levels of organs are kept as they were recorded and do not count, only who and what. */
function differingFields(before: ItemContent, after: ItemContent): ItemField[] {
  return ITEM_FIELDS.filter((field) => !sameValue(comparable(field, before), comparable(field, after)));
}

function comparable(field: ItemField, content: ItemContent): unknown {
  switch (field) {
    case 'leads':
    case 'cooperators':
      return content[field].map(({ organ, duty }) => [organ, duty]);
    case 'fiscalShares':
      return content.fiscalShares.map(({ organ, share }) => [organ, share]);
    case 'townBody':
      return content.townBody?.organ ?? null;
    case 'procedure':
      return (content.procedure ?? []).map(({ organName, organ, ...step }) => [organ ?? organName, step]);
    case 'promised':
      return content.promised ?? null;
    default:
      return content[field];
  }
}

/** The file's content, with fields that do not differ as they were recorded. */
function revised(before: ItemContent, after: ItemContent): ItemContent {
  const fields = new Set(differingFields(before, after));
  return Object.fromEntries(
    ITEM_FIELDS.map((field) => [field, fields.has(field) ? after[field] : before[field]]),
  ) as unknown as ItemContent;
}

/** In the order of the file's own codes and rows, so that shuffled files number alike as far as they can. */
function numberAdditions(taken: readonly string[], added: readonly FileItem[]): AddedItem[] {
  const used = new Set([...taken, ...added.map((item) => item.code).filter((code) => code !== null)]);
  const assigned = new Set(taken);
  let next = 0;
  const numberAfterAll = (): string => {
    if (next === 0) for (const code of used) if (/^\d{1,15}$/.test(code)) next = Math.max(next, Number(code));
    do next += 1;
    while (used.has(String(next)));
    return String(next);
  };
  return added.map(({ code, content, row }) => {
    const free = code !== null && !assigned.has(code);
    const given = free ? code : numberAfterAll();
    assigned.add(given);
    used.add(given);
    return { code: given, content, row };
  });
}
