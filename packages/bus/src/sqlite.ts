import type { CloudEvent } from '@dutyledger/contracts/envelope';
import {
  type Bus,
  BusError,
  type BusSubscription,
  type DiscardedMessage,
  MAX_MESSAGE_BYTES,
  type ParkedMessage,
  type SubscribeOptions,
} from './bus.ts';
import { checkKey, checkName } from './names.ts';
import { SqliteClient } from './sqlite-client.ts';
import { ConsumerGroup, partitionOf } from './sqlite-group.ts';

/**
 * The embedded bus: one SQLite file, held by one process. Publishing and committing happen in a worker thread with
 * `synchronous = FULL`; consumers in this process wake up without polling. The file may be deleted while the program
 * is stopped: it starts empty, and the relay, whose checkpoint went with it, publishes everything again. Rejects with
 * BUSY, READ_ONLY, NEWER_SCHEMA, CORRUPT or UNAVAILABLE.
 */
export async function openSqliteBus(path: string): Promise<Bus> {
  return new SqliteBus(await SqliteClient.open(path));
}

/** The id of a parked message is `<position>@<group>`. */
const idOf = (position: number, group: string) => `${position}@${group}`;

function placeOf(id: string): { position: number; group: string } {
  const [, position, group] = /^(\d{1,15})@(.+)$/.exec(id) ?? [];
  if (position === undefined || group === undefined) throw notFound(id);
  return { position: Number(position), group };
}

const notFound = (id: string) => new BusError('NOT_FOUND', `no parked message ${JSON.stringify(id)}`);

function serialized(event: CloudEvent): { id: string; event: string } {
  const text = JSON.stringify(event);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_MESSAGE_BYTES) {
    throw new BusError('TOO_LARGE', `event ${event.id} has ${bytes} bytes, ${MAX_MESSAGE_BYTES} are allowed`);
  }
  return { id: event.id, event: text };
}

class SqliteBus implements Bus {
  readonly #client: SqliteClient;
  readonly #groups = new Map<string, ConsumerGroup>();
  #closing: Promise<void> | undefined;

  constructor(client: SqliteClient) {
    this.#client = client;
  }

  async publish(topic: string, key: string, events: readonly CloudEvent[]): Promise<void> {
    checkName('topic', topic);
    checkKey(key);
    if (events.length === 0) return;
    const partition = partitionOf(key);
    await this.#client.call('publish', topic, partition, key, events.map(serialized));
    for (const group of this.#groups.values()) group.published(topic, partition);
  }

  subscribe(options: SubscribeOptions, handler: (event: CloudEvent) => Promise<void>): BusSubscription {
    const { group: name, topics, attempts = 5, pauseMs = 100 } = options;
    checkName('group', name);
    for (const topic of topics) checkName('topic', topic);
    if (topics.length === 0) throw new BusError('INVALID', 'a subscription needs at least one topic');
    if (!(Number.isInteger(attempts) && attempts >= 1)) throw new BusError('INVALID', 'attempts: 1 or more');
    if (!(pauseMs >= 0)) throw new BusError('INVALID', 'pauseMs: 0 or more');
    if (this.#closing) throw new BusError('CLOSED', 'the bus is closed');
    let group = this.#groups.get(name);
    if (!group) {
      group = new ConsumerGroup(this.#client, name);
      this.#groups.set(name, group);
    }
    return group.join({ group: name, topics, attempts, pauseMs }, handler);
  }

  async parked(group: string): Promise<ParkedMessage[]> {
    const rows = await this.#client.call('parked', group);
    return rows.map(({ position, reason: _, discardedAt: __, event, ...row }) => ({
      ...row,
      id: idOf(position, group),
      event: JSON.parse(event),
    }));
  }

  async discarded(group: string): Promise<DiscardedMessage[]> {
    const rows = await this.#client.call('discarded', group);
    return rows.map(({ position, event, ...row }) => ({
      ...row,
      id: idOf(position, group),
      event: JSON.parse(event),
    }));
  }

  async replayParked(id: string): Promise<void> {
    const { group, position } = placeOf(id);
    const replay = await this.#client.call('replay', group, position);
    if (!replay) throw notFound(id);
    this.#groups.get(group)?.replay(replay);
  }

  async discardParked(id: string, reason: string): Promise<void> {
    if (reason.trim() === '') throw new BusError('INVALID', 'a message is discarded for a reason');
    const { group, position } = placeOf(id);
    if (!(await this.#client.call('discard', group, position, reason, new Date().toISOString())))
      throw notFound(id);
    this.#groups.get(group)?.discard(position);
  }

  async checkpoint(name: string): Promise<number> {
    checkName('checkpoint', name);
    return this.#client.call('checkpoint', name);
  }

  async saveCheckpoint(name: string, position: number): Promise<void> {
    checkName('checkpoint', name);
    await this.#client.call('saveCheckpoint', name, position);
  }

  close(): Promise<void> {
    this.#closing ??= Promise.all([...this.#groups.values()].map((group) => group.stop())).then(() =>
      this.#client.close(),
    );
    return this.#closing;
  }
}
