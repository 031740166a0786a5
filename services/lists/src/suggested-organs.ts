import { organFunction } from '@dutyledger/reference-data/organ-functions';
import { normaliseOrganName } from '@dutyledger/reference-data/organ-names';
import { type OrganClass, readOrganPhrase } from '@dutyledger/reference-data/organ-phrase';
import type { UnresolvedOrgan } from './import/to-items.ts';

/** What staffing's registerOrgans takes. */
interface Suggestion {
  name: string;
  aliases: string[];
  kind: string;
  level?: string;
  provisional: boolean;
}

const CLASSES: Record<OrganClass, Omit<Suggestion, 'aliases'>> = {
  EACH_TOWN: { name: '各镇街', kind: 'ORGAN_CLASS', level: 'TOWN', provisional: false },
  EACH_VILLAGE: { name: '各村居', kind: 'ORGAN_CLASS', level: 'VILLAGE', provisional: false },
  DEPARTMENTS: { name: '有关部门', kind: 'ORGAN_CLASS', level: 'COUNTY', provisional: false },
  COUNTY_GOVERNMENT: { name: '区县人民政府', kind: 'GOVERNMENT', provisional: true },
};

/**
 * How each name that no organ fits could be registered, as to be confirmed (待核实). Names of one function (公安机关,
 * 公安部门) become one organ with the others as aliases; names that stand for each organ of a sort become a class.
 * Null: the suggestion of another name covers it.
 */
export function withSuggestions(unresolved: readonly UnresolvedOrgan[]) {
  const byKey = new Map<string, Suggestion>();
  return unresolved.map(({ name, rows, candidates }) => {
    const { key, suggestion } = suggest(name);
    const before = byKey.get(key);
    if (before) {
      if (before.name !== name && !before.aliases.includes(name)) before.aliases.push(name);
      return { name, rows, candidates, suggestion: null };
    }
    byKey.set(key, suggestion);
    return { name, rows, candidates, suggestion };
  });
}

function suggest(name: string): { key: string; suggestion: Suggestion } {
  const { groups, classes, rest } = readOrganPhrase(normaliseOrganName(name));
  const [group, ...others] = groups;
  const [organClass, ...further] = classes;
  const aliasOf = (official: string) => (official === name ? [] : [name]);
  if (rest === '' && group !== undefined && others.length === 0 && organClass === undefined) {
    const known = organFunction(group);
    const kind = known?.kind === 'party' || known?.kind === 'mass' ? 'PARTY_OFFICE' : 'DEPARTMENT';
    const official = known?.organ ?? name;
    return {
      key: group,
      suggestion: { name: official, aliases: aliasOf(official), kind, provisional: true },
    };
  }
  if (rest === '' && organClass !== undefined && further.length === 0 && group === undefined) {
    const { name: official, ...facts } = CLASSES[organClass];
    return { key: organClass, suggestion: { name: official, aliases: aliasOf(official), ...facts } };
  }
  return { key: name, suggestion: { name, aliases: [], kind: 'DEPARTMENT', provisional: true } };
}
