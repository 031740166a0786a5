import type { Scalar } from './read-store.ts';

/**
 * Index keys as texts whose UTF-8 byte order is the order of the port: every field is a tag, its value and END; an
 * entry is the key of its fields followed by the tagged id. One encoding for all adapters.
 */

const END = '\u0001';
const ESCAPE = '\u0002';
const TAGS = { null: 'a', false: 'b', true: 'c', number: 'd', string: 'e', id: 'i' } as const;

/** Sorts after whatever may follow the fixed fields of a key. */
export const AFTER_ALL = 'j';

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);
const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0');

/** Doubles in numeric order: the sign bit turned, and for negative numbers all the others. */
function encodeNumber(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError(`not a finite number: ${value}`);
  float[0] = value === 0 ? 0 : value;
  const low = words[0] ?? 0;
  const high = words[1] ?? 0;
  return high >>> 31 === 1 ? hex(~high) + hex(~low) : hex(high ^ 0x80000000) + hex(low);
}

/** END and ESCAPE, and NUL below them, come in texts as ESCAPE and a character, in the same order. */
function escapeText(text: string): string {
  const formed = text.toWellFormed();
  for (let at = 0; at < formed.length; at++) {
    if (formed.charCodeAt(at) > ESCAPE.charCodeAt(0)) continue;
    return Array.from(formed, (unit) =>
      unit > ESCAPE ? unit : ESCAPE + String.fromCharCode(unit.charCodeAt(0) + 3),
    ).join('');
  }
  return formed;
}

/** Where the texts that start with `prefix` start, as a field. */
export const encodePrefix = (prefix: string): string => TAGS.string + escapeText(prefix);

/** One field of a key. Throws a TypeError on what is no scalar. */
export function encodeField(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return encodePrefix(value) + END;
    case 'number':
      return TAGS.number + encodeNumber(value) + END;
    case 'boolean':
      return (value ? TAGS.true : TAGS.false) + END;
    default:
      if (value === null || value === undefined) return TAGS.null + END;
      throw new TypeError(`an index holds texts, numbers, booleans and null, not ${typeof value}`);
  }
}

export const encodeId = (id: string): string => TAGS.id + id;

/** The id of an entry of an index with that many fields. */
export function idOf(entry: string, fields: number): string {
  let end = 0;
  for (let field = 0; field < fields; field++) end = entry.indexOf(END, end) + 1;
  return entry.slice(end + TAGS.id.length);
}

/** The keys of a document in one index: one, or for arrays one per distinct element. */
export function keysOf(fields: readonly string[], doc: unknown): string[] {
  let keys = [''];
  for (const field of fields) {
    const value = (doc as Record<string, unknown>)[field];
    if (!Array.isArray(value)) {
      const encoded = encodeField(value);
      keys = keys.map((key) => key + encoded);
    } else {
      const elements = new Set(value.map((element: Scalar) => encodeField(element)));
      keys = keys.flatMap((key) => Array.from(elements, (element) => key + element));
    }
  }
  return keys;
}

/** Whether the key is one of those that `keysOf` gives, without working out the others. */
export function hasKey(fields: readonly string[], doc: unknown, key: string): boolean {
  let at = 0;
  for (const field of fields) {
    const end = key.indexOf(END, at) + 1;
    const part = key.slice(at, end);
    const value = (doc as Record<string, unknown>)[field];
    // Most parts are texts that stand as they are.
    const text = part.startsWith(TAGS.string) && !part.includes(ESCAPE) ? part.slice(1, -1) : undefined;
    const is = (one: unknown): boolean =>
      text === undefined ? encodeField(one) === part : typeof one === 'string' && one.toWellFormed() === text;
    if (!(Array.isArray(value) ? value.some(is) : is(value))) return false;
    at = end;
  }
  return at === key.length;
}

/** Whether two documents have the same keys in an index, as far as can be told without working them out. */
export function sameKeys(fields: readonly string[], one: unknown, other: unknown): boolean {
  return fields.every((field) => {
    const a = (one as Record<string, unknown>)[field];
    const b = (other as Record<string, unknown>)[field];
    if (!Array.isArray(a) || !Array.isArray(b)) return a === b;
    return a.length === b.length && a.every((element, at) => element === b[at]);
  });
}

/** Compares by code points, which is the order of UTF-8 bytes; `<` compares UTF-16 units, surrogates too early. */
export function compareText(left: string, right: string): number {
  if (left === right) return 0;
  const shorter = Math.min(left.length, right.length);
  for (let at = 0; at < shorter; at++) {
    const a = left.charCodeAt(at);
    const b = right.charCodeAt(at);
    if (a !== b) return rank(a) - rank(b);
  }
  return left.length - right.length;
}

const rank = (unit: number): number => {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
};

/** The least text above all texts that start with `text`. */
export function successor(text: string): string {
  const points = Array.from(text);
  for (let at = points.length - 1; at >= 0; at--) {
    const point = points[at]?.codePointAt(0) ?? 0;
    if (point < 0x10ffff) {
      const next = point === 0xd7ff ? 0xe000 : point + 1;
      return points.slice(0, at).join('') + String.fromCodePoint(next);
    }
  }
  throw new RangeError('no text sorts above this one');
}
