import { readFileSync } from 'node:fs';

/**
 * The division file in memory. Units are keyed by their significant digits ("37", "3701", "370114"); towns stay one
 * string per county until they are asked for, which keeps loading at a few milliseconds and memory at the file's size.
 */

interface Unit {
  name: string;
  /** `001明水街道 002双山街道`, or nothing. */
  towns: string;
}

/** Names of codes that only group counties in the numbering and are no division with a government. */
const GROUPING_NAMES = new Set(['市辖区', '县', '省直辖县级行政区划', '自治区直辖县级行政区划']);

let loaded: Map<string, Unit> | undefined;
const childKeys = new Map<string, string[]>();
const parsedTowns = new Map<string, ReadonlyMap<string, string>>();

function units(): Map<string, Unit> {
  if (loaded) return loaded;
  const map = new Map<string, Unit>();
  const text = readFileSync(new URL('../data/divisions.tsv', import.meta.url), 'utf8');
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [key = '', name = '', towns = ''] = line.split('\t');
    map.set(key, { name, towns });
    const above = key.slice(0, -2);
    const siblings = childKeys.get(above);
    if (siblings) siblings.push(key);
    else childKeys.set(above, [key]);
  }
  loaded = map;
  return map;
}

/** Every province, city and county, in the order of their codes. */
export function unitKeys(): IterableIterator<string> {
  return units().keys();
}

/** Name of a province, city or county by its 2, 4 or 6 digits. */
export function unitName(key: string): string | undefined {
  return units().get(key)?.name;
}

/** Cities of a province, counties of a city, provinces of the country (empty key), in the order of their codes. */
export function unitsBelow(key: string): readonly string[] {
  units();
  return childKeys.get(key) ?? [];
}

/** Towns directly below a county, or below a city without counties: three digits → name. */
export function townsBelow(key: string): ReadonlyMap<string, string> {
  const known = parsedTowns.get(key);
  if (known) return known;
  const text = units().get(key)?.towns ?? '';
  const towns = new Map<string, string>();
  if (text !== '') for (const town of text.split(' ')) towns.set(town.slice(0, 3), town.slice(3));
  if (units().has(key)) parsedTowns.set(key, towns);
  return towns;
}

/**
 * Whether a code merely groups others: 市辖区 of a municipality, 省直辖县级行政区划, or a county that repeats its city
 * (嘉峪关市). Such codes are known, and left out of every lineage.
 */
export function isGrouping(key: string): boolean {
  const name = unitName(key);
  if (name === undefined) return false;
  return GROUPING_NAMES.has(name) || (key.length === 6 && name === unitName(key.slice(0, 4)));
}
