import type { StoredEvent } from '@dutyledger/event-store/event-store';
import { type CommandContext, handleCommand } from '@dutyledger/event-store/handle-command';
import { uuidFrom } from '@dutyledger/event-store/ids';
import { type ChangeInput, commandContext } from '@dutyledger/subgraph-kit/commands';
import { refusalError, unwrap } from '@dutyledger/subgraph-kit/errors';
import { mutate } from '@dutyledger/subgraph-kit/mutation';
import type { GridEventsContext } from '../context.ts';
import { ownWebhook } from './acting.ts';
import { type DeliveryCommand, delivery, deliveryId, deliveryStream } from './delivery.ts';
import { PING } from './letters.ts';
import { type DeliveryRow, type WebhookRow, webhookDeliveries } from './read-model.ts';
import { notActive, unknownDelivery } from './refusals.ts';

/** Mutations of what was not taken: tests, another try, giving up. */

type Ctx = GridEventsContext;
type Input<T> = { input: T & { change: ChangeInput } };

/** Deliveries that one call hands out again. */
const MOST_RETRIED = 500;
const SHOWN_MS = 5_000;

async function sendWebhookTest(_: unknown, { input: { id, change } }: Input<{ id: string }>, context: Ctx) {
  const { settings, status } = await ownWebhook(context, id);
  if (status !== 'ACTIVE') throw refusalError(notActive);
  const { division } = settings;
  const around = commandContext(context, 'sendWebhookTest', change, { division, content: { id } });
  const message = `msg_${uuidFrom('webhookTest', around.commandId)}`;
  const addressed = { webhook: id, message, type: PING, subject: message, position: null };
  const command = { type: 'RequestTest' as const, addressed, at: context.now.toISOString() };
  const { grid, locale } = context;
  const stream = deliveryStream(deliveryId(id, message));
  const { repeated, pending } = await mutate(grid, locale, delivery, stream, command, around);
  return { message, repeated, pending };
}

/** The delivery and its webhook, for whoever may decide on it. */
async function ownDelivery(context: Ctx, id: string): Promise<{ row: DeliveryRow; of: WebhookRow }> {
  const row = await context.grid.projections.documents(webhookDeliveries).get(id);
  if (!row) throw refusalError(unknownDelivery);
  return { row, of: await ownWebhook(context, row.webhook) };
}

async function decideOn(
  context: Ctx,
  operation: string,
  { id, change }: { id: string; change: ChangeInput },
  command: DeliveryCommand,
) {
  const { row, of } = await ownDelivery(context, id);
  const { division } = of.settings;
  const around = commandContext(context, operation, change, { division, content: { id } });
  const { grid, locale } = context;
  const done = await mutate(grid, locale, delivery, deliveryStream(id), command, around);
  const now = await grid.projections.documents(webhookDeliveries).get(id);
  return { delivery: now ?? row, repeated: done.repeated, pending: done.pending };
}

const retryDelivery = (_: unknown, { input }: Input<{ id: string }>, context: Ctx) =>
  decideOn(context, 'retryDelivery', input, { type: 'Retry', at: context.now.toISOString() });

const discardDelivery = (_: unknown, { input }: Input<{ id: string }>, context: Ctx) =>
  decideOn(context, 'discardDelivery', input, { type: 'Discard' });

async function retryDeliveries(
  _: unknown,
  { input: { webhook: id, change } }: Input<{ webhook: string }>,
  context: Ctx,
) {
  const { settings } = await ownWebhook(context, id, 'webhook');
  const { division } = settings;
  const around = commandContext(context, 'retryDeliveries', change, { division, content: { id } });
  const { rows, more } = await context.grid.projections.documents(webhookDeliveries).find({
    index: 'byWebhook',
    where: { webhook: id, status: 'PARKED' },
    limit: MOST_RETRIED,
  });
  let last: StoredEvent | undefined;
  let retried = 0;
  for (const { id: parked } of rows) {
    const event = await retryOne(context, parked, around);
    last = event ?? last;
    if (event) retried++;
  }
  const shown = last === undefined || (await context.grid.projections.waitFor(last.position, SHOWN_MS));
  return { retried, more, pending: !shown };
}

/** Undefined: somebody else has decided on it meanwhile. */
async function retryOne(context: Ctx, id: string, around: CommandContext): Promise<StoredEvent | undefined> {
  const command = { type: 'Retry' as const, at: context.now.toISOString() };
  const outcome = await handleCommand(context.grid.commands, delivery, deliveryStream(id), command, around);
  if (!outcome.ok && outcome.refusal.code === 'CONFLICT') return undefined;
  return unwrap(outcome, context.locale).events.at(-1);
}

export const deliveryMutations = { sendWebhookTest, retryDelivery, retryDeliveries, discardDelivery };
