import { expect, test } from 'vitest';
import { silent } from '../test/fixture.ts';
import { continued, describeSpan, inSpan, traceHeaders, traceIds } from './tracing.ts';
import { startTracing } from './tracing-export.ts';

test('nothing is traced, loaded or passed on without a collector', async () => {
  const end = await startTracing('test', silent);
  const seen = await continued({ traceparent: `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-01` }, () =>
    inSpan('work', {}, async (span) => {
      describeSpan({ told: true });
      return { recording: span.isRecording(), headers: traceHeaders(), ids: traceIds() };
    }),
  );
  expect(seen).toEqual({ recording: false, headers: {}, ids: {} });
  await end();
});

test('what fails within a span fails outside of it all the same', async () => {
  const failure = new Error('as it was');
  await expect(inSpan('work', {}, () => Promise.reject(failure))).rejects.toBe(failure);
});
