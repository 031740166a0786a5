import { isGrouping, townsBelow, unitName, unitsBelow } from './division-data.ts';
import { fail, ok, quote, type Result } from './result.ts';

/**
 * Divisions of China by twelve digits: 2 province, 2 city, 2 county (GB/T 2260), 3 town (GB/T 10114), 3 village.
 * Data and source: data/README.md. Loaded on first use.
 */

export type DivisionLevel = 'country' | 'province' | 'city' | 'county' | 'town' | 'village';

export interface Division {
  /** Twelve digits. */
  code: string;
  /** Undefined for villages only, whose names are not part of the data. */
  name: string | undefined;
  level: DivisionLevel;
  /** Code of the next division above that has a government; undefined for the country. */
  parent: string | undefined;
  /** 山东省济南市章丘区; of a village, its town's full name and the village's code. */
  fullName: string;
}

export type DivisionProblem = 'WRONG_LENGTH' | 'NOT_DIGITS' | 'UNKNOWN_DIVISION';

/** Kind of a town by its code segment (GB/T 10114). */
export type TownClass = 'street' | 'town' | 'township' | 'other';

export const COUNTRY = '000000000000';
const COUNTRY_NAME = '中华人民共和国';

const LEVELS = [
  [0, 'country'],
  [2, 'province'],
  [4, 'city'],
  [6, 'county'],
  [9, 'town'],
  [12, 'village'],
] as const;

const TWELVE_DIGITS = /^\d{12}$/;

/** The digits that say something: a code without the zeros of the levels below it. */
function significant(code: string): string {
  const width = LEVELS.find(([digits]) => /^0*$/.test(code.slice(digits)))?.[0] ?? 12;
  return code.slice(0, width);
}

const pad = (key: string): string => key.padEnd(12, '0');

/** Towns of a city without counties have 00 for the county and are kept with the city. */
function townName(key: string): string | undefined {
  const county = key.slice(4, 6) === '00' ? key.slice(0, 4) : key.slice(0, 6);
  return townsBelow(county).get(key.slice(6, 9));
}

function nameOf(key: string): string | undefined {
  if (key.length === 0) return COUNTRY_NAME;
  if (key.length === 9) return townName(key);
  return key.length < 9 ? unitName(key) : undefined;
}

function parentOf(key: string): string | undefined {
  if (key.length === 0) return undefined;
  const above = LEVELS.map(([digits]) => digits).filter((digits) => digits < key.length);
  const width = above.findLast((digits) => {
    const candidate = key.slice(0, digits);
    return nameOf(candidate) !== undefined && !isGrouping(candidate);
  });
  return width === undefined ? undefined : key.slice(0, width);
}

const lineage = (key: string): string[] => {
  const parent = parentOf(key);
  return parent === undefined ? [key] : [key, ...lineage(parent)];
};

function fullNameOf(key: string): string {
  if (key.length === 0) return COUNTRY_NAME;
  if (key.length === 12) return `${fullNameOf(key.slice(0, 9))} ${key}`;
  const names = lineage(key)
    .filter((each) => each !== '')
    .map((each) => nameOf(each) ?? '')
    .reverse();
  return names.filter((name, index) => name !== names[index - 1]).join('');
}

/** Whether a code of twelve digits exists; of a village, whether its town does. */
export function isKnown(code: string): boolean {
  if (!TWELVE_DIGITS.test(code)) return false;
  const key = significant(code);
  return nameOf(key.length === 12 ? key.slice(0, 9) : key) !== undefined;
}

/** The division of a code of twelve digits, or undefined where there is none. */
export function division(code: string): Division | undefined {
  if (!isKnown(code)) return undefined;
  const key = significant(code);
  const parent = parentOf(key);
  return {
    code,
    name: nameOf(key),
    level: LEVELS.find(([digits]) => digits === key.length)?.[1] ?? 'village',
    parent: parent === undefined ? undefined : pad(parent),
    fullName: fullNameOf(key),
  };
}

/**
 * Reads a division code that a person or another system wrote. White space around it is dropped and full-width digits
 * become plain ones, as both come from spreadsheets; anything but twelve digits of a known division is refused.
 */
export function parseDivision(text: string): Result<string, DivisionProblem> {
  const code = text.normalize('NFKC').trim();
  if (!/^\d*$/.test(code)) {
    return fail(
      'NOT_DIGITS',
      `区划代码只能由数字组成：“${quote(text)}”`,
      `A division code has digits only: "${quote(text)}"`,
    );
  }
  if (code.length !== 12) {
    const longer = toCode12(code);
    const known = longer !== undefined && isKnown(longer);
    return fail(
      'WRONG_LENGTH',
      `区划代码应为 12 位，实为 ${code.length} 位：“${quote(code)}”${known ? `，应写作 ${longer}` : ''}`,
      `A division code has 12 digits, this has ${code.length}: "${quote(code)}"${known ? `; write ${longer}` : ''}`,
    );
  }
  if (!isKnown(code)) {
    return fail('UNKNOWN_DIVISION', `没有区划代码 ${code}`, `There is no division with the code ${code}`);
  }
  return ok(code);
}

/**
 * Codes of the divisions above, nearest first, the country last; codes that only group others (市辖区) are left out.
 * Empty for an unknown code.
 */
export function ancestors(code: string, { self = false }: { self?: boolean } = {}): string[] {
  if (!isKnown(code)) return [];
  const codes = lineage(significant(code)).map(pad);
  return self ? codes : codes.slice(1);
}

/**
 * Whether `code` is `ancestor` or lies below it. Decided by the digits alone, so that it also holds for divisions that
 * were dissolved since; false for anything that is not twelve digits.
 */
export function isWithin(code: string, ancestor: string): boolean {
  return TWELVE_DIGITS.test(code) && TWELVE_DIGITS.test(ancestor) && code.startsWith(significant(ancestor));
}

/**
 * The divisions directly below, in the order of their codes: the districts and counties of a municipality, the towns of
 * a city without counties. Empty for towns, whose villages are not part of the data.
 */
export function children(code: string): Division[] {
  if (!isKnown(code)) return [];
  const codes = childKeysOf(significant(code)).map(pad);
  return codes.map((each) => division(each)).filter((each) => each !== undefined);
}

function childKeysOf(key: string): string[] {
  const below = unitsBelow(key).flatMap((each) => (isGrouping(each) ? childKeysOf(each) : [each]));
  const towns = Array.from(townsBelow(key).keys(), (suffix) => key.padEnd(6, '0') + suffix);
  return [...below, ...towns];
}

/**
 * 街道, 镇, 乡 or another unit treated as one (development zone, farm), by the code segment of GB/T 10114: 001–099,
 * 100–199, 200–399, 400 and above. For towns and villages; undefined for other levels and malformed codes.
 */
export function townClass(code: string): TownClass | undefined {
  if (!TWELVE_DIGITS.test(code)) return undefined;
  const segment = Number(code.slice(6, 9));
  if (segment === 0) return undefined;
  if (segment < 100) return 'street';
  if (segment < 200) return 'town';
  return segment < 400 ? 'township' : 'other';
}

/**
 * The twelve digits of a shorter form (2 province, 4 city, 6 county, 9 town), or of twelve as they are; undefined for
 * any other length. Whether the division exists is not asked.
 */
export function toCode12(code: string): string | undefined {
  return /^(\d{2}|\d{4}|\d{6}|\d{9}|\d{12})$/.test(code) ? pad(code) : undefined;
}

/** The six digits of GB/T 2260 of a province, city or county; undefined below the county and for malformed codes. */
export function toCode6(code: string): string | undefined {
  return /^\d{6}0{6}$/.test(code) ? code.slice(0, 6) : undefined;
}
