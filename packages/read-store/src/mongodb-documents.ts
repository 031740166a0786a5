import type { AnySpec, DocumentTable, DocumentWrite, Hit } from './adapter.ts';
import { encodeId, keysOf } from './index-key.ts';
import type { MongoAccess } from './mongodb-access.ts';
import { byField, chunks, MongoRows, newest, type RowBase, type Snapshot } from './mongodb-rows.ts';
import { entriesOf, groups } from './mongodb-walk.ts';
import type { Walk } from './walk.ts';

/**
 * `x` is the id. A row with `d` holds the document (JSON) and, under `k<n>`, its key in each index where it has just one;
 * further keys are rows of their own, with `m` (many).
 */
interface Row extends RowBase {
  d?: string;
  m?: true;
  [key: `k${number}`]: string | undefined;
}

/** Reads run on one state, which the generation provides. */
export interface MongoReads {
  /** Runs the job on the newest state, again on a newer one should that be cleared away meanwhile. */
  read<T>(job: (snapshot: Snapshot) => Promise<T>): Promise<T>;
  /** All rows out of one state. Throws UNAVAILABLE when it is cleared away before they are at their end. */
  stream<T>(rows: (snapshot: Snapshot) => AsyncIterable<T>): AsyncGenerator<T>;
  /** The state that the writer builds on. */
  writers(): Promise<Snapshot>;
}

/** Entries that are looked at together: few at first, many where a filter drops many. */
const GROUP = 128;
const LARGE_GROUP = 1_024;
/** Not the entries of documents that have several in an index. */
const HEADS = { m: { $exists: false } };
const HEAD_FIELDS = { x: 1, f: 1, g: 1, d: 1 } as const;

/** A collection of documents. */
export class MongoDocuments implements DocumentTable {
  readonly rows: MongoRows<Row>;
  readonly #reads: MongoReads;
  readonly #indexes: readonly { index: string; field: `k${number}`; fields: readonly string[] }[];

  constructor(access: MongoAccess, reads: MongoReads, name: string, spec: AnySpec) {
    this.#reads = reads;
    this.#indexes = Object.entries(spec.indexes).map(([index, fields], place) => ({
      index,
      field: `k${place}` as const,
      fields,
    }));
    this.rows = new MongoRows(
      access,
      name,
      this.#indexes.map(({ field }) => byField(field, field)),
    );
  }

  async get(id: string): Promise<string | undefined> {
    return (await this.getMany([id])).get(id);
  }

  async getMany(ids: readonly string[]): Promise<Map<string, string>> {
    return this.#texts(await this.#reads.writers(), ids);
  }

  lookup(ids: readonly string[]): Promise<Map<string, unknown>> {
    return this.#reads.read(async (snapshot) => {
      const texts = await this.#texts(snapshot, ids);
      return new Map(Array.from(texts, ([id, text]) => [id, JSON.parse(text)]));
    });
  }

  page(walk: Walk, want: number, accept: (hit: Hit) => boolean): Promise<Hit[]> {
    const field = this.#field(walk);
    return this.#reads.read(async (snapshot) => {
      const hits: Hit[] = [];
      for await (const group of groups(this.#entries(snapshot, walk, field), GROUP, LARGE_GROUP)) {
        const alive = new Set(
          await this.rows.alive(
            snapshot,
            group.map(({ row }) => row),
          ),
        );
        const entries = group.filter(({ row }) => alive.has(row));
        const far = entries.flatMap(({ id, row }) => (row.d === undefined ? [id] : []));
        const texts = await this.#texts(snapshot, new Set(far));
        for (const { rest, id, row } of entries) {
          const hit = { rest, id, doc: JSON.parse(row.d ?? texts.get(id) ?? 'null') };
          if (rest !== hits.at(-1)?.rest && accept(hit)) hits.push(hit);
          if (hits.length === want) return hits;
        }
      }
      return hits;
    });
  }

  count(walk: Walk): Promise<number> {
    const field = this.#field(walk);
    const stretches = walk.prefixes.map((prefix) => ({
      [field]: { $gte: prefix + walk.from, $lt: prefix + walk.to },
    }));
    return this.#reads.read(async (snapshot) => {
      let entries = 0;
      for (const stretch of stretches) {
        const [many] = await this.rows.all(snapshot, { ...stretch, m: true }, { limit: 1 });
        if (many !== undefined) return this.#distinct(snapshot, walk, field);
        entries += await this.rows.countAlive(snapshot, stretch);
      }
      return entries;
    });
  }

  async *dump(): AsyncGenerator<{ id: string; doc: unknown }> {
    const all = this.#reads.stream((snapshot) =>
      this.rows.find(snapshot, HEADS, { sort: { x: 1, f: 1 }, projection: HEAD_FIELDS }),
    );
    let before: Row | undefined;
    for await (const row of all) {
      if (before?.d !== undefined && before.x !== row.x) yield documentOf(before);
      before = row;
    }
    if (before?.d !== undefined) yield documentOf(before);
  }

  /** What the write inserts under the number. */
  *rowsOf({ id, doc }: DocumentWrite, number: number): Generator<Row> {
    if (doc === null) {
      yield { x: id, f: number, g: true };
      return;
    }
    const content = JSON.parse(doc);
    const end = encodeId(id);
    const head: Row = { x: id, f: number, d: doc };
    for (const { field, fields } of this.#indexes) {
      const [first, ...more] = keysOf(fields, content);
      if (more.length === 0 && first !== undefined) head[field] = first + end;
      else if (first !== undefined) {
        for (const key of [first, ...more]) {
          const entry: Row = { x: id, f: number, m: true };
          entry[field] = key + end;
          yield entry;
        }
      }
    }
    yield head;
  }

  async #texts(snapshot: Snapshot, ids: Iterable<string>): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    for (const chunk of chunks(ids)) {
      const filter = { x: chunk.length === 1 ? chunk[0] : { $in: chunk }, ...HEADS };
      for (const { x, d } of newest(await this.rows.all(snapshot, filter, { projection: HEAD_FIELDS }))) {
        if (d !== undefined) found.set(x, d);
      }
    }
    return found;
  }

  async #distinct(snapshot: Snapshot, walk: Walk, field: `k${number}`): Promise<number> {
    const ids = new Set<string>();
    const entries = this.#entries(snapshot, walk, field, { x: 1, f: 1, [field]: 1 });
    for await (const group of groups(entries, LARGE_GROUP, LARGE_GROUP)) {
      for (const { x } of await this.rows.alive(
        snapshot,
        group.map(({ row }) => row),
      ))
        ids.add(x);
    }
    return ids.size;
  }

  #entries(
    snapshot: Snapshot,
    walk: Walk,
    field: `k${number}`,
    projection: Record<string, 0 | 1> = { x: 1, f: 1, d: 1, [field]: 1 },
  ) {
    const sort: Record<string, 1 | -1> = { [field]: walk.reverse ? -1 : 1 };
    return entriesOf<Row>(
      walk,
      (row) => String(row[field]),
      (from, to, fetch) =>
        this.rows.find(snapshot, { [field]: { $gte: from, $lt: to } }, { sort, projection, fetch }),
    );
  }

  #field(walk: Walk): `k${number}` {
    const found = this.#indexes.find(({ index }) => index === walk.index);
    if (found === undefined) throw new TypeError(`${walk.collection} has no index ${walk.index}`);
    return found.field;
  }
}

const documentOf = ({ x, d }: Row): { id: string; doc: unknown } => ({ id: x, doc: JSON.parse(d ?? 'null') });
