import type { CloudEvent } from '@dutyledger/contracts/envelope';
import type { Consumer, EachBatchPayload, KafkaMessage } from 'kafkajs';
import type { SubscribeOptions } from './bus.ts';
import { type KafkaConnection, kafkaErrorType } from './kafka-connection.ts';
import { decodeParked, KafkaLane } from './kafka-lane.ts';
import type { KafkaParked } from './kafka-parked.ts';
import { Turns } from './turns.ts';

/** A partition has its turn for so long; then what it got done is committed and the others have theirs. */
const TURN_MS = 250;
const COMMIT_AGAIN_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;
const MAX_CAUSE_LENGTH = 2000;
/** The broker gave the partitions to others, or is about to; kafkajs joins again when it meets one of these. */
const REBALANCING = [
  'REBALANCE_IN_PROGRESS',
  'ILLEGAL_GENERATION',
  'NOT_COORDINATOR_FOR_GROUP',
  'UNKNOWN_MEMBER_ID',
];

export interface GenerationDeps {
  consumer: Consumer;
  connection: KafkaConnection;
  parked: KafkaParked;
  options: Required<SubscribeOptions>;
  handler: (event: CloudEvent) => Promise<void>;
  /** Of the group, as the broker names them; the last is that of its parked messages. */
  topics: readonly string[];
  /** Told whenever an offset was committed. */
  committed(): void;
}

const laneName = (topic: string, partition: number) => `${topic}/${partition}`;

function causeOf(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.slice(0, MAX_CAUSE_LENGTH);
}

/** Undefined when someone wrote to the topic what is no JSON. */
function eventOf({ value }: KafkaMessage): CloudEvent | undefined {
  try {
    return JSON.parse(value?.toString() ?? '');
  } catch {
    return undefined;
  }
}

/**
 * A member's work from one joining of its group to the next: all that it knows of its partitions is read anew then.
 * Handlers run only inside kafkajs' `eachBatch`. While one is running kafkajs does not join again, so a partition is not
 * given away under a running handler unless that takes longer than the group waits (a minute), or the process was
 * stopped for longer than the session.
 */
export class KafkaGeneration {
  readonly #deps: GenerationDeps;
  readonly #lanes = new Map<string, KafkaLane>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  /** Parked messages above the committed offsets, per lane. */
  #parked: Promise<Map<string, Set<number>>> | undefined;
  readonly #turns = new Turns();
  #over = false;

  constructor(deps: GenerationDeps) {
    this.#deps = deps;
  }

  /** No handler is started any more. */
  end(): void {
    this.#over = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  /** Only what ends transactions was read: it is committed as well, or the group would never seem to have caught up. */
  async passed(topic: string, partition: number, last: number): Promise<void> {
    if (this.#over) return;
    const lane = await this.#lane(topic, partition);
    if (lane.turning || this.#over) return;
    lane.passed(last);
    await this.#commitAlone(topic, partition, lane);
  }

  /** Outside of a batch; when it fails it is tried again, because no further batch may ever come. */
  async #commitAlone(topic: string, partition: number, lane: KafkaLane): Promise<void> {
    const low = lane.low();
    if (low === undefined || this.#over) return;
    const offset = { topic, partition, offset: String(low), metadata: lane.metadata(low) };
    try {
      await this.#deps.consumer.commitOffsets([offset]);
      this.#deps.committed();
    } catch {
      this.#commitLater(topic, partition, lane);
    }
  }

  #commitLater(topic: string, partition: number, lane: KafkaLane): void {
    if (this.#over) return;
    const name = `commit ${laneName(topic, partition)}`;
    clearTimeout(this.#timers.get(name));
    this.#timers.set(
      name,
      setTimeout(() => this.#commitAlone(topic, partition, lane), COMMIT_AGAIN_MS),
    );
  }

  /** One `eachBatch` of kafkajs. */
  async handle(payload: EachBatchPayload): Promise<void> {
    if (this.#over || payload.isStale()) return;
    const { topic, partition } = payload.batch;
    const lane = await this.#lane(topic, partition);
    lane.turning = false;
    clearTimeout(this.#timers.get(laneName(topic, partition)));
    let lost: unknown;
    const beat = setInterval(
      () => {
        payload.heartbeat().catch((error) => {
          lost ??= error;
        });
      },
      Math.floor(this.#deps.connection.settings.sessionMs / 10),
    );
    const goesOn = () => {
      if (lost !== undefined) throw lost;
      return payload.isRunning() && !this.#over;
    };
    try {
      if (topic === this.#deps.topics.at(-1)) await this.#tryAgain(payload, lane, goesOn);
      else await this.#sweep(payload, lane, goesOn);
      await this.#commit(payload, lane);
    } catch (error) {
      if (!REBALANCING.includes(kafkaErrorType(error))) {
        this.#commitLater(topic, partition, lane);
        throw error;
      }
      this.#over = true;
      // Still taken while the group waits for its members; refused when it has gone on without this one.
      await this.#commit(payload, lane).catch(() => undefined);
      throw error;
    } finally {
      clearInterval(beat);
      this.#plan(payload, lane);
    }
  }

  async #lane(topic: string, partition: number): Promise<KafkaLane> {
    const name = laneName(topic, partition);
    const known = this.#lanes.get(name);
    if (known) return known;
    this.#parked ??= this.#parkedAbove();
    try {
      const lane = new KafkaLane((await this.#parked).get(name) ?? new Set());
      this.#lanes.set(name, lane);
      return lane;
    } catch (error) {
      this.#parked = undefined;
      throw error;
    }
  }

  async #parkedAbove(): Promise<Map<string, Set<number>>> {
    const { connection, options } = this.#deps;
    const topics = [...this.#deps.topics];
    const groupId = connection.settings.prefix + options.group;
    const committed = await connection.admin((admin) => admin.fetchOffsets({ groupId, topics }));
    return new Map(
      committed.flatMap(({ topic, partitions }) =>
        partitions.map(({ partition, offset, metadata }) => [
          laneName(topic, partition),
          decodeParked(Number(offset), metadata),
        ]),
      ),
    );
  }

  async #sweep(payload: EachBatchPayload, lane: KafkaLane, goesOn: () => boolean): Promise<void> {
    const { batch, resolveOffset } = payload;
    const end = performance.now() + TURN_MS;
    for (const message of batch.messages) {
      if (!goesOn()) return;
      const offset = Number(message.offset);
      const key = message.key?.toString() ?? '';
      const decision = lane.decide(offset, key, performance.now());
      if (decision === 'wait') {
        lane.reached(offset);
        payload.pause();
        return;
      }
      if (decision === 'try') await this.#tryOne(payload, lane, message, key);
      lane.reached(offset + 1);
      resolveOffset(message.offset);
      if (performance.now() > end) return;
    }
    // Behind the last message there may be the end of its transaction, which kafkajs has passed by.
    lane.reached(Number(batch.lastOffset()) + 1);
  }

  async #tryOne(
    payload: EachBatchPayload,
    lane: KafkaLane,
    message: KafkaMessage,
    key: string,
  ): Promise<void> {
    const { attempts: allowed, pauseMs, group } = this.#deps.options;
    const offset = Number(message.offset);
    const event = eventOf(message);
    const cause = event === undefined ? 'the message is no JSON' : await this.#attempt(event);
    if (cause === undefined) {
      lane.finish(offset, key);
      return;
    }
    const attempts = lane.attempts(key) + 1;
    if (attempts < allowed) {
      const pause = Math.min(pauseMs * 2 ** (attempts - 1), LONGEST_PAUSE_MS);
      lane.hold(offset, key, performance.now() + pause);
      return;
    }
    // Someone who was stopped for a while finds out here that another member has the partition now.
    await payload.heartbeat();
    const { topic, partition } = payload.batch;
    const place = { topic: topic.slice(this.#deps.connection.settings.prefix.length), partition, offset };
    await this.#deps.parked.park(group, place, key, (event ?? null) as CloudEvent, { cause, attempts });
    lane.park(offset, key);
    // Before the next message of the key: after a crash the parked one must not be handled behind it.
    lane.reached(offset + 1);
    await this.#commit(payload, lane);
  }

  async #tryAgain(payload: EachBatchPayload, lane: KafkaLane, goesOn: () => boolean): Promise<void> {
    const { batch, resolveOffset } = payload;
    for (const { key, value, offset } of batch.messages) {
      if (!goesOn()) return;
      const record = { key: key?.toString() ?? '', value: value?.toString() ?? null, offset: Number(offset) };
      await this.#deps.parked.follow(this.#deps.options.group, record, (event) => this.#attempt(event));
      lane.reached(record.offset + 1);
      resolveOffset(offset);
    }
    lane.reached(Number(batch.lastOffset()) + 1);
  }

  /** Undefined when the message was handled, else why not. */
  async #attempt(event: CloudEvent): Promise<string | undefined> {
    try {
      await this.#deps.handler(event);
      await this.#turns.step();
      return undefined;
    } catch (error) {
      return causeOf(error);
    }
  }

  async #commit(payload: EachBatchPayload, lane: KafkaLane): Promise<void> {
    const low = lane.low();
    if (low === undefined) return;
    const { topic, partition } = payload.batch;
    const offset = { partition, offset: String(low), metadata: lane.metadata(low) };
    await payload.commitOffsetsIfNecessary({ topics: [{ topic, partitions: [offset] }] });
    this.#deps.committed();
  }

  /** Lets the next sweep of the lane begin when a held message is due. */
  #plan({ batch }: EachBatchPayload, lane: KafkaLane): void {
    const { topic, partition } = batch;
    const name = laneName(topic, partition);
    const due = lane.due();
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
    if (due === Number.POSITIVE_INFINITY || this.#over) return;
    const turn = () => {
      const { consumer } = this.#deps;
      if (this.#over) return;
      consumer.seek({ topic, partition, offset: String(lane.turn()) });
      consumer.resume([{ topic, partitions: [partition] }]);
    };
    const wait = due - performance.now();
    if (wait <= 0) turn();
    else this.#timers.set(name, setTimeout(turn, wait));
  }
}
