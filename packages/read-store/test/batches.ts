import { type Batch, documents, temporal } from '../src/read-store.ts';

/** Batches that are easy to check: every one replaces all documents, and adds a version to each history. */
export interface Item {
  batch: number;
}

export const items = documents<Item>()('items', { byBatch: ['batch'] });
export const course = temporal<Item>()('item-course', { all: [] });
export const LEASE = 'batches';
export const TTL_MS = 500;
export const ITEMS = 20;
export const HISTORIES = 3;

/** The last item is there after every second batch only. */
export async function putBatch(batch: Batch & { at(recordedAt: string): void }, n: number): Promise<void> {
  batch.at(new Date(Date.UTC(2026, 0, 1) + n).toISOString());
  for (let item = 0; item < ITEMS; item++) batch.put(items, `item-${item}`, { batch: n });
  if (n % 2 === 0) batch.delete(items, `item-${ITEMS - 1}`);
  for (let item = 0; item < HISTORIES; item++) {
    await batch.putVersion(course, `item-${item}`, '2026-03-01', { batch: n });
  }
}
