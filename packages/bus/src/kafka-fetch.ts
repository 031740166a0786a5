import { createRequire } from 'node:module';
import type { KafkaMessage } from 'kafkajs';

/** What kafkajs' consumers fetch by; kafkajs itself offers them as members of a group only. */
export interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addTargetTopic(topic: string): Promise<void>;
  findTopicPartitionMetadata(topic: string): { partitionId: number; leader: number }[];
  findBroker(node: { nodeId: number }): Promise<Broker>;
}

interface Broker {
  fetch(request: {
    isolationLevel: number;
    maxWaitTime: number;
    minBytes: number;
    maxBytes: number;
    topics: {
      topic: string;
      partitions: { partition: number; fetchOffset: string; maxBytes: number }[];
    }[];
  }): Promise<{ responses: { topicName: string; partitions: Fetched[] }[] }>;
}

interface Fetched {
  partition: number;
  messages: unknown[];
}

interface RawBatch {
  messages: KafkaMessage[];
  lastOffset(): string;
}

/** What was committed to a partition from the offset that was asked for, and the offset to go on at. */
export interface Page {
  partition: number;
  messages: KafkaMessage[];
  next: number;
}

const require = createRequire(import.meta.url);
const { READ_COMMITTED } = require('kafkajs/src/protocol/isolationLevel.js') as { READ_COMMITTED: number };
const Batch = require('kafkajs/src/consumer/batch.js') as new (
  topic: string,
  offset: string,
  fetched: Fetched,
) => RawBatch;

/** An idle reading asks again so often whether it is to stop; what is published wakes it at once. */
const MAX_WAIT_MS = 250;
const PARTITION_BYTES = 1024 * 1024;
const FETCH_BYTES = 10 * PARTITION_BYTES;

/** Connects, and tells the partitions of a topic by the broker that leads them. */
export async function leadersOf(cluster: Cluster, topic: string): Promise<Map<number, number[]>> {
  await cluster.connect();
  await cluster.addTargetTopic(topic);
  const partitions = cluster.findTopicPartitionMetadata(topic);
  const byLeader = Map.groupBy(partitions, ({ leader }) => leader);
  return new Map(
    Array.from(byLeader, ([leader, led]) => [leader, led.map(({ partitionId }) => partitionId)]),
  );
}

/**
 * What partitions of one broker hold from the offsets on, at once or as soon as there is something; empty when nothing
 * came for a quarter of a second. Pages without messages pass by what was aborted and the ends of transactions. Rejects
 * with what the broker says, such as NOT_LEADER_FOR_PARTITION.
 */
export async function fetchFrom(
  cluster: Cluster,
  leader: number,
  topic: string,
  offsets: ReadonlyMap<number, number>,
): Promise<Page[]> {
  const broker = await cluster.findBroker({ nodeId: leader });
  const partitions = Array.from(offsets, ([partition, offset]) => ({
    partition,
    fetchOffset: String(offset),
    maxBytes: PARTITION_BYTES,
  }));
  const { responses } = await broker.fetch({
    isolationLevel: READ_COMMITTED,
    maxWaitTime: MAX_WAIT_MS,
    minBytes: 1,
    maxBytes: FETCH_BYTES,
    topics: [{ topic, partitions }],
  });
  return responses
    .flatMap((response) => response.partitions)
    .filter(({ messages }) => messages.length > 0)
    .map((fetched) => {
      const batch = new Batch(topic, String(offsets.get(fetched.partition) ?? 0), fetched);
      return {
        partition: fetched.partition,
        messages: batch.messages,
        next: Number(batch.lastOffset()) + 1,
      };
    });
}
