import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs, { type ITopicConfig, type ITopicMetadata } from 'kafkajs';
import { BusError, MAX_MESSAGE_BYTES } from './bus.ts';
import { busErrorOf, type KafkaConnection, kafkaErrorType } from './kafka-connection.ts';

/** `events`: a log that is kept for good. `table`: the newest value of each key, in one partition. */
export type TopicKind = 'events' | 'table';

/** An event of the largest size, its key and headers, or a parked one with its cause: all fit in. */
const MAX_RECORD_BYTES = 2 * MAX_MESSAGE_BYTES;
/** From so many copies on, a record counts as written once a second copy has it. */
const REPLICATION_FOR_TWO = 3;
/** How long brokers may take to learn of a topic that was created. */
const READY_MS = 5_000;
const LOOK_AGAIN_MS = 50;
const NOT_YET = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE']);
const CHECKED = ['cleanup.policy', 'retention.ms', 'retention.bytes', 'max.message.bytes'];

const hasLeaders = ({ partitions }: ITopicMetadata): boolean =>
  partitions.length > 0 && partitions.every(({ leader }) => leader >= 0);

/** Makes sure that topics are there and keep what they are given. Existing ones are never changed, only judged. */
export class KafkaTopics {
  readonly #connection: KafkaConnection;
  readonly #warn: (message: string) => void;
  readonly #ensured = new Map<string, Promise<void>>();

  constructor(connection: KafkaConnection, warn: (message: string) => void) {
    this.#connection = connection;
    this.#warn = warn;
  }

  /**
   * Creates what is missing. Rejects with MISCONFIGURED when a topic would lose or mix up messages, or cannot be
   * created as the URL says; what is merely unwise is warned of once.
   */
  async ensure(kind: TopicKind, topics: readonly string[]): Promise<void> {
    const missing = topics.filter((topic) => !this.#ensured.has(topic));
    if (missing.length > 0) {
      const ensuring = this.#ensure(kind, missing);
      for (const topic of missing) this.#ensured.set(topic, ensuring);
      ensuring.catch(() => this.forget(missing));
    }
    await Promise.all(topics.map((topic) => this.#ensured.get(topic)));
  }

  /** Looks again next time: someone may have deleted them. */
  forget(topics: readonly string[]): void {
    for (const topic of topics) this.#ensured.delete(topic);
  }

  /** Which of the topics are there. */
  async existing(topics: readonly string[]): Promise<string[]> {
    const present = new Set(await this.#connection.admin((admin) => admin.listTopics()));
    return topics.filter((topic) => present.has(topic));
  }

  async #ensure(kind: TopicKind, topics: readonly string[]): Promise<void> {
    const existing = await this.existing(topics);
    const created = topics.filter((topic) => !existing.includes(topic));
    if (created.length > 0) await this.#create(created.map((topic) => this.#wanted(kind, topic)));
    if (existing.length > 0) await this.#judge(kind, existing);
  }

  async #create(topics: ITopicConfig[]): Promise<void> {
    const names = topics.map(({ topic }) => topic).join(', ');
    await this.#connection.admin(async (admin) => {
      try {
        // Several instances may create them at once: false says that someone else was first.
        await admin.createTopics({ topics, waitForLeaders: false });
      } catch (error) {
        throw creationError(error, names);
      }
    });
    await this.#metadata(topics.map(({ topic }) => topic));
  }

  /** Of topics that are there; one that was created a moment ago, by whomever, is waited for until brokers know it. */
  #metadata(topics: string[]): Promise<ITopicMetadata[]> {
    return this.#connection.admin(async (admin) => {
      for (const deadline = performance.now() + READY_MS; ; await sleep(LOOK_AGAIN_MS)) {
        const late = performance.now() >= deadline;
        try {
          const { topics: metadata } = await admin.fetchTopicMetadata({ topics });
          if (late || metadata.every(hasLeaders)) return metadata;
        } catch (error) {
          if (late || !NOT_YET.has(kafkaErrorType(error))) throw error;
        }
      }
    });
  }

  #wanted(kind: TopicKind, topic: string): ITopicConfig {
    const { partitions, replication = -1 } = this.#connection.settings;
    const config: Record<string, string> = {
      'max.message.bytes': String(MAX_RECORD_BYTES),
      ...(replication >= REPLICATION_FOR_TWO ? { 'min.insync.replicas': '2' } : {}),
      ...(kind === 'events'
        ? // Copies and read models are rebuilt from the log: all of it stays.
          { 'cleanup.policy': 'delete', 'retention.ms': '-1', 'retention.bytes': '-1' }
        : // Small segments are tidied soon, so that reading the whole table is quick.
          { 'cleanup.policy': 'compact', 'segment.bytes': '1048576', 'min.cleanable.dirty.ratio': '0.1' }),
    };
    return {
      topic,
      numPartitions: kind === 'events' ? partitions : 1,
      replicationFactor: replication,
      configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
    };
  }

  async #judge(kind: TopicKind, topics: string[]): Promise<void> {
    const metadata = await this.#metadata(topics);
    const configs = await this.#configs(topics);
    for (const { name, partitions } of metadata) {
      const config = configs.get(name) ?? new Map();
      if (kind === 'events') this.#judgeEvents(name, partitions.length, config);
      else judgeTable(name, partitions.length, config);
    }
  }

  #judgeEvents(topic: string, partitions: number, config: ReadonlyMap<string, string>): void {
    if (config.get('cleanup.policy')?.includes('compact')) {
      throw misconfigured(topic, 'cleanup.policy is compact: it would lose events; set it to delete');
    }
    const wanted = this.#connection.settings.partitions;
    const warnings = [
      ...(partitions === wanted ? [] : [`it has ${partitions} partitions, not ${wanted}, and keeps them`]),
      ...['retention.ms', 'retention.bytes']
        .filter((name) => (config.get(name) ?? '-1') !== '-1')
        .map((name) => `${name} is ${config.get(name)}: what is older cannot be rebuilt from; set it to -1`),
      ...(Number(config.get('max.message.bytes') ?? MAX_RECORD_BYTES) >= MAX_RECORD_BYTES
        ? []
        : [`max.message.bytes is ${config.get('max.message.bytes')}: set it to ${MAX_RECORD_BYTES}`]),
    ];
    if (warnings.length > 0) this.#warn(`Kafka topic ${topic}: ${warnings.join('; ')}`);
  }

  /** Without the right to read them, nothing is known of the settings. */
  async #configs(topics: readonly string[]): Promise<Map<string, Map<string, string>>> {
    const resources = topics.map((name) => ({
      type: kafkajs.ConfigResourceTypes.TOPIC,
      name,
      configNames: CHECKED,
    }));
    try {
      const answer = await this.#connection.admin((admin) =>
        admin.describeConfigs({ resources, includeSynonyms: false }),
      );
      return new Map(
        answer.resources.map(({ resourceName, configEntries }) => [
          resourceName,
          new Map(configEntries.map(({ configName, configValue }) => [configName, configValue])),
        ]),
      );
    } catch (error) {
      if (busErrorOf(error).code !== 'DENIED') throw error;
      return new Map();
    }
  }
}

function judgeTable(topic: string, partitions: number, config: ReadonlyMap<string, string>): void {
  if (partitions !== 1) throw misconfigured(topic, `it has ${partitions} partitions and must have 1`);
  const policy = config.get('cleanup.policy') ?? 'compact';
  if (policy !== 'compact') throw misconfigured(topic, `cleanup.policy is ${policy} and must be compact`);
}

const misconfigured = (topic: string, what: string, cause?: unknown) =>
  new BusError('MISCONFIGURED', `Kafka topic ${topic}: ${what}`, { cause });

/** kafkajs bundles what the broker says of each topic. */
function creationError(error: unknown, names: string): unknown {
  const [first] =
    error instanceof Error && 'errors' in error && Array.isArray(error.errors) ? error.errors : [];
  const cause = first ?? error;
  const type = kafkaErrorType(cause);
  if (
    !['INVALID_REPLICATION_FACTOR', 'INVALID_PARTITIONS', 'INVALID_CONFIG', 'POLICY_VIOLATION'].includes(type)
  ) {
    return cause;
  }
  return misconfigured(names, `cannot be created as the URL says (${(cause as Error).message})`, cause);
}
