import type { AnySpec, Change, DocumentTable, Generation, TemporalTable } from './adapter.ts';
import { inTurn } from './in-turn.ts';
import type { MongoAccess } from './mongodb-access.ts';
import { GRACE_MS, MongoClearing } from './mongodb-clearing.ts';
import { MongoDocuments, type MongoReads } from './mongodb-documents.ts';
import type { MongoRegister } from './mongodb-register.ts';
import { MongoRows, newest, type RowBase, type Snapshot } from './mongodb-rows.ts';
import {
  commit,
  type Declared,
  fenced,
  type GenerationState,
  type ModelState,
  modelKey,
  outdated,
  reserve,
  snapshotOf,
} from './mongodb-state.ts';
import { MongoTemporal } from './mongodb-temporal.ts';
import { Pace } from './pace.ts';
import { ReadStoreError } from './read-store.ts';

/** A read that took longer looks whether they did. */
const SURE_MS = GRACE_MS / 3;
const READ_AGAIN = 3;
/** So long an answer that did not come is asked for again before the outcome of a batch is left open. */
const SETTLE_MS = 10_000;
/** One build of one read model. See docs/adr/0012-batches-without-transactions.md for how a batch becomes visible. */
export class MongoGeneration implements Generation, MongoReads {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly collections: readonly AnySpec[];
  readonly access: MongoAccess;
  serving = false;
  checkpoint = 0;
  readonly #register: MongoRegister;
  readonly #documents = new Map<string, MongoDocuments>();
  readonly #temporal = new Map<string, MongoTemporal>();
  readonly #sequences: MongoRows<RowBase & { s: number }>;
  readonly #turn = inTurn();
  /** The writer's own knowledge; undefined until it has a number to write under, and again after an error. */
  #writing: GenerationState | undefined;
  /** A batch that was reported as failed and may have been stored nevertheless. */
  #doubt: number | undefined;
  /** The last one that the caller acted under. */
  #token: number | undefined;
  readonly #clearing: MongoClearing;

  constructor(access: MongoAccess, register: MongoRegister, declared: Declared) {
    this.access = access;
    this.#register = register;
    this.id = declared._id;
    this.name = declared.name;
    this.version = declared.version;
    this.collections = JSON.parse(declared.collections);
    for (const [place, spec] of this.collections.entries()) {
      const name = `g${this.id}.${place}`;
      if (spec.kind === 'documents')
        this.#documents.set(spec.name, new MongoDocuments(access, this, name, spec));
      else this.#temporal.set(spec.name, new MongoTemporal(access, this, name, spec));
    }
    this.#sequences = new MongoRows(access, `g${this.id}.sequences`, []);
    this.#clearing = new MongoClearing(access, (decide) => this.#change(decide), [...this.#allRows()]);
  }

  get secret(): string {
    return this.access.secret;
  }

  documents(name: string): DocumentTable {
    return this.#documentsOf(name);
  }

  temporal(name: string): TemporalTable {
    return this.#temporalOf(name);
  }

  /** Whoever asks reads everything anew, so nothing is in doubt for him. */
  async sequence(key: string): Promise<number | undefined> {
    await this.#turn(() => this.#resolve());
    this.#doubt = undefined;
    return newest(await this.#sequences.all(await this.writers(), { x: key }))[0]?.s;
  }

  apply(change: Change): Promise<void> {
    return this.#turn(() => this.access.write(() => this.#apply(change)));
  }

  async claim(token: number): Promise<void> {
    await this.#turn(async () => {
      this.#writing = undefined;
      this.#doubt = undefined;
      await this.access.write(() => this.#begin(token));
    });
  }

  /** Takes over what the register says. */
  learn({ checkpoint, state }: GenerationState): void {
    this.checkpoint = checkpoint;
    this.serving = state === 'serving';
  }

  /** Collections and indexes: makes what is missing, checks what is there. */
  async prepare(): Promise<void> {
    for (const rows of this.#allRows()) await rows.create();
  }

  async dropCollections(): Promise<void> {
    for (const { rows } of this.#documents.values()) await rows.drop();
    for (const table of this.#temporal.values()) await table.drop();
    await this.#sequences.drop();
  }

  async read<T>(job: (snapshot: Snapshot) => Promise<T>): Promise<T> {
    for (let round = 0; round < READ_AGAIN; round++) {
      const from = performance.now();
      const state = await this.#state();
      const result = await job(snapshotOf(state));
      if (performance.now() - from < SURE_MS || (await this.#state()).swept <= state.stored) return result;
    }
    throw this.#lost();
  }

  async *stream<T>(rows: (snapshot: Snapshot) => AsyncIterable<T>): AsyncGenerator<T> {
    const state = await this.#state();
    let sure = performance.now();
    for await (const row of rows(snapshotOf(state))) {
      if (performance.now() - sure > SURE_MS) {
        if ((await this.#state()).swept > state.stored) throw this.#lost();
        sure = performance.now();
      }
      yield row;
    }
    if (performance.now() - sure > SURE_MS && (await this.#state()).swept > state.stored) throw this.#lost();
  }

  async writers(): Promise<Snapshot> {
    if (this.#doubt !== undefined) await this.#turn(() => this.#resolve());
    if (this.#doubt !== undefined) throw outdated(this.name);
    return snapshotOf(this.#writing ?? (await this.#state()));
  }

  async #apply(change: Change): Promise<void> {
    await this.#resolve();
    const writing = await this.#begin(change.token);
    const number = writing.open;
    try {
      await this.#insert(change, number);
    } catch (error) {
      // Rows may be there under this number: it is not used again.
      this.#writing = undefined;
      throw error;
    }
    this.#writing = await this.#decided(number, () => this.#change((state) => commit(state, number, change)));
    this.learn(this.#writing);
    for (const [name, table] of this.#temporal) {
      table.settle(change.versions.filter(({ collection }) => collection === name));
    }
    this.#clearing.stored(number);
  }

  async #insert({ documents, versions, sequence }: Change, number: number): Promise<void> {
    const pace = new Pace();
    const inserts = new Map<MongoRows<RowBase>, RowBase[]>();
    const add = <T extends RowBase>(table: MongoRows<T>, rows: Iterable<T>) => {
      const key = table as unknown as MongoRows<RowBase>;
      const list = inserts.get(key) ?? [];
      inserts.set(key, list);
      for (const row of rows) list.push(row);
    };
    for (const write of documents) {
      const table = this.#documentsOf(write.collection);
      add(table.rows, table.rowsOf(write, number));
      await pace.step();
    }
    for (const write of versions) {
      const table = this.#temporalOf(write.collection);
      const { known, past } = table.rowsOf(write, number);
      add(table.known, known);
      if (past.length > 0) add(table.past, past);
      await pace.step();
    }
    if (sequence !== undefined) {
      add(this.#sequences, [{ x: sequence.key, f: number, s: sequence.sequence }]);
    }
    await Promise.all([
      ...Array.from(inserts, ([rows, list]) => rows.insert(list)),
      ...Array.from(this.#temporal, ([name, table]) =>
        table.insertEntries(versions.filter(({ collection }) => collection === name)),
      ),
    ]);
  }

  /** A number to write under; whoever had one before cannot use his any more. Throws FENCED. */
  async #begin(token: number | undefined): Promise<GenerationState> {
    if (this.#doubt !== undefined) throw outdated(this.name);
    this.#token = token;
    const known = this.#writing;
    if (known !== undefined && (known.token === undefined || (token ?? -1) >= known.token)) return known;
    const state = await this.#change((current) => reserve(current, token));
    this.#writing = state;
    this.learn(state);
    this.#clearing.begin(state.stored);
    return state;
  }

  /** Goes on asking for the answer to a batch whose rows are there; left open, it is in doubt. */
  async #decided<T>(number: number, job: () => Promise<T>): Promise<T> {
    const latest = performance.now() + SETTLE_MS;
    for (;;) {
      try {
        return await job();
      } catch (error) {
        const away = error instanceof ReadStoreError && error.code === 'UNAVAILABLE';
        if (away && performance.now() < latest) continue;
        this.#writing = undefined;
        if (!(error instanceof ReadStoreError && error.code === 'FENCED')) this.#doubt = number;
        throw error;
      }
    }
  }

  /** Finds out about a batch in doubt, and that it is not stored later on. It stays in doubt when it was stored. */
  async #resolve(): Promise<void> {
    const number = this.#doubt;
    if (number === undefined) return;
    this.#doubt = undefined;
    try {
      const { stored, voids } = await this.access.write(() => this.#begin(this.#token));
      if (stored >= number && !voids.includes(number)) this.#doubt = number;
    } catch (error) {
      this.#doubt = number;
      throw error;
    }
  }

  async #change(decide: (state: GenerationState) => GenerationState | undefined): Promise<GenerationState> {
    const { value } = await this.#register.change<ModelState>(modelKey(this.name), (model) => {
      const state = this.#mine(model);
      if (state === undefined || state.state === 'dropping') throw fenced();
      const next = decide(state);
      if (next === undefined) return undefined;
      return { generations: (model?.generations ?? []).map((one) => (one === state ? next : one)) };
    });
    return this.#mine(value) ?? Promise.reject(fenced());
  }

  async #state(): Promise<GenerationState> {
    const model = await this.#register.read<ModelState>(modelKey(this.name));
    const state = this.#mine(model?.value);
    if (state !== undefined) return state;
    this.serving = false;
    throw new ReadStoreError(
      'UNAVAILABLE',
      `${this.name} version ${this.version} was dropped, another one serves`,
    );
  }

  #mine(model: ModelState | undefined): GenerationState | undefined {
    return model?.generations.find(({ id }) => id === this.id);
  }

  *#allRows(): Generator<MongoRows<RowBase>> {
    const as = <T extends RowBase>(rows: MongoRows<T>) => rows as unknown as MongoRows<RowBase>;
    for (const { rows } of this.#documents.values()) yield as(rows);
    for (const { known, past } of this.#temporal.values()) {
      yield as(known);
      yield as(past);
    }
    yield as(this.#sequences);
  }

  #documentsOf(name: string): MongoDocuments {
    const table = this.#documents.get(name);
    if (table === undefined) throw new TypeError(`${this.name} has no documents ${name}`);
    return table;
  }

  #temporalOf(name: string): MongoTemporal {
    const table = this.#temporal.get(name);
    if (table === undefined) throw new TypeError(`${this.name} has no temporal collection ${name}`);
    return table;
  }

  #lost(): ReadStoreError {
    return new ReadStoreError(
      'UNAVAILABLE',
      `${this.name} changed too fast to be read for so long, try again`,
    );
  }
}
