import { setTimeout } from 'node:timers/promises';
import type { EventStore, StoredEvent } from '@dutyledger/event-store/event-store';
import type { Generation } from './adapter.ts';
import { Pace } from './pace.ts';
import type { Projection } from './projection.ts';
import { ReadStoreError } from './read-store.ts';
import { WriteBuffer } from './write-buffer.ts';

export interface Failure {
  message: string;
  eventId: string;
  position: number;
}

/** What pino's loggers offer of it. */
export interface Logger {
  info(data: object, message: string): void;
  warn(data: object, message: string): void;
  error(data: object, message: string): void;
}

export interface TargetOptions {
  events: EventStore;
  prefix: string;
  batchSize: number;
  keepCharacters: number;
  logger: Logger | undefined;
  /** Of the lease in whose name it writes. */
  token: number;
  /** Aborted when the projecting is to end: ends waiting for a store that is away. */
  signal: AbortSignal;
  /** Told when another process has taken over the writing. */
  fenced(): void;
}

const TRANSIENT = new Set(['BUSY', 'DISK_FULL', 'READ_ONLY', 'UNAVAILABLE']);
const FINAL = new Set(['CLOSED', 'FENCED']);
const BACK_OFF_MS = [100, 200, 500, 1_000, 2_000, 5_000];

const isTransient = (error: unknown): boolean => error instanceof ReadStoreError && TRANSIENT.has(error.code);

/** Waits longer with every attempt, or until the signal. */
export async function pause(attempt: number, signal: AbortSignal): Promise<void> {
  const milliseconds = BACK_OFF_MS[Math.min(attempt, BACK_OFF_MS.length - 1)];
  await setTimeout(milliseconds, undefined, { signal }).catch(() => undefined);
}

/** Brings the events to one generation of one projection: buffers, flushes, retries, and stops at what fails. */
export class Target {
  readonly generation: Generation;
  readonly #projection: Projection;
  readonly #options: TargetOptions;
  readonly #handles: ReadonlySet<string>;
  readonly #buffer: WriteBuffer;
  readonly #pace = new Pace();
  #unflushed = 0;
  #unstored = 0;
  #over = false;
  /** Position of the last event seen, and of the last one whose effects readers see. */
  position: number;
  applied: number;
  failure: Failure | null = null;

  constructor(generation: Generation, projection: Projection, options: TargetOptions) {
    this.generation = generation;
    this.#projection = projection;
    this.#options = options;
    this.#handles = new Set(projection.handles);
    this.#buffer = new WriteBuffer(generation, options.keepCharacters);
    this.position = generation.checkpoint;
    this.applied = generation.checkpoint;
  }

  /** Whether it takes no more events: it failed, was overtaken, or the projecting is to end. */
  get over(): boolean {
    return this.#over || this.failure !== null || this.#options.signal.aborted;
  }

  /** Projects what is new of the events, in order. Errors end in `failure`; a store that is away is waited for. */
  async take(events: readonly StoredEvent[]): Promise<void> {
    try {
      await this.#project(events);
    } catch (error) {
      await this.#recover(error, events.at(-1)?.position ?? this.position);
    }
  }

  /** Makes everything taken so far visible. `store`: the checkpoint too, when it alone moved. */
  async flush(store = false): Promise<void> {
    if (this.failure !== null || this.#over) return;
    try {
      await this.#flush(store);
    } catch (error) {
      await this.#recover(error, this.position);
    }
  }

  /** There is nothing to project up to that position; what was taken before is visible. */
  async advance(position: number): Promise<void> {
    if (position <= this.position || this.over) return;
    this.position = position;
    await this.flush(true);
  }

  async #project(events: readonly StoredEvent[], suspect?: (event: StoredEvent) => boolean): Promise<void> {
    const fresh = events.filter(({ position }) => position > this.position);
    await this.#prefetch(fresh);
    for (const event of fresh) {
      await this.#pace.step();
      if (this.over) return;
      const suspected = suspect?.(event) ?? false;
      if (suspected) await this.#flush(true);
      try {
        await this.#one(event);
        if (suspected) await this.#flush(true);
      } catch (error) {
        throw new AtEvent(event, suspected, error);
      }
      if (this.#unflushed >= this.#options.batchSize || this.#buffer.full) await this.#flush(false);
    }
  }

  /** Not async: most projections answer at once, and a promise per event would double the cost of a rebuild. */
  #one(event: StoredEvent): Promise<void> | undefined {
    if (!this.#handles.has(event.type)) {
      this.#pass(event);
      return undefined;
    }
    this.#buffer.at(event.recordedAt);
    const done = this.#projection.project(event, this.#buffer);
    if (done instanceof Promise) return done.then(() => this.#pass(event));
    this.#pass(event);
    return undefined;
  }

  #pass(event: StoredEvent): void {
    this.position = event.position;
    this.#unflushed++;
  }

  async #prefetch(events: readonly StoredEvent[]): Promise<void> {
    const { prefetch } = this.#projection;
    if (prefetch === undefined) return;
    await this.#buffer.prefetch(
      events
        .filter(({ type }) => this.#handles.has(type))
        .flatMap((event) =>
          prefetch
            .call(this.#projection, event)
            .map(({ spec, id }) => ({ spec, id, effectiveAt: event.metadata.effectiveAt })),
        ),
    );
  }

  async #flush(store: boolean): Promise<void> {
    const { position } = this;
    this.#unstored += this.#unflushed;
    this.#unflushed = 0;
    const { change, settle } = await this.#buffer.collect(this.#pace);
    const empty = change.documents.length === 0 && change.versions.length === 0;
    const storeCheckpoint = store || this.#unstored >= this.#options.batchSize;
    if (!empty || (storeCheckpoint && position !== this.generation.checkpoint)) {
      await this.generation.apply({ ...change, checkpoint: position, token: this.#options.token });
      this.#unstored = 0;
    }
    settle();
    this.applied = position;
  }

  /**
   * Goes back to the last flush and does the events since then again, when the store was away as often as it takes.
   * After any other error suspected events are flushed one by one: one that fails alone is the failure, and
   * everything before it is kept.
   */
  async #recover(first: unknown, until: number): Promise<void> {
    let error = first;
    this.#rewind();
    for (let attempt = 0; !this.over; attempt++) {
      const cause = error instanceof AtEvent ? error.cause : error;
      if (cause instanceof ReadStoreError && FINAL.has(cause.code)) return this.#end(cause);
      const transient = isTransient(cause);
      if (error instanceof AtEvent && error.alone && !transient) return this.#fail(error.event, cause);
      if (transient || attempt > 0) await this.#pause(attempt, cause);
      try {
        return await this.#redo(until, suspects(error, transient));
      } catch (next) {
        error = next;
        this.#rewind();
      }
    }
  }

  #end(cause: ReadStoreError): void {
    this.#over = true;
    if (cause.code === 'FENCED') this.#options.fenced();
  }

  async #redo(until: number, suspect: (event: StoredEvent) => boolean): Promise<void> {
    const { events, prefix } = this.#options;
    for await (const page of events.readAll({ after: this.position, until, prefix })) {
      await this.#project(page, suspect);
    }
    if (!this.over) await this.#flush(false);
  }

  #rewind(): void {
    this.#buffer.reset();
    this.#unflushed = 0;
    this.position = this.applied;
  }

  #fail(event: StoredEvent, cause: unknown): void {
    const message = cause instanceof Error ? cause.message : String(cause);
    this.failure = { message, eventId: event.id, position: event.position };
    this.#options.logger?.error(
      { err: cause, projection: this.#projection.name, eventId: event.id, position: event.position },
      'a projection stopped at an event it cannot handle',
    );
  }

  async #pause(attempt: number, err: unknown): Promise<void> {
    const { logger, signal } = this.#options;
    logger?.warn({ err, projection: this.#projection.name, attempt }, 'projecting failed, trying again');
    await pause(attempt, signal);
  }
}

/** Which events to look at alone, after an error. */
function suspects(error: unknown, transient: boolean): (event: StoredEvent) => boolean {
  if (transient) return () => false;
  if (error instanceof AtEvent) return ({ position }) => position === error.event.position;
  return () => true;
}

class AtEvent extends Error {
  readonly event: StoredEvent;
  /** Nothing but this event can be the reason. */
  readonly alone: boolean;
  constructor(event: StoredEvent, alone: boolean, cause: unknown) {
    super('projecting an event failed', { cause });
    this.event = event;
    this.alone = alone;
  }
}
