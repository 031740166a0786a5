import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Producer } from 'kafkajs';
import { BusError } from './bus.ts';
import {
  busErrorOf,
  CALL_TIMEOUT_MS,
  disconnect,
  type KafkaConnection,
  kafkaErrorType,
  within,
} from './kafka-connection.ts';

const NOT_YET = [
  'GROUP_LOAD_IN_PROGRESS',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR_FOR_GROUP',
  'NOT_LEADER_FOR_PARTITION',
];
const TRIES = 20;
const PAUSE_MS = 250;

/** One row of a table: the newest record of its key. */
export interface Row {
  offset: number;
  /** Null: deleted. */
  value: string | null;
}

/**
 * Everything that a topic of one partition holds at present. kafkajs reads only as member of a group: each call has a
 * group of its own and removes it. Takes as long as the broker lets new groups wait (group.initial.rebalance.delay.ms).
 */
export async function readTable(connection: KafkaConnection, topic: string): Promise<Map<string, Row>> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await readOnce(connection, topic);
    } catch (error) {
      // A broker that has just started knows its groups a little later, and that it leads a topic a little after the
      // topic was made; kafkajs does not wait for that.
      if (tries === TRIES || !NOT_YET.includes(kafkaErrorType(error))) throw busErrorOf(error);
      await pause(PAUSE_MS);
    }
  }
}

async function readOnce(connection: KafkaConnection, topic: string): Promise<Map<string, Row>> {
  const rows = new Map<string, Row>();
  const [ends] = await connection.admin((admin) => admin.fetchTopicOffsets(topic));
  const { low = '0', high = '0' } = ends ?? {};
  if (low === high) return rows;
  const groupId = `dutyledger.bus.reader.${randomUUID()}`;
  const consumer = connection.consumer({ groupId, maxWaitTimeInMs: 100 });
  const done = Promise.withResolvers<void>();
  consumer.on(consumer.events.CRASH, ({ payload }) => done.reject(payload.error));
  consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
    if (BigInt(payload.lastOffset) + 1n >= BigInt(high)) done.resolve();
  });
  const read = async () => {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        for (const { key, value, offset } of batch.messages) {
          rows.set(key?.toString() ?? '', { offset: Number(offset), value: value?.toString() ?? null });
        }
      },
    });
    await done.promise;
  };
  try {
    await within(CALL_TIMEOUT_MS, read());
    return rows;
  } finally {
    await disconnect(consumer);
    await connection
      .admin((admin) => admin.deleteGroups([connection.settings.prefix + groupId]))
      .catch(() => undefined);
  }
}

/** Writes rows, durably when `write` resolves. One that fails is told, and written again by whoever asked. */
export class TableWriter {
  readonly #connection: KafkaConnection;
  #producer: Promise<Producer> | undefined;
  #closed = false;

  constructor(connection: KafkaConnection) {
    this.#connection = connection;
  }

  async write(topic: string, key: string, value: string | null): Promise<void> {
    if (this.#closed) throw new BusError('CLOSED', 'the bus is closed');
    this.#producer ??= this.#connect();
    const used = this.#producer;
    try {
      const sending = used.then((producer) => producer.send({ topic, acks: -1, messages: [{ key, value }] }));
      await within(CALL_TIMEOUT_MS, sending);
    } catch (error) {
      if (this.#producer === used) this.#producer = undefined;
      void used.then(disconnect, () => undefined);
      throw busErrorOf(error);
    }
  }

  async #connect(): Promise<Producer> {
    const producer = this.#connection.producer();
    try {
      await producer.connect();
      return producer;
    } catch (error) {
      await disconnect(producer);
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    const producer = await this.#producer?.catch(() => undefined);
    if (producer) await disconnect(producer);
  }
}
