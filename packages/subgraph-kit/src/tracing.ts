import type { Bus } from '@dutyledger/bus/bus';
import type { EventStore, StoredEvent } from '@dutyledger/event-store/event-store';
import {
  type Attributes,
  type Context,
  context,
  isSpanContextValid,
  type Link,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import type { Headers } from './request-context.ts';

/**
 * Spans by OpenTelemetry's interface, which does next to nothing until `startTracing` (tracing-export.ts) puts something
 * behind it. Attributes hold ids, counts and codes, never what people wrote or who they are.
 */
const tracer = trace.getTracer('dutyledger');

interface SpanOptions {
  kind?: SpanKind;
  attributes?: Attributes;
  /** Default: the span at work. */
  parent?: Context;
  links?: Link[];
}

/** Does the work within a span, and marks the span when the work fails: by the error's code or name, not its message. */
export function inSpan<T>(
  name: string,
  { parent = context.active(), ...options }: SpanOptions,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  return tracer.startActiveSpan(name, options, parent, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      const { code, name: kind } = error as { code?: unknown; name?: unknown };
      span.setStatus({ code: SpanStatusCode.ERROR, message: String(code ?? kind ?? 'error') });
      throw error;
    } finally {
      span.end();
    }
  });
}

/** Adds to the span at work, if there is one. */
export const describeSpan = (attributes: Attributes): void => {
  trace.getActiveSpan()?.setAttributes(attributes);
};

/** Does the work as part of the trace that a request's headers name (W3C Trace Context), if they do. */
export const continued = <T>(headers: Headers, work: () => T): T =>
  context.with(propagation.extract(ROOT_CONTEXT, headers), work);

/** Headers that let whoever is called continue the trace at work. */
export function traceHeaders(): Record<string, string> {
  const headers: Record<string, string> = {};
  propagation.inject(context.active(), headers);
  return headers;
}

/** Of the span at work, for a log line; empty outside of one. */
export function traceIds(): { trace_id?: string; span_id?: string } {
  const span = trace.getActiveSpan()?.spanContext();
  return span && isSpanContextValid(span) ? { trace_id: span.traceId, span_id: span.spanId } : {};
}

/** Undefined where the trace is not kept: then nothing needs to be stored. */
function traceparent(): string | undefined {
  const span = trace.getActiveSpan()?.spanContext();
  if (!span || !isSpanContextValid(span) || !(span.traceFlags & TraceFlags.SAMPLED)) return undefined;
  return `00-${span.traceId}-${span.spanId}-01`;
}

/** What is replayed long after is not put into the trace in which it was recorded. */
const LIVE_MS = 60_000;

function contextOf(parent: string | undefined, recordedAt: string): Context {
  const live = parent !== undefined && Date.now() - Date.parse(recordedAt) < LIVE_MS;
  return live ? propagation.extract(ROOT_CONTEXT, { traceparent: parent }) : ROOT_CONTEXT;
}

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

/** The store with a span around every append; its trace is stored with the events, for those who follow them. */
export const tracedAppends = (events: EventStore): EventStore => ({
  ...through(events),
  append(stream, expected, batch) {
    const attributes = { 'dutyledger.stream': stream, 'dutyledger.events': batch.length };
    return inSpan('append', { kind: SpanKind.CLIENT, attributes }, async (span) => {
      const parent = traceparent();
      const traced = parent
        ? batch.map((event) => ({ ...event, metadata: { ...event.metadata, traceparent: parent } }))
        : batch;
      const outcome = await events.append(stream, expected, traced);
      span.setAttribute('dutyledger.status', outcome.status);
      return outcome;
    });
  },
});

/** The store with a span around every page that a subscriber handles, named for what it does: `read models`, `relay`. */
export const tracedPages = (events: EventStore, follower: string): EventStore => ({
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
export function tracedReaction(
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
