import { setTimeout as sleep } from 'node:timers/promises';
import type { EventStore, StoredEvent, Subscription } from '@dutyledger/event-store/event-store';
import type { Generation, ReadStore } from './adapter.ts';
import { Applied } from './applied.ts';
import { digestOf } from './digest.ts';
import { inTurn } from './in-turn.ts';
import type { Projection, ProjectionStatus, Projections } from './projection.ts';
import {
  type CollectionSpec,
  type DocumentReader,
  type Indexes,
  ReadStoreError,
  type TemporalReader,
} from './read-store.ts';
import { documentReader, temporalReader } from './readers.ts';
import { checkDeclarations, giveUp, isFrozen, newBuilding, openSlot, type Slot, statusOf } from './slot.ts';
import { type Logger, pause, Target, type TargetOptions } from './target.ts';

export interface RunOptions {
  events: EventStore;
  /** Of the streams that are projected. */
  prefix: string;
  readStore: ReadStore;
  projections: readonly Projection[];
  logger?: Logger;
  /** Events per batch while catching up, at most. Default 20,000. */
  batchSize?: number;
}

const BATCH_SIZE = 20_000;
/** Characters of JSON that all projections together keep in memory. */
const KEEP_CHARACTERS = 8 * 1024 * 1024;
/** Who is further behind the most advanced one, in positions, catches up alone, so that the others need not wait. */
const FAR_BEHIND = 10_000;
/** Reading alone ends when fewer new events than this came up meanwhile. */
const NEARLY_THERE = 1_000;

/** Enough for what came up between a stop and a start; a read model that is built from the beginning takes longer. */
const START_PATIENCE_MS = 2_000;
const LOOK_AGAIN_MS = 5;

/**
 * Opens, starts and returns the read models, caught up if that is a matter of moments. Until a read model has caught up
 * for the first time its reads fail with UNAVAILABLE: what is not there yet must not look as if it never was.
 */
export async function runProjections(options: RunOptions): Promise<Projections> {
  checkDeclarations(options.projections);
  const runner = new Runner(options);
  await runner.start();
  return runner;
}

/**
 * One feed (a subscription) brings events to all generations that keep pace. One that is behind (new, failed earlier,
 * or being built beside the serving one) reads by itself until it is close, then joins between two pages of the feed.
 */
class Runner implements Projections {
  readonly #options: RunOptions;
  readonly #targetOptions: TargetOptions;
  readonly #slots = new Map<string, Slot>();
  readonly #live = new Set<Target>();
  /** Those that have caught up since the start: from then on they serve, come what may. */
  readonly #opened = new Set<Slot>();
  readonly #tasks = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  readonly #applied = new Applied(() => this.#verdict());
  /** One at a time: pages of the feed, and generations joining it. */
  readonly #turn = inTurn();
  #subscription: Subscription | undefined;
  #caughtUp = false;
  #interruptions = 0;
  /** Last position of the feed, and the ids it brought since the last flush. */
  #position = 0;
  /** Everything up to here was brought or is of other streams. */
  #reached = 0;
  #brought: string[] = [];

  constructor(options: RunOptions) {
    this.#options = options;
    this.#targetOptions = {
      events: options.events,
      prefix: options.prefix,
      batchSize: options.batchSize ?? BATCH_SIZE,
      keepCharacters: KEEP_CHARACTERS / Math.max(1, options.projections.length),
      logger: options.logger,
      signal: this.#stopping.signal,
    };
  }

  async start(): Promise<void> {
    const { projections, readStore, events } = this.#options;
    for (const projection of projections) {
      const target = (generation: Generation) => new Target(generation, projection, this.#targetOptions);
      const { slot, obsolete } = await openSlot(readStore, projection, target);
      this.#slots.set(projection.name, slot);
      for (const generation of obsolete) this.#drop(generation);
    }
    const slots = [...this.#slots.values()];
    const current = slots.filter((slot) => !isFrozen(slot)).map(({ serving }) => serving);
    const furthest = Math.max(...current.map(({ position }) => position));
    for (const target of current) if (furthest - target.position <= FAR_BEHIND) this.#live.add(target);
    const positions = Array.from(this.#live, ({ position }) => position);
    this.#position = positions.length > 0 ? Math.min(...positions) : await events.head();
    this.#subscribe();
    for (const slot of slots) {
      const { serving, building } = slot;
      if (!isFrozen(slot) && !this.#live.has(serving)) this.#run(() => this.#join(slot, serving));
      if (building !== null) this.#run(() => this.#join(slot, building.target));
    }
    const deadline = performance.now() + START_PATIENCE_MS;
    while (!slots.every((slot) => this.#serves(slot)) && performance.now() < deadline)
      await sleep(LOOK_AGAIN_MS);
  }

  #serves(slot: Slot): boolean {
    const { serving } = slot;
    const caughtUp = this.#caughtUp && this.#live.has(serving);
    if (caughtUp || isFrozen(slot) || serving.failure !== null) this.#opened.add(slot);
    return this.#opened.has(slot);
  }

  #servingOf(slot: Slot): Generation {
    if (this.#serves(slot)) return slot.serving.generation;
    throw new ReadStoreError('UNAVAILABLE', `${slot.projection.name} is being built and does not serve yet`);
  }

  documents<T, I extends Indexes>(spec: CollectionSpec<T, I> & { kind: 'documents' }): DocumentReader<T, I> {
    const slot = this.#slotOf(spec.name);
    return documentReader(() => this.#servingOf(slot), spec);
  }

  temporal<T, I extends Indexes>(spec: CollectionSpec<T, I> & { kind: 'temporal' }): TemporalReader<T, I> {
    const slot = this.#slotOf(spec.name);
    return temporalReader(() => this.#servingOf(slot), spec);
  }

  waitFor(eventId: string, timeoutMs: number, position?: number): Promise<boolean> {
    return this.#applied.wait(eventId, timeoutMs, position);
  }

  async status(): Promise<ProjectionStatus[]> {
    const head = await this.#options.events.head();
    return Array.from(this.#slots.values(), (slot) => {
      const status = statusOf(slot, head);
      const follows = this.#caughtUp && this.#live.has(slot.serving);
      const position = follows ? Math.max(status.position, this.#reached) : status.position;
      return { ...status, position, serves: this.#serves(slot) };
    });
  }

  async rebuild(name: string): Promise<void> {
    const slot = this.#slot(name);
    let done: Promise<void> | undefined;
    await this.#turn(async () => {
      slot.building ??= await this.#begin(slot);
      done = slot.building.done.promise;
    });
    await done;
  }

  digest(name: string): Promise<string> {
    return digestOf(this.#slot(name).serving.generation);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#applied.end();
    await this.#subscription?.stop();
    await Promise.all(this.#tasks);
    for (const { building } of this.#slots.values())
      building?.done.reject(new Error('stopped while building'));
    await this.#turn(async () => {
      for (const target of this.#live) await target.flush(true);
    });
  }

  async #begin(slot: Slot): Promise<NonNullable<Slot['building']>> {
    const { readStore } = this.#options;
    const { projection } = slot;
    const { name, version, collections } = projection;
    if (this.#stopping.signal.aborted) throw new Error(`${name} cannot be rebuilt, the runner has stopped`);
    for (const left of await readStore.generations(name)) if (!left.serving) await readStore.drop(left);
    const generation = await readStore.create(name, version, collections, false);
    const building = newBuilding(new Target(generation, projection, this.#targetOptions));
    slot.buildFailure = null;
    // The join takes its turn after this one, when the slot knows of the building.
    this.#run(() => this.#join(slot, building.target));
    return building;
  }

  #subscribe(): void {
    const { events, prefix, logger } = this.#options;
    this.#caughtUp = false;
    const progress = (position: number) => {
      this.#reached = position;
    };
    const subscription = events.subscribe({ after: this.#position, prefix, progress }, (page) =>
      this.#turn(() => this.#take(page)),
    );
    this.#subscription = subscription;
    const caughtUp = async () => {
      await subscription.caughtUp;
      await this.#turn(async () => {
        this.#caughtUp = true;
        await this.#settle();
      });
    };
    const ended = async () => {
      const attempts = this.#interruptions++;
      await subscription.ended.catch((err) => logger?.error({ err }, 'the event feed broke off'));
      if (this.#stopping.signal.aborted) return;
      await pause(attempts, this.#stopping.signal);
      if (!this.#stopping.signal.aborted) this.#subscribe();
    };
    caughtUp().catch(() => undefined);
    this.#run(ended);
  }

  async #take(events: readonly StoredEvent[]): Promise<void> {
    for (const target of this.#live) await target.take(events);
    if (this.#stopping.signal.aborted) return;
    this.#position = events.at(-1)?.position ?? this.#position;
    for (const { id } of events) this.#brought.push(id);
    if (this.#caughtUp || this.#brought.length >= this.#targetOptions.batchSize) await this.#settle();
  }

  /** Everything the feed brought becomes visible, and those who wait for it are told. */
  async #settle(): Promise<void> {
    for (const target of this.#live) {
      await target.flush();
      if (target.failure !== null) this.#live.delete(target);
    }
    if (this.#stopping.signal.aborted) return;
    this.#applied.add(this.#brought, this.#position);
    this.#brought = [];
    this.#interruptions = 0;
  }

  /** Brings a generation that is behind to where the feed is, and lets it in. */
  async #join(slot: Slot, target: Target): Promise<void> {
    for (let attempt = 0; !target.over; attempt++) {
      try {
        while ((await this.#read(target)) >= NEARLY_THERE);
        await this.#turn(() => this.#enter(slot, target));
      } catch (err) {
        this.#options.logger?.warn({ err, projection: slot.projection.name }, 'catching up broke off');
        await pause(attempt, this.#stopping.signal);
      }
      if (this.#live.has(target)) return;
    }
    if (target.failure === null) await target.flush(true);
    else if (slot.building?.target === target) giveUp(slot, slot.building, target.failure);
    this.#applied.look();
  }

  /** How many events it read. */
  async #read(target: Target, until?: number): Promise<number> {
    const { events, prefix } = this.#options;
    const range = until === undefined ? {} : { until };
    let count = 0;
    for await (const page of events.readAll({ after: target.position, prefix, ...range })) {
      await target.take(page);
      if (target.over) return 0;
      count += page.length;
    }
    return count;
  }

  async #enter(slot: Slot, target: Target): Promise<void> {
    if (target.position < this.#position) await this.#read(target, this.#position);
    await target.flush(true);
    if (target.over) return;
    if (slot.building?.target === target) await this.#switch(slot, slot.building);
    this.#live.add(target);
    this.#applied.look();
  }

  async #switch(slot: Slot, { target, done }: NonNullable<Slot['building']>): Promise<void> {
    const { readStore } = this.#options;
    const old = slot.serving;
    await readStore.serve(target.generation);
    slot.serving = target;
    slot.building = null;
    old.cancel();
    this.#live.delete(old);
    this.#drop(old.generation);
    done.resolve();
  }

  /** See `Applied`: a generation that is behind, or of another version, may still come to serve every event. */
  #verdict(): boolean | undefined {
    let whole = true;
    for (const { serving } of this.#slots.values()) {
      if (serving.failure !== null) whole = false;
      else if (!this.#live.has(serving)) return undefined;
    }
    return whole;
  }

  #slot(name: string): Slot {
    const slot = this.#slots.get(name);
    if (slot === undefined) throw new TypeError(`there is no read model ${name}`);
    return slot;
  }

  #slotOf(collection: string): Slot {
    for (const slot of this.#slots.values()) {
      if (slot.projection.collections.some(({ name }) => name === collection)) return slot;
    }
    throw new TypeError(`no read model has a collection ${collection}`);
  }

  /** Nobody waits for it: what is left when the store closes is dropped at its next open. */
  #drop(generation: Generation): void {
    const { readStore, logger } = this.#options;
    readStore.drop(generation).catch((err) => {
      if (!(err instanceof ReadStoreError && err.code === 'CLOSED')) {
        logger?.error({ err, projection: generation.name }, 'an old generation could not be dropped');
      }
    });
  }

  /** Work beside the feed, which `stop` waits for. */
  #run(job: () => Promise<void>): void {
    const task = job().catch((err) => this.#options.logger?.error({ err }, 'work on a read model failed'));
    this.#tasks.add(task);
    void task.finally(() => this.#tasks.delete(task));
  }
}
