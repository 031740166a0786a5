import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from '@dutyledger/subgraph-kit/logging';
import { startTracing } from '@dutyledger/subgraph-kit/tracing-export';
import { onTestFinished, vi } from 'vitest';

export interface Span {
  service: string;
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  attributes: Record<string, unknown>;
}

type KeyValue = { key: string; value: Record<string, unknown> };
interface Otlp {
  resourceSpans: {
    resource: { attributes: KeyValue[] };
    scopeSpans: { spans: (Omit<Span, 'attributes' | 'service'> & { attributes: KeyValue[] })[] }[];
  }[];
}

const plain = (attributes: KeyValue[]): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const part of request.setEncoding('utf8')) body += part;
  return body;
}

/** A server that keeps the spans it is sent, as an OpenTelemetry collector does for OTLP over HTTP. */
async function collector() {
  const spans: Span[] = [];
  const sent: string[] = [];
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    sent.push(`${request.method} ${request.url} ${body}`);
    for (const { resource, scopeSpans } of (JSON.parse(body) as Otlp).resourceSpans) {
      const service = String(plain(resource.attributes)['service.name']);
      for (const span of scopeSpans.flatMap((scope) => scope.spans)) {
        spans.push({ ...span, service, attributes: plain(span.attributes) });
      }
    }
    response.setHeader('content-type', 'application/json').end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans, sent };
}

/** Traces of this process, from now on and once per test file, with what a collector was sent of them. */
export async function traced(service: string, logger: Logger) {
  const { url, spans, sent } = await collector();
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', url);
  vi.stubEnv('OTEL_BSP_SCHEDULE_DELAY', '20');
  onTestFinished(() => void vi.unstubAllEnvs());
  const end = await startTracing(service, logger);
  onTestFinished(end);
  return {
    sent,
    /** The spans of a trace, once those of the given names are among them. */
    async spansOf(traceId: string, ...names: string[]): Promise<Span[]> {
      const own = () => spans.filter((span) => span.traceId === traceId);
      const arrived = () => names.every((one) => own().some(({ name }) => name === one));
      await vi.waitUntil(arrived, { timeout: 60_000 });
      return own();
    },
  };
}

/** The names of the spans below `parent`, as a tree. */
export function tree(spans: readonly Span[], parent: string): Record<string, unknown> {
  return Object.fromEntries(
    spans
      .filter(({ parentSpanId }) => parentSpanId === parent)
      .map(({ name, spanId }) => [name, tree(spans, spanId)]),
  );
}
