import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** A registry with the figures of the process. */
export function createMetrics(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}

const NAME = 'dutyledger_graphql_request_seconds';
const LABELS = ['server', 'operation', 'outcome'] as const;
type Labels = Record<(typeof LABELS)[number], string>;

/**
 * Counts and times GraphQL requests by server, operation type and outcome (`ok` or the first error's code), and by
 * nothing that tells who asked for what. Servers of one process may share a registry.
 */
export function requestTimer(registry: Registry, server: string) {
  const histogram =
    (registry.getSingleMetric(NAME) as Histogram<(typeof LABELS)[number]> | undefined) ??
    new Histogram({
      name: NAME,
      help: 'GraphQL requests by server, operation type and outcome',
      labelNames: LABELS,
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
      registers: [registry],
    });
  return (operation: string, outcome: string, startedAt: number): void => {
    const labels: Labels = { server, operation, outcome };
    histogram.observe(labels, (performance.now() - startedAt) / 1000);
  };
}

interface Sample {
  /** `lists.dutyLists`, `lists.relay`. */
  name: string;
  /** How far it is behind the newest event, in positions of the log. */
  lag: number;
  failed: boolean;
}

const followers = new WeakMap<Registry, (() => Promise<Sample[]>)[]>();

/** Tells how far read models and relays are behind, and whether they stopped; asked for when metrics are read. */
export function watchFollowers(registry: Registry, samples: () => Promise<Sample[]>): void {
  const known = followers.get(registry);
  if (known) {
    known.push(samples);
    return;
  }
  const all = [samples];
  followers.set(registry, all);
  const gauge = (name: string, help: string, value: (sample: Sample) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ['follower'],
      registers: [registry],
      async collect() {
        for (const sample of (await Promise.all(all.map((ask) => ask()))).flat()) {
          this.set({ follower: sample.name }, value(sample));
        }
      },
    });
  gauge(
    'dutyledger_follower_lag_positions',
    'Positions of the event log between a read model or relay and the newest event',
    ({ lag }) => lag,
  );
  gauge(
    'dutyledger_follower_failed',
    '1 while a failure keeps a read model or relay from going on',
    ({ failed }) => (failed ? 1 : 0),
  );
}
