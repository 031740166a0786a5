import { hash } from 'node:crypto';
import {
  AFTER_ALL,
  compareText,
  encodeField,
  encodeId,
  encodePrefix,
  keysOf,
  successor,
} from './index-key.ts';
import { type CollectionSpec, type Find, type Indexes, ReadStoreError } from './read-store.ts';

/**
 * A find, checked and turned into stretches of one index. Every entry is a `prefix` (the fixed fields) and a rest
 * (the remaining fields and the id); the stretches, one per prefix, are merged in the order of their rests, of which
 * `from` is the first included and `to` the first excluded.
 */
export interface Walk {
  collection: string;
  index: string;
  fields: readonly string[];
  prefixes: readonly string[];
  /** How many of the first fields have one fixed value, the same in every prefix. */
  fixed: number;
  from: string;
  to: string;
  reverse: boolean;
  limit: number;
}

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1_000;

/** Plans a find. Throws a TypeError or RangeError when the index cannot answer it: a programmer's mistake. */
export function planWalk<T, I extends Indexes>(
  spec: CollectionSpec<T, I>,
  query: Omit<Find<T, I>, 'after' | 'filter'>,
): Walk {
  const fields = spec.indexes[query.index];
  if (fields === undefined) throw new TypeError(`${spec.name} has no index ${query.index}`);
  const limit = query.limit ?? DEFAULT_LIMIT;
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw new RangeError(`limit must be from 1 to ${MAX_LIMIT}, not ${limit}`);
  }
  const where = query.where ?? {};
  const names = Object.keys(where);
  const fixed = fields.slice(0, names.length);
  const answers = fixed.every(
    (field, at) => where[field] !== undefined && (at === names.length - 1 || !Array.isArray(where[field])),
  );
  if (!answers || fixed.length < names.length) {
    throw new TypeError(
      `${spec.name}.${query.index} [${fields}] cannot answer where ${names}: fix its first fields, a list only for the last`,
    );
  }
  let prefixes = [''];
  for (const field of fixed) {
    const values = new Set([where[field]].flat().map(encodeField));
    prefixes = prefixes.flatMap((prefix) => Array.from(values, (value) => prefix + value));
  }
  return {
    collection: spec.name,
    index: query.index,
    fields,
    prefixes,
    fixed: prefixes.length > 1 ? fixed.length - 1 : fixed.length,
    ...bounds(query, fixed.length < fields.length),
    reverse: query.reverse ?? false,
    limit,
  };
}

/** Bounds of the rests; `onField`: the next key is a field, otherwise the id. */
function bounds(
  query: Pick<Find<unknown, Indexes>, 'range' | 'prefix'>,
  onField: boolean,
): { from: string; to: string } {
  const { range, prefix } = query;
  if (prefix !== undefined) {
    if (range !== undefined) throw new TypeError('a find takes a range or a prefix, not both');
    const from = onField ? encodePrefix(prefix) : encodeId(prefix);
    return { from, to: successor(from) };
  }
  const encode = (bound: unknown): string => (onField ? encodeField(bound) : encodeId(String(bound)));
  return {
    from: range?.from === undefined ? '' : encode(range.from),
    // A field's encoding is followed by more of the key, an id's by nothing.
    to: range?.to === undefined ? AFTER_ALL : onField ? successor(encode(range.to)) : `${encode(range.to)}\0`,
  };
}

/** The same walk, behind the row that the rest belongs to. */
export const resume = (walk: Walk, rest: string): Walk => {
  if (walk.reverse) return compareText(rest, walk.to) < 0 ? { ...walk, to: rest } : walk;
  const from = `${rest}\0`;
  return compareText(from, walk.from) > 0 ? { ...walk, from } : walk;
};

/** The rest under which a document with this id and these keys comes in the walk; undefined when it is outside. */
export function restOf(walk: Walk, id: string, keys: readonly string[]): string | undefined {
  let first: string | undefined;
  for (const key of keys) {
    const prefix = walk.prefixes.find((candidate) => key.startsWith(candidate));
    if (prefix === undefined) continue;
    const rest = key.slice(prefix.length) + encodeId(id);
    if (compareText(rest, walk.from) < 0 || compareText(rest, walk.to) >= 0) continue;
    const earlier = first === undefined || compareText(rest, first) < 0 !== walk.reverse;
    if (earlier) first = rest;
  }
  return first;
}

/**
 * Whether this entry is the one at which the document comes. `whole` is the walk of the query without its cursor, so
 * that a document with several entries does not come again on a later page.
 */
export function comesHere(whole: Walk, rest: string, id: string, doc: unknown): boolean {
  const row = doc as Record<string, unknown>;
  if (!whole.fields.some((field, at) => at >= whole.fixed && Array.isArray(row[field]))) return true;
  return restOf(whole, id, keysOf(whole.fields, doc)) === rest;
}

const CHECK_LENGTH = 22;

/** Cursors: a check over the store's secret, the query and the place, then the place itself. */
export function cursors(secret: string, walk: Walk) {
  const { collection, index, fields, prefixes, from, to } = walk;
  let context: string | undefined;
  const check = (rest: string) => {
    context ??= JSON.stringify([secret, collection, index, fields, [...prefixes].sort(), from, to]);
    return hash('sha256', context + rest, 'base64url').slice(0, CHECK_LENGTH);
  };
  return {
    write: (rest: string): string => check(rest) + Buffer.from(rest).toString('base64url'),
    /** Throws ReadStoreError BAD_CURSOR when it was changed or belongs to another query. */
    read(cursor: string): string {
      const rest = Buffer.from(cursor.slice(CHECK_LENGTH), 'base64url').toString();
      if (check(rest) + Buffer.from(rest).toString('base64url') === cursor) return rest;
      throw new ReadStoreError('BAD_CURSOR', 'the cursor was changed or belongs to another query');
    },
  };
}
