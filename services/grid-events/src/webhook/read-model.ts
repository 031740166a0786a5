import type { StoredEvent } from '@dutyledger/event-store/event-store';
import type { Projection } from '@dutyledger/read-store/projection';
import { type Batch, documents } from '@dutyledger/read-store/read-store';
import { type Provenance, provenanceOf } from '../provenance.ts';
import {
  type AttemptFact,
  DELIVERY_EVENTS,
  type DeliveryEvent,
  deliveryIdOf,
  evolve as evolveDelivery,
  isOver,
  type KnownDelivery,
  initial as noDelivery,
} from './delivery.ts';
import { type ProgressFact, WEBHOOK_PROGRESSED } from './progress.ts';
import {
  evolve,
  initial,
  type KnownWebhook,
  WEBHOOK_EVENTS,
  type WebhookEvent,
  webhookIdOf,
} from './webhook.ts';

/** Webhooks, how far each was told, what waits for them, and their last attempts. */

export type WebhookRow = KnownWebhook & {
  /** Position up to which it was told everything that was new to it. */
  through: number;
  /** Messages that it took. */
  delivered: number;
  lastDeliveredAt: string | null;
  /** Since when it took nothing. */
  failingSince: string | null;
  /** Attempts so far; the last ones are kept. */
  attempts: number;
  position: number;
  registered: Provenance;
  /** By the last change of it. */
  changed: Provenance;
};

export const webhooks = documents<WebhookRow>()('webhooks', { byStatus: ['status', 'position'] });

export interface WebhookStepRow {
  id: string;
  webhook: string;
  step: WebhookEvent['type'];
  content: unknown;
  position: number;
  provenance: Provenance;
}

export const webhookSteps = documents<WebhookStepRow>()('webhookSteps', {
  byWebhook: ['webhook', 'position'],
});

/** Deliveries that wait, are parked or were discarded; those that were made leave. */
export interface DeliveryRow extends KnownDelivery {
  id: string;
  webhook: string;
  /** In which order they come: when they are due, or since when they are as they are. */
  at: string;
  /** By the last event. */
  changed: Provenance;
}

export const webhookDeliveries = documents<DeliveryRow>()('webhookDeliveries', {
  byWebhook: ['webhook', 'status', 'at'],
  byStatus: ['status', 'at'],
});

/** An attempt, in a ring: a newer one takes the place of the oldest. */
export interface AttemptRow extends AttemptFact {
  webhook: string;
  message: string;
  type: string;
  number: number;
}

export const webhookAttempts = documents<AttemptRow>()('webhookAttempts', {
  byWebhook: ['webhook', 'number'],
});

/** Of each webhook. */
export const ATTEMPTS_KEPT = 100;

type Recorded = StoredEvent & (WebhookEvent | DeliveryEvent | ProgressFact);

export const webhooksProjection: Projection = {
  name: 'webhooks',
  version: 1,
  collections: [webhooks, webhookSteps, webhookDeliveries, webhookAttempts],
  handles: [...WEBHOOK_EVENTS, ...DELIVERY_EVENTS, WEBHOOK_PROGRESSED],
  project: (stored, batch) => project(stored as Recorded, batch),
};

const isDelivery = (event: Recorded): event is StoredEvent & DeliveryEvent =>
  DELIVERY_EVENTS.some((type) => type === event.type);

function project(event: Recorded, batch: Batch): Promise<void> {
  if (event.type === WEBHOOK_PROGRESSED) return projectProgress(event, batch);
  return isDelivery(event)
    ? projectDelivery(event, batch)
    : projectWebhook(event as StoredEvent & WebhookEvent, batch);
}

async function projectWebhook(event: StoredEvent & WebhookEvent, batch: Batch): Promise<void> {
  const id = webhookIdOf(event.stream);
  const row = await batch.get(webhooks, id);
  const state = evolve(row ?? initial, event, event.metadata);
  if (state.status === 'ABSENT') throw new Error(`${event.type} leaves no webhook`);
  const changed = provenanceOf(event);
  const { position } = event;
  const step = { id: event.id, webhook: id, step: event.type, content: event.data };
  batch.put(webhookSteps, event.id, { ...step, position, provenance: changed });
  if (event.type === 'WebhookRemoved') await dropDeliveries(id, batch);
  const { through, delivered, lastDeliveredAt, failingSince, attempts, registered } = row ?? {
    through: position,
    delivered: 0,
    lastDeliveredAt: null,
    failingSince: null,
    attempts: 0,
    registered: changed,
  };
  const resumed = event.type === 'WebhookResumed';
  batch.put(webhooks, id, {
    ...state,
    through: resumed && event.data.skipMissed ? position : through,
    delivered,
    lastDeliveredAt,
    // A new start: it is given its time anew.
    failingSince: resumed ? null : failingSince,
    attempts,
    position: row?.position ?? position,
    registered,
    changed,
  });
}

/** What waits for a webhook that has ended waits for nobody. */
async function dropDeliveries(webhook: string, batch: Batch): Promise<void> {
  const where = { webhook, status: ['WAITING', 'PARKED', 'DISCARDED'] };
  for (let more = true; more; ) {
    const page = await batch.find(webhookDeliveries, { index: 'byWebhook', where, limit: 1_000 });
    for (const { id } of page.rows) batch.delete(webhookDeliveries, id);
    more = page.more;
  }
}

const later = (a: string | null, b: string): string => (a !== null && a > b ? a : b);

async function projectProgress({ data }: StoredEvent & ProgressFact, batch: Batch): Promise<void> {
  const row = await batch.get(webhooks, data.webhook);
  if (row === undefined) throw new Error(`progress of ${data.webhook}, which was never registered`);
  const last = data.attempts.at(-1)?.at;
  const taken = last === undefined ? row : recordedTaken(row, last, data.delivered);
  const numbered = data.attempts.map((attempt, i) => ({ ...attempt, number: row.attempts + i }));
  for (const attempt of numbered) putAttempt(batch, { ...attempt, webhook: data.webhook });
  batch.put(webhooks, data.webhook, {
    ...taken,
    through: Math.max(row.through, data.through),
    attempts: row.attempts + numbered.length,
  });
}

/** Something was taken at `at`. Records come late: what failed after that still counts. */
function recordedTaken(row: WebhookRow, at: string, delivered: number): WebhookRow {
  const lastDeliveredAt = later(row.lastDeliveredAt, at);
  const failingSince = row.failingSince !== null && row.failingSince > at ? row.failingSince : null;
  return { ...row, delivered: row.delivered + delivered, lastDeliveredAt, failingSince };
}

const putAttempt = (batch: Batch, attempt: AttemptRow): void =>
  batch.put(webhookAttempts, `${attempt.webhook}/${attempt.number % ATTEMPTS_KEPT}`, attempt);

async function projectDelivery(event: StoredEvent & DeliveryEvent, batch: Batch): Promise<void> {
  const id = deliveryIdOf(event.stream);
  const row = await batch.get(webhookDeliveries, id);
  // Of a webhook that was removed while it was under way.
  if (row === undefined && !('addressed' in event.data)) return;
  const state = evolveDelivery(row ?? noDelivery, event);
  if (state.status === 'ABSENT') throw new Error(`${event.type} leaves no delivery`);
  const { webhook, message, type } = state.addressed;
  const of = await batch.get(webhooks, webhook);
  if (of === undefined) throw new Error(`${id} is of no webhook`);
  if (isOver(state.status) || of.status === 'REMOVED') batch.delete(webhookDeliveries, id);
  else {
    const at = state.due ?? event.recordedAt;
    batch.put(webhookDeliveries, id, { ...state, id, webhook, at, changed: provenanceOf(event) });
  }
  if (event.type !== 'WebhookDeliveryFailed' && event.type !== 'WebhookDelivered') return;
  const { attempt } = event.data;
  putAttempt(batch, { ...attempt, webhook, message, type, number: of.attempts });
  const counted =
    attempt.failure === null
      ? recordedTaken(of, attempt.at, 1)
      : { ...of, failingSince: of.failingSince ?? attempt.at };
  batch.put(webhooks, webhook, { ...counted, attempts: of.attempts + 1 });
}
