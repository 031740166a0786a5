import { randomUUID } from 'node:crypto';
import type { Fact } from '@dutyledger/event-store/decider';
import type { EventMetadata, EventStore, NewEvent } from '@dutyledger/event-store/event-store';
import { chinaDate } from '@dutyledger/reference-data/china-time';
import type { Progress } from '@dutyledger/webhooks/book';
import type { AttemptFact } from './delivery.ts';

/**
 * How far a webhook was told. One event for many messages; the newest counts, whoever recorded it and in whichever order,
 * so that nothing is decided and no stream is read for it.
 */

export const WEBHOOK_PROGRESSED = 'WebhookProgressed';

export type ProgressFact = Fact<
  typeof WEBHOOK_PROGRESSED,
  {
    webhook: string;
    through: number;
    /** Messages that were taken at the first attempt since the last record, and the last of these attempts. */
    delivered: number;
    attempts: (AttemptFact & { message: string; type: string })[];
  }
>;

/** Who records what the program does by itself. */
export const courier = {
  subject: 'system:webhooks',
  name: 'Webhook 投递任务',
  organ: null,
  role: 'SYSTEM',
} as const;

export const BASIS = [{ title: 'Standard Webhooks', article: 'Reliable delivery' }];

const stream = (webhook: string): string => `gridEvents.webhookProgress-${webhook.slice('webhook:'.length)}`;

/** Durable when it answers. */
export async function recordProgress(
  events: Pick<EventStore, 'append'>,
  { webhook, division, now }: { webhook: string; division: string; now: Date },
  { through, delivered, attempts }: Progress,
): Promise<void> {
  const commandId = randomUUID();
  const metadata: EventMetadata = {
    actor: courier,
    reason: '已投递的消息',
    basis: BASIS,
    commandId,
    commandDigest: commandId,
    correlationId: commandId,
    causationId: commandId,
    division,
    effectiveAt: chinaDate(now.toISOString()),
  };
  const told = attempts.map(({ askedMs: _, ...attempt }) => attempt);
  const data: ProgressFact['data'] = { webhook, through, delivered, attempts: told };
  const event: NewEvent = { id: randomUUID(), type: WEBHOOK_PROGRESSED, version: 1, data, metadata };
  const outcome = await events.append(stream(webhook), 'any', [event]);
  if (outcome.status !== 'appended') throw new Error(`progress of ${webhook} met a conflict`);
}
