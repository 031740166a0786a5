import { contentOf, digestOf } from './digest.ts';
import type { EventStore, ImportingEventStore, StoredEvent } from './event-store.ts';

/** How far a migration is: events compared with those that were there, copied, and read again in the end. */
export interface MigrationProgress {
  already: number;
  copied: number;
  verified: number;
}

export type MigrationOutcome =
  /** Both stores tell the same history. */
  | { status: 'moved'; already: number; copied: number; streams: number; sha256: string }
  /** The target holds something else at this place of its history (counted from 1). Nothing was written. */
  | { status: 'differs'; event: number; stream: string; revision: number }
  /** The histories are not the same in the end: somebody wrote to one of the stores meanwhile. */
  | { status: 'disturbed'; events: [source: number, target: number]; streams: string[] };

/** Streams that are named when histories differ. */
const NAMED_STREAMS = 10;

/**
 * Copies the history of one store into another: ids, order, streams, revisions, instants and metadata stay, positions
 * are the target's own. What the target holds already must be the beginning of that history, and is not written
 * again: after a break at any moment the same call goes on. In the end both are read anew and compared.
 * Nobody else may write to either store meanwhile. Throws EventStoreError as the stores do.
 */
export async function migrate(
  from: EventStore,
  to: ImportingEventStore,
  onProgress: (progress: Readonly<MigrationProgress>) => void = () => undefined,
): Promise<MigrationOutcome> {
  const progress: MigrationProgress = { already: 0, copied: 0, verified: 0 };
  const held = eventsOf(to.readAll());
  let next = await held.next();
  for await (const page of from.readAll()) {
    let known = 0;
    for (; !next.done && known < page.length; known++) {
      const ours = page[known] as StoredEvent;
      if (contentOf(next.value) !== contentOf(ours)) return differs(progress.already + known + 1, next.value);
      next = await held.next();
    }
    progress.already += known;
    const missing = page.slice(known);
    if (missing.length > 0) await to.importEvents(missing);
    progress.copied += missing.length;
    onProgress(progress);
  }
  if (!next.done) return differs(progress.already + 1, next.value);
  return verify(from, to, progress, onProgress);
}

async function* eventsOf(pages: AsyncIterable<StoredEvent[]>): AsyncGenerator<StoredEvent, undefined> {
  for await (const page of pages) yield* page;
}

const differs = (event: number, { stream, revision }: StoredEvent): MigrationOutcome => ({
  status: 'differs',
  event,
  stream,
  revision,
});

async function verify(
  from: EventStore,
  to: EventStore,
  progress: MigrationProgress,
  onProgress: (progress: MigrationProgress) => void,
): Promise<MigrationOutcome> {
  const counts = new Map<string, number>();
  const count = (by: number) => (events: readonly StoredEvent[]) => {
    for (const { stream } of events) counts.set(stream, (counts.get(stream) ?? 0) + by);
    progress.verified += events.length;
    onProgress(progress);
  };
  const source = await digestOf(from, undefined, count(1));
  const streams = counts.size;
  const target = await digestOf(to, undefined, count(-1));
  const unequal = [...counts].filter(([, left]) => left !== 0).map(([stream]) => stream);
  const { already, copied } = progress;
  if (source.sha256 === target.sha256 && unequal.length === 0) {
    return { status: 'moved', already, copied, streams, sha256: target.sha256 };
  }
  const events: [number, number] = [source.events, target.events];
  return { status: 'disturbed', events, streams: unequal.slice(0, NAMED_STREAMS) };
}
