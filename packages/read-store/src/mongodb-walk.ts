import { compareText, idOf } from './index-key.ts';
import type { Entry } from './sqlite-walk.ts';
import type { Walk } from './walk.ts';

/** A stretch of an index: keys from `from` up to, not including, `to`. */
export type ReadStretch<R> = (from: string, to: string, fetch: number) => AsyncGenerator<R>;

/** Entries fetched at first, over all stretches. */
const FIRST_FETCH = 128;

/** The entries of one index in the order of the walk; one rest may come from several stretches. */
export async function* entriesOf<R>(
  walk: Walk,
  keyOf: (row: R) => string,
  read: ReadStretch<R>,
): AsyncGenerator<Entry & { row: R }> {
  const fetch = Math.max(8, Math.ceil(FIRST_FETCH / Math.max(1, walk.prefixes.length)));
  const stretches = walk.prefixes.map((prefix) => read(prefix + walk.from, prefix + walk.to, fetch));
  try {
    const next = async (at: number) => {
      const { value, done } = (await stretches[at]?.next()) ?? { value: undefined, done: true };
      return done ? undefined : entryOf(walk, at, keyOf(value), value);
    };
    const heads = await Promise.all(stretches.map((_, at) => next(at)));
    for (;;) {
      let best = -1;
      for (const [at, head] of heads.entries()) {
        if (head === undefined) continue;
        const least = heads[best];
        if (least === undefined || compareText(head.rest, least.rest) < 0 !== walk.reverse) best = at;
      }
      const entry = heads[best];
      if (entry === undefined) return;
      heads[best] = await next(best);
      yield entry;
    }
  } finally {
    await Promise.all(stretches.map((stretch) => stretch.return(undefined)));
  }
}

function entryOf<R>(walk: Walk, at: number, key: string, row: R): Entry & { row: R } {
  const id = idOf(key, walk.fields.length);
  const rest = key.slice(walk.prefixes[at]?.length);
  return { rest, id, key: key.slice(0, key.length - id.length - 1), row };
}

/** Groups of a stream that grow up to `most`, the last one smaller. */
export async function* groups<T>(items: AsyncIterable<T>, first: number, most: number): AsyncGenerator<T[]> {
  let group: T[] = [];
  let size = first;
  for await (const item of items) {
    group.push(item);
    if (group.length < size) continue;
    yield group;
    group = [];
    size = Math.min(size * 2, most);
  }
  if (group.length > 0) yield group;
}
