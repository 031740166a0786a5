import type { Collection, Document } from 'mongodb';
import type { AnySpec, Moment, Segment, TemporalTable, VersionHit, VersionsWrite } from './adapter.ts';
import { encodeId, hasKey } from './index-key.ts';
import type { MongoAccess } from './mongodb-access.ts';
import type { MongoReads } from './mongodb-documents.ts';
import { isDuplicate } from './mongodb-errors.ts';
import { byField, chunks, dropCollection, MongoRows, newest, type Snapshot } from './mongodb-rows.ts';
import {
  byDocument,
  earlier,
  inGroups,
  inOrder,
  nothing,
  type SegmentRow,
  together,
  toVersion,
} from './mongodb-segments.ts';
import { entriesOf, groups } from './mongodb-walk.ts';
import type { Version } from './read-store.ts';
import { NO_END } from './times.ts';
import type { Walk } from './walk.ts';

/** The writer knows the keys of such a body to be in the indexes. */
const STORED = true;

const GROUP = 64;
const LARGE_GROUP = 256;
/** Rows that one query for many documents may bring per document, before each is looked up by itself. */
const ROWS_PER_DOCUMENT = 8;
/** Of which replaced ones may be a few. */
const SEEK = 4;

/**
 * A temporal collection: `known` holds the segments as known now, `past` those that were known until `p`. `entries` are
 * the indexes: one for each key that any version of a document ever had. An entry says no more than that it may be
 * worth looking there, so it needs no batch and is inserted ahead of it.
 */
export class MongoTemporal implements TemporalTable {
  readonly known: MongoRows<SegmentRow>;
  readonly past: MongoRows<SegmentRow>;
  readonly #access: MongoAccess;
  readonly #reads: MongoReads;
  readonly #entries: Collection<{ _id: string }>;
  readonly #indexes: readonly string[];

  constructor(access: MongoAccess, reads: MongoReads, name: string, spec: AnySpec) {
    this.#access = access;
    this.#reads = reads;
    this.#indexes = Object.keys(spec.indexes);
    this.known = new MongoRows(access, `${name}.known`, [byField('end', 'i', 'u')]);
    this.past = new MongoRows(access, `${name}.past`, [byField('forgotten', 'i', 'p')]);
    this.#entries = access.collection(`${name}.entries`);
  }

  async drop(): Promise<void> {
    await this.known.drop();
    await this.past.drop();
    await dropCollection(this.#access, this.#entries as unknown as Collection<Document>);
  }

  async segment(id: string, day: number): Promise<Segment> {
    return (await this.segments([{ id, day }]))[0] ?? nothing(NO_END);
  }

  async segments(places: readonly { id: string; day: number }[]): Promise<Segment[]> {
    const rows = await this.#ending(await this.#reads.writers(), places);
    return places.map(({ day }, at) => {
      const row = rows[at];
      if (row === undefined || row.e > day) return nothing(row?.e ?? NO_END);
      const body = { text: row.d, stored: STORED };
      return { effectiveFrom: row.e, effectiveTo: row.u, recordedFrom: row.r, body };
    });
  }

  lookup(ids: readonly string[], moment: Moment): Promise<Map<string, Version<unknown>>> {
    return this.#reads.read((snapshot) => this.#at(snapshot, ids, moment));
  }

  page(
    walk: Walk,
    want: number,
    moment: Moment,
    accept: (hit: VersionHit) => boolean,
  ): Promise<VersionHit[]> {
    const place = this.#indexes.indexOf(walk.index);
    if (place < 0) throw new TypeError(`${walk.collection} has no index ${walk.index}`);
    return this.#reads.read(async (snapshot) => {
      const hits: VersionHit[] = [];
      const entries = entriesOf<{ _id: string }>(
        walk,
        ({ _id }) => _id.slice(String(place).length + 1),
        (from, to, fetch) => this.#stretch(`${place} `, from, to, fetch, walk.reverse),
      );
      for await (const group of groups(entries, GROUP, LARGE_GROUP)) {
        const versions = await this.#at(snapshot, [...new Set(group.map(({ id }) => id))], moment);
        for (const { rest, id, key } of group) {
          const version = versions.get(id);
          if (version === undefined || !hasKey(walk.fields, version.doc, key)) continue;
          const hit = { rest, id, doc: version.doc, version };
          if (rest !== hits.at(-1)?.rest && accept(hit)) hits.push(hit);
          if (hits.length === want) return hits;
        }
      }
      return hits;
    });
  }

  versions(id: string): Promise<Version<unknown>[]> {
    return this.#reads.read(async (snapshot) =>
      inOrder([
        ...newest(await this.known.all(snapshot, { i: id })),
        ...(await this.past.all(snapshot, { i: id })),
      ]),
    );
  }

  async *dump(): AsyncGenerator<Version<unknown>> {
    const histories = this.#reads.stream((snapshot) => {
      const known = byDocument(this.known.find(snapshot, {}, { sort: { i: 1, u: 1 } }));
      const past = byDocument(this.past.find(snapshot, {}, { sort: { i: 1, p: 1 } }));
      return together(known, past);
    });
    for await (const rows of histories) yield* inOrder(rows);
  }

  /** What the write inserts under the number. Texts are shared, not copied, until they are sent. */
  rowsOf({ id, known, past }: VersionsWrite, number: number): { known: SegmentRow[]; past: SegmentRow[] } {
    const rowOf = ({ effectiveFrom, effectiveTo, recordedFrom, body }: Segment): SegmentRow => ({
      x: `${String(effectiveFrom).padStart(8, '0')}${id}`,
      f: number,
      i: id,
      e: effectiveFrom,
      u: effectiveTo,
      r: recordedFrom,
      d: body.text,
    });
    return {
      known: known.map(rowOf),
      past: past.map((segment) => {
        const row = rowOf(segment);
        return { ...row, x: `${segment.recordedTo} ${row.x}`, p: segment.recordedTo };
      }),
    };
  }

  /** Entries that are there already stay. */
  async insertEntries(writes: readonly VersionsWrite[]): Promise<void> {
    const ids = new Set<string>();
    for (const { id, keys } of writes) {
      for (const [place, added] of keys.entries()) {
        for (const key of added) ids.add(`${place} ${key}${encodeId(id)}`);
      }
    }
    const entries = Array.from(ids, (_id) => ({ _id }));
    if (entries.length === 0) return;
    await this.#access.call(() =>
      this.#entries.insertMany(entries, { ordered: false }).catch((error) => {
        if (!isDuplicate(error)) throw error;
      }),
    );
  }

  /** The bodies of the writes are in the store. */
  settle(writes: readonly VersionsWrite[]): void {
    for (const { known, past } of writes) {
      for (const { body } of [...known, ...past]) body.stored = STORED;
    }
  }

  async *#stretch(
    index: string,
    from: string,
    to: string,
    fetch: number,
    reverse: boolean,
  ): AsyncGenerator<{ _id: string }> {
    const cursor = this.#entries.find(
      { _id: { $gte: index + from, $lt: index + to } },
      { sort: { _id: reverse ? -1 : 1 }, batchSize: fetch },
    );
    try {
      for (;;) {
        const entry = await this.#access.call(() => cursor.next());
        if (entry === null) return;
        yield entry;
      }
    } finally {
      await cursor.close().catch(() => undefined);
    }
  }

  /** Seeks, whatever the length of the history: what is known now, and where that became known later, what was then. */
  async #at(
    snapshot: Snapshot,
    ids: readonly string[],
    { day, instant }: Moment,
  ): Promise<Map<string, Version<unknown>>> {
    const places = ids.map((id) => ({ id, day }));
    const now = await this.#ending(snapshot, places);
    const rows = await inGroups(now, async (row) => {
      if (row === undefined || row.e > day) return undefined;
      return row.r > instant ? this.#then(snapshot, row.i, day, instant) : row;
    });
    return new Map(
      rows.flatMap((row) => {
        const version = row && toVersion(row);
        return version === undefined ? [] : [[version.id, version]];
      }),
    );
  }

  /** Among what was known until after the instant the one that ended first is, as a rule, the one. */
  async #then(snapshot: Snapshot, id: string, day: number, instant: number): Promise<SegmentRow | undefined> {
    const filter = { i: id, p: { $gt: instant }, r: { $lte: instant }, e: { $lte: day }, u: { $gt: day } };
    const [row] = await this.past.all(snapshot, filter, { sort: { i: 1, p: 1 }, limit: 1 });
    return row;
  }

  /**
   * For each place the first known segment that ends after the day: the one that holds the day, or the document's first,
   * when the day is before it.
   */
  async #ending(
    snapshot: Snapshot,
    places: readonly { id: string; day: number }[],
  ): Promise<(SegmentRow | undefined)[]> {
    if (places.length === 0) return [];
    const together = await this.#endingTogether(snapshot, places);
    return inGroups(places, async (place) => {
      const rows = together.get(place.id);
      if (rows === undefined) return this.#endingAlone(snapshot, place);
      return rows.filter(({ u }) => u > place.day).reduce<SegmentRow | undefined>(earlier, undefined);
    });
  }

  async #endingAlone(
    snapshot: Snapshot,
    { id, day }: { id: string; day: number },
  ): Promise<SegmentRow | undefined> {
    for (let limit = SEEK; ; limit *= 4) {
      const filter = { i: id, u: { $gt: day } };
      const rows = await this.known.all(snapshot, filter, { sort: { i: 1, u: 1 }, limit });
      const [first] = await this.known.alive(snapshot, rows);
      if (first !== undefined || rows.length < limit) return first;
    }
  }

  /** All segments that end after the earliest day, of those documents that have few such. */
  async #endingTogether(
    snapshot: Snapshot,
    places: readonly { id: string; day: number }[],
  ): Promise<Map<string, SegmentRow[]>> {
    const day = places.reduce((least, place) => Math.min(least, place.day), NO_END);
    const found = new Map<string, SegmentRow[]>();
    for (const chunk of chunks(new Set(places.map(({ id }) => id)))) {
      const limit = chunk.length * ROWS_PER_DOCUMENT;
      const rows = await this.known.all(snapshot, { i: { $in: chunk }, u: { $gt: day } }, { limit });
      if (rows.length === limit) continue;
      for (const id of chunk) found.set(id, []);
      for (const row of await this.known.alive(snapshot, rows)) found.get(row.i)?.push(row);
    }
    return found;
  }
}
