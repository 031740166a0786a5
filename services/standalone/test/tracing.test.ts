import { join } from 'node:path';
import { createLogger } from '@dutyledger/subgraph-kit/logging';
import { expect, onTestFinished, test } from 'vitest';
import { traced, tree } from '../../gateway/test/collector.ts';
import { startStandalone } from '../src/standalone.ts';
import { ask, folder, ready } from './harness.ts';

const TRACE = 'ab'.repeat(16);
const CALLER = 'cd'.repeat(8);
const REGISTER =
  'mutation ($input: RegisterOrgansInput!) { registerOrgans(input: $input) { organs { name } } }';

test('one mutation is one trace: gateway, subgraph, store, read models, relay and the reaction of another service', {
  timeout: 300_000,
}, async () => {
  const logger = createLogger({ name: 'test', level: 'silent' });
  const { spansOf, sent } = await traced('node-test', logger);
  const identity = { kind: 'development' } as const;
  const config = { host: '127.0.0.1', port: 0, production: false, identity, logLevel: 'silent' };
  const node = await startStandalone({ ...config, dataDir: join(folder(), 'data') }, logger);
  onTestFinished(() => node.stop());
  await ready(node.url);
  const token = await node.token({ roles: ['ORGAN_REGISTRAR'], name: '张登记' });
  const change = { reason: '机构改革', basis: [{ title: '机构编制条例' }], correlationId: 'case-7' };
  const organs = [{ name: '区司法局', kind: 'DEPARTMENT' }];
  const answer = await ask(
    node.url,
    token,
    REGISTER,
    { input: { division: '370114000000', organs, change } },
    { traceparent: `00-${TRACE}-${CALLER}-01` },
  );
  expect(answer).toEqual({ data: { registerOrgans: { organs: [{ name: '区司法局' }] } } });
  const spans = await spansOf(TRACE, 'reaction', 'relay', 'read models', 'gateway request');

  expect(tree(spans, CALLER)).toEqual({
    'gateway request': {
      'gateway.request': {
        'gateway.validate': {},
        'gateway.plan': {},
        'gateway.execute': {
          'gateway.fetch': {
            'staffing request': {
              command: { append: { 'read models': {}, relay: {}, reaction: {} } },
              'wait for read models': {},
            },
          },
          'gateway.postprocessing': {},
        },
      },
    },
  });
  const named = (name: string) => spans.find((span) => span.name === name)?.attributes;
  expect(new Set(spans.map(({ service }) => service))).toEqual(new Set(['node-test']));
  expect(named('append')).toMatchObject({ 'dutyledger.status': 'appended', 'dutyledger.events': 1 });
  expect(named('relay')).toMatchObject({ 'dutyledger.streams': 'staffing.', 'dutyledger.events': 1 });
  expect(named('reaction')).toMatchObject({
    'cloudevents.event_type': 'cn.dutyledger.staffing.OrganRegistered.v1',
    'dutyledger.correlation_id': 'case-7',
  });
  expect(sent.join('\n')).toMatch(/^POST \/v1\/traces /);
  // Who acts, why, and what it is about stay out of traces.
  for (const told of ['张登记', '机构改革', '区司法局']) expect(sent.join('\n')).not.toContain(told);
});
