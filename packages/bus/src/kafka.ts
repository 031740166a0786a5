import type { CloudEvent } from '@dutyledger/contracts/envelope';
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
import { checkedSubscription, checkName, checkReason } from './checks.ts';
import { KafkaConnection } from './kafka-connection.ts';
import { KafkaMember } from './kafka-member.ts';
import { KafkaParked } from './kafka-parked.ts';
import { KafkaPublisher } from './kafka-publisher.ts';
import { KafkaReading } from './kafka-reading.ts';
import { TableWriter } from './kafka-table.ts';
import { KafkaTopics } from './kafka-topics.ts';
import type { KafkaSettings } from './kafka-url.ts';

/**
 * The bus on Kafka. Nothing is asked of the brokers before it is needed: one that is down is waited for by whoever
 * subscribes, and told to whoever publishes. `warn` is told once of topics whose settings are unwise.
 */
export function openKafkaBus(settings: KafkaSettings, warn: (message: string) => void): Bus {
  return new KafkaBus(settings, warn);
}

class KafkaBus implements Bus {
  readonly #connection: KafkaConnection;
  readonly #topics: KafkaTopics;
  readonly #writer: TableWriter;
  readonly #parked: KafkaParked;
  readonly #publishers = new Set<KafkaPublisher>();
  readonly #members = new Set<KafkaMember>();
  readonly #readings = new Set<KafkaReading>();
  #closing: Promise<void> | undefined;

  constructor(settings: KafkaSettings, warn: (message: string) => void) {
    this.#connection = new KafkaConnection(settings);
    this.#topics = new KafkaTopics(this.#connection, warn);
    this.#writer = new TableWriter(this.#connection);
    this.#parked = new KafkaParked(this.#connection, this.#topics, this.#writer);
  }

  async publisher(name: string): Promise<Publisher> {
    checkName('publisher', name);
    this.#checkOpen();
    const publisher = new KafkaPublisher(name, this.#connection, this.#topics);
    this.#publishers.add(publisher);
    return publisher.open();
  }

  subscribe(options: SubscribeOptions, handler: (event: CloudEvent) => Promise<void>): BusSubscription {
    const checked = checkedSubscription(options);
    this.#checkOpen();
    const deps = { connection: this.#connection, topics: this.#topics, parked: this.#parked };
    const member = new KafkaMember(deps, checked, handler);
    this.#members.add(member);
    return member;
  }

  read(options: ReadOptions, handler: PageHandler): BusReading {
    checkName('topic', options.topic);
    this.#checkOpen();
    const reading = new KafkaReading(this.#connection, this.#topics, options, handler);
    this.#readings.add(reading);
    const over = () => this.#readings.delete(reading);
    reading.ended.then(over, over);
    return reading;
  }

  parked(group: string): Promise<ParkedMessage[]> {
    return this.#parked.parked(group);
  }

  discarded(group: string): Promise<DiscardedMessage[]> {
    return this.#parked.discarded(group);
  }

  replayParked(id: string): Promise<void> {
    return this.#parked.replay(id);
  }

  async discardParked(id: string, reason: string): Promise<void> {
    checkReason(reason);
    await this.#parked.discard(id, reason);
  }

  #checkOpen(): void {
    if (this.#closing) throw new BusError('CLOSED', 'the bus is closed');
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#members, ...this.#readings].map((part) => part.stop()));
    await Promise.all([...this.#publishers].map((publisher) => publisher.close()));
    await Promise.all([this.#writer.close(), this.#connection.close()]);
  }
}
