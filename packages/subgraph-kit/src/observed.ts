import type { Bus } from '@dutyledger/bus/bus';
import type { EventStore, StoredEvent } from '@dutyledger/event-store/event-store';
import { ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import { contextOf, inSpan, type SpanOptions, traceparent } from './tracing.ts';

/** What a service does to its stores, put into spans and figures where it calls them; the stores know nothing of it. */

const MAX_LINKS = 32;

/** A page of events continues the one trace that they all come from, or is linked with the several. */
function originOf(page: readonly StoredEvent[]): Pick<SpanOptions, 'parent' | 'links'> {
  const last = page.at(-1)?.recordedAt ?? '';
  const parents = new Set<string>();
  for (const { metadata } of page) if (metadata.traceparent) parents.add(metadata.traceparent);
  const contexts = [...parents].slice(0, MAX_LINKS).map((parent) => contextOf(parent, last));
  const [only] = contexts;
  if (parents.size === 1 && only) return { parent: only };
  const links = contexts
    .flatMap((one) => trace.getSpanContext(one) ?? [])
    .map((linked) => ({ context: linked }));
  return { parent: ROOT_CONTEXT, links };
}

const through = (events: EventStore): EventStore => ({
  append: (stream, expected, batch) => events.append(stream, expected, batch),
  readStream: (stream, options) => events.readStream(stream, options),
  readAll: (options) => events.readAll(options),
  subscribe: (options, handler) => events.subscribe(options, handler),
  head: () => events.head(),
  close: () => events.close(),
});

/**
 * The store with a span around every append, whose trace is stored with the events for those who follow them; `observe`
 * is told how each ended (`appended`, `conflict` or the error's code) and when it began.
 */
export const observedAppends = (
  events: EventStore,
  observe: (outcome: string, startedAt: number) => void,
): EventStore => ({
  ...through(events),
  append(stream, expected, batch) {
    const attributes = { 'dutyledger.stream': stream, 'dutyledger.events': batch.length };
    const startedAt = performance.now();
    const work = inSpan('append', { kind: SpanKind.CLIENT, attributes }, async (span) => {
      const parent = traceparent();
      const traced = parent
        ? batch.map((event) => ({ ...event, metadata: { ...event.metadata, traceparent: parent } }))
        : batch;
      const outcome = await events.append(stream, expected, traced);
      span.setAttribute('dutyledger.status', outcome.status);
      return outcome;
    });
    work.then(
      ({ status }) => observe(status, startedAt),
      (error) => observe(String(error.code ?? 'error'), startedAt),
    );
    return work;
  },
});

/** The store with a span around every page that a subscriber handles, named for what it does: `read models`, `relay`. */
export const observedPages = (events: EventStore, follower: string): EventStore => ({
  ...through(events),
  subscribe: (options, handler) =>
    events.subscribe(options, (page) => {
      const attributes = {
        'dutyledger.streams': options.prefix ?? '',
        'dutyledger.events': page.length,
        'dutyledger.position': page.at(-1)?.position ?? 0,
      };
      return inSpan(follower, { ...originOf(page), attributes }, () => handler(page));
    }),
});

/** A reaction to messages of the bus with a span around each, in the trace that the message came from. */
export function observedReaction(
  group: string,
  handler: Parameters<Bus['subscribe']>[1],
): Parameters<Bus['subscribe']>[1] {
  return (event) => {
    const attributes = {
      'messaging.consumer.group.name': group,
      'cloudevents.event_type': event.type,
      'cloudevents.event_id': event.id,
      'dutyledger.correlation_id': event.correlationid,
    };
    const parent = contextOf(event.traceparent, event.recordedtime);
    return inSpan('reaction', { kind: SpanKind.CONSUMER, attributes, parent }, () => handler(event));
  };
}
