import type { Projection } from '../src/projection.ts';
import { documents, temporal } from '../src/read-store.ts';

export interface Tally {
  key: string;
  seen: number;
}

export const tallies = documents<Tally>()('tallies', { bySeen: ['seen'] });
export const course = temporal<Tally>()('course', { byKey: ['key'] });

/** Counts events per key: one that was lost or doubled shows. */
export const tallying: Projection = {
  name: 'tallies',
  version: 1,
  collections: [tallies, course],
  handles: ['ContractKept'],
  async project({ data, metadata }, batch) {
    const key = `k${(data as { n: number }).n % 50}`;
    const tally = { key, seen: ((await batch.get(tallies, key))?.seen ?? 0) + 1 };
    batch.put(tallies, key, tally);
    await batch.putVersion(course, key, metadata.effectiveAt, tally);
  },
};
