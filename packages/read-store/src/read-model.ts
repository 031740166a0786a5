import type { EventStore } from '@dutyledger/event-store/event-store';
import type { Generation, ReadStore } from './adapter.ts';
import type { Bell } from './bell.ts';
import { checkSameDeclaration } from './declarations.ts';
import { digestOf } from './digest.ts';
import { inTurn } from './in-turn.ts';
import { aborted, type Leadership, type LeadershipOptions, type Term, whileLeading } from './leadership.ts';
import type { Projection, ProjectionStatus } from './projection.ts';
import { type Host, Projector } from './projector.ts';
import { ReadStoreError } from './read-store.ts';
import type { Logger } from './target.ts';

export interface ModelOptions {
  events: EventStore;
  prefix: string;
  readStore: ReadStore;
  logger: Logger | undefined;
  batchSize: number;
  keepCharacters: number;
  leadership: Omit<LeadershipOptions, 'logger'>;
  /** Rung when a read model has changed. */
  bell: Bell;
}

const WAIT_MS = 1_000;

/**
 * One read model as this process has it. The process that holds the lease of its version projects; the others read the
 * generation that serves and look in the store how far it is.
 */
export class ReadModel implements Host {
  readonly projection: Projection;
  readonly readStore: ReadStore;
  readonly #options: ModelOptions;
  readonly #turn = inTurn();
  /** Generations that came to serve while this process watched. */
  readonly #served = new WeakSet<Generation>();
  #leadership: Leadership | undefined;
  #projector: Projector | undefined;
  #serving: Generation | undefined;
  #building: Generation | undefined;
  /** What was recorded before the start must be in a generation that another process feeds, before it is read. */
  #due: number;
  #caughtUp = false;
  #ownServed = false;
  #stopped = false;
  #trouble: string | null = null;

  /** `due`: position of the newest event at the start. */
  constructor(projection: Projection, due: number, options: ModelOptions) {
    this.projection = projection;
    this.readStore = options.readStore;
    this.#due = due;
    this.#options = options;
  }

  /** Looks, for the first time; then leads or follows. Throws when what is stored contradicts the declaration. */
  async start(): Promise<void> {
    await this.look();
    const { name, version } = this.projection;
    const { leadership, logger } = this.#options;
    this.#leadership = whileLeading(
      this.readStore,
      `projection ${name}@${version}`,
      (term) => this.#lead(term),
      { ...leadership, logger },
    );
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#leadership?.stop();
  }

  /** Takes over what other processes did. Throws what the store throws, and remembers it until it answers again. */
  async look(): Promise<void> {
    try {
      await this.#look();
      this.#trouble = null;
    } catch (error) {
      this.#trouble = error instanceof Error ? error.message : String(error);
      throw error;
    }
  }

  async #look(): Promise<void> {
    if (this.#projector !== undefined) return this.#projector.arrange();
    const stored = await this.#stored();
    const serving = stored.find((generation) => generation.serving);
    this.#building = stored.findLast((generation) => !generation.serving);
    if (serving !== undefined) this.serve(serving);
  }

  serve(generation: Generation): void {
    const before = this.#serving;
    // Someone deleted what was there: it is built from the beginning, and must not look as if it never was.
    if (before !== undefined && before !== generation && generation.checkpoint < before.checkpoint) {
      this.#caughtUp = false;
      this.#due = before.checkpoint;
    }
    this.#serving = generation;
    this.#served.add(generation);
    if (generation.version === this.projection.version) this.#ownServed = true;
  }

  /** A program that was replaced while it ran stays replaced; one that is started is meant to serve. */
  mayReplace({ version }: Generation): boolean {
    return version < this.projection.version || !this.#ownServed;
  }

  /** Whether another process brings the events to what serves here. */
  get follows(): boolean {
    return this.#projector?.feedOf(this.#serving) === undefined;
  }

  get position(): number {
    return this.#projector?.feedOf(this.#serving)?.position ?? this.#serving?.checkpoint ?? 0;
  }

  get failed(): boolean {
    return (this.#projector?.feedOf(this.#serving)?.target.failure ?? null) !== null;
  }

  /** False until it has caught up for the first time: what is not there yet must not look as if it never was. */
  get serves(): boolean {
    const serving = this.#serving;
    if (serving === undefined || serving.version > this.projection.version) return false;
    if (this.#caughtUp) return true;
    const feed = this.#projector?.feedOf(serving);
    this.#caughtUp =
      serving.version < this.projection.version ||
      this.failed ||
      feed?.caughtUp === true ||
      this.position >= this.#due;
    return this.#caughtUp;
  }

  /** The generation to read. Throws UNAVAILABLE. */
  get generation(): Generation {
    if (this.#serving !== undefined && this.serves) return this.#serving;
    const { name, version } = this.projection;
    const replaced = this.#serving !== undefined && this.#serving.version > version;
    throw new ReadStoreError(
      'UNAVAILABLE',
      replaced
        ? `${name} version ${this.#serving?.version} serves, which this program (version ${version}) cannot read`
        : `${name} is being built and does not serve yet`,
    );
  }

  status(head: number): ProjectionStatus {
    const { name, version } = this.projection;
    const feed = this.#projector?.feedOf(this.#serving);
    const built = this.#projector?.building;
    const building = this.#projector === undefined ? this.#building : built?.generation;
    const serving = this.#serving?.version ?? version;
    return {
      name,
      version: serving,
      serves: this.serves,
      position: this.position,
      head,
      building: building
        ? { version: building.version, position: built?.target.applied ?? building.checkpoint }
        : null,
      failure: feed?.target.failure ?? built?.target.failure ?? this.#projector?.buildFailure ?? null,
      leading: this.#projector !== undefined,
      since: (this.#leadership?.since ?? new Date()).toISOString(),
      replacedBy: serving > version ? serving : null,
      trouble: this.#trouble,
    };
  }

  digest(): Promise<string> {
    return digestOf(this.generation);
  }

  async rebuild(): Promise<void> {
    const { name } = this.projection;
    const generation = await this.#turn(() => this.#begin());
    await this.look();
    while (!this.#served.has(generation)) {
      if (this.#stopped) throw new Error(`${name} cannot be rebuilt, the process stops`);
      if (!(await this.#stored()).includes(generation)) throw this.#givenUp();
      await this.#options.bell.wait(WAIT_MS);
    }
  }

  /** The generation that is being built, or a new one, which the leading process finds. */
  async #begin(): Promise<Generation> {
    const { name, version, collections } = this.projection;
    if (this.#stopped) throw new Error(`${name} cannot be rebuilt, the process has stopped`);
    const failed = this.#projector?.building?.target.failure
      ? this.#projector.building.generation
      : undefined;
    const begun = (await this.#stored()).findLast(
      (generation) => !generation.serving && generation.version === version,
    );
    if (begun !== undefined && begun !== failed) return begun;
    if (failed !== undefined) await this.readStore.drop(failed);
    return this.readStore.create(name, version, collections, false);
  }

  #givenUp(): Error {
    const failure = this.#projector?.buildFailure;
    const cause = failure ? `stopped at event ${failure.eventId}: ${failure.message}` : 'was given up';
    return new Error(`building ${this.projection.name} ${cause}`);
  }

  async #stored(): Promise<Generation[]> {
    const stored = await this.readStore.generations(this.projection.name);
    for (const generation of stored) checkSameDeclaration(generation, this.projection);
    return stored;
  }

  async #lead({ token, signal }: Term): Promise<void> {
    const fenced = Promise.withResolvers<void>();
    const projector = new Projector(this, { ...this.#options, token, signal, fenced: fenced.resolve });
    this.#projector = projector;
    try {
      await projector.arrange();
      await Promise.race([aborted(signal), fenced.promise]);
    } finally {
      await projector.stop();
      this.#projector = undefined;
      this.#options.bell.ring();
    }
  }
}
