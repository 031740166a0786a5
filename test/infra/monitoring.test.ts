import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { subscriptionMetrics } from '@dutyledger/gateway/subscriptions/metrics';
import type { Subscriber } from '@dutyledger/gateway/subscriptions/subscriber';
import { startStandalone } from '@dutyledger/standalone/standalone';
import { watchTimers } from '@dutyledger/subgraph-kit/metrics';
import { parser } from '@prometheus-io/lezer-promql';
import { Registry } from 'prom-client';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { textOf, yaml } from './files.ts';

interface Rule {
  alert: string;
  expr: string;
  annotations: { summary: string };
}
interface Panel {
  title: string;
  targets?: { expr: string; datasource: { uid: string } }[];
}
const rules = yaml<{ groups: { rules: Rule[] }[] }>('infra/prometheus/alerts.yml').groups.flatMap(
  (group) => group.rules,
);
const panels = (JSON.parse(textOf('infra/grafana/dashboards/dutyledger.json')) as { panels: Panel[] }).panels;
const queries = [
  ...rules.map(({ alert, expr }) => ({ place: `alert ${alert}`, expr })),
  ...panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({ place: `panel ${title}`, expr })),
  ),
];

/** The texts of all nodes of a kind in a PromQL expression. Grafana puts a duration for its variable. */
function nodesOf(expr: string, kind: string): string[] {
  const text = expr.replaceAll('$__rate_interval', '1m');
  const found: string[] = [];
  parser.parse(text).iterate({
    enter: ({ name, type, from, to }) => {
      if (kind === 'error' ? type.isError : name === kind) found.push(text.slice(from, to));
    },
  });
  return found;
}

test.each(queries)('$place is a PromQL expression', ({ expr }) => {
  expect(nodesOf(expr, 'error')).toEqual([]);
});

/** What a service with timers says of them. */
async function ofTimers(): Promise<string> {
  const registry = new Registry();
  watchTimers(registry, 'lists', async () => ({ due: 0, oldest: null, failing: [] }));
  return registry.metrics();
}

/** What a gateway with subscribers says of them. */
async function ofSubscriptions(): Promise<string> {
  const registry = new Registry();
  const subscriber = { plan: { contract: { field: 'caseEvents' } }, waiting: 0 } as Subscriber;
  const metrics = subscriptionMetrics(registry, new Set([subscriber]));
  metrics.message('caseEvents', 'delivered');
  metrics.arrived('caseEvents', new Date().toISOString());
  metrics.ended('caseEvents', 'slow');
  return registry.metrics();
}

/** What a node that answers requests and has recorded a change says of itself. */
async function exported(): Promise<string> {
  const dataDir = mkdtempSync(join(tmpdir(), 'dutyledger-metrics-'));
  const identity = { kind: 'development' } as const;
  const config = { dataDir, host: '127.0.0.1', port: 0, production: false, identity, logLevel: 'silent' };
  const node = await startStandalone(config);
  await vi.waitUntil(async () => (await fetch(`${node.url}/readyz`)).ok, { timeout: 120_000 });
  const token = await node.token({ roles: ['ORGAN_REGISTRAR'] });
  const change = { reason: '设立', basis: [{ title: '批复', documentNumber: '章编〔2024〕1号' }] };
  const input = { division: '370114000000', organs: [{ name: '区司法局', kind: 'DEPARTMENT' }], change };
  const query =
    'mutation ($input: RegisterOrgansInput!) { registerOrgans(input: $input) { organs { name } } }';
  const response = await fetch(`${node.url}/graphql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables: { input } }),
  });
  expect(await response.json()).toEqual({ data: { registerOrgans: { organs: [{ name: '区司法局' }] } } });
  const figures = await (await fetch(`${node.url}/metrics`)).text();
  await node.stop();
  rmSync(dataDir, { recursive: true, force: true });
  return `${figures}${await ofTimers()}${await ofSubscriptions()}`;
}

describe('dashboard, alerts and guide', () => {
  /** Labels by metric. */
  const labelsOf = new Map<string, Set<string>>();
  /** What the program has names for, whether or not there was anything to count yet. */
  const named = new Set<string>();
  beforeAll(async () => {
    const figures = await exported();
    for (const [, name = ''] of figures.matchAll(/^# TYPE (\w+) /gm)) named.add(name);
    for (const line of figures.split('\n').filter((one) => one && !one.startsWith('#'))) {
      const [, name = '', labels = ''] = /^(\w+)(?:\{(.*)\})? /.exec(line) ?? [];
      const known = labelsOf.get(name) ?? new Set(['job', 'instance']);
      for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) known.add(label);
      labelsOf.set(name, known);
    }
    labelsOf.set('up', new Set(['job', 'instance']));
  });

  test.each(queries)('$place asks for metrics and labels that the program exports', ({ expr }) => {
    const names = nodesOf(expr, 'VectorSelector').map((selector) => /^\w+/.exec(selector)?.[0] ?? '');
    expect(names.filter((name) => !labelsOf.has(name))).toEqual([]);
    const labels = nodesOf(expr, 'LabelName');
    expect(labels.filter((label) => !names.some((name) => labelsOf.get(name)?.has(label)))).toEqual([]);
  });

  test('the guide explains metrics that the program exports, and all of its own', () => {
    const own = [...named].filter((name) => name.startsWith('dutyledger_'));
    const rows = textOf('docs/operating.md').matchAll(/^\| `(dutyledger_\w+)\{/gm);
    expect(new Set(Array.from(rows, ([, name]) => name))).toEqual(new Set(own));
  });
});

test('every panel asks the Prometheus that is provisioned', () => {
  const { datasources } = yaml<{ datasources: { uid: string; type: string; url: string }[] }>(
    'infra/grafana/provisioning/datasources/datasources.yml',
  );
  const prometheus = datasources.find(({ type }) => type === 'prometheus');
  expect(prometheus?.url).toBe('http://prometheus:9090');
  for (const { targets = [] } of panels) {
    for (const { datasource } of targets) expect(datasource.uid).toBe(prometheus?.uid);
  }
});

test('every alert speaks both languages', () => {
  for (const { annotations } of rules)
    expect(annotations.summary).toMatch(/^[^\p{Script=Han}]+ \/ .*\p{Script=Han}/u);
});
