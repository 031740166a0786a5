import { compareText, idOf } from './index-key.ts';
import type { Connection } from './sqlite-connection.ts';
import type { Walk } from './walk.ts';

/** Entries fetched at first, over all stretches, as far as so many are wanted, and at most per further step. */
const FIRST_FETCH = 128;
const MOST_FETCH = 1_024;

export interface Entry {
  rest: string;
  id: string;
  /** The fields' part of the entry. */
  key: string;
}

/** The entries of one index table in the order of the walk; one rest may come from several stretches. */
export function* entriesOf(
  connection: Connection,
  table: string,
  walk: Walk,
  want = FIRST_FETCH,
): Generator<Entry> {
  const first = Math.max(8, Math.ceil(Math.min(want, FIRST_FETCH) / Math.max(1, walk.prefixes.length)));
  const stretches = walk.prefixes.map((prefix) => stretch(connection, table, walk, prefix, first));
  const heads = stretches.map((entries) => entries.next().value ?? undefined);
  for (;;) {
    let best = -1;
    for (const [at, head] of heads.entries()) {
      if (head === undefined) continue;
      const least = heads[best];
      if (least === undefined || compareText(head.rest, least.rest) < 0 !== walk.reverse) best = at;
    }
    const entry = heads[best];
    if (entry === undefined) return;
    heads[best] = stretches[best]?.next().value ?? undefined;
    yield entry;
  }
}

function* stretch(
  connection: Connection,
  table: string,
  walk: Walk,
  prefix: string,
  first: number,
): Generator<Entry, undefined> {
  const sql = `SELECT k FROM ${table} WHERE k >= ? AND k < ? ORDER BY k ${walk.reverse ? 'DESC' : 'ASC'} LIMIT ?`;
  let from = prefix + walk.from;
  let to = prefix + walk.to;
  for (let size = first; ; size = Math.min(size * 4, MOST_FETCH)) {
    const rows = connection.all(sql, from, to, size);
    for (const row of rows) {
      const entry = String(row['k']);
      const id = idOf(entry, walk.fields.length);
      yield { rest: entry.slice(prefix.length), id, key: entry.slice(0, entry.length - id.length - 1) };
    }
    if (rows.length < size) return undefined;
    const end = String(rows.at(-1)?.['k']);
    if (walk.reverse) to = end;
    else from = `${end}\0`;
  }
}
