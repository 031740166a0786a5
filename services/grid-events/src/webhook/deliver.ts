import { setTimeout as sleep } from 'node:timers/promises';
import type { Vault } from '@dutyledger/personal-data/vault';
import { whileLeading } from '@dutyledger/read-store/leadership';
import type { RunningService, ServiceDependencies } from '@dutyledger/subgraph-kit/service';
import { systemClock } from '@dutyledger/timers/clock';
import type { AllowedTargets } from '@dutyledger/webhooks/addresses';
import { runCourier } from '@dutyledger/webhooks/courier';
import { watchWebhooks } from '@dutyledger/webhooks/metrics';
import type { Registry } from 'prom-client';
import { PUBLISHED } from '../publish.ts';
import { openBook } from './book.ts';
import { DELIVERY_EVENTS } from './delivery.ts';
import { webhookDeliveries, webhooks } from './read-model.ts';
import { WEBHOOK_EVENTS } from './webhook.ts';

const SHOWN_MS = 500;
const PAUSE_MS = 50;

/** A service that tells webhooks what it tells other services, in one process at a time. */
export function deliverWebhooks(
  service: RunningService,
  vault: Vault,
  deps: ServiceDependencies & { metrics: Registry; webhookTargets?: AllowedTargets | undefined },
): RunningService {
  const { events, readStore, logger, metrics, webhookTargets, clock = systemClock } = deps;
  const { name, projections } = service;
  const observe = watchWebhooks(metrics, name, async () => ({
    endpoints: await countBy(['ACTIVE', 'PAUSED', 'DISABLED'], (status) =>
      projections.documents(webhooks).count({ index: 'byStatus', where: { status } }),
    ),
    deliveries: await countBy(['WAITING', 'PARKED'], (status) =>
      projections.documents(webhookDeliveries).count({ index: 'byStatus', where: { status } }),
    ),
  }));
  const leadership = whileLeading(
    readStore,
    `${name}.webhooks`,
    async ({ signal }) => {
      const shown = async (position: number): Promise<void> => {
        // One that has failed answers at once.
        while (!(await projections.waitFor(position, SHOWN_MS))) await sleep(PAUSE_MS, undefined, { signal });
      };
      await runCourier(
        {
          book: openBook({ events, projections, vault, clock, shown }),
          events,
          prefix: `${name}.`,
          types: PUBLISHED,
          wakes: [...WEBHOOK_EVENTS, ...DELIVERY_EVENTS],
          shown,
          logger,
          allowed: webhookTargets,
          clock,
          observe,
        },
        signal,
      );
    },
    { logger },
  );
  return {
    ...service,
    async stop() {
      await leadership.stop();
      await service.stop();
    },
  };
}

async function countBy<S extends string>(
  statuses: readonly S[],
  count: (status: S) => Promise<number>,
): Promise<Record<string, number>> {
  return Object.fromEntries(await Promise.all(statuses.map(async (status) => [status, await count(status)])));
}
