import { randomUUID } from 'node:crypto';
import type { EventStore, StoredEvent } from '@dutyledger/event-store/event-store';
import { type CommandContext, handleCommand } from '@dutyledger/event-store/handle-command';
import type { Vault } from '@dutyledger/personal-data/vault';
import type { Projections } from '@dutyledger/read-store/projection';
import { chinaDate } from '@dutyledger/reference-data/china-time';
import type { Clock } from '@dutyledger/timers/clock';
import type { Book, DisableCause, Endpoint, Letter, Progress, Waiting } from '@dutyledger/webhooks/book';
import type { Attempt } from '@dutyledger/webhooks/send';
import { toIntegrationEvent } from '../publish.ts';
import {
  type Addressed,
  type AttemptFact,
  type DeliveryCommand,
  delivery,
  deliveryId,
  deliveryStream,
} from './delivery.ts';
import { asks, letterOf, mayBeTold, pingLetter, placesOf } from './letters.ts';
import { BASIS, courier, recordProgress } from './progress.ts';
import { type DeliveryRow, type WebhookRow, webhookDeliveries, webhooks } from './read-model.ts';
import { secretsOf } from './secrets.ts';
import { webhook, webhookStream } from './webhook.ts';

/** The book of webhooks that the courier works by: read models to look at, events to record what became of it. */

const DUE_AT_A_TIME = 50;

export interface BookParts {
  events: EventStore;
  projections: Projections;
  vault: Vault;
  clock: Clock;
  /** Resolves when the read models show what is at the position. */
  shown(position: number): Promise<void>;
}

export const openBook = (parts: BookParts): Book => new BookOfService(parts);

class BookOfService implements Book {
  readonly #parts: BookParts;
  readonly #webhooks;
  readonly #deliveries;

  constructor(parts: BookParts) {
    this.#parts = parts;
    this.#webhooks = parts.projections.documents(webhooks);
    this.#deliveries = parts.projections.documents(webhookDeliveries);
  }

  async endpoints(): Promise<Endpoint[]> {
    const where = { status: 'ACTIVE' };
    const { rows } = await this.#webhooks.find({ index: 'byStatus', where, limit: 1_000 });
    return rows.map(({ doc: { id, settings, through, failingSince } }) => ({
      id,
      url: settings.url,
      through,
      failingSince,
    }));
  }

  async secretsOf(id: string): Promise<Buffer[]> {
    const { vault, clock } = this.#parts;
    return secretsOf(vault, (await this.#webhook(id)).keys, clock.now());
  }

  letters(id: string, page: readonly StoredEvent[]): Promise<Letter[]> {
    return lettersOf(this.#parts, id, page);
  }

  waiting(id: string): Promise<number> {
    return this.#deliveries.count({ index: 'byWebhook', where: { webhook: id, status: 'WAITING' } });
  }

  async due(id: string, now: Date): Promise<Waiting[]> {
    const { rows } = await this.#deliveries.find({
      index: 'byWebhook',
      where: { webhook: id, status: 'WAITING' },
      range: { to: now.toISOString() },
      limit: DUE_AT_A_TIME,
    });
    return rows.map(({ doc: { id: of, attempts, addressed } }) => {
      const { message, type, subject, position } = addressed;
      return { delivery: of, attempts, id: message, type, subject, position };
    });
  }

  async nextDue(id: string, now: Date): Promise<string | undefined> {
    const after = now.toISOString();
    const { rows } = await this.#deliveries.find({
      index: 'byWebhook',
      where: { webhook: id, status: 'WAITING' },
      range: { from: after },
      filter: ({ at }) => at > after,
      limit: 1,
    });
    return rows[0]?.doc.at;
  }

  again(id: string, waiting: Waiting): Promise<Letter | undefined> {
    return letterAgain(this.#parts, id, waiting);
  }

  async progressed(id: string, progress: Progress): Promise<void> {
    const { events, clock } = this.#parts;
    const { division } = (await this.#webhook(id)).settings;
    await recordProgress(events, { webhook: id, division, now: clock.now() }, progress);
  }

  async failed(id: string, letter: Letter, attempt: Attempt, next: Date | null): Promise<void> {
    const { id: message, type, subject, position } = letter;
    const addressed = { webhook: id, message, type, subject, position };
    await this.#settle(deliveryId(id, message), id, failure(addressed, 1, attempt, next));
  }

  async failedAgain(waiting: Waiting, attempt: Attempt, next: Date | null): Promise<void> {
    const { addressed } = await this.#delivery(waiting.delivery);
    const command = failure(addressed, waiting.attempts + 1, attempt, next);
    await this.#settle(waiting.delivery, addressed.webhook, command);
  }

  async delivered({ delivery: id, attempts }: Waiting, attempt: Attempt): Promise<void> {
    const { addressed } = await this.#delivery(id);
    const command = { type: 'RecordDelivered' as const, number: attempts + 1, attempt: factOf(attempt) };
    await this.#settle(id, addressed.webhook, command);
  }

  async untold({ delivery: id }: Waiting): Promise<void> {
    const { addressed } = await this.#delivery(id);
    const at = this.#parts.clock.now().toISOString();
    await this.#settle(id, addressed.webhook, { type: 'RecordUntold', at });
  }

  async disable(id: string, cause: DisableCause, since: string): Promise<void> {
    const context = await this.#around(id, CAUSES[cause]);
    const command = { type: 'Disable' as const, cause, since };
    await handleCommand({ store: this.#parts.events }, webhook, webhookStream(id), command, context);
  }

  async #webhook(id: string): Promise<WebhookRow> {
    const row = await this.#webhooks.get(id);
    if (row === undefined) throw new Error(`there is no webhook ${id}`);
    return row;
  }

  async #delivery(id: string): Promise<DeliveryRow> {
    const row = await this.#deliveries.get(id);
    if (row === undefined) throw new Error(`there is no delivery ${id}`);
    return row;
  }

  async #around(id: string, reason: string): Promise<CommandContext> {
    const { settings } = await this.#webhook(id);
    const commandId = randomUUID();
    const chain = { commandId, correlationId: commandId, causationId: commandId };
    const effectiveAt = chinaDate(this.#parts.clock.now().toISOString());
    return { ...chain, actor: courier, reason, basis: BASIS, division: settings.division, effectiveAt };
  }

  async #settle(id: string, of: string, command: DeliveryCommand & { type: keyof typeof REASONS }) {
    const { events, shown } = this.#parts;
    const context = await this.#around(of, REASONS[command.type]);
    const outcome = await handleCommand({ store: events }, delivery, deliveryStream(id), command, context);
    if (!outcome.ok) throw new Error(`${id}: ${outcome.refusal.message.en}`);
    // Where nothing was recorded, somebody else was faster: what they recorded is to be seen.
    await shown(outcome.events.at(-1)?.position ?? (await events.head()));
  }
}

const factOf = ({ at, failure, status, durationMs }: Attempt): AttemptFact => ({
  at,
  failure,
  status,
  durationMs,
});

const failure = (addressed: Addressed, number: number, attempt: Attempt, next: Date | null) => ({
  type: 'RecordFailure' as const,
  addressed,
  number,
  attempt: factOf(attempt),
  next: next?.toISOString() ?? null,
});

const REASONS = {
  RecordFailure: '接收方未收下消息',
  RecordDelivered: '消息已由接收方收下',
  RecordUntold: '该消息已不属于此 webhook 的订阅范围',
};

const CAUSES = {
  GONE: '接收方答复 410：不再接收消息',
  FAILING: '接收方连续 5 天未收下任何消息',
};

async function lettersOf(
  { projections, shown }: BookParts,
  id: string,
  page: readonly StoredEvent[],
): Promise<Letter[]> {
  const row = await projections.documents(webhooks).get(id);
  if (row === undefined) return [];
  const told = page.flatMap((stored) => {
    const event = toIntegrationEvent(stored)?.event;
    return event && asks(row.settings, event.type) ? [{ event, position: stored.position }] : [];
  });
  const last = told.at(-1);
  if (last === undefined) return [];
  await shown(last.position);
  const places = await placesOf(
    projections,
    told.map(({ event }) => event),
  );
  const letters = told.flatMap(({ event, position }, i) =>
    mayBeTold(row.settings, places[i]) ? [letterOf(id, event, position)] : [],
  );
  const under = await projections
    .documents(webhookDeliveries)
    .getMany(letters.map((letter) => deliveryId(id, letter.id)));
  return letters.filter((letter) => !under.has(deliveryId(id, letter.id)));
}

async function letterAgain(
  { events, projections }: BookParts,
  id: string,
  waiting: Waiting,
): Promise<Letter | undefined> {
  const { position } = waiting;
  if (position === null) {
    const row = await projections.documents(webhookDeliveries).get(waiting.delivery);
    return pingLetter(id, waiting.id, row?.changed.recordedAt ?? '');
  }
  const row = await projections.documents(webhooks).get(id);
  for await (const [stored] of events.readAll({ after: position - 1, until: position })) {
    const event = stored && toIntegrationEvent(stored)?.event;
    if (event === undefined || row === undefined || !asks(row.settings, event.type)) return undefined;
    const [place] = await placesOf(projections, [event]);
    return mayBeTold(row.settings, place) ? letterOf(id, event, position) : undefined;
  }
  return undefined;
}
