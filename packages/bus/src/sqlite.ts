import type { CloudEvent } from '@dutyledger/contracts/envelope';
import type { OutgoingMessage } from '@dutyledger/contracts/event-contract';
import {
  type Bus,
  BusError,
  type BusReading,
  type BusSubscription,
  type DiscardedMessage,
  type PageHandler,
  type ParkedMessage,
  type Publisher,
  type ReadOptions,
  type SubscribeOptions,
} from './bus.ts';
import { checkedSubscription, checkName, checkReason, serialized } from './checks.ts';
import { SqliteClient } from './sqlite-client.ts';
import { ConsumerGroup, partitionOf } from './sqlite-group.ts';
import type { NewMessage } from './sqlite-log.ts';
import { SqliteReading } from './sqlite-reading.ts';
import { Turns } from './turns.ts';

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

/** Fencing is kept in memory: one process holds the file, so all publishers of a name are in it. */
class SqlitePublisher implements Publisher {
  readonly #name: string;
  readonly #client: SqliteClient;
  readonly #published: (messages: readonly NewMessage[]) => void;
  readonly #turns = new Turns();
  #running: Promise<unknown> = Promise.resolve();
  #ended: BusError | undefined;
  #checkpoint = 0;

  constructor(name: string, client: SqliteClient, published: (messages: readonly NewMessage[]) => void) {
    this.#name = name;
    this.#client = client;
    this.#published = published;
  }

  get checkpoint(): number {
    return this.#checkpoint;
  }

  async open(): Promise<this> {
    const checkpoint = await this.#client.call('checkpoint', this.#name);
    if (this.#ended) throw this.#ended;
    this.#checkpoint = checkpoint;
    return this;
  }

  fence(): void {
    this.#ended ??= new BusError('FENCED', `publisher ${this.#name} was opened again elsewhere`);
  }

  async publish(outgoing: readonly OutgoingMessage[], checkpoint?: number): Promise<void> {
    if (this.#ended) throw this.#ended;
    const publishing = this.#running.then(() => this.#publish(outgoing, checkpoint));
    this.#running = publishing.catch(() => undefined);
    await publishing;
  }

  async #publish(outgoing: readonly OutgoingMessage[], checkpoint: number | undefined): Promise<void> {
    const messages: NewMessage[] = [];
    for (const message of outgoing) {
      const checked = serialized(message);
      messages.push({ ...checked, partition: partitionOf(checked.key) });
      await this.#turns.step();
    }
    if (this.#ended?.code === 'FENCED') throw this.#ended;
    const position = checkpoint === undefined ? undefined : { name: this.#name, position: checkpoint };
    await this.#client.call('publish', messages, position);
    this.#checkpoint = checkpoint ?? this.#checkpoint;
    this.#published(messages);
  }

  async close(): Promise<void> {
    this.#ended ??= new BusError('CLOSED', `publisher ${this.#name} is closed`);
    await this.#running;
  }
}

class SqliteBus implements Bus {
  readonly #client: SqliteClient;
  readonly #groups = new Map<string, ConsumerGroup>();
  readonly #publishers = new Map<string, SqlitePublisher>();
  readonly #readings = new Set<SqliteReading>();
  #closing: Promise<void> | undefined;

  constructor(client: SqliteClient) {
    this.#client = client;
  }

  async publisher(name: string): Promise<Publisher> {
    checkName('publisher', name);
    // The former one's last publications are before the reading of the checkpoint: calls are carried out in order.
    this.#publishers.get(name)?.fence();
    const publisher = new SqlitePublisher(name, this.#client, (messages) => this.#wake(messages));
    this.#publishers.set(name, publisher);
    return publisher.open();
  }

  #wake(messages: readonly NewMessage[]): void {
    const lanes = new Map(
      messages.map(({ topic, partition }) => [`${topic}/${partition}`, { topic, partition }]),
    );
    for (const group of this.#groups.values()) {
      for (const { topic, partition } of lanes.values()) group.published(topic, partition);
    }
    for (const topic of new Set(messages.map((message) => message.topic))) {
      for (const reading of this.#readings) reading.published(topic);
    }
  }

  subscribe(options: SubscribeOptions, handler: (event: CloudEvent) => Promise<void>): BusSubscription {
    const checked = checkedSubscription(options);
    if (this.#closing) throw new BusError('CLOSED', 'the bus is closed');
    let group = this.#groups.get(checked.group);
    if (!group) {
      group = new ConsumerGroup(this.#client, checked.group);
      this.#groups.set(checked.group, group);
    }
    return group.join(checked, handler);
  }

  read(options: ReadOptions, handler: PageHandler): BusReading {
    checkName('topic', options.topic);
    if (this.#closing) throw new BusError('CLOSED', 'the bus is closed');
    const reading = new SqliteReading(this.#client, options, handler);
    this.#readings.add(reading);
    const over = () => this.#readings.delete(reading);
    reading.ended.then(over, over);
    return reading;
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
    checkReason(reason);
    const { group, position } = placeOf(id);
    if (!(await this.#client.call('discard', group, position, reason, new Date().toISOString())))
      throw notFound(id);
    this.#groups.get(group)?.discard(position);
  }

  close(): Promise<void> {
    this.#closing ??= Promise.all(
      [...this.#groups.values(), ...this.#readings].map((part) => part.stop()),
    ).then(() => this.#client.close());
    return this.#closing;
  }
}
