import { townsBelow, unitKeys, unitName } from './division-data.ts';
import { ancestors, type Division, division, isKnown, isWithin, toCode12 } from './divisions.ts';

/** Finding divisions by the names that people write. */

/** No name with all its ancestors is longer; what is longer is no name. */
const LONGEST = 80;

const SHORT_PROVINCES: Record<string, string> = {
  内蒙古自治区: '内蒙古',
  广西壮族自治区: '广西',
  西藏自治区: '西藏',
  宁夏回族自治区: '宁夏',
  新疆维吾尔自治区: '新疆',
  香港特别行政区: '香港',
  澳门特别行政区: '澳门',
};

/** 章丘 for 章丘区, 明水 for 明水街道; two characters at least are left (单县 stays as it is). */
export function shortName(name: string): string | undefined {
  const short = SHORT_PROVINCES[name] ?? name.replace(/(街道办事处|街道|[省市区县旗盟镇乡]|地区)$/, '');
  return short !== name && short.length >= 2 ? short : undefined;
}

type Index = Map<string, string[]>;

function add(index: Index, name: string | undefined, code: string): void {
  if (name === undefined) return;
  const codes = index.get(name);
  if (codes) codes.push(code);
  else index.set(name, [code]);
}

interface Names {
  full: Index;
  short: Index;
}

let unitNames: Names | undefined;
let townNames: Names | undefined;

function indexUnits(): Names {
  if (unitNames) return unitNames;
  const names: Names = { full: new Map(), short: new Map() };
  for (const key of unitKeys()) {
    const name = unitName(key);
    if (name === undefined) continue;
    add(names.full, name, key.padEnd(12, '0'));
    add(names.short, shortName(name), key.padEnd(12, '0'));
  }
  unitNames = names;
  return names;
}

function indexTowns(): Names {
  if (townNames) return townNames;
  const names: Names = { full: new Map(), short: new Map() };
  for (const key of unitKeys()) {
    for (const [suffix, name] of townsBelow(key)) {
      const code = `${key.padEnd(6, '0')}${suffix}000`;
      add(names.full, name, code);
      add(names.short, shortName(name), code);
    }
  }
  townNames = names;
  return names;
}

/** Whether `text` is made of names of the divisions above `code`, from the top down, any of them left out or short. */
function namesAncestors(text: string, code: string): boolean {
  let rest = text;
  for (const ancestor of ancestors(code)) {
    const name = division(ancestor)?.name ?? '';
    const written = [name, shortName(name)].find((each) => each !== undefined && rest.endsWith(each));
    if (written !== undefined) rest = rest.slice(0, rest.length - written.length);
  }
  return rest === '';
}

function lookUp(index: Index, text: string): string[] {
  const found: string[] = [];
  for (let start = 0; start < text.length; start += 1) {
    for (const code of index.get(text.slice(start)) ?? []) {
      if (namesAncestors(text.slice(0, start), code)) found.push(code);
    }
  }
  return found;
}

/**
 * The divisions that a text can mean: a code of 2, 4, 6, 9 or 12 digits (370114), a name (章丘区), a short name (章丘), or
 * either after the names of divisions above it (济南市章丘区, 章丘垛庄镇). Full names go before short ones and higher
 * levels before towns: only the first kind that is found is answered. Several results mean that the name is ambiguous
 * (鼓楼区); `within` narrows the search to a division and what lies below it. Empty where nothing fits.
 */
export function findByName(text: string, within?: string): Division[] {
  const name = text.normalize('NFKC').replaceAll(/\s/g, '');
  if (name === '' || name.length > LONGEST) return [];
  const inside = (code: string): boolean => within === undefined || isWithin(code, within);
  const asCode = toCode12(name);
  if (asCode !== undefined) return describe(isKnown(asCode) && inside(asCode) ? [asCode] : []);
  for (const index of [indexUnits, indexTowns]) {
    const names = index();
    for (const kind of [names.full, names.short]) {
      const found = lookUp(kind, name.replace(/街道办事处$/, '街道')).filter(inside);
      if (found.length > 0) return describe(found);
    }
  }
  return [];
}

function describe(codes: string[]): Division[] {
  return codes
    .toSorted((a, b) => (a < b ? -1 : 1))
    .map((code) => division(code))
    .filter((each) => each !== undefined);
}
