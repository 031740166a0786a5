import type {
  AnySpec,
  Awaitable,
  Body,
  Moment,
  Segment,
  TemporalTable,
  VersionHit,
  VersionsWrite,
} from './adapter.ts';
import { encodeId, hasKey } from './index-key.ts';
import type { Version } from './read-store.ts';
import type { SqliteAccess } from './sqlite.ts';
import type { Connection, SqlRow } from './sqlite-connection.ts';
import { entriesOf } from './sqlite-walk.ts';
import { dayText, instantText, LATEST, NO_END } from './times.ts';
import type { Walk } from './walk.ts';

/** Segments in which a document does not exist have this body. */
const NOTHING = 0;

/**
 * A temporal collection. `known` holds the segments as known now, `past` those that were known until `rt`, `bodies`
 * their contents, which segments share; an index has one entry per key that any version of a document ever had.
 */
export class SqliteTemporal implements TemporalTable {
  readonly tables: readonly { name: string; key: string }[];
  readonly #access: SqliteAccess;
  readonly #prefix: string;
  readonly #indexes: readonly string[];
  readonly #indexNames: readonly string[];
  readonly #sql: ReturnType<typeof statements>;
  readonly #numbers = new Map<string, number>();

  constructor(access: SqliteAccess, tables: string, spec: AnySpec) {
    this.#access = access;
    this.#prefix = tables;
    this.#indexNames = Object.keys(spec.indexes);
    this.#indexes = this.#indexNames.map((_, place) => `${tables}index${place}`);
    this.#sql = statements(tables);
    this.tables = [
      { name: `${tables}ids`, key: 'd' },
      { name: `${tables}bodies`, key: 'b' },
      { name: `${tables}known`, key: 'd, ef' },
      { name: `${tables}past`, key: 'd, rt, ef' },
      ...this.#indexes.map((name) => ({ name, key: 'k' })),
    ];
  }

  create(writer: Connection): void {
    const columns = 'ef INTEGER NOT NULL, et INTEGER NOT NULL, rf INTEGER NOT NULL, b INTEGER NOT NULL';
    writer.exec(`
      CREATE TABLE ${this.#prefix}ids (d INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE);
      CREATE TABLE ${this.#prefix}bodies (b INTEGER PRIMARY KEY, doc TEXT NOT NULL);
      CREATE TABLE ${this.#prefix}known (d INTEGER NOT NULL, ${columns}, PRIMARY KEY (d, ef)) WITHOUT ROWID;
      CREATE TABLE ${this.#prefix}past (
        d INTEGER NOT NULL, rt INTEGER NOT NULL, ${columns}, PRIMARY KEY (d, rt, ef)) WITHOUT ROWID;`);
    for (const index of this.#indexes) {
      writer.exec(`CREATE TABLE ${index} (k TEXT PRIMARY KEY) WITHOUT ROWID`);
    }
  }

  segment(id: string, day: number): Segment {
    const { writer } = this.#access.files;
    const d = this.#numbers.get(id) ?? writer.get(this.#sql.number, id)?.['d'];
    if (d === undefined) return nothing(NO_END);
    this.#numbers.set(id, Number(d));
    const row = writer.get(this.#sql.knownOf, Number(d), day);
    if (row === undefined) return nothing(Number(writer.get(this.#sql.first, Number(d))?.['ef'] ?? NO_END));
    const text = row['doc'] === null ? null : String(row['doc']);
    return {
      effectiveFrom: Number(row['ef']),
      effectiveTo: Number(row['et']),
      recordedFrom: Number(row['rf']),
      body: { text, stored: Number(row['b']) },
    };
  }

  segments(places: readonly { id: string; day: number }[]): Segment[] {
    return places.map(({ id, day }) => this.segment(id, day));
  }

  lookup(ids: readonly string[], moment: Moment): Awaitable<Map<string, Version<unknown>>> {
    const at = this.#at.bind(this);
    return this.#access.read(function* (connection) {
      const found = new Map<string, Version<unknown>>();
      for (const id of ids) {
        const version = at(connection, id, moment);
        if (version !== undefined) found.set(id, version);
        yield;
      }
      return found;
    });
  }

  page(
    walk: Walk,
    want: number,
    moment: Moment,
    accept: (hit: VersionHit) => boolean,
  ): Awaitable<VersionHit[]> {
    const table = this.#indexes[this.#indexNames.indexOf(walk.index)];
    if (table === undefined) throw new TypeError(`${walk.collection} has no index ${walk.index}`);
    const at = this.#at.bind(this);
    return this.#access.read(function* (connection) {
      const hits: VersionHit[] = [];
      for (const { rest, id, key } of entriesOf(connection, table, walk, want)) {
        const version = at(connection, id, moment);
        if (version !== undefined && hasKey(walk.fields, version.doc, key)) {
          const hit = { rest, id, doc: version.doc, version };
          if (rest !== hits.at(-1)?.rest && accept(hit)) hits.push(hit);
        }
        if (hits.length === want) break;
        yield;
      }
      return hits;
    });
  }

  versions(id: string): Version<unknown>[] {
    return this.#access.files.reader.all(this.#sql.versions, id).flatMap((row) => toVersion(id, row) ?? []);
  }

  async *dump(): AsyncGenerator<Version<unknown>> {
    const { ids, versions } = this.#sql;
    const rows = this.#access.stream(function* (connection) {
      for (const { id } of connection.iterate(ids)) {
        for (const row of connection.all(versions, String(id))) yield { ...row, id };
      }
    });
    for await (const row of rows) {
      const version = toVersion(String(row['id']), row);
      if (version !== undefined) yield version;
    }
  }

  /** `bodies`: contents stored in this transaction, and where. */
  write(writer: Connection, { id, known, past, keys }: VersionsWrite, bodies: Map<Body, number>): void {
    const d = this.#numbers.get(id) ?? this.#numberOf(writer, id);
    const bodyOf = (body: Body): number => {
      if (body.text === null) return NOTHING;
      if (typeof body.stored === 'number') return body.stored;
      const b = bodies.get(body) ?? Number(writer.run(this.#sql.putBody, body.text).lastInsertRowid);
      bodies.set(body, b);
      return b;
    };
    for (const { effectiveFrom, effectiveTo, recordedFrom, body } of known) {
      writer.run(this.#sql.putKnown, d, effectiveFrom, effectiveTo, recordedFrom, bodyOf(body));
    }
    for (const { effectiveFrom, effectiveTo, recordedFrom, recordedTo, body } of past) {
      writer.run(this.#sql.putPast, d, recordedTo, effectiveFrom, effectiveTo, recordedFrom, bodyOf(body));
    }
    const end = encodeId(id);
    for (const [place, index] of this.#indexes.entries()) {
      for (const key of keys[place] ?? []) writer.run(`INSERT OR IGNORE INTO ${index} VALUES (?)`, key + end);
    }
  }

  /** The numbers of ids that were looked up for a batch are forgotten after it. */
  settle(): void {
    this.#numbers.clear();
  }

  #numberOf(writer: Connection, id: string): number {
    const row = writer.get(this.#sql.number, id);
    return Number(row === undefined ? writer.run(this.#sql.putId, id).lastInsertRowid : row['d']);
  }

  /**
   * Two seeks, whatever the length of the history: the segment known now, unless it became known only later; then
   * among what was known until after the instant the one that ended first is, as a rule, the one.
   */
  #at(connection: Connection, id: string, { day, instant }: Moment): Version<unknown> | undefined {
    if (instant === LATEST) return toVersion(id, connection.get(this.#sql.latest, id, day));
    const known = connection.get(this.#sql.known, id, day);
    if (known === undefined) return undefined;
    if (Number(known['rf']) > instant) {
      return toVersion(id, connection.get(this.#sql.past, Number(known['d']), instant, instant, day, day));
    }
    const body = connection.get(this.#sql.body, Number(known['b']));
    return toVersion(id, body && { ...known, ...body });
  }
}

/** Before the first known version. */
const nothing = (effectiveTo: number): Segment => ({
  effectiveFrom: 0,
  effectiveTo,
  recordedFrom: 0,
  body: { text: null },
});

const statements = (tables: string) => ({
  latest: `SELECT s.ef, s.et, s.rf, NULL AS rt, body.doc FROM ${tables}ids i
    CROSS JOIN ${tables}known s ON s.d = i.d LEFT JOIN ${tables}bodies body ON body.b = s.b
    WHERE i.id = ? AND s.ef <= ? ORDER BY s.ef DESC LIMIT 1`,
  known: `SELECT i.d, s.ef, s.et, s.rf, NULL AS rt, s.b FROM ${tables}ids i CROSS JOIN ${tables}known s ON s.d = i.d
    WHERE i.id = ? AND s.ef <= ? ORDER BY s.ef DESC LIMIT 1`,
  body: `SELECT doc FROM ${tables}bodies WHERE b = ?`,
  knownOf: `SELECT s.ef, s.et, s.rf, s.b, body.doc FROM ${tables}known s
    LEFT JOIN ${tables}bodies body ON body.b = s.b WHERE s.d = ? AND s.ef <= ? ORDER BY s.ef DESC LIMIT 1`,
  first: `SELECT min(ef) AS ef FROM ${tables}known WHERE d = ?`,
  past: `SELECT s.ef, s.et, s.rf, s.rt, body.doc FROM ${tables}past s
    LEFT JOIN ${tables}bodies body ON body.b = s.b
    WHERE s.d = ? AND s.rt > ? AND s.rf <= ? AND s.ef <= ? AND s.et > ? ORDER BY s.rt LIMIT 1`,
  versions: `SELECT s.ef, s.et, s.rf, s.rt, body.doc FROM (
      SELECT ef, et, rf, NULL AS rt, b FROM ${tables}known WHERE d = (SELECT d FROM ${tables}ids WHERE id = ?1)
      UNION ALL
      SELECT ef, et, rf, rt, b FROM ${tables}past WHERE d = (SELECT d FROM ${tables}ids WHERE id = ?1)) s
    CROSS JOIN ${tables}bodies body ON body.b = s.b ORDER BY s.rf, s.ef`,
  ids: `SELECT id FROM ${tables}ids ORDER BY id`,
  number: `SELECT d FROM ${tables}ids WHERE id = ?`,
  putId: `INSERT INTO ${tables}ids (id) VALUES (?)`,
  putBody: `INSERT INTO ${tables}bodies (doc) VALUES (?)`,
  putKnown: `INSERT OR REPLACE INTO ${tables}known (d, ef, et, rf, b) VALUES (?, ?, ?, ?, ?)`,
  putPast: `INSERT OR REPLACE INTO ${tables}past (d, rt, ef, et, rf, b) VALUES (?, ?, ?, ?, ?, ?)`,
});

/** undefined where nothing was found, and where the document does not exist. */
function toVersion(id: string, row: SqlRow | undefined): Version<unknown> | undefined {
  if (row === undefined || row['doc'] === null) return undefined;
  const effectiveTo = Number(row['et']);
  return {
    id,
    doc: JSON.parse(String(row['doc'])),
    recordedFrom: instantText(Number(row['rf'])),
    recordedTo: row['rt'] === null ? null : instantText(Number(row['rt'])),
    effectiveFrom: dayText(Number(row['ef'])),
    effectiveTo: effectiveTo === NO_END ? null : dayText(effectiveTo),
  };
}
