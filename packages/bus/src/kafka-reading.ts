import { setTimeout as pause } from 'node:timers/promises';
import {
  BusError,
  type BusPosition,
  type BusReading,
  type PageHandler,
  type PlacedMessage,
  type ReadOptions,
} from './bus.ts';
import { checkPosition } from './checks.ts';
import {
  busErrorOf,
  CALL_TIMEOUT_MS,
  disconnect,
  type KafkaConnection,
  kafkaErrorType,
  within,
} from './kafka-connection.ts';
import { type Cluster, fetchFrom, leadersOf, type Page } from './kafka-fetch.ts';
import type { KafkaTopics } from './kafka-topics.ts';

const LONGEST_BACK_OFF_MS = 5_000;

/** What ends a reading for good, unlike a broker that is away. */
class Final extends Error {}

/**
 * A reading of one topic, its parts the partitions, straight from the brokers that lead them: as member of a group, which
 * is all that kafkajs offers, each reading would begin only when the broker lets new groups begin
 * (group.initial.rebalance.delay.ms, 3 s by default).
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
  #position: Record<string, number> | undefined;
  #failure: BusError | null = null;
  #turn: Promise<void> = Promise.resolve();

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

  /** One connection to the brokers, until one of them fails or the reading is stopped. */
  async #follow(succeeded: () => void): Promise<void> {
    await this.#topics.ensure('events', [this.#topic]);
    this.#position ??= await this.#begin();
    this.#starting.resolve({ ...this.#position });
    const cluster = this.#connection.cluster();
    const finding = leadersOf(cluster, this.#topic);
    const over = new AbortController();
    const signal = AbortSignal.any([over.signal, this.#stop.signal]);
    try {
      const leaders = await within(CALL_TIMEOUT_MS, finding);
      const ends = Array.from(leaders, async ([leader, partitions]) => {
        try {
          await this.#fetch(cluster, leader, partitions, { signal, succeeded });
        } finally {
          over.abort();
        }
      });
      const failed = (await Promise.allSettled(ends)).find(({ status }) => status === 'rejected');
      if (failed?.status === 'rejected') throw failed.reason;
    } catch (error) {
      // One that connects too late is let go then.
      void finding.then(
        () => disconnect(cluster),
        () => undefined,
      );
      throw kafkaErrorType(error) === 'OFFSET_OUT_OF_RANGE' ? this.#lost(error) : error;
    } finally {
      await disconnect(cluster);
    }
  }

  /** From one broker, whose pages are handed on by turns with those of the others. */
  async #fetch(
    cluster: Cluster,
    leader: number,
    partitions: readonly number[],
    { signal, succeeded }: { signal: AbortSignal; succeeded: () => void },
  ): Promise<void> {
    while (!signal.aborted) {
      const offsets = partitions.map((part) => [part, this.#position?.[String(part)] ?? 0] as const);
      const pages = await fetchFrom(cluster, leader, this.#topic, new Map(offsets));
      succeeded();
      for (const page of pages) {
        if (signal.aborted) return;
        this.#turn = this.#turn.then(() => this.#handle(page));
        await this.#turn;
      }
    }
  }

  #lost(cause: unknown): Final {
    const message = `topic ${this.#options.topic} does not hold the place that was reached any more`;
    return new Final('the log was lost', { cause: new BusError('OUT_OF_RANGE', message, { cause }) });
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

  async #handle({ partition, messages, next }: Page): Promise<void> {
    if (this.#stop.signal.aborted) return;
    const part = String(partition);
    const placed = messages.flatMap(({ offset, value }): PlacedMessage[] => {
      try {
        return [{ part, place: Number(offset), event: JSON.parse(value?.toString() ?? '') }];
      } catch {
        // Someone wrote to the topic what is no JSON: consumer groups park it, readers pass it by.
        return [];
      }
    });
    const reached = { ...this.#position, [part]: next };
    this.#position = reached;
    try {
      await this.#handler(placed, { ...reached });
    } catch (cause) {
      throw new Final('the handler failed', { cause });
    }
  }
}
