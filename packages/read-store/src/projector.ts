import type { Generation, ReadStore } from './adapter.ts';
import { checkSameDeclaration } from './declarations.ts';
import { Feed, type FeedOptions } from './feed.ts';
import { inTurn } from './in-turn.ts';
import type { Projection } from './projection.ts';
import { ReadStoreError } from './read-store.ts';
import { type Failure, pause } from './target.ts';

/** What the projector tells the read model that it feeds, and asks it. */
export interface Host {
  readonly projection: Projection;
  readonly readStore: ReadStore;
  /** This generation serves. */
  serve(generation: Generation): void;
  /** Whether to build the program's version beside this one that serves. */
  mayReplace(serving: Generation): boolean;
}

const WAIT_MS = 1_000;

/**
 * Writes one read model, in the name of one lease: feeds the generation that serves, and one that is built beside it
 * until it has caught up and takes over. What other processes ask for is found in the store by `arrange`.
 */
export class Projector {
  readonly #host: Host;
  readonly #options: FeedOptions;
  readonly #turn = inTurn();
  #serving: Generation | undefined;
  /** Of the generation that serves; none while it is of another version of the program. */
  #feed: Feed | undefined;
  #building: Feed | undefined;
  /** Why the last build was given up. */
  buildFailure: Failure | null = null;

  constructor(host: Host, options: FeedOptions) {
    this.#host = host;
    this.#options = options;
  }

  get building(): Feed | undefined {
    return this.#building;
  }

  feedOf(generation: Generation | undefined): Feed | undefined {
    return this.#feed?.generation === generation ? this.#feed : undefined;
  }

  /** Feeds what the store holds to be fed, creates what is missing. Throws what the store throws. */
  arrange(): Promise<void> {
    return this.#turn(async () => {
      try {
        if (!this.#options.signal.aborted) await this.#arrange();
      } catch (error) {
        if (error instanceof ReadStoreError && error.code === 'FENCED') this.#options.fenced();
        throw error;
      }
    });
  }

  /** Finishes the running batches, stores checkpoints. */
  async stop(): Promise<void> {
    const stopFeeds = () => Promise.all([this.#feed?.stop(), this.#building?.stop()]);
    await stopFeeds();
    // What was being arranged meanwhile.
    await this.#turn(stopFeeds);
  }

  async #arrange(): Promise<void> {
    const { readStore, projection } = this.#host;
    const { name, version, collections } = projection;
    const stored = await readStore.generations(name);
    for (const generation of stored) checkSameDeclaration(generation, projection);
    const serving =
      stored.find((generation) => generation.serving) ??
      (await readStore.create(name, version, collections, true));
    if (serving !== this.#serving) {
      await this.#feed?.stop();
      this.#feed = serving.version === version ? await this.#start(serving) : undefined;
      this.#serving = serving;
      this.#host.serve(serving);
    }
    if (this.#building === undefined || !stored.includes(this.#building.generation)) {
      await this.#building?.stop();
      this.#building = undefined;
      await this.#arrangeBuild(stored, serving);
    }
    await this.#feed?.advance();
  }

  /** A half-built generation of the program's version is built on; of several the newest. */
  async #arrangeBuild(stored: readonly Generation[], serving: Generation): Promise<void> {
    const { readStore, projection } = this.#host;
    const { name, version, collections } = projection;
    const begun = stored.filter((generation) => !generation.serving && generation.version === version);
    const missing = serving.version !== version && this.#host.mayReplace(serving);
    const wanted =
      begun.pop() ?? (missing ? await readStore.create(name, version, collections, false) : undefined);
    for (const left of begun) this.#drop(left);
    if (wanted === undefined) return;
    const feed = await this.#start(wanted);
    this.#building = feed;
    this.buildFailure = null;
    void this.#build(feed);
  }

  async #start(generation: Generation): Promise<Feed> {
    await generation.claim(this.#options.token);
    return new Feed(generation, this.#host.projection, this.#options);
  }

  async #build(feed: Feed): Promise<void> {
    const { signal, logger } = this.#options;
    await feed.ready;
    for (let attempt = 0; this.#building === feed && !feed.over; attempt++) {
      try {
        await this.#turn(() => this.#takeOver(feed));
      } catch (err) {
        logger?.warn({ err, projection: this.#host.projection.name }, 'taking over broke off');
        if (err instanceof ReadStoreError && err.code === 'FENCED') this.#options.fenced();
        await pause(attempt, signal);
      }
    }
    if (this.#building === feed && feed.target.failure !== null) this.#giveUp(feed, feed.target.failure);
  }

  /** The old one stops where it is, the new one passes it and serves: no reader goes back in time. */
  async #takeOver(feed: Feed): Promise<void> {
    const { readStore, projection } = this.#host;
    const old = this.#serving;
    await this.#feed?.stop();
    const passed = this.#feed?.target.applied ?? 0;
    while (feed.position < passed && !feed.over) await this.#options.bell.wait(WAIT_MS);
    if (feed.over) {
      if (old?.version === projection.version && !this.#options.signal.aborted)
        this.#feed = await this.#start(old);
      return;
    }
    await readStore.serve(feed.generation);
    this.#feed = feed;
    this.#serving = feed.generation;
    this.#building = undefined;
    this.#host.serve(feed.generation);
    this.#options.bell.ring();
    if (old !== undefined) this.#drop(old);
    for (const left of await readStore.generations(projection.name)) {
      if (!left.serving && left.version < projection.version) this.#drop(left);
    }
  }

  /** Beside one of its own version nobody needs it any more; otherwise the next start builds on. */
  #giveUp(feed: Feed, failure: Failure): void {
    this.buildFailure = failure;
    if (this.#serving?.version === this.#host.projection.version) {
      this.#building = undefined;
      this.#drop(feed.generation);
    }
    this.#options.bell.ring();
  }

  /** Nobody waits for it: what is left when the store closes is dropped at its next open. */
  #drop(generation: Generation): void {
    const { logger } = this.#options;
    this.#host.readStore.drop(generation).catch((err) => {
      if (!(err instanceof ReadStoreError && err.code === 'CLOSED')) {
        logger?.error({ err, projection: generation.name }, 'an old generation could not be dropped');
      }
    });
  }
}
