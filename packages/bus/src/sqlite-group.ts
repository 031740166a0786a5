import type { CloudEvent } from '@dutyledger/contracts/envelope';
import { BusError, type BusSubscription, type SubscribeOptions } from './bus.ts';
import type { SqliteClient } from './sqlite-client.ts';
import { type Handling, Lane } from './sqlite-lane.ts';
import type { Replay } from './sqlite-log.ts';

/** Keys are spread over so many lanes per topic; as many members of a group can work at once. Part of the file format. */
const PARTITIONS = 16;
const LONGEST_BACK_OFF_MS = 30_000;

/** FNV-1a: the partition of a key is stored with each message, so it must not depend on the run. */
export function partitionOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index += 1) {
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0) % PARTITIONS;
}

interface Member extends Handling {
  topics: ReadonlySet<string>;
  failure: BusError | null;
  /** Head of the log when it joined, and the lanes that have not reached it; undefined until both are known. */
  catchingUp?: { target: number; lanes: Set<Lane> };
  caughtUp: PromiseWithResolvers<void>;
}

/**
 * The members of one group. Each takes whichever lane has work and no other member on it: order per key is kept because
 * a key never leaves its lane, and a member that leaves is replaced at once by those that stay.
 */
export class ConsumerGroup {
  readonly #name: string;
  readonly #client: SqliteClient;
  readonly #members = new Map<Member, Promise<void>>();
  readonly #loading = new Map<string, Promise<void>>();
  readonly #sleepers = new Set<() => void>();
  #lanes: Lane[] = [];
  #turn = 0;

  constructor(client: SqliteClient, name: string) {
    this.#client = client;
    this.#name = name;
  }

  join(options: Required<SubscribeOptions>, handler: (event: CloudEvent) => Promise<void>): BusSubscription {
    const { attempts, pauseMs } = options;
    const topics = new Set(options.topics);
    const caughtUp = Promise.withResolvers<void>();
    // Whoever does not wait for it must not be bothered when it is never reached.
    caughtUp.promise.catch(() => undefined);
    const member: Member = { topics, handler, attempts, pauseMs, stopping: false, failure: null, caughtUp };
    this.#members.set(member, this.#work(member));
    return {
      caughtUp: caughtUp.promise,
      failure: () => member.failure,
      stop: () => this.#leave(member),
    };
  }

  published(topic: string, partition: number): void {
    for (const lane of this.#lanesOf(topic, partition)) lane.wake();
    this.#wake();
  }

  replay(replay: Replay): void {
    for (const lane of this.#lanesOf(replay.topic, replay.partition)) lane.addReplay(replay);
    this.#wake();
  }

  discard(position: number): void {
    for (const lane of this.#lanes) lane.dropReplay(position);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#members.keys()].map((member) => this.#leave(member)));
  }

  /** One lane, or none as long as the group has no member for the topic. */
  #lanesOf(topic: string, partition: number): Lane[] {
    return this.#lanes.filter(({ name }) => name.topic === topic && name.partition === partition);
  }

  async #leave(member: Member): Promise<void> {
    member.stopping = true;
    this.#wake();
    await this.#members.get(member);
  }

  async #work(member: Member): Promise<void> {
    let failures = 0;
    while (!member.stopping) {
      try {
        member.catchingUp ??= await this.#prepare(member.topics);
        const lane = this.#take(member);
        if (lane) await this.#step(lane, member);
        else await this.#sleep(this.#nextDue(member));
        failures = 0;
        member.failure = null;
      } catch (error) {
        member.failure =
          error instanceof BusError ? error : new BusError('UNAVAILABLE', String(error), { cause: error });
        await this.#sleep(performance.now() + Math.min(100 * 2 ** failures, LONGEST_BACK_OFF_MS));
        failures += 1;
      }
    }
    this.#members.delete(member);
    member.caughtUp.reject(new BusError('CLOSED', 'stopped before it had caught up'));
    this.#wake();
  }

  /** Asks for the head before anything else: it is the one at the call to `subscribe`. */
  async #prepare(topics: ReadonlySet<string>): Promise<Member['catchingUp']> {
    const [target] = await Promise.all([
      this.#client.call('head'),
      ...[...topics].map((topic) => this.#load(topic)),
    ]);
    const lanes = this.#lanes.filter(({ name }) => topics.has(name.topic));
    for (const lane of lanes) lane.wake();
    return { target, lanes: new Set(lanes) };
  }

  /** Makes the lanes of a topic once, however many members ask for them. */
  #load(topic: string): Promise<void> {
    const running = this.#loading.get(topic);
    if (running) return running;
    const names = Array.from({ length: PARTITIONS }, (_, partition) => ({
      group: this.#name,
      topic,
      partition,
    }));
    const loading = Promise.all(names.map((name) => this.#client.call('lane', name))).then(
      (states) => {
        this.#lanes.push(
          ...states.map(
            (state, partition) => new Lane(this.#client, { group: this.#name, topic, partition }, state),
          ),
        );
      },
      (error) => {
        this.#loading.delete(topic);
        throw error;
      },
    );
    this.#loading.set(topic, loading);
    return loading;
  }

  /** The lanes take turns, so that a busy one does not keep the others waiting. */
  #take(member: Member): Lane | undefined {
    const now = performance.now();
    const count = this.#lanes.length;
    for (let offset = 0; offset < count; offset += 1) {
      const lane = this.#lanes[(this.#turn + offset) % count];
      if (lane && !lane.busy && member.topics.has(lane.name.topic) && lane.due() <= now) {
        this.#turn = (this.#turn + offset + 1) % count;
        return lane;
      }
    }
    return undefined;
  }

  async #step(lane: Lane, member: Member): Promise<void> {
    lane.busy = true;
    try {
      await lane.step(member);
    } finally {
      lane.busy = false;
      this.#wake();
    }
    for (const { catchingUp, caughtUp } of this.#members.keys()) {
      if (!catchingUp?.lanes.has(lane) || !lane.settled(catchingUp.target)) continue;
      catchingUp.lanes.delete(lane);
      if (catchingUp.lanes.size === 0) caughtUp.resolve();
    }
  }

  #nextDue(member: Member): number {
    const dues = this.#lanes
      .filter(({ busy, name }) => !busy && member.topics.has(name.topic))
      .map((lane) => lane.due());
    return Math.min(...dues, Number.POSITIVE_INFINITY);
  }

  /** Until the instant of the monotonic clock, or until something happens. */
  #sleep(until: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = Number.isFinite(until)
      ? setTimeout(resolve, Math.max(0, until - performance.now()))
      : undefined;
    this.#sleepers.add(resolve);
    return promise.finally(() => {
      clearTimeout(timer);
      this.#sleepers.delete(resolve);
    });
  }

  #wake(): void {
    for (const wake of this.#sleepers) wake();
  }
}
