import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';
import type { EventStore } from './event-store.ts';

export interface Digest {
  /** Position up to which it was taken, and the number of events until there. */
  position: number;
  events: number;
  /** Hexadecimal. */
  sha256: string;
}

/**
 * SHA-256 over all events up to a position, in order: for each the canonical JSON (RFC 8785) of everything but its
 * position, and a line feed. Two stores with the same digest tell the same history, in whatever adapter.
 * Memory does not grow with the store.
 */
export async function digestOf(store: EventStore, until?: number): Promise<Digest> {
  const position = until ?? (await store.head());
  const sum = createHash('sha256');
  let events = 0;
  for await (const page of store.readAll({ until: position })) {
    for (const { position: _, ...content } of page) sum.update(`${canonicalJson(content)}\n`);
    events += page.length;
  }
  return { position, events, sha256: sum.digest('hex') };
}
