import type { StoredEvent, Subscription } from '@dutyledger/event-store/event-store';
import type { Generation } from './adapter.ts';
import type { Bell } from './bell.ts';
import { inTurn } from './in-turn.ts';
import type { Projection } from './projection.ts';
import { pause, Target, type TargetOptions } from './target.ts';

export interface FeedOptions extends TargetOptions {
  /** Rung when more can be seen, and when the feed ends. */
  bell: Bell;
}

/** Brings the events to one generation: catches up, follows, and goes on where the event store broke off. */
export class Feed {
  readonly target: Target;
  readonly #options: FeedOptions;
  /** One at a time: pages, and what happens between them. */
  readonly #turn = inTurn();
  readonly #ready = Promise.withResolvers<void>();
  readonly #done: Promise<void>;
  #subscription: Subscription | undefined;
  #stopped = false;
  #follows = false;
  #interruptions = 0;
  #taken = 0;
  /** Everything up to here was taken or is of other streams. */
  #reached = 0;
  /** Whether it has caught up at least once. */
  caughtUp = false;

  constructor(generation: Generation, projection: Projection, options: FeedOptions) {
    this.#options = options;
    this.target = new Target(generation, projection, options);
    this.#done = this.#run();
  }

  get generation(): Generation {
    return this.target.generation;
  }

  /** Up to where readers see everything. */
  get position(): number {
    return this.#follows ? Math.max(this.target.applied, this.#reached) : this.target.applied;
  }

  get over(): boolean {
    return this.#stopped || this.target.over;
  }

  /** Resolves when it has caught up for the first time, or is over. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Stores how far it has come, also where there was nothing to project: others read it there. */
  advance(): Promise<void> {
    return this.#turn(() => (this.#follows ? this.target.advance(this.#reached) : undefined));
  }

  /** Finishes the running page and stores the checkpoint. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#subscription?.stop();
    await this.#done;
    await this.#turn(() => this.target.flush(true));
  }

  async #run(): Promise<void> {
    const { logger, signal } = this.#options;
    while (!this.over) {
      try {
        this.#subscription = this.#subscribe();
        await this.#subscription.ended;
      } catch (err) {
        logger?.error({ err }, 'the event feed broke off');
      }
      this.#follows = false;
      if (!this.over) await pause(this.#interruptions++, signal);
    }
    this.#ready.resolve();
    this.#options.bell.ring();
  }

  #subscribe(): Subscription {
    const { events, prefix } = this.#options;
    const progress = (position: number) => {
      this.#reached = position;
    };
    const range = { after: this.target.position, prefix, progress };
    const subscription = events.subscribe(range, (page) => this.#turn(() => this.#take(page)));
    subscription.caughtUp.then(() => this.#turn(() => this.#follow())).catch(() => undefined);
    return subscription;
  }

  async #follow(): Promise<void> {
    if (this.over) return;
    // Before the position that was reached counts: readers do not see what is still being written.
    await this.target.flush(true);
    this.#follows = true;
    await this.#settle();
    this.caughtUp = true;
    this.#ready.resolve();
    this.#options.bell.ring();
  }

  async #take(events: readonly StoredEvent[]): Promise<void> {
    await this.target.take(events);
    this.#taken += events.length;
    if (this.#follows || this.#taken >= this.#options.batchSize) await this.#settle();
    if (this.target.over) this.#end();
  }

  /** Everything that was taken becomes visible, and those who wait for it are told. */
  async #settle(): Promise<void> {
    await this.target.flush(this.#follows);
    if (this.target.over) return this.#end();
    this.#taken = 0;
    this.#interruptions = 0;
    this.#options.bell.ring();
  }

  /** Called by the subscription's handler, for which stopping it waits. */
  #end(): void {
    this.#subscription?.stop().catch(() => undefined);
  }
}
