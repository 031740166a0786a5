import { Gauge, Histogram, type Registry } from 'prom-client';
import type { Attempt } from './send.ts';

/** What is counted of webhooks: by service and status, never by endpoint or content. */

export interface WebhookCounts {
  endpoints: Readonly<Record<string, number>>;
  deliveries: Readonly<Record<string, number>>;
}

/** Tells of the webhooks of one service; answers what is to be told of each attempt. Once per service and registry. */
export function watchWebhooks(
  registry: Registry,
  service: string,
  counts: () => Promise<WebhookCounts>,
): (attempt: Attempt) => void {
  const attempts = new Histogram({
    name: 'dutyledger_webhook_attempt_seconds',
    help: 'Attempts to deliver a message to a webhook by service and outcome (ok, or why it was not taken)',
    labelNames: ['service', 'outcome'],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15],
    registers: [registry],
  });
  const gauge = (name: string, help: string, valuesOf: (all: WebhookCounts) => Record<string, number>) =>
    new Gauge({
      name,
      help,
      labelNames: ['service', 'status'],
      registers: [registry],
      async collect() {
        this.reset();
        // A store that is away leaves them out of this reading, and spoils it for nobody else.
        const all = await counts().catch(() => undefined);
        for (const [status, value] of Object.entries(all ? valuesOf(all) : {}))
          this.set({ service, status }, value);
      },
    });
  gauge('dutyledger_webhooks', 'Webhooks by status', ({ endpoints }) => ({ ...endpoints }));
  gauge(
    'dutyledger_webhook_deliveries',
    'Deliveries that were not taken: waiting to be tried again, or parked until a person decides',
    ({ deliveries }) => ({ ...deliveries }),
  );
  return ({ failure, durationMs }) =>
    attempts.observe({ service, outcome: failure ?? 'ok' }, durationMs / 1_000);
}
