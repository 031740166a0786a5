import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import {
  type HeldKey,
  type KeyStore,
  KeyStoreError,
  type KeyStoreErrorCode,
  type NewKey,
  WRAPPED_BYTES,
} from './key-store.ts';

/** "DLky" in the file's header: tells a key store from any other SQLite file. */
const APPLICATION_ID = 0x444c6b79;
const SCHEMA_VERSION = 1;

const CAUSES: Partial<Record<number, [KeyStoreErrorCode, string]>> = {
  5: ['BUSY', 'is in use by another process'],
  6: ['BUSY', 'is in use by another process'],
  8: ['READ_ONLY', 'cannot be written'],
  11: ['CORRUPT', 'is damaged; restore it from its back-up'],
  13: ['DISK_FULL', 'cannot grow: the disk is full. Nothing was written'],
  26: ['CORRUPT', 'is not an SQLite file'],
};

function explain(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || !('errcode' in error)) return error;
  const [code, text] = CAUSES[Number(error.errcode) & 0xff] ?? ['UNAVAILABLE', 'does not answer'];
  return new KeyStoreError(code, `the key store ${path} ${text} (${error.message})`, { cause: error });
}

/**
 * Opens or makes the key store in a file that one process has for itself and its owner alone can read. Throws
 * KeyStoreError BUSY, READ_ONLY, CORRUPT, NEWER_SCHEMA, UNAVAILABLE.
 *
 * A destroyed key is overwritten where it lies: rows are only ever added and changed in place, secure_delete blanks what
 * SQLite frees, and the write-ahead log is emptied before the answer. What a file system or disk keeps of former content
 * is beyond a program; it is worthless without the master key.
 */
export function openSqliteKeyStore(path: string): KeyStore {
  try {
    mkdirSync(dirname(path), { recursive: true });
    if (existsSync(path)) accessSync(path, constants.R_OK | constants.W_OK);
  } catch (cause) {
    throw new KeyStoreError('READ_ONLY', `the key store ${path} cannot be written`, { cause });
  }
  const mask = process.umask(0o077);
  try {
    return new SqliteKeyStore(path);
  } catch (error) {
    throw explain(error, path);
  } finally {
    process.umask(mask);
  }
}

interface Job {
  run(): unknown;
  destroys: boolean;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

const SQL = {
  keyOf: 'SELECT wrapped, destroyed FROM keys WHERE id = ?',
  tagged: 'SELECT id FROM tags WHERE tag = ?',
  add: 'INSERT INTO keys (id, wrapped, destroyed) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING',
  tag: 'INSERT INTO tags (tag, id) VALUES (?, ?)',
  blank: 'UPDATE keys SET wrapped = ?, destroyed = 1 WHERE id = ?',
  untag: 'DELETE FROM tags WHERE id = ?',
  rewrap: 'UPDATE keys SET wrapped = ? WHERE id = ? AND wrapped = ? AND destroyed = 0',
  list: 'SELECT id, wrapped FROM keys WHERE id > ? AND destroyed = 0 ORDER BY id LIMIT ?',
} as const;

class SqliteKeyStore implements KeyStore {
  readonly #path: string;
  readonly #db: DatabaseSync;
  readonly #statements: Record<keyof typeof SQL, StatementSync>;
  /** Writes that come together share one flush. */
  #queue: Job[] = [];

  constructor(path: string) {
    this.#path = path;
    this.#db = new DatabaseSync(path, { timeout: 0 });
    try {
      this.#db.exec(
        'PRAGMA locking_mode = EXCLUSIVE; PRAGMA secure_delete = ON; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL',
      );
      this.#migrate();
      const prepared = Object.entries(SQL).map(([name, sql]) => [name, this.#db.prepare(sql)]);
      this.#statements = Object.fromEntries(prepared);
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  insert({ id, tag, wrapped }: NewKey): Promise<string> {
    const { tagged, add, tag: put } = this.#statements;
    return this.#write(() => {
      const known = tag && (tagged.get(tag) as { id: string } | undefined);
      if (known) return known.id;
      const added = add.run(id, wrapped, 0).changes === 1;
      if (tag && added) put.run(tag, id);
      return id;
    });
  }

  async find(ids: readonly string[]): Promise<Map<string, HeldKey>> {
    return this.#attempt(() => {
      const found = new Map<string, HeldKey>();
      for (const id of ids) {
        const row = this.#statements.keyOf.get(id) as { wrapped: Uint8Array; destroyed: number } | undefined;
        if (row === undefined) continue;
        const gone = row.destroyed !== 0;
        found.set(id, gone ? { status: 'destroyed' } : { status: 'held', wrapped: Buffer.from(row.wrapped) });
      }
      return found;
    });
  }

  async byTag(tag: Uint8Array): Promise<string | undefined> {
    return this.#attempt(() => (this.#statements.tagged.get(tag) as { id: string } | undefined)?.id);
  }

  destroy(ids: readonly string[]): Promise<void> {
    const { add, blank, untag } = this.#statements;
    const nothing = Buffer.alloc(WRAPPED_BYTES);
    return this.#write(() => {
      for (const id of ids) {
        if (blank.run(nothing, id).changes === 0) add.run(id, nothing, 1);
        untag.run(id);
      }
    }, true);
  }

  rewrap(id: string, from: Uint8Array, to: Uint8Array): Promise<boolean> {
    return this.#write(() => this.#statements.rewrap.run(to, id, from).changes === 1);
  }

  async list(after: string, limit: number): Promise<{ id: string; wrapped: Buffer }[]> {
    return this.#attempt(() => {
      const rows = this.#statements.list.all(after, limit) as { id: string; wrapped: Uint8Array }[];
      return rows.map(({ id, wrapped }) => ({ id, wrapped: Buffer.from(wrapped) }));
    });
  }

  async backupTo(file: string): Promise<void> {
    // Rows alone: nothing that was overwritten or freed goes along.
    this.#attempt(() => this.#db.prepare('VACUUM INTO ?').run(file));
    await chmod(file, 0o600);
  }

  async close(): Promise<void> {
    this.#flush();
    if (this.#db.isOpen) this.#db.close();
  }

  #migrate(): void {
    const pragma = (name: string) =>
      Object.values(this.#db.prepare(`PRAGMA ${name}`).get() as Record<string, number>)[0] ?? 0;
    const { count } = this.#db.prepare('SELECT count(*) AS count FROM sqlite_schema').get() as {
      count: number;
    };
    if (count > 0 && pragma('application_id') !== APPLICATION_ID) {
      throw new KeyStoreError('CORRUPT', `${this.#path} is an SQLite file, but not a key store`);
    }
    if (pragma('user_version') > SCHEMA_VERSION) {
      throw new KeyStoreError(
        'NEWER_SCHEMA',
        `the key store ${this.#path} was written by a newer version of the program`,
      );
    }
    this.#db.exec(`
      BEGIN IMMEDIATE;
      CREATE TABLE IF NOT EXISTS keys (
        number    INTEGER PRIMARY KEY, -- grows: a row never moves, and is overwritten where it lies
        id        TEXT    NOT NULL UNIQUE,
        wrapped   BLOB    NOT NULL,
        destroyed INTEGER NOT NULL
      ) STRICT;
      CREATE TABLE IF NOT EXISTS tags (
        tag       BLOB    PRIMARY KEY,
        id        TEXT    NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS tags_by_id ON tags (id);
      PRAGMA application_id = ${APPLICATION_ID};
      PRAGMA user_version = ${SCHEMA_VERSION};
      COMMIT;`);
  }

  #write<T>(run: () => T, destroys = false): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#queue.length === 0) setImmediate(() => this.#flush());
      this.#queue.push({ run, destroys, resolve: resolve as Job['resolve'], reject });
    });
  }

  #flush(): void {
    const jobs = this.#queue;
    this.#queue = [];
    if (jobs.length === 0) return;
    try {
      const results = this.#attempt(() => this.#commit(jobs));
      for (const [i, { resolve }] of jobs.entries()) resolve(results[i]);
    } catch (error) {
      for (const { reject } of jobs) reject(error);
    }
  }

  #commit(jobs: readonly Job[]): unknown[] {
    this.#db.exec('BEGIN IMMEDIATE');
    let results: unknown[];
    try {
      results = jobs.map(({ run }) => run());
      this.#db.exec('COMMIT');
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
    // The log still holds the pages as they were before.
    if (jobs.some(({ destroys }) => destroys)) this.#db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    return results;
  }

  #attempt<T>(job: () => T): T {
    if (!this.#db.isOpen) throw new KeyStoreError('CLOSED', `the key store ${this.#path} is closed`);
    try {
      return job();
    } catch (error) {
      throw explain(error, this.#path);
    }
  }
}
