import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';
import type { EventStore, StoredEvent } from './event-store.ts';

export interface Digest {
  /** Position up to which it was taken, and the number of events until there. */
  position: number;
  events: number;
  /** Hexadecimal. */
  sha256: string;
}

/** What an event says, in one spelling: everything but its position, which is the store's. */
export function contentOf({ position: _, ...content }: StoredEvent): string {
  return canonicalJson(content);
}

/**
 * SHA-256 over all events up to a position, in order: for each the canonical JSON (RFC 8785) of everything but its
 * position, and a line feed. Two stores with the same digest tell the same history, in whatever adapter.
 * Memory does not grow with the store. `onPage` sees the events as they are read.
 */
export async function digestOf(
  store: EventStore,
  until?: number,
  onPage?: (events: readonly StoredEvent[]) => void,
): Promise<Digest> {
  const position = until ?? (await store.head());
  const sum = createHash('sha256');
  let events = 0;
  for await (const page of store.readAll({ until: position })) {
    for (const event of page) sum.update(`${contentOf(event)}\n`);
    events += page.length;
    onPage?.(page);
  }
  return { position, events, sha256: sum.digest('hex') };
}
