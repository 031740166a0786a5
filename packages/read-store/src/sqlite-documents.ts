import type { AnySpec, Awaitable, DocumentTable, DocumentWrite, Hit } from './adapter.ts';
import { encodeId, keysOf } from './index-key.ts';
import type { SqliteAccess } from './sqlite.ts';
import type { Connection } from './sqlite-connection.ts';
import { entriesOf } from './sqlite-walk.ts';
import type { Walk } from './walk.ts';

/** A collection of documents: one table for them, one for each index, whose rows are the entries. */
export class SqliteDocuments implements DocumentTable {
  readonly tables: readonly { name: string; key: string }[];
  readonly #access: SqliteAccess;
  readonly #docs: string;
  readonly #indexes: readonly { index: string; name: string; fields: readonly string[] }[];
  readonly #sql: { get: string; insert: string; put: string; delete: string };

  constructor(access: SqliteAccess, tables: string, spec: AnySpec) {
    this.#access = access;
    this.#docs = `${tables}docs`;
    this.#indexes = Object.entries(spec.indexes).map(([index, fields], place) => ({
      index,
      name: `${tables}index${place}`,
      fields,
    }));
    this.tables = [{ name: this.#docs, key: 'n' }, ...this.#indexes.map(({ name }) => ({ name, key: 'k' }))];
    this.#sql = {
      get: `SELECT doc FROM ${this.#docs} WHERE id = ?`,
      insert: `INSERT OR IGNORE INTO ${this.#docs} (id, doc) VALUES (?, ?)`,
      put: `INSERT INTO ${this.#docs} (id, doc) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET doc = excluded.doc`,
      delete: `DELETE FROM ${this.#docs} WHERE id = ?`,
    };
  }

  create(writer: Connection): void {
    writer.exec(
      `CREATE TABLE ${this.#docs} (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, doc TEXT NOT NULL)`,
    );
    for (const { name } of this.#indexes) {
      // many: whether the document has further entries in this index.
      writer.exec(`CREATE TABLE ${name} (k TEXT PRIMARY KEY, many INTEGER NOT NULL) WITHOUT ROWID`);
    }
  }

  get(id: string): string | undefined {
    const row = this.#access.files.writer.get(this.#sql.get, id);
    return row === undefined ? undefined : String(row['doc']);
  }

  getMany(ids: readonly string[]): Map<string, string> {
    const found = new Map<string, string>();
    for (const id of ids) {
      const text = this.get(id);
      if (text !== undefined) found.set(id, text);
    }
    return found;
  }

  lookup(ids: readonly string[]): Awaitable<Map<string, unknown>> {
    const { get } = this.#sql;
    return this.#access.read(function* (connection) {
      const found = new Map<string, unknown>();
      for (const id of ids) {
        const row = connection.get(get, id);
        if (row !== undefined) found.set(id, JSON.parse(String(row['doc'])));
        yield;
      }
      return found;
    });
  }

  page(walk: Walk, want: number, accept: (hit: Hit) => boolean): Awaitable<Hit[]> {
    const table = this.#index(walk);
    const { get } = this.#sql;
    return this.#access.read(function* (connection) {
      const hits: Hit[] = [];
      for (const { rest, id } of entriesOf(connection, table, walk, want)) {
        const hit = { rest, id, doc: JSON.parse(String(connection.get(get, id)?.['doc'])) };
        if (rest !== hits.at(-1)?.rest && accept(hit)) hits.push(hit);
        if (hits.length === want) break;
        yield;
      }
      return hits;
    });
  }

  count(walk: Walk): Awaitable<number> {
    const table = this.#index(walk);
    return this.#access.read(function* (connection) {
      const sql = `SELECT count(*) AS entries, max(many) AS many FROM ${table} WHERE k >= ? AND k < ?`;
      let entries = 0;
      let many = false;
      for (const prefix of walk.prefixes) {
        const row = connection.get(sql, prefix + walk.from, prefix + walk.to);
        entries += Number(row?.['entries']);
        many ||= row?.['many'] === 1;
        yield;
      }
      if (!many) return entries;
      const ids = new Set<string>();
      for (const { id } of entriesOf(connection, table, walk)) {
        ids.add(id);
        yield;
      }
      return ids.size;
    });
  }

  async *dump(): AsyncGenerator<{ id: string; doc: unknown }> {
    const sql = `SELECT id, doc FROM ${this.#docs} ORDER BY id`;
    for await (const row of this.#access.stream((connection) => connection.iterate(sql))) {
      yield { id: String(row['id']), doc: JSON.parse(String(row['doc'])) };
    }
  }

  write(writer: Connection, { id, doc, unread, indexes }: DocumentWrite): void {
    const old = unread && !this.#insert(writer, id, doc) ? this.get(id) : undefined;
    if (doc === null) writer.run(this.#sql.delete, id);
    else if (!unread || old !== undefined) writer.run(this.#sql.put, id, doc);
    const replaced = old === undefined ? undefined : JSON.parse(old);
    const end = encodeId(id);
    for (const [place, { name, fields }] of this.#indexes.entries()) {
      const change = indexes[place];
      if (change === undefined) continue;
      const before = replaced === undefined ? change.before : keysOf(fields, replaced);
      reindex(writer, name, end, before, change.now);
    }
  }

  /** Whether the document was new and is there now. */
  #insert(writer: Connection, id: string, doc: string | null): boolean {
    return doc !== null && writer.run(this.#sql.insert, id, doc).changes === 1;
  }

  #index(walk: Walk): string {
    const found = this.#indexes.find(({ index }) => index === walk.index);
    if (found === undefined) throw new TypeError(`${walk.collection} has no index ${walk.index}`);
    return found.name;
  }
}

function reindex(
  writer: Connection,
  index: string,
  end: string,
  before: readonly string[],
  now: readonly string[],
): void {
  const many = now.length > 1;
  const stay = new Set(before.length > 1 === many ? before : []);
  const kept = new Set(now);
  for (const key of before) {
    if (!kept.has(key)) writer.run(`DELETE FROM ${index} WHERE k = ?`, key + end);
  }
  for (const key of now) {
    if (!stay.has(key)) writer.run(`INSERT OR REPLACE INTO ${index} VALUES (?, ?)`, key + end, many ? 1 : 0);
  }
}
