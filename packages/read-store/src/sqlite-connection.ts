import {
  DatabaseSync,
  type SQLInputValue,
  type StatementResultingChanges,
  type StatementSync,
} from 'node:sqlite';
import { ReadStoreError, type ReadStoreErrorCode } from './read-store.ts';

export type SqlRow = Record<string, unknown>;

/** Primary result codes of SQLite that have a cause outside of the program. */
const CAUSES: Record<number, [ReadStoreErrorCode, string]> = {
  5: ['BUSY', 'is in use by another process'],
  6: ['BUSY', 'is in use by another process'],
  8: ['READ_ONLY', 'cannot be written to'],
  10: ['UNAVAILABLE', 'cannot be read or written, the disk reports an error'],
  11: ['CORRUPT', 'is damaged'],
  13: ['DISK_FULL', 'cannot grow, the disk is full'],
  14: ['UNAVAILABLE', 'cannot be opened'],
  26: ['CORRUPT', 'is damaged or no database'],
};

const CURE =
  'Nothing in it is lost for good: stop the service, delete the file and those beside it that start with its name, and it is rebuilt from the events';

/** What SQLite reports, in the words of the port; programmers' mistakes stay as they are. */
export function explain(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || !('errcode' in error)) return error;
  const [code, words] = CAUSES[Number(error.errcode) & 0xff] ?? [];
  if (code === undefined) return error;
  const cure = code === 'CORRUPT' ? `. ${CURE}` : '';
  return new ReadStoreError(code, `read store ${path} ${words}${cure}`, { cause: error });
}

/** One connection with its prepared statements, each prepared at first use. */
export class Connection {
  readonly #db: DatabaseSync;
  readonly #path: string;
  readonly #statements = new Map<string, StatementSync>();

  constructor(path: string, pragmas: string) {
    this.#path = path;
    try {
      this.#db = new DatabaseSync(path);
      this.#db.exec(pragmas);
    } catch (error) {
      throw explain(error, path);
    }
  }

  get inTransaction(): boolean {
    return this.#db.isOpen && this.#db.isTransaction;
  }

  exec(sql: string): void {
    this.#attempt(() => this.#db.exec(sql));
  }

  // These three run several times per event of a rebuild: no closure for each.
  run(sql: string, ...values: SQLInputValue[]): StatementResultingChanges {
    try {
      return this.#statement(sql).run(...values);
    } catch (error) {
      throw this.#explain(error);
    }
  }

  get(sql: string, ...values: SQLInputValue[]): SqlRow | undefined {
    try {
      return this.#statement(sql).get(...values);
    } catch (error) {
      throw this.#explain(error);
    }
  }

  all(sql: string, ...values: SQLInputValue[]): SqlRow[] {
    try {
      return this.#statement(sql).all(...values);
    } catch (error) {
      throw this.#explain(error);
    }
  }

  *iterate(sql: string, ...values: SQLInputValue[]): Generator<SqlRow> {
    // A statement of its own: the caller may run others, even the same one, between two rows.
    const rows = this.#attempt(() => this.#db.prepare(sql).iterate(...values));
    for (;;) {
      const next = this.#attempt(() => rows.next());
      if (next.done) return;
      yield next.value;
    }
  }

  /** Forgets the statements of tables that were dropped. */
  forget(tables: string): void {
    for (const sql of this.#statements.keys()) if (sql.includes(tables)) this.#statements.delete(sql);
  }

  close(): void {
    this.#statements.clear();
    if (this.#db.isOpen) this.#db.close();
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #attempt<T>(job: () => T): T {
    try {
      return job();
    } catch (error) {
      throw this.#explain(error);
    }
  }

  #explain(error: unknown): unknown {
    if (this.#db.isOpen) return explain(error, this.#path);
    return new ReadStoreError('CLOSED', `read store ${this.#path} is closed`, { cause: error });
  }
}
