import type { Projection } from './projection.ts';
import { documents, temporal } from './read-store.ts';

/** Read models of the contract suites: an event that was lost or doubled shows in them. */

export interface Sum {
  group: string;
  sum: number;
  seen: number;
}
export type Added = { group: string; amount: number };

export const sums = documents<Sum>()('sums', { bySum: ['sum'] });
export const history = temporal<Sum>()('sum-history', { byGroup: ['group'] });
export const others = documents<{ seen: number }>()('others', {});

/** Adds up amounts per group, now and in the history; `factor` makes versions tell apart. */
export const summing = (version = 1, factor = 1): Projection => ({
  name: 'sums',
  version,
  collections: [sums, history],
  handles: ['Added'],
  prefetch: ({ data }) => [
    { spec: sums, id: (data as Added).group },
    { spec: history, id: (data as Added).group },
  ],
  async project({ data, metadata }, batch) {
    const { group, amount } = data as Added;
    const before = await batch.get(sums, group);
    const sum = {
      group,
      sum: (before?.sum ?? 0) + amount * factor,
      seen: (before?.seen ?? 0) + 1,
    };
    batch.put(sums, group, sum);
    await batch.putVersion(history, group, metadata.effectiveAt, sum);
  },
});

export const counting: Projection = {
  name: 'others',
  version: 1,
  collections: [others],
  handles: ['Other', 'Added'],
  project: async (_, batch) =>
    batch.put(others, 'all', { seen: ((await batch.get(others, 'all'))?.seen ?? 0) + 1 }),
};
