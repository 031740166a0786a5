import type { EventStore, StoredEvent } from './event-store.ts';
import { EventStoreError } from './event-store.ts';

/** Turns the data of one schema version into that of the next. Pure; the event tells what else may be needed. */
export type Upcast = (data: never, event: StoredEvent) => unknown;

/** By event type: the first step leads from version 1 to 2, the second from 2 to 3, and so on. */
export type Upcasters = Record<string, readonly Upcast[]>;

/**
 * The same store, whose readers see every event in the newest version. Types that are not listed have version 1
 * only. Reading an event of a version above the newest known fails with NEWER_SCHEMA: a newer version of the program
 * has written to this store, and going on would misread it.
 */
export function upcasting(store: EventStore, upcasters: Upcasters): EventStore {
  const steps = new Map(Object.entries(upcasters));
  const upcastAll = (events: StoredEvent[]) =>
    events.map((event) => upcast(event, steps.get(event.type) ?? []));
  return {
    append: async (stream, expected, events) => {
      const outcome = await store.append(stream, expected, events);
      return outcome.status === 'appended' ? { ...outcome, events: upcastAll(outcome.events) } : outcome;
    },
    readStream: (stream, options) => mapPages(store.readStream(stream, options), upcastAll),
    readAll: (options) => mapPages(store.readAll(options), upcastAll),
    subscribe: (options, handler) => store.subscribe(options, async (events) => handler(upcastAll(events))),
    head: () => store.head(),
    close: () => store.close(),
  };
}

function upcast(event: StoredEvent, steps: readonly Upcast[]): StoredEvent {
  const newest = steps.length + 1;
  if (event.version > newest) {
    throw new EventStoreError(
      'NEWER_SCHEMA',
      `event ${event.id} of ${event.stream} has type ${event.type} in version ${event.version}; this program knows ` +
        `versions up to ${newest}: it is older than the one that wrote the event`,
    );
  }
  if (event.version === newest) return event;
  const data = steps
    .slice(event.version - 1)
    .reduce<unknown>((old, step) => step(old as never, event), event.data);
  return { ...event, version: newest, data };
}

async function* mapPages<A, B>(pages: AsyncIterable<A>, map: (page: A) => B): AsyncGenerator<B> {
  for await (const page of pages) yield map(page);
}
