import type { Bus } from '@dutyledger/bus/bus';
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

/** Counts and times appends to the event store by service and outcome: `appended`, `conflict` or the error's code. */
export function appendTimer(registry: Registry, service: string) {
  const name = 'dutyledger_append_seconds';
  const histogram =
    (registry.getSingleMetric(name) as Histogram<'service' | 'outcome'> | undefined) ??
    new Histogram({
      name,
      help: 'Appends to the event store by service and outcome',
      labelNames: ['service', 'outcome'],
      buckets: [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers: [registry],
    });
  return (outcome: string, startedAt: number): void => {
    histogram.observe({ service, outcome }, (performance.now() - startedAt) / 1000);
  };
}

interface Sample {
  /** `lists.dutyLists`, `lists.relay`. */
  name: string;
  /** How far it is behind the newest event, in positions of the log. */
  lag: number;
  failed: boolean;
  /** Whether this process does the work. */
  leading: boolean;
}

type Values = () => Promise<readonly (readonly [label: string, value: number])[]>;

const watched = new WeakMap<Gauge, Values[]>();

/**
 * A gauge whose values are asked for when metrics are read; those of one name in one registry make one gauge. Whoever
 * cannot answer (a store is away) is left out of that reading, and spoils it for nobody else.
 */
function watch(registry: Registry, name: string, label: string, help: string, values: Values): void {
  const known = registry.getSingleMetric(name) as Gauge | undefined;
  if (known) {
    watched.get(known)?.push(values);
    return;
  }
  const all = [values];
  const gauge = new Gauge({
    name,
    help,
    labelNames: [label],
    registers: [registry],
    async collect() {
      this.reset();
      const answers = await Promise.allSettled(all.map((ask) => ask()));
      for (const answer of answers) {
        if (answer.status === 'rejected') continue;
        for (const [labelled, value] of answer.value) this.set({ [label]: labelled }, value);
      }
    },
  });
  watched.set(gauge, all);
}

/** Tells how far read models and relays are behind, and whether they stopped. */
export function watchFollowers(registry: Registry, samples: () => Promise<Sample[]>): void {
  watch(
    registry,
    'dutyledger_follower_lag_positions',
    'follower',
    'Positions of the event log between a read model or relay and the newest event',
    async () => (await samples()).map(({ name, lag }) => [name, lag]),
  );
  watch(
    registry,
    'dutyledger_follower_failed',
    'follower',
    '1 while a failure keeps a read model or relay from going on',
    async () => (await samples()).map(({ name, failed }) => [name, failed ? 1 : 0]),
  );
  watch(
    registry,
    'dutyledger_follower_leading',
    'follower',
    '1 in the process that writes a read model or relays, 0 in those that stand by',
    async () => (await samples()).map(({ name, leading }) => [name, leading ? 1 : 0]),
  );
}

/** Tells how many messages a consumer group has parked: each waits for a person to replay or discard it. */
export function watchParked(registry: Registry, bus: Pick<Bus, 'parked'>, group: string): void {
  watch(
    registry,
    'dutyledger_parked_messages',
    'group',
    'Messages that a consumer group could not handle and has parked',
    async () => [[group, (await bus.parked(group)).length]],
  );
}

interface DueSample {
  due: number;
  /** Since when the oldest of them is due. */
  oldest: string | null;
  failing: readonly unknown[];
}

/** Tells how many of a service's timers are due and not done, for how long, and how many failed; by who fires them. */
export function watchTimers(
  registry: Registry,
  service: string,
  sample: () => Promise<DueSample | undefined>,
): void {
  const gauge = (name: string, help: string, value: (sample: DueSample) => number): void =>
    watch(registry, name, 'service', help, async () => {
      const now = await sample();
      return now ? [[service, value(now)]] : [];
    });
  gauge('dutyledger_timers_due', 'Timers that are due and not carried out', ({ due }) => due);
  gauge(
    'dutyledger_timers_oldest_seconds',
    'For how long the oldest of the due timers is due',
    ({ oldest }) => (oldest === null ? 0 : Math.max(0, (Date.now() - Date.parse(oldest)) / 1000)),
  );
  gauge(
    'dutyledger_timers_failing',
    'Due timers whose last attempt failed; they are tried again',
    ({ failing }) => failing.length,
  );
}
