import { addAbortListener } from 'node:events';
import type { CloudEvent } from '@dutyledger/contracts/envelope';
import type { Consumer } from 'kafkajs';
import type { BusError, BusSubscription, SubscribeOptions } from './bus.ts';
import { assignBySubscription } from './kafka-assigner.ts';
import { untilCaughtUp } from './kafka-catch-up.ts';
import { busErrorOf, disconnect, type KafkaConnection } from './kafka-connection.ts';
import { KafkaGeneration } from './kafka-generation.ts';
import type { KafkaParked } from './kafka-parked.ts';
import type { KafkaTopics } from './kafka-topics.ts';

/** An idle member looks so often whether a retry is due. */
const MAX_WAIT_MS = 250;
/** Read at once per partition; a larger message comes alone. */
const READ_BYTES = 512 * 1024;
const LONGEST_BACK_OFF_MS = 5_000;

export interface KafkaMemberDeps {
  connection: KafkaConnection;
  topics: KafkaTopics;
  parked: KafkaParked;
}

/** One member of a consumer group: joins it, and joins it again whenever the broker was away. */
export class KafkaMember implements BusSubscription {
  readonly caughtUp: Promise<void>;
  readonly #deps: KafkaMemberDeps;
  readonly #options: Required<SubscribeOptions>;
  readonly #handler: (event: CloudEvent) => Promise<void>;
  /** Topics of the group, those of parked messages among them, as the broker names them. */
  readonly #topics: string[];
  readonly #stop = new AbortController();
  readonly #joined = Promise.withResolvers<void>();
  readonly #done: Promise<void>;
  #failure: BusError | null = null;
  #generation: KafkaGeneration | undefined;
  #running: Promise<void> = Promise.resolve();
  /** Told whenever an offset was committed. */
  #committed: () => void = () => undefined;

  constructor(
    deps: KafkaMemberDeps,
    options: Required<SubscribeOptions>,
    handler: (event: CloudEvent) => Promise<void>,
  ) {
    this.#deps = deps;
    this.#options = options;
    this.#handler = handler;
    const { prefix } = deps.connection.settings;
    this.#topics = [...options.topics.map((topic) => prefix + topic), deps.parked.topicOf(options.group)];
    this.caughtUp = this.#catchUp();
    // Whoever does not wait for it must not be bothered when it is never reached.
    this.caughtUp.catch(() => undefined);
    this.#done = this.#work();
  }

  failure(): BusError | null {
    return this.#failure;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#generation?.end();
    await this.#done;
  }

  async #catchUp(): Promise<void> {
    const { connection } = this.#deps;
    const groupId = connection.settings.prefix + this.#options.group;
    const onCommit = (told: () => void) => {
      this.#committed = told;
    };
    await untilCaughtUp({
      connection,
      groupId,
      topics: this.#topics,
      ready: () => this.#ensureTopics(),
      joined: this.#joined.promise,
      onCommit,
      signal: this.#stop.signal,
    });
  }

  async #ensureTopics(): Promise<void> {
    await this.#deps.topics.ensure('events', this.#topics.slice(0, -1));
    await this.#deps.topics.ensure('table', this.#topics.slice(-1));
  }

  async #work(): Promise<void> {
    const { signal } = this.#stop;
    let failures = 0;
    while (!signal.aborted) {
      try {
        await this.#follow(() => {
          failures = 0;
        });
      } catch (error) {
        if (signal.aborted) break;
        this.#failure = busErrorOf(error);
        // Perhaps the topics are gone.
        this.#deps.topics.forget(this.#topics);
        await this.#sleep(Math.min(250 * 2 ** failures, LONGEST_BACK_OFF_MS));
        failures += 1;
      }
    }
  }

  /** Until the instant, or until the member is stopped. */
  #sleep(milliseconds: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, milliseconds);
    const listener = addAbortListener(this.#stop.signal, () => resolve());
    return promise.finally(() => {
      clearTimeout(timer);
      listener[Symbol.dispose]();
    });
  }

  /** One kafkajs consumer, until it gives up or the member is stopped. */
  async #follow(succeeded: () => void): Promise<void> {
    await this.#ensureTopics();
    const { promise: over, resolve, reject } = Promise.withResolvers<void>();
    over.catch(() => undefined);
    const consumer = this.#deps.connection.consumer({
      groupId: this.#options.group,
      partitionAssigners: [assignBySubscription],
      maxWaitTimeInMs: MAX_WAIT_MS,
      maxBytesPerPartition: READ_BYTES,
    });
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
    consumer.on(consumer.events.GROUP_JOIN, () => {
      this.#begin(consumer);
      succeeded();
      this.#failure = null;
      this.#joined.resolve();
    });
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
      const { topic, partition, batchSize, lastOffset } = payload;
      // It fails when nothing can be read, which the batches find out as well.
      if (batchSize === 0)
        this.#generation?.passed(topic, partition, Number(lastOffset)).catch(() => undefined);
    });
    const listener = addAbortListener(this.#stop.signal, () => resolve());
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: this.#topics, fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        eachBatch: (payload) => {
          this.#running = this.#generation?.handle(payload) ?? Promise.resolve();
          return this.#running;
        },
      });
      await over;
    } finally {
      listener[Symbol.dispose]();
      this.#generation?.end();
      // kafkajs waits for it as well, but not when it has given up the connection.
      await this.#running.catch(() => undefined);
      await disconnect(consumer);
    }
  }

  #begin(consumer: Consumer): void {
    this.#generation?.end();
    const paused = consumer.paused();
    if (paused.length > 0) consumer.resume(paused);
    this.#generation = new KafkaGeneration({
      consumer,
      connection: this.#deps.connection,
      parked: this.#deps.parked,
      options: this.#options,
      handler: this.#handler,
      topics: this.#topics,
      committed: () => this.#committed(),
    });
    if (this.#stop.signal.aborted) this.#generation.end();
  }
}
