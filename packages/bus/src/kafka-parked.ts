import type { CloudEvent } from '@dutyledger/contracts/envelope';
import { BusError, type DiscardedMessage, type ParkedMessage } from './bus.ts';
import type { KafkaConnection } from './kafka-connection.ts';
import { type Row, readTable, type TableWriter } from './kafka-table.ts';
import type { KafkaTopics } from './kafka-topics.ts';

/** The newest record of a parked message; a deleted one was handled. */
interface ParkedRecord extends Omit<ParkedMessage, 'id'> {
  /** `replay`: parked, and to be tried once more by whichever member reads it. */
  state: 'parked' | 'replay' | 'discarded';
  /** Of a discarded one. */
  reason?: string;
  discardedAt?: string;
}

/** Where a parked message stands in its topic, of which it is the id together with the group. */
export interface Place {
  /** As the bus names it, without the prefix. */
  topic: string;
  partition: number;
  offset: number;
}

export interface Failure {
  cause: string;
  attempts: number;
}

const ID = /^([^/@]+)\/(\d{1,10})\/(\d{1,16})@([^/@]+)$/;

const idOf = ({ topic, partition, offset }: Place, group: string) =>
  `${topic}/${partition}/${offset}@${group}`;

function placeOf(id: string): Place & { group: string } {
  const [, topic, partition, offset, group] = ID.exec(id) ?? [];
  if (topic === undefined || group === undefined) throw notFound(id);
  return { topic, partition: Number(partition), offset: Number(offset), group };
}

const notFound = (id: string) => new BusError('NOT_FOUND', `no parked message ${JSON.stringify(id)}`);

/**
 * The messages that groups could not handle: a topic per group, the newest record of each message is its state. All
 * instances see the same, and the members of the group, who subscribe to it as well, see what is to be tried again.
 */
export class KafkaParked {
  readonly #connection: KafkaConnection;
  readonly #topics: KafkaTopics;
  readonly #writer: TableWriter;

  constructor(connection: KafkaConnection, topics: KafkaTopics, writer: TableWriter) {
    this.#connection = connection;
    this.#topics = topics;
    this.#writer = writer;
  }

  topicOf(group: string): string {
    return `${this.#connection.settings.prefix}dutyledger.bus.parked.${group}`;
  }

  async parked(group: string): Promise<ParkedMessage[]> {
    const all = await this.#all(group);
    return all
      .filter(({ state }) => state !== 'discarded')
      .map(({ state: _, reason: __, discardedAt: ___, ...message }) => message);
  }

  async discarded(group: string): Promise<DiscardedMessage[]> {
    const all = await this.#all(group);
    return all
      .filter(({ state }) => state === 'discarded')
      .map(({ state: _, reason = '', discardedAt = '', ...message }) => ({
        ...message,
        reason,
        discardedAt,
      }));
  }

  async replay(id: string): Promise<void> {
    const { group, record } = await this.#undecided(id);
    await this.#write(group, id, { ...record, state: 'replay' });
  }

  async discard(id: string, reason: string): Promise<void> {
    const { group, record } = await this.#undecided(id);
    await this.#write(group, id, {
      ...record,
      state: 'discarded',
      reason,
      discardedAt: new Date().toISOString(),
    });
  }

  /** Durable when it resolves. */
  async park(group: string, place: Place, key: string, event: CloudEvent, failure: Failure): Promise<void> {
    const { topic } = place;
    const parkedAt = new Date().toISOString();
    await this.#write(group, idOf(place, group), {
      state: 'parked',
      group,
      topic,
      key,
      event,
      ...failure,
      parkedAt,
    });
  }

  /**
   * Tries the message of a record once more, when the record asks for it and is still the newest of its message.
   * `attempt` answers with the cause of a failure.
   */
  async follow(
    group: string,
    record: { key: string; value: string | null; offset: number },
    attempt: (event: CloudEvent) => Promise<string | undefined>,
  ): Promise<void> {
    const parked = record.value === null ? undefined : (JSON.parse(record.value) as ParkedRecord);
    if (parked?.state !== 'replay') return;
    const isNewest = async () => (await this.#rows(group)).get(record.key)?.offset === record.offset;
    if (!(await isNewest())) return;
    const cause = await attempt(parked.event);
    // One that someone discarded meanwhile stays discarded.
    if (!(await isNewest())) return;
    if (cause === undefined) await this.#writer.write(this.topicOf(group), record.key, null);
    else {
      const { attempts } = parked;
      const parkedAt = new Date().toISOString();
      await this.#write(group, record.key, {
        ...parked,
        state: 'parked',
        cause,
        attempts: attempts + 1,
        parkedAt,
      });
    }
  }

  async #write(group: string, id: string, record: ParkedRecord): Promise<void> {
    await this.#topics.ensure('table', [this.topicOf(group)]);
    await this.#writer.write(this.topicOf(group), id, JSON.stringify(record));
  }

  async #rows(group: string): Promise<Map<string, Row>> {
    const topic = this.topicOf(group);
    // A group that never had a member has nothing parked, and asking makes no topic.
    const [existing] = await this.#topics.existing([topic]);
    return existing === undefined ? new Map() : readTable(this.#connection, topic);
  }

  /** In the order of the log, as far as it has one. */
  async #all(group: string): Promise<(ParkedRecord & { id: string })[]> {
    const rows = [...(await this.#rows(group))].flatMap(([id, { value }]) =>
      value === null ? [] : [{ ...(JSON.parse(value) as ParkedRecord), id, place: placeOf(id) }],
    );
    rows.sort(
      ({ place: one }, { place: other }) =>
        one.topic.localeCompare(other.topic) || one.partition - other.partition || one.offset - other.offset,
    );
    return rows.map(({ place: _, ...row }) => row);
  }

  async #undecided(id: string): Promise<{ group: string; record: ParkedRecord }> {
    const { group } = placeOf(id);
    const value = (await this.#rows(group)).get(id)?.value;
    const record = value ? (JSON.parse(value) as ParkedRecord) : undefined;
    if (!record || record.state === 'discarded') throw notFound(id);
    return { group, record };
  }
}
