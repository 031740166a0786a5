import {
  type Attributes,
  type Context,
  context,
  isSpanContextValid,
  type Link,
  propagation,
  ROOT_CONTEXT,
  type Span,
  type SpanKind,
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

export interface SpanOptions {
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

/** The span at work as W3C Trace Context writes it; undefined where the trace is not kept. */
export function traceparent(): string | undefined {
  const span = trace.getActiveSpan()?.spanContext();
  if (!span || !isSpanContextValid(span) || !(span.traceFlags & TraceFlags.SAMPLED)) return undefined;
  return `00-${span.traceId}-${span.spanId}-01`;
}

/** What is replayed long after is not put into the trace in which it was recorded. */
const LIVE_MS = 60_000;

export function contextOf(parent: string | undefined, recordedAt: string): Context {
  const live = parent !== undefined && Date.now() - Date.parse(recordedAt) < LIVE_MS;
  return live ? propagation.extract(ROOT_CONTEXT, { traceparent: parent }) : ROOT_CONTEXT;
}
