import { randomUUID } from 'node:crypto';
import { addAbortListener } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { Batch, Consumer } from 'kafkajs';
import {
  BusError,
  type BusPosition,
  type BusReading,
  type PageHandler,
  type PlacedMessage,
  type ReadOptions,
} from './bus.ts';
import { checkPosition } from './checks.ts';
import { busErrorOf, disconnect, type KafkaConnection } from './kafka-connection.ts';
import type { KafkaTopics } from './kafka-topics.ts';

/** An idle reading asks again so often whether it is to stop; what is published wakes it at once. */
const MAX_WAIT_MS = 250;
const LONGEST_BACK_OFF_MS = 5_000;

/** What ends a reading for good, unlike a broker that is away. */
class Final extends Error {}

/**
 * A reading of one topic, its parts the partitions. kafkajs reads only as member of a group: each reading has a group of
 * its own, commits nothing and removes it in the end; one that is killed leaves a group without offsets, which the broker
 * drops. It takes as long to begin as the broker lets new groups wait (group.initial.rebalance.delay.ms).
 */
export class KafkaReading implements BusReading {
  readonly started: Promise<BusPosition>;
  readonly ended: Promise<void>;
  readonly #connection: KafkaConnection;
  readonly #topics: KafkaTopics;
  readonly #options: ReadOptions;
  readonly #handler: PageHandler;
  readonly #starting = Promise.withResolvers<BusPosition>();
  readonly #stop = new AbortController();
  readonly #groupId = `dutyledger.bus.reading.${randomUUID()}`;
  #position: Record<string, number> | undefined;
  #failure: BusError | null = null;
  #running: Promise<void> = Promise.resolve();

  constructor(connection: KafkaConnection, topics: KafkaTopics, options: ReadOptions, handler: PageHandler) {
    this.#connection = connection;
    this.#topics = topics;
    this.#options = options;
    this.#handler = handler;
    this.started = this.#starting.promise;
    this.ended = this.#run();
    this.started.catch(() => undefined);
    this.ended.catch((error) => this.#starting.reject(error));
  }

  get #topic(): string {
    return this.#connection.settings.prefix + this.#options.topic;
  }

  failure(): BusError | null {
    return this.#failure;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.ended.catch(() => undefined);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    for (let failures = 0; !signal.aborted; failures += 1) {
      try {
        await this.#follow(() => {
          failures = 0;
          this.#failure = null;
        });
      } catch (error) {
        if (error instanceof Final) throw error.cause;
        if (signal.aborted) break;
        this.#failure = busErrorOf(error);
        this.#topics.forget([this.#topic]);
        const milliseconds = Math.min(250 * 2 ** failures, LONGEST_BACK_OFF_MS);
        await pause(milliseconds, undefined, { signal }).catch(() => undefined);
      }
    }
    this.#starting.reject(new BusError('CLOSED', 'stopped before it began'));
  }

  /** One kafkajs consumer, until it gives up or the reading is stopped. */
  async #follow(succeeded: () => void): Promise<void> {
    await this.#topics.ensure('events', [this.#topic]);
    this.#position ??= await this.#begin();
    const over = Promise.withResolvers<void>();
    over.promise.catch(() => undefined);
    const consumer = this.#connection.consumer({ groupId: this.#groupId, maxWaitTimeInMs: MAX_WAIT_MS });
    consumer.on(consumer.events.CRASH, ({ payload }) => over.reject(payload.error));
    consumer.on(consumer.events.GROUP_JOIN, () => {
      this.#seek(consumer);
      succeeded();
    });
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
      // Nothing but the ends of transactions.
      if (payload.batchSize > 0) return;
      this.#take(String(payload.partition), [], Number(payload.lastOffset) + 1).catch(over.reject);
    });
    const listener = addAbortListener(this.#stop.signal, () => over.resolve());
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [this.#topic], fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachBatch: async ({ batch }) => {
          this.#running = this.#handle(batch);
          await this.#running.catch((error) => {
            over.reject(error);
            throw error;
          });
        },
      });
      this.#starting.resolve({ ...this.#position });
      await over.promise;
    } finally {
      listener[Symbol.dispose]();
      await this.#running.catch(() => undefined);
      await disconnect(consumer);
      const { prefix } = this.#connection.settings;
      await this.#connection
        .admin((admin) => admin.deleteGroups([prefix + this.#groupId]))
        .catch(() => undefined);
    }
  }

  async #begin(): Promise<Record<string, number>> {
    const { from, topic } = this.#options;
    const offsets = await this.#connection.admin((admin) => admin.fetchTopicOffsets(this.#topic));
    const parts = new Map(
      offsets.map(({ partition, low, high }) => [
        String(partition),
        { low: Number(low), high: Number(high) },
      ]),
    );
    if (from !== 'end') {
      try {
        checkPosition(from, topic, parts);
      } catch (cause) {
        throw new Final('the position is not in the log', { cause });
      }
    }
    return Object.fromEntries(
      Array.from(parts, ([part, { low, high }]) => [part, from === 'end' ? high : (from[part] ?? low)]),
    );
  }

  /** A group that is joined again begins at what was committed, which is nothing. */
  #seek(consumer: Consumer): void {
    for (const [part, place] of Object.entries(this.#position ?? {})) {
      consumer.seek({ topic: this.#topic, partition: Number(part), offset: String(place) });
    }
  }

  async #handle(batch: Batch): Promise<void> {
    const part = String(batch.partition);
    const messages = batch.messages.flatMap(({ offset, value }): PlacedMessage[] => {
      try {
        return [{ part, place: Number(offset), event: JSON.parse(value?.toString() ?? '') }];
      } catch {
        // Someone wrote to the topic what is no JSON: consumer groups park it, readers pass it by.
        return [];
      }
    });
    await this.#take(part, messages, Number(batch.lastOffset()) + 1);
  }

  /** Passes on what was not read yet: a consumer that has just joined may begin before it is told where. */
  async #take(part: string, messages: readonly PlacedMessage[], next: number): Promise<void> {
    const position = this.#position ?? {};
    const from = position[part] ?? 0;
    if (next <= from || this.#stop.signal.aborted) return;
    const reached = { ...position, [part]: next };
    this.#position = reached;
    try {
      await this.#handler(
        messages.filter(({ place }) => place >= from),
        { ...reached },
      );
    } catch (cause) {
      throw new Final('the handler failed', { cause });
    }
  }
}
