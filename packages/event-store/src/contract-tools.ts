import { randomUUID } from 'node:crypto';
import type { EventMetadata, EventStore, NewEvent, StoredEvent, SubscribeOptions } from './event-store.ts';

/** Small helpers of tests that write and read events. */

export const testMetadata: EventMetadata = {
  actor: { subject: 'u-1', name: '王晓', organ: 'organ:370114-0001', role: 'list-editor' },
  reason: '年度调整',
  basis: [{ title: '山东省乡镇人民政府工作条例', article: '4' }],
  commandId: 'c-1',
  commandDigest: 'd-1',
  correlationId: 'w-1',
  causationId: 'c-1',
  division: '370114000000',
  effectiveAt: '2026-01-01',
};

export const newEvent = (data: unknown): NewEvent => ({
  id: randomUUID(),
  type: 'ContractKept',
  version: 1,
  data,
  metadata: testMetadata,
});

export const newEvents = (count: number): NewEvent[] =>
  Array.from({ length: count }, (_, n) => newEvent({ n }));

export async function flatten(pages: AsyncIterable<StoredEvent[]>): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  for await (const page of pages) events.push(...page);
  return events;
}

/** Subscribes and keeps what comes; `complete` resolves with the event number `count`. */
export function collect(store: EventStore, options: SubscribeOptions, count: number) {
  const events: StoredEvent[] = [];
  const complete = Promise.withResolvers<void>();
  const subscription = store.subscribe(options, async (page) => {
    events.push(...page);
    if (events.length >= count) complete.resolve();
  });
  return { events, subscription, complete: complete.promise };
}

/** Name of a stream that no other test uses; also serves as a prefix. */
export const unique = (): string => `contract${randomUUID().slice(0, 8)}-1`;
