import { connection, type PageArguments, pageOf } from '@dutyledger/subgraph-kit/connections';
import { refusalError } from '@dutyledger/subgraph-kit/errors';
import type { GridEventsContext } from '../context.ts';
import { authorOf, type Provenance } from '../provenance.ts';
import { sees, visibleWebhook } from './acting.ts';
import type { DeliveryStatus } from './delivery.ts';
import {
  ATTEMPTS_KEPT,
  type AttemptRow,
  type DeliveryRow,
  type WebhookRow,
  type WebhookStepRow,
  webhookAttempts,
  webhookDeliveries,
  webhookSteps,
  webhooks,
} from './read-model.ts';
import { unknownWebhook } from './refusals.ts';
import type { Status } from './webhook.ts';

/** Queries and types of webhooks. */

type Ctx = GridEventsContext;

const STATUSES: Status[] = ['ACTIVE', 'PAUSED', 'DISABLED'];

async function findWebhooks(
  _: unknown,
  args: PageArguments & { division?: string | null; status?: Status[] | null },
  context: Ctx,
) {
  const status = args.status?.length ? [...new Set(args.status)] : STATUSES;
  const page = await context.grid.projections.documents(webhooks).find({
    index: 'byStatus',
    where: { status },
    ...pageOf(args),
    filter: (row) => sees(context, row) && (!args.division || row.settings.division === args.division),
  });
  return connection(page, args, ({ doc }) => doc);
}

interface DeliveriesArguments extends PageArguments {
  webhook?: string | null;
  eventType?: string | null;
  status: DeliveryStatus[];
}

async function parkedDeliveries(_: unknown, args: DeliveriesArguments, context: Ctx) {
  const { webhook, eventType, status } = args;
  const table = context.grid.projections.documents(webhookDeliveries);
  const states = { status: [...new Set(status)] };
  if (states.status.length === 0) return connection({ rows: [], more: false }, args, () => undefined);
  const fits = ({ addressed }: DeliveryRow) => !eventType || addressed.type.startsWith(eventType);
  if (webhook) {
    if (!(await visibleWebhook(context, webhook)))
      throw refusalError({ ...unknownWebhook, field: 'webhook' });
    const where = { webhook, ...states };
    const page = await table.find({ index: 'byWebhook', where, ...pageOf(args), filter: fits });
    return connection(page, args, ({ doc }) => doc);
  }
  const seen = await visibleIds(context);
  const filter = (row: DeliveryRow) => seen.has(row.webhook) && fits(row);
  const page = await table.find({ index: 'byStatus', where: states, ...pageOf(args), filter });
  return connection(page, args, ({ doc }) => doc);
}

/** Of all that are not removed there are at most MOST_ENDPOINTS. */
async function visibleIds(context: Ctx): Promise<Set<string>> {
  const { rows } = await context.grid.projections
    .documents(webhooks)
    .find({ index: 'byStatus', where: { status: STATUSES }, limit: 1_000 });
  return new Set(rows.flatMap(({ id, doc }) => (sees(context, doc) ? [id] : [])));
}

export const webhookQueries = {
  webhooks: findWebhooks,
  webhook: (_: unknown, { id }: { id: string }, context: Ctx) => visibleWebhook(context, id),
  parkedDeliveries,
};

const count = ({ grid }: Ctx, webhook: string, status: DeliveryStatus): Promise<number> =>
  grid.projections.documents(webhookDeliveries).count({ index: 'byWebhook', where: { webhook, status } });

export const webhookTypes = {
  Webhook: {
    url: ({ settings }: WebhookRow) => settings.url,
    eventTypes: ({ settings }: WebhookRow) => settings.types,
    division: ({ settings }: WebhookRow) => settings.division,
    description: ({ settings }: WebhookRow) => settings.description,
    ownerOrgan: ({ owner }: WebhookRow) =>
      owner.organ === null ? null : { __typename: 'Organ', id: owner.organ },
    disabledBecause: ({ disabled }: WebhookRow) => disabled?.cause,
    formerSecretsUntil: ({ keys }: WebhookRow) => keys.flatMap(({ until }) => until ?? []),
    waiting: ({ id }: WebhookRow, _: unknown, context: Ctx) => count(context, id, 'WAITING'),
    parked: ({ id }: WebhookRow, _: unknown, context: Ctx) => count(context, id, 'PARKED'),
    async attempts({ id }: WebhookRow, { first }: { first: number }, { grid }: Ctx) {
      const { limit } = pageOf({ first: Math.min(first, ATTEMPTS_KEPT) });
      const where = { webhook: id };
      const { rows } = await grid.projections
        .documents(webhookAttempts)
        .find({ index: 'byWebhook', where, reverse: true, limit });
      return rows.map(({ doc }) => doc);
    },
    async history({ id }: WebhookRow, args: PageArguments, { grid }: Ctx) {
      const where = { webhook: id };
      const page = await grid.projections
        .documents(webhookSteps)
        .find({ index: 'byWebhook', where, ...pageOf(args) });
      return connection(page, args, ({ doc }) => doc);
    },
    registeredBy: ({ registered }: WebhookRow) => authorOf(registered),
    registeredAt: ({ registered }: WebhookRow) => registered.recordedAt,
  },
  WebhookAttempt: {
    eventType: ({ type }: AttemptRow) => type,
  },
  WebhookStep: {
    by: ({ provenance }: WebhookStepRow) => authorOf(provenance),
    reason: ({ provenance }: WebhookStepRow) => provenance.reason,
    basis: ({ provenance }: WebhookStepRow) => provenance.basis,
    recordedAt: ({ provenance }: WebhookStepRow) => provenance.recordedAt,
    correlationId: ({ provenance }: WebhookStepRow) => provenance.correlationId,
  },
  WebhookDelivery: {
    webhook: ({ webhook }: DeliveryRow, _: unknown, context: Ctx) => visibleWebhook(context, webhook),
    message: ({ addressed }: DeliveryRow) => addressed.message,
    eventType: ({ addressed }: DeliveryRow) => addressed.type,
    lastAttempt: ({ last, addressed, attempts }: DeliveryRow) =>
      last && { ...last, type: addressed.type, message: addressed.message, number: attempts },
    by: ({ changed }: { changed: Provenance }) => authorOf(changed),
    reason: ({ changed }: { changed: Provenance }) => changed.reason,
    recordedAt: ({ changed }: { changed: Provenance }) => changed.recordedAt,
  },
};
