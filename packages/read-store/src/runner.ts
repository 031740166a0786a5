import type { EventStore } from '@dutyledger/event-store/event-store';
import type { ReadStore } from './adapter.ts';
import { Bell } from './bell.ts';
import { checkDeclarations } from './declarations.ts';
import type { LeadershipOptions } from './leadership.ts';
import type { Projection, ProjectionStatus, Projections } from './projection.ts';
import { ReadModel } from './read-model.ts';
import type { CollectionSpec, DocumentReader, Indexes, TemporalReader } from './read-store.ts';
import { documentReader, temporalReader } from './readers.ts';
import type { Logger } from './target.ts';

export interface RunOptions {
  events: EventStore;
  /** Of the streams that are projected. */
  prefix: string;
  readStore: ReadStore;
  projections: readonly Projection[];
  logger?: Logger;
  /** Events per batch while catching up, at most. Default 20,000. */
  batchSize?: number;
  leadership?: Omit<LeadershipOptions, 'logger'>;
}

const BATCH_SIZE = 20_000;
/** Characters of JSON that all projections together keep in memory. */
const KEEP_CHARACTERS = 8 * 1024 * 1024;

/** Enough for what came up between a stop and a start; a read model that is built from the beginning takes longer. */
const START_PATIENCE_MS = 2_000;
/** How often it is looked what other processes did: always, and while someone waits for what another one projects. */
const LOOK_MS = 1_000;
const LOOK_SOON_MS = 15;
const LOOK_LATER_MS = 250;

/**
 * Opens, starts and returns the read models, caught up if that is a matter of moments. Until a read model has caught up
 * for the first time its reads fail with UNAVAILABLE. Of several processes one projects each read model, and the others
 * read it; one that ends is replaced.
 */
export async function runProjections(options: RunOptions): Promise<Projections> {
  checkDeclarations(options.projections);
  const runner = new Runner(options, await options.events.head());
  await runner.start();
  return runner;
}

class Runner implements Projections {
  readonly #events: EventStore;
  readonly #logger: Logger | undefined;
  readonly #models: readonly ReadModel[];
  readonly #bell = new Bell();
  /** Rung when someone begins to wait for what another process projects. */
  readonly #hurry = new Bell();
  #watching: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(
    { projections, leadership = {}, batchSize = BATCH_SIZE, logger, ...shared }: RunOptions,
    head: number,
  ) {
    const keepCharacters = KEEP_CHARACTERS / Math.max(1, projections.length);
    const options = { ...shared, logger, leadership, batchSize, keepCharacters, bell: this.#bell };
    this.#events = shared.events;
    this.#logger = logger;
    this.#models = projections.map((projection) => new ReadModel(projection, head, options));
  }

  async start(): Promise<void> {
    try {
      for (const model of this.#models) await model.start();
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.#watching = this.#watch();
    await this.#until(() => this.#models.every((model) => model.serves) || undefined, START_PATIENCE_MS);
  }

  documents<T, I extends Indexes>(spec: CollectionSpec<T, I> & { kind: 'documents' }): DocumentReader<T, I> {
    const model = this.#modelOf(spec.name);
    return documentReader(() => model.generation, spec);
  }

  temporal<T, I extends Indexes>(spec: CollectionSpec<T, I> & { kind: 'temporal' }): TemporalReader<T, I> {
    const model = this.#modelOf(spec.name);
    return temporalReader(() => model.generation, spec);
  }

  async waitFor(position: number, timeoutMs: number): Promise<boolean> {
    return (await this.#until(() => this.#shows(position), timeoutMs)) ?? false;
  }

  async status(): Promise<ProjectionStatus[]> {
    const head = await this.#events.head();
    return this.#models.map((model) => model.status(head));
  }

  async rebuild(name: string): Promise<void> {
    await this.#model(name).rebuild();
  }

  async digest(name: string): Promise<string> {
    return this.#model(name).digest();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#hurry.ring();
    this.#bell.ring();
    await Promise.all(this.#models.map((model) => model.stop()));
    await this.#watching;
    this.#bell.ring();
  }

  /** True: all show it; false: some never will, because they failed; undefined: some are behind. */
  #shows(position: number): boolean | undefined {
    const behind = this.#models.filter((model) => model.position < position);
    if (behind.length === 0) return true;
    return behind.every((model) => model.failed) ? false : undefined;
  }

  /** What the question comes to be answered with; undefined after the time, or when the read models are stopped. */
  async #until<T>(ask: () => T | undefined, timeoutMs: number): Promise<T | undefined> {
    const deadline = performance.now() + timeoutMs;
    for (let hurried = false; ; hurried = true) {
      const answer = ask();
      const left = deadline - performance.now();
      if (answer !== undefined || left <= 0 || this.#stopped) return answer;
      const rung = this.#bell.wait(left);
      if (!hurried && this.#models.some((model) => model.follows)) this.#hurry.ring();
      await rung;
    }
  }

  /** Sees what other processes do. */
  async #watch(): Promise<void> {
    let pauseMs = LOOK_MS;
    while (!this.#stopped) {
      const hurried = await this.#hurry.wait(pauseMs);
      if (this.#stopped) return;
      await Promise.all(this.#models.map((model) => this.#look(model)));
      this.#bell.ring();
      // Those whom the ring did not help wait on after this turn of the event loop.
      await new Promise(setImmediate);
      if (!this.#bell.awaited || !this.#models.some((model) => model.follows)) pauseMs = LOOK_MS;
      else pauseMs = hurried || pauseMs === LOOK_MS ? LOOK_SOON_MS : Math.min(pauseMs * 1.25, LOOK_LATER_MS);
    }
  }

  async #look(model: ReadModel): Promise<void> {
    try {
      await model.look();
    } catch (err) {
      if (this.#stopped) return;
      this.#logger?.warn(
        { err, projection: model.projection.name },
        'what other processes did cannot be seen',
      );
    }
  }

  #model(name: string): ReadModel {
    const model = this.#models.find(({ projection }) => projection.name === name);
    if (model === undefined) throw new TypeError(`there is no read model ${name}`);
    return model;
  }

  #modelOf(collection: string): ReadModel {
    const model = this.#models.find(({ projection }) =>
      projection.collections.some(({ name }) => name === collection),
    );
    if (model === undefined) throw new TypeError(`no read model has a collection ${collection}`);
    return model;
  }
}
