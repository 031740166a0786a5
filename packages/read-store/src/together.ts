import type { StoredEvent } from '@dutyledger/event-store/event-store';
import type { Projection } from './projection.ts';
import type { Batch } from './read-store.ts';

/**
 * Several projections of one service as one read model: one lease, one feed, one checkpoint for all of them. For those
 * that change seldom; raising the version of one builds all of them anew. Its own version is the sum of theirs.
 */
export function together(name: string, parts: readonly Projection[]): Projection {
  const handled = new Map<string, Projection[]>();
  for (const part of parts)
    for (const type of part.handles) handled.set(type, [...(handled.get(type) ?? []), part]);
  return {
    name,
    version: parts.reduce((sum, { version }) => sum + version, 0),
    collections: parts.flatMap(({ collections }) => collections),
    handles: [...handled.keys()],
    prefetch: (event: StoredEvent) =>
      (handled.get(event.type) ?? []).flatMap((part) => part.prefetch?.(event) ?? []),
    async project(event: StoredEvent, batch: Batch): Promise<void> {
      for (const part of handled.get(event.type) ?? []) await part.project(event, batch);
    },
  };
}
