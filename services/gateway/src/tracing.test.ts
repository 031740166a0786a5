import { createLogger } from '@dutyledger/subgraph-kit/logging';
import { expect, test } from 'vitest';
import { traced, tree } from '../test/collector.ts';
import { running } from '../test/fixture.ts';

const TRACE = 'ab'.repeat(16);
const CALLER = 'cd'.repeat(8);

test('a trace goes on from the caller through the gateway into subgraphs over HTTP', {
  timeout: 300_000,
}, async () => {
  const { spansOf } = await traced('gateway-test', createLogger({ name: 'test', level: 'silent' }));
  const { ask } = await running('over HTTP');
  const { errors } = await ask(
    '{ organ(id: "o-1") { name dutiesLed { code } } }',
    {},
    { traceparent: `00-${TRACE}-${CALLER}-01`, 'x-correlation-id': 'case-1' },
  );
  expect(errors).toBeUndefined();
  const spans = await spansOf(TRACE, 'gateway request');
  const fetches = spans.filter(({ name }) => name === 'gateway.fetch');
  expect(
    fetches.map(({ attributes, spanId }) => [attributes['service'], Object.keys(tree(spans, spanId))]),
  ).toEqual([
    ['organs', ['organs request']],
    ['duties', ['duties request']],
  ]);
  const requests = spans.filter(({ name }) => name.endsWith(' request'));
  expect(requests).toHaveLength(3);
  for (const { attributes } of requests) {
    expect(attributes).toMatchObject({
      'dutyledger.correlation_id': 'case-1',
      'dutyledger.outcome': 'ok',
      'graphql.operation.type': 'query',
    });
  }
  expect(Object.keys(tree(spans, CALLER))).toEqual(['gateway request']);
});
