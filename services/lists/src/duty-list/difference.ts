import type { AsOf, ReadView } from '@dutyledger/read-store/read-store';
import { type FieldChange, fieldChanges } from './changes.ts';
import { type ItemAsOf, itemsInForce } from './queries.ts';

/** L-10: how a list differs between any two pairs of clocks. */
export interface ItemDifference {
  code: string;
  name: string;
  kind: 'ADDED' | 'REMOVED' | 'CHANGED';
  changes: FieldChange[];
  before: ItemAsOf | null;
  after: ItemAsOf | null;
}

export interface ListDifference {
  differences: ItemDifference[];
  added: number;
  removed: number;
  changed: number;
  unchanged: number;
}

/** Walks both sides by code at the same pace; what stands on one side alone was added or removed. */
export async function differenceOf(
  view: ReadView,
  list: string,
  from: AsOf,
  to: AsOf,
): Promise<ListDifference> {
  const result: ListDifference = { differences: [], added: 0, removed: 0, changed: 0, unchanged: 0 };
  const left = itemsInForce(view, list, from);
  const right = itemsInForce(view, list, to);
  let [before, after] = [await left.next(), await right.next()];
  while (!before.done || !after.done) {
    const order = orderOfPair(before.value, after.value);
    const pair = {
      before: order <= 0 ? (before.value as ItemAsOf) : null,
      after: order >= 0 ? (after.value as ItemAsOf) : null,
    };
    count(result, pair.before, pair.after);
    if (pair.before) before = await left.next();
    if (pair.after) after = await right.next();
  }
  return result;
}

const placeOf = ({ version }: ItemAsOf): [string, string] => [version.doc.order, version.id];

/** The read store walks texts by their UTF-8 bytes, which is not how JavaScript compares them. */
const byUtf8 = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** Below 0: the item of the left side comes first or alone; above 0: that of the right side; 0: the same item. */
function orderOfPair(before: ItemAsOf | undefined, after: ItemAsOf | undefined): number {
  if (!before) return 1;
  if (!after) return -1;
  const [a, b] = [placeOf(before), placeOf(after)];
  if (a[1] === b[1]) return 0;
  return (byUtf8(a[0], b[0]) || byUtf8(a[1], b[1])) < 0 ? -1 : 1;
}

function count(result: ListDifference, before: ItemAsOf | null, after: ItemAsOf | null): void {
  const changes = fieldChanges(before?.version.doc.content ?? null, after?.version.doc.content ?? null);
  if (before && after && changes.length === 0) {
    result.unchanged += 1;
    return;
  }
  const kind = before ? (after ? 'CHANGED' : 'REMOVED') : 'ADDED';
  result[kind === 'ADDED' ? 'added' : kind === 'REMOVED' ? 'removed' : 'changed'] += 1;
  const row = (after ?? before)?.version.doc;
  result.differences.push({
    code: row?.code ?? '',
    name: row?.content.name ?? '',
    kind,
    changes,
    before,
    after,
  });
}
