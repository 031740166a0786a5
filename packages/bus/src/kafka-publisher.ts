import { randomUUID } from 'node:crypto';
import type { OutgoingMessage } from '@dutyledger/contracts/event-contract';
import kafkajs, { type Message, type Producer, type TopicMessages } from 'kafkajs';
import { BusError, type Publisher } from './bus.ts';
import { type SerializedMessage, serialized } from './checks.ts';
import {
  busErrorOf,
  CALL_TIMEOUT_MS,
  disconnect,
  type KafkaConnection,
  kafkaErrorType,
  within,
} from './kafka-connection.ts';
import { readTable } from './kafka-table.ts';
import type { KafkaTopics } from './kafka-topics.ts';

/** A request holds no more than this, so that no broker's limits are met (one large event may exceed it). */
const REQUEST_BYTES = 1024 * 1024;
/** Less is not worth the time. */
const COMPRESSED_FROM_BYTES = 2048;
/** What the broker says to a transaction of someone whom it takes for superseded, or has timed out. */
const FENCED = [
  'INVALID_PRODUCER_EPOCH',
  'INVALID_PRODUCER_ID_MAPPING',
  'INVALID_TXN_STATE',
  'UNKNOWN_PRODUCER_ID',
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
];
/** A broker that is just ending the former one's transaction may answer so; claiming again does no harm. */
const BROKEN = 'UNKNOWN';
const MOST_OPENINGS = 5;
/** Longer than the broker takes to end what a former publisher left open (see `transactionTimeout`). */
const TAKE_OVER_MS = 45_000;
const HEADERS = { 'content-type': 'application/cloudevents+json; charset=UTF-8' };
const CLAIM_KEY = 'claim';

/** A claim is read within milliseconds, unless a transaction is open. */
const GLANCE_MS = 3_000;

/** Who publishes, and how far that is: the newest record of the publisher's own topic. */
interface Claim {
  owner: string;
  checkpoint: number;
}

/**
 * Publishes in transactions under a name of its own: messages and checkpoint are one. The broker lets only the newest
 * transactional producer of a name write; the claim in the publisher's topic says which publisher that should be, so
 * that one who was paused or cut off, and opens its producer again, finds that it was superseded.
 */
export class KafkaPublisher implements Publisher {
  readonly #name: string;
  readonly #connection: KafkaConnection;
  readonly #topics: KafkaTopics;
  readonly #owner = randomUUID();
  /** Holds the claim. */
  readonly #topic: string;
  #producer: Producer | undefined;
  #tail: Promise<unknown> = Promise.resolve();
  #ended: BusError | undefined;
  #checkpoint = 0;

  constructor(name: string, connection: KafkaConnection, topics: KafkaTopics) {
    this.#name = name;
    this.#connection = connection;
    this.#topics = topics;
    this.#topic = `${connection.settings.prefix}dutyledger.bus.publisher.${name}`;
  }

  get checkpoint(): number {
    return this.#checkpoint;
  }

  async open(): Promise<this> {
    await this.#topics.ensure('table', [this.#topic]);
    let former: Claim | undefined;
    const found = (claim: Claim | undefined) => {
      former ??= claim;
    };
    for (let tries = 1; ; tries += 1) {
      const producer = this.#newProducer();
      try {
        await within(TAKE_OVER_MS, this.#takeOver(producer, found));
        return this;
      } catch (error) {
        await disconnect(producer);
        const type = kafkaErrorType(error);
        const overtaken = FENCED.includes(type);
        // The former one may have come in between, with a producer of its own, before it saw that it is superseded.
        if (overtaken && !(await this.#claimedBy([former?.owner, this.#owner]))) throw this.#fenced();
        if ((!overtaken && type !== BROKEN) || tries === MOST_OPENINGS) throw busErrorOf(error);
      }
    }
  }

  /** The transaction's begin fences off whoever published before, and ends what that one had left open. */
  async #takeOver(producer: Producer, found: (claim: Claim | undefined) => void): Promise<void> {
    await producer.connect();
    const transaction = await producer.transaction();
    const claim = await this.#claim();
    found(claim);
    this.#checkpoint = claim?.checkpoint ?? 0;
    await transaction.send({ ...this.#claimOf(this.#checkpoint), acks: -1 });
    await transaction.commit();
    this.#producer = producer;
  }

  async publish(messages: readonly OutgoingMessage[], checkpoint?: number): Promise<void> {
    if (this.#ended) throw this.#ended;
    const checked = messages.map(serialized);
    if (checked.length === 0 && checkpoint === undefined) return;
    const publishing = this.#tail.then(() => this.#publish(checked, checkpoint));
    this.#tail = publishing.catch(() => undefined);
    await publishing;
  }

  async #publish(messages: readonly SerializedMessage[], checkpoint: number | undefined): Promise<void> {
    const { prefix } = this.#connection.settings;
    const topics = [...new Set(messages.map(({ topic }) => prefix + topic))];
    await this.#topics.ensure('events', topics);
    const requests = requestsFor(messages, prefix);
    const last = requests.at(-1) ?? { topicMessages: [], bytes: 0 };
    if (requests.length === 0) requests.push(last);
    if (checkpoint !== undefined) last.topicMessages.push(this.#claimOf(checkpoint));
    for (let again = false; ; again = true) {
      if (this.#ended?.code === 'FENCED') throw this.#ended;
      const producer = this.#producer ?? (await this.#recovered());
      try {
        await within(CALL_TIMEOUT_MS, transact(producer, requests));
        this.#checkpoint = checkpoint ?? this.#checkpoint;
        return;
      } catch (error) {
        // Whatever state it is in: a producer that failed is never used again.
        this.#producer = undefined;
        void disconnect(producer);
        this.#topics.forget([this.#topic, ...topics]);
        if (again || !FENCED.includes(kafkaErrorType(error))) throw busErrorOf(error);
      }
    }
  }

  /** A new producer in the place of one that failed; FENCED when another publisher has claimed the name since. */
  async #recovered(): Promise<Producer> {
    await this.#glance();
    const producer = this.#newProducer();
    const begin = async () => {
      await producer.connect();
      // From here on the broker refuses all others; who claimed the name just before is the right one nevertheless.
      const transaction = await producer.transaction();
      await this.#mine();
      await transaction.abort();
    };
    try {
      await within(CALL_TIMEOUT_MS, begin());
    } catch (error) {
      await disconnect(producer);
      throw busErrorOf(error);
    }
    this.#producer = producer;
    return producer;
  }

  /** Whoever was superseded had better not disturb its successor; but what this one left open holds up its own reading. */
  async #glance(): Promise<void> {
    await within(GLANCE_MS, this.#mine()).catch(() => {
      if (this.#ended) throw this.#ended;
    });
  }

  async #claimedBy(owners: readonly (string | undefined)[]): Promise<boolean> {
    return owners.includes((await this.#claim())?.owner);
  }

  async #mine(): Promise<void> {
    const claim = await this.#claim();
    if (claim?.owner !== this.#owner) {
      this.#ended ??= claim ? this.#fenced() : this.#lost();
      throw this.#ended;
    }
    this.#checkpoint = claim.checkpoint;
  }

  #fenced(): BusError {
    return new BusError('FENCED', `publisher ${this.#name} was opened again elsewhere`);
  }

  /** With its claim the log has lost what was published: it is to be opened again, and starts from the beginning. */
  #lost(): BusError {
    return new BusError('FENCED', `Kafka has lost the topic of publisher ${this.#name}: it starts again`);
  }

  async #claim(): Promise<Claim | undefined> {
    const [existing] = await this.#topics.existing([this.#topic]);
    if (existing === undefined) return undefined;
    const rows = await readTable(this.#connection, this.#topic);
    const value = rows.get(CLAIM_KEY)?.value;
    return value ? (JSON.parse(value) as Claim) : undefined;
  }

  #claimOf(checkpoint: number): TopicMessages {
    const claim: Claim = { owner: this.#owner, checkpoint };
    return { topic: this.#topic, messages: [{ key: CLAIM_KEY, value: JSON.stringify(claim) }] };
  }

  #newProducer(): Producer {
    return this.#connection.producer(`dutyledger.${this.#name}`);
  }

  async close(): Promise<void> {
    this.#ended ??= new BusError('CLOSED', `publisher ${this.#name} is closed`);
    await this.#tail;
    const producer = this.#producer;
    this.#producer = undefined;
    if (producer) await disconnect(producer);
  }
}

interface Request {
  topicMessages: TopicMessages[];
  bytes: number;
}

/** In order, cut where a request would grow too large. */
function requestsFor(messages: readonly SerializedMessage[], prefix: string): Request[] {
  const requests: Request[] = [];
  let byTopic = new Map<string, Message[]>();
  let last: Request = { topicMessages: [], bytes: Number.POSITIVE_INFINITY };
  for (const { topic, key, event } of messages) {
    const value = Buffer.from(event);
    if (last.bytes + value.length > REQUEST_BYTES) {
      byTopic = new Map();
      last = { topicMessages: [], bytes: 0 };
      requests.push(last);
    }
    let ofTopic = byTopic.get(topic);
    if (!ofTopic) {
      ofTopic = [];
      byTopic.set(topic, ofTopic);
      last.topicMessages.push({ topic: prefix + topic, messages: ofTopic });
    }
    ofTopic.push({ key, value, headers: HEADERS });
    last.bytes += value.length;
  }
  return requests;
}

async function transact(producer: Producer, requests: readonly Request[]): Promise<void> {
  const transaction = await producer.transaction();
  for (const { topicMessages, bytes } of requests) {
    const { GZIP, None } = kafkajs.CompressionTypes;
    const compression = bytes >= COMPRESSED_FROM_BYTES ? GZIP : None;
    await transaction.sendBatch({ topicMessages, compression, acks: -1 });
  }
  await transaction.commit();
}
