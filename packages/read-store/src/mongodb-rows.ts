import type { Collection, Document, Filter, IndexSpecification, WithId } from 'mongodb';
import type { MongoAccess } from './mongodb-access.ts';
import { ReadStoreError } from './read-store.ts';

/**
 * Rows of numbered batches: inserted under the number of their batch and never changed. A row is seen once the number that
 * readers start from reaches its own, and until a row of the same thing with a higher number is seen. What was inserted
 * under a number that never got there is void for good.
 */
export interface RowBase {
  /** The thing that this is the state of. */
  x: string;
  /** Number of the batch that inserted it. */
  f: number;
  /** The thing is gone. */
  g?: true;
}

/** A state of a generation: that after batch `at`. */
export interface Snapshot {
  at: number;
  /** Numbers whose batches never came to be. */
  voids: readonly number[];
  /** Up to this number all rows that were replaced are deleted; at `at`, there are none. */
  cleared: number;
}

const KEYS_AT_ONCE = 1_000;
/** Characters of keys in one command, far below the limit of 16 MiB. */
const CHARACTERS_AT_ONCE = 2_000_000;

export interface IndexSpec {
  name: string;
  key: IndexSpecification & Record<string, 1 | -1>;
}

export const byField = (name: string, ...fields: string[]): IndexSpec => ({
  name,
  key: Object.fromEntries(fields.map((field) => [field, 1])),
});

/** The filter for what a state may hold. */
function within({ at, voids }: Snapshot): Filter<RowBase> {
  return { f: voids.length === 0 ? { $lte: at } : { $lte: at, $nin: [...voids] } };
}

export function* chunks(keys: Iterable<string>): Generator<string[]> {
  let chunk: string[] = [];
  let characters = 0;
  for (const key of keys) {
    if (chunk.length === KEYS_AT_ONCE || (chunk.length > 0 && characters + key.length > CHARACTERS_AT_ONCE)) {
      yield chunk;
      chunk = [];
      characters = 0;
    }
    chunk.push(key);
    characters += key.length;
  }
  if (chunk.length > 0) yield chunk;
}

/** One MongoDB collection of such rows. */
export class MongoRows<T extends RowBase> {
  readonly access: MongoAccess;
  readonly name: string;
  readonly #rows: Collection<T>;
  readonly #indexes: readonly IndexSpec[];
  #touched: Touched = { from: 0, at: 0, things: new Map() };

  constructor(access: MongoAccess, name: string, indexes: readonly IndexSpec[]) {
    this.access = access;
    this.name = name;
    this.#rows = access.collection<T>(name);
    this.#indexes = [byField('thing', 'x', 'f'), byField('batch', 'f'), ...indexes];
  }

  create(): Promise<void> {
    return createIndexes(this.access, this.#rows as unknown as Collection<Document>, this.#indexes);
  }

  drop(): Promise<void> {
    return dropCollection(this.access, this.#rows as unknown as Collection<Document>);
  }

  /** Rows that match, replaced ones among them unless the state is cleared; in the order of `sort` where given. */
  async *find(snapshot: Snapshot, filter: Document, options: FindOptions = {}): AsyncGenerator<T> {
    const { sort, limit = 0, projection, fetch = 1_000 } = options;
    const cursor = this.#rows.find({ ...within(snapshot), ...filter } as Filter<T>, {
      ...(sort === undefined ? {} : { sort }),
      ...(projection === undefined ? {} : { projection }),
      limit,
      batchSize: fetch,
    });
    try {
      for (;;) {
        const row = await this.access.call(() => cursor.next());
        if (row === null) return;
        yield row as T;
      }
    } finally {
      await cursor.close().catch(() => undefined);
    }
  }

  all(snapshot: Snapshot, filter: Document, options: FindOptions = {}): Promise<T[]> {
    const { sort, limit = 0, projection } = options;
    return this.access.call(
      () =>
        this.#rows
          .find({ ...within(snapshot), ...filter } as Filter<T>, {
            ...(sort === undefined ? {} : { sort }),
            ...(projection === undefined ? {} : { projection }),
            limit,
          })
          .toArray() as Promise<T[]>,
    );
  }

  async insert(rows: readonly T[]): Promise<void> {
    if (rows.length === 0) return;
    await this.access.call(async () => {
      try {
        await this.#rows.insertMany(rows as never, { ordered: false });
      } catch (error) {
        throw tooLarge(error, this.name) ?? error;
      }
    });
  }

  /** Those of the rows that no later one of the state replaces. */
  async alive<R extends RowBase>(snapshot: Snapshot, rows: readonly R[]): Promise<R[]> {
    if (snapshot.cleared >= snapshot.at) return [...rows];
    const touched = await this.#touchedAt(snapshot);
    return rows.filter((row) => isAlive(touched, snapshot, row));
  }

  /** How many rows match, without replaced ones. */
  async countAlive(snapshot: Snapshot, filter: Document): Promise<number> {
    const count = () =>
      this.access.call(() => this.#rows.countDocuments({ ...within(snapshot), ...filter } as Filter<T>));
    if (snapshot.cleared >= snapshot.at) return count();
    const touched = await this.#touchedAt(snapshot);
    const few = touched.size <= KEYS_AT_ONCE;
    const suspects = few ? { ...filter, x: { $in: [...touched.keys()] } } : filter;
    let alive = 0;
    let replaced = 0;
    for await (const row of this.find(snapshot, suspects, { projection: { x: 1, f: 1 } })) {
      if (isAlive(touched, snapshot, row)) alive++;
      else replaced++;
    }
    return few ? (await count()) - replaced : alive;
  }

  /** Deletes what is of no state from this one on. */
  async clear(snapshot: Snapshot): Promise<void> {
    const { voids, cleared } = snapshot;
    if (voids.length > 0) await this.#delete({ f: { $in: [...voids] } });
    if (cleared >= snapshot.at) return;
    for (const chunk of chunks((await this.#touchedAt(snapshot)).keys())) {
      const rows = await this.all(snapshot, { x: { $in: chunk } }, { projection: { x: 1, f: 1, g: 1 } });
      const latest = latestOf(rows);
      const replaced = rows.filter(({ x, f }) => latest.get(x) !== f);
      const gone = rows.filter(({ x, f, g }) => g && latest.get(x) === f);
      // What says that a thing is gone goes after what it is said of.
      for (const list of [replaced, gone]) {
        if (list.length > 0) await this.#delete({ _id: { $in: list.map((row) => (row as WithId<T>)._id) } });
      }
    }
  }

  /** What later batches than those that are cleared are about; kept, as a rule nothing or little is new. */
  async #touchedAt(snapshot: Snapshot): Promise<Touched['things']> {
    const { cleared, at } = snapshot;
    const touched =
      this.#touched.from === cleared ? this.#touched : { from: cleared, at: cleared, things: new Map() };
    if (cleared > this.#touched.from) this.#touched = touched;
    if (touched.at < at) {
      const later = { $and: [{ f: { $gt: touched.at } }] };
      const sort = { f: 1 } as const;
      for await (const { x, f } of this.find(snapshot, later, { sort, projection: { x: 1, f: 1 } })) {
        const numbers = touched.things.get(x);
        if (numbers === undefined) touched.things.set(x, [f]);
        // Another read may have come here first.
        else if ((numbers.at(-1) ?? 0) < f) numbers.push(f);
      }
      touched.at = Math.max(touched.at, at);
    }
    return touched.things;
  }

  async #delete(filter: Document): Promise<void> {
    await this.access.call(() => this.#rows.deleteMany(filter as Filter<T>));
  }
}

interface Touched {
  from: number;
  at: number;
  /** Numbers of the batches, ascending. */
  things: Map<string, number[]>;
}

const isAlive = (touched: Touched['things'], { at }: Snapshot, { x, f }: RowBase): boolean =>
  f >= (touched.get(x)?.findLast((number) => number <= at) ?? 0);

function latestOf(rows: readonly RowBase[]): Map<string, number> {
  const latest = new Map<string, number>();
  for (const { x, f } of rows) latest.set(x, Math.max(f, latest.get(x) ?? 0));
  return latest;
}

/** The newest row of each thing, where all rows of the things are at hand; none where it is gone. */
export function newest<R extends RowBase>(rows: readonly R[]): R[] {
  const latest = latestOf(rows);
  return rows.filter(({ x, f, g }) => latest.get(x) === f && !g);
}

export interface FindOptions {
  sort?: Record<string, 1 | -1>;
  limit?: number;
  projection?: Record<string, 0 | 1>;
  /** Rows that come at once. */
  fetch?: number;
}

/** Creates what is missing; an index of the same name that is another is told. */
async function createIndexes(
  access: MongoAccess,
  rows: Collection<Document>,
  wanted: readonly IndexSpec[],
): Promise<void> {
  const name = `collection ${rows.collectionName} of read store ${access.name}`;
  const there = await access.call(() => rows.indexes().catch(noCollection));
  const missing: IndexSpec[] = [];
  for (const index of wanted) {
    const found = there.find((one) => one.name === index.name);
    if (found === undefined) missing.push(index);
    else if (JSON.stringify([found.key, ...optionsOf(found)]) !== JSON.stringify([index.key])) {
      throw new ReadStoreError(
        'CORRUPT',
        `index ${index.name} of ${name} is ${JSON.stringify(found.key)} ${optionsOf(found).join(' ')} and should be ${JSON.stringify(index.key)} without options: drop the index, it is made again at the next start`,
      );
    }
  }
  if (missing.length > 0) await access.call(() => rows.createIndexes(missing));
}

const NO_COLLECTION = 26;
const PLAIN = new Set(['v', 'key', 'name', 'ns', 'background']);

/** What changes which rows an index holds, or their order. */
const optionsOf = (index: object): string[] =>
  Object.entries(index).flatMap(([option, value]) => (PLAIN.has(option) || value === false ? [] : [option]));

export async function dropCollection(access: MongoAccess, rows: Collection<Document>): Promise<void> {
  await access.call(() => rows.drop().catch(noCollection));
}

function noCollection(error: unknown): [] {
  if (error instanceof Error && 'code' in error && error.code === NO_COLLECTION) return [];
  throw error;
}

const TOO_LARGE = new Set([10_334, 17_419, 17_420, 17_280]);

function tooLarge(error: unknown, name: string): RangeError | undefined {
  if (!(error instanceof Error)) return undefined;
  const told = 'code' in error && TOO_LARGE.has(Number(error.code));
  if (!told && !/too large|larger than the maximum size|out of range/.test(error.message)) return undefined;
  return new RangeError(
    `a document for ${name} is too large: MongoDB stores at most 16 MiB, with its index keys`,
    {
      cause: error,
    },
  );
}
