import { ancestors, isWithin } from '@dutyledger/reference-data/divisions';
import { organFunction } from '@dutyledger/reference-data/organ-functions';
import {
  functionGroups,
  normaliseOrganName,
  organClass,
  stripDivisionPrefix,
} from '@dutyledger/reference-data/organ-names';
import { type OrganClass, readOrganPhrase } from '@dutyledger/reference-data/organ-phrase';
import type { OrganFacts } from '../duty-list/organ-facts.ts';

/** An organ that a list may name: those of its division, of the divisions above and below it. */
export type OrganCandidate = OrganFacts;

const LIVE = new Set(['active', 'provisional']);

/** The organs that fit best: none, the one, or several that fit equally well. */
export type Fitting = readonly OrganCandidate[];

/** Organs by every way in which lists name them. */
export interface OrganIndex {
  /** Organs that can be named, with their names as they are compared. */
  live: { organ: OrganCandidate; forms: string[] }[];
  /** Ended organs too: an id of an exported row is never guessed. */
  byId: Map<string, OrganCandidate>;
  ofName(name: string): Fitting;
  ofClass(organClass: OrganClass): Fitting;
  ofGroups(groups: readonly string[], text: string): Fitting;
  division: string;
}

export function indexOrgans(candidates: readonly OrganCandidate[], division: string): OrganIndex {
  const live = candidates
    .filter(({ status }) => LIVE.has(status))
    .map((organ) => ({ organ, forms: formsOfName(organ, division) }));
  const names = new Map<string, Set<OrganCandidate>>();
  const groups = new Map<string, Set<OrganCandidate>>();
  const half = new Map<string, Set<OrganCandidate>>();
  const classes = new Map<OrganClass, Set<OrganCandidate>>();
  for (const { organ, forms } of live) {
    for (const name of namesOf(organ)) {
      addTo(names, normaliseOrganName(name), organ);
      const found = organ.kind === 'ORGAN_CLASS' ? organClass(name) : undefined;
      if (found) addTo(classes, found, organ);
    }
    for (const form of forms) {
      addTo(names, form, organ);
      if (NO_FUNCTION.has(organ.kind)) continue;
      const known = functionGroups(form);
      for (const group of known) addTo(groups, group, organ);
      if (known.length > 0 || organ.kind !== 'DEPARTMENT') continue;
      for (const group of laterGroups(form)) addTo(half, group, organ);
    }
  }
  const formsOf = new Map(live.map(({ organ, forms }) => [organ, forms]));
  const above = [division, ...ancestors(division)];
  const choose = (found: Iterable<OrganCandidate> | undefined) => best([...(found ?? [])], above);
  return {
    live,
    byId: new Map(candidates.map((organ) => [organ.id, organ])),
    division,
    ofName: (name) => choose(names.get(name)),
    ofClass(wanted) {
      const own = live.find(({ organ }) => organ.division === division && organ.kind === OWN[wanted]);
      return own ? [own.organ] : choose(classes.get(wanted));
    },
    ofGroups(wanted, text) {
      const holders = wanted.map((group) => holdersOf(groups, half, group));
      const common = [...(holders[0] ?? [])].filter((organ) => holders.every((set) => set.has(organ)));
      const found = best(common, above);
      if (found.length < 2) return found;
      const stem = stripDivisionPrefix(text, division).replace(GENERIC_ENDING, '');
      const begins = found.filter((organ) => formsOf.get(organ)?.some((form) => form.startsWith(stem)));
      return begins.length === 1 ? begins : found;
    },
  };
}

/** Governments and villages are found by class, bodies of towns by their own name. */
const NO_FUNCTION = new Set(['GOVERNMENT', 'TOWN_GOVERNMENT', 'VILLAGE_ORGANISATION', 'TOWN_BODY']);

/** Functions of a name that begins with a word of its own (城乡水务局 → 水务局). */
function laterGroups(form: string): string[] {
  for (let start = 1; start <= 4; start++) {
    const groups = functionGroups(form.slice(start));
    if (groups.length > 0) return groups;
  }
  return [];
}

const GENERIC_ENDING = /(行政|主管|管理|监督|监管|执法|综合)*(部门|机关|机构|单位)$/;

/** In a list of a town, 镇街 is that town itself; the government of the list's own division is never another one. */
const OWN: Partial<Record<OrganClass, string>> = {
  EACH_TOWN: 'TOWN_GOVERNMENT',
  EACH_VILLAGE: 'VILLAGE_ORGANISATION',
  COUNTY_GOVERNMENT: 'GOVERNMENT',
};

const namesOf = ({ name, shortName, aliases }: OrganCandidate): string[] =>
  [name, shortName, ...aliases].filter((each): each is string => each !== null && each !== '');

/**
 * The names as lists write them: without the division that the list is of. A town is also called by its own name
 * (垛庄镇, 垛庄镇政府).
 */
function formsOfName(organ: OrganCandidate, division: string): string[] {
  const owner = isWithin(organ.division, division) ? division : organ.division;
  const forms = namesOf(organ).map((name) => stripDivisionPrefix(name, owner));
  if (organ.kind !== 'TOWN_GOVERNMENT') return forms;
  const town = forms.map((form) => form.replace(/人民政府$|办事处$/, '')).filter((form) => form.length > 1);
  return [...forms, ...town, ...town.map((form) => `${form}政府`)];
}

function addTo<K, V>(map: Map<K, Set<V>>, key: K, value: V): void {
  const set = map.get(key);
  if (set) set.add(value);
  else map.set(key, new Set([value]));
}

/**
 * Organs of a function; else departments whose name tells it in words only partly understood (城乡水务局); else those of
 * the function that it belongs under. Units stationed in towns are apart.
 */
function holdersOf(
  groups: ReadonlyMap<string, Set<OrganCandidate>>,
  half: ReadonlyMap<string, Set<OrganCandidate>>,
  group: string,
): Set<OrganCandidate> {
  let key: string | undefined = group;
  while (key !== undefined) {
    const found = groups.get(key) ?? half.get(key);
    if (found) return found;
    const of = organFunction(key);
    key = of?.kind === 'stationed' ? undefined : of?.under;
  }
  return new Set();
}

/** The only one of the nearest division: the list's own, then those above it, then those below; a class before its members. */
function best(found: readonly OrganCandidate[], above: readonly string[]): Fitting {
  let rank = Number.POSITIVE_INFINITY;
  let nearest: OrganCandidate[] = [];
  for (const organ of found) {
    const distance = above.indexOf(organ.division);
    const own = (distance < 0 ? 100 : distance * 2) + (organ.kind === 'ORGAN_CLASS' ? 0 : 1);
    if (own < rank) nearest = [];
    if (own <= rank) nearest.push(organ);
    rank = Math.min(rank, own);
  }
  return nearest;
}

/** By name as written, without the division's name, without the note in brackets; then by class and by function. */
export function findOrgan(index: OrganIndex, text: string): Fitting {
  const name = normaliseOrganName(text);
  if (name === '') return [];
  const bare = name.replaceAll(/\uff08[^\uff08\uff09]*\uff09/g, '');
  const ways: (() => Fitting)[] = [
    () => index.ofName(name),
    () => index.ofName(bare),
    () => ofClass(index, text),
    () => findWritten(index, name),
    () => findWritten(index, bare),
    () => ofFunctions(index, text, name),
  ];
  for (const way of ways) {
    const found = way();
    if (found.length > 0) return found;
  }
  return [];
}

/** By a name as it is registered, with or without the division before it. */
export function findWritten(index: OrganIndex, text: string): Fitting {
  const name = normaliseOrganName(text);
  const found = index.ofName(name);
  return found.length > 0 ? found : index.ofName(stripDivisionPrefix(name, index.division));
}

function ofClass(index: OrganIndex, text: string): Fitting {
  const wanted = organClass(text);
  return wanted ? index.ofClass(wanted) : [];
}

function ofFunctions(index: OrganIndex, text: string, name: string): Fitting {
  const groups = functionGroups(text);
  return groups.length === 0 || readOrganPhrase(name).classes.length > 0 ? [] : index.ofGroups(groups, text);
}
