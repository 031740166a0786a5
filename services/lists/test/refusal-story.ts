import {
  announce,
  dogs,
  type ListsHarness,
  ORGANS,
  openList,
  publish,
  stage,
  startListsHarness,
  straw,
} from './harness.ts';

/** What the tests of refusals knock at. */
export interface Story {
  h: ListsHarness;
  /** A territorial list with two editions, item 3 retired by the second, and one staged change. */
  list: string;
  /** An empty list with fiscal shares, and one of a village. */
  shared: string;
  village: string;
  /** Number of the draft of `list`. */
  draft: number;
}

export const merged = { ...ORGANS.enforcement, id: 'organ:370114-0101', name: '济南市章丘区城市管理局' };
export const l2 = (field: string) => ({ code: 'RULE_VIOLATED', rule: 'L-2', field });
export const l3 = (field: string) => ({ code: 'RULE_VIOLATED', rule: 'L-3', field });
export type Request = [query: string, input: object, as?: object];

export async function startStory(): Promise<Story> {
  const h = await startListsHarness();
  await announce(h, [{ ...merged, status: 'merged', successors: [ORGANS.enforcement.id] }]);
  const list = await openList(h);
  const shared = await openList(h, { kind: 'SHARED' });
  const village = await openList(h, { kind: 'VILLAGE_AFFAIRS' });
  await stage(h, list, 0, [
    { code: '1', add: dogs },
    { code: '2', add: straw },
    { code: '3', add: { ...dogs, name: '流浪犬控制和处置' } },
  ]);
  await publish(h, list, '2024-01-01', 3);
  await stage(h, list, 3, [{ code: '3', retire: true }]);
  await publish(h, list, '2025-01-01', 4);
  const { number: draft } = await stage(h, list, 4, [{ code: '1', revise: { remarks: '拟修改' } }]);
  return { h, list, shared, village, draft };
}
