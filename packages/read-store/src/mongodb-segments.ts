import type { Segment } from './adapter.ts';
import { newest, type RowBase } from './mongodb-rows.ts';
import type { Version } from './read-store.ts';
import { dayText, instantText, NO_END } from './times.ts';

/** A segment; `x` names it by its start and its document, a past one also by its end, as it is never replaced. */
export interface SegmentRow extends RowBase {
  /** The document. */
  i: string;
  /** effectiveFrom, effectiveTo, recordedFrom. */
  e: number;
  u: number;
  r: number;
  /** recordedTo, of what is no longer known. */
  p?: number;
  /** JSON; null where the document does not exist. */
  d: string | null;
}

const AT_ONCE = 32;

export const earlier = (least: SegmentRow | undefined, row: SegmentRow): SegmentRow =>
  least === undefined || row.u < least.u ? row : least;

/** Some at a time, in their order. */
export async function inGroups<T, R>(items: readonly T[], job: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += AT_ONCE) {
    results.push(...(await Promise.all(items.slice(at, at + AT_ONCE).map(job))));
  }
  return results;
}

/** Before the first known version. */
export const nothing = (effectiveTo: number): Segment => ({
  effectiveFrom: 0,
  effectiveTo,
  recordedFrom: 0,
  body: { text: null },
});

export async function* byDocument(rows: AsyncIterable<SegmentRow>): AsyncGenerator<SegmentRow[]> {
  let group: SegmentRow[] = [];
  for await (const row of rows) {
    if (group.length > 0 && group[0]?.i !== row.i) {
      yield group;
      group = [];
    }
    group.push(row);
  }
  if (group.length > 0) yield group;
}

/** Whoever has a past has a presence: the groups of `past` are of documents that `known` has too, in the same order. */
export async function* together(
  known: AsyncGenerator<SegmentRow[]>,
  past: AsyncGenerator<SegmentRow[]>,
): AsyncGenerator<SegmentRow[]> {
  try {
    let before = await past.next();
    for await (const now of known) {
      const mine = !before.done && before.value[0]?.i === now[0]?.i ? before.value : undefined;
      yield [...newest(now), ...(mine ?? [])];
      if (mine !== undefined) before = await past.next();
    }
  } finally {
    await past.return(undefined);
  }
}

export const inOrder = (rows: readonly SegmentRow[]): Version<unknown>[] =>
  rows.toSorted((a, b) => a.r - b.r || a.e - b.e).flatMap((row) => toVersion(row) ?? []);

/** undefined where the document does not exist. */
export function toVersion({ i, e, u, r, p, d }: SegmentRow): Version<unknown> | undefined {
  if (d === null) return undefined;
  return {
    id: i,
    doc: JSON.parse(d),
    recordedFrom: instantText(r),
    recordedTo: p === undefined ? null : instantText(p),
    effectiveFrom: dayText(e),
    effectiveTo: u === NO_END ? null : dayText(u),
  };
}
