import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { createLogger } from './logging.ts';
import { inSpan } from './tracing.ts';
import { startTracing } from './tracing-export.ts';

afterEach(() => void vi.unstubAllEnvs());

/** An address where nobody answers: connections are taken and nothing is said. */
async function mute(): Promise<string> {
  const server = createServer((socket) => void sockets.add(socket)).listen(0, '127.0.0.1');
  const sockets = new Set<import('node:net').Socket>();
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('log lines carry the trace at work, and a collector that does not answer holds up no stop', async () => {
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', await mute());
  const lines: string[] = [];
  const logger = createLogger({ name: 'test', destination: { write: (line) => void lines.push(line) } });
  const end = await startTracing('test', logger);
  logger.info('outside');
  const spanId = await inSpan('work', {}, async (span) => {
    logger.info('inside');
    return span.spanContext().spanId;
  });
  await end();
  const [outside, inside] = lines.map((line) => JSON.parse(line));
  expect(outside).not.toHaveProperty('trace_id');
  expect(inside).toMatchObject({ span_id: spanId, trace_id: expect.stringMatching(/^[0-9a-f]{32}$/) });
});
