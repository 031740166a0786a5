import type { AnySpec, Body, Change, DocumentTable, Generation, TemporalTable } from './adapter.ts';
import { Pace } from './pace.ts';
import { ReadStoreError } from './read-store.ts';
import type { SqliteAccess } from './sqlite.ts';
import type { Connection, SqlRow } from './sqlite-connection.ts';
import { SqliteDocuments } from './sqlite-documents.ts';
import { SqliteTemporal } from './sqlite-temporal.ts';

/** Rows deleted per transaction when a generation is dropped. */
const DROP_ROWS = 2_000;
/**
 * A checkpoint that moved without any change is written when it is so far from the one in the file: no other process
 * reads that, and after a crash as many events are passed by once more.
 */
const CHECKPOINT_STEP = 1_000;

/** One build of one read model: tables named by the generation's number and the collection's place. */
export class SqliteGeneration implements Generation {
  readonly number: number;
  readonly name: string;
  readonly version: number;
  readonly collections: readonly AnySpec[];
  serving: boolean;
  checkpoint: number;
  /** The checkpoint in the file. */
  #stored: number;
  /** Another one serves in its place, or it is being dropped. */
  over = false;
  #claimed: number | undefined;
  readonly access: SqliteAccess;
  readonly #documents = new Map<string, SqliteDocuments>();
  readonly #temporal = new Map<string, SqliteTemporal>();

  /** `row`: of the table `generations`. */
  constructor(access: SqliteAccess, row: SqlRow) {
    this.access = access;
    this.number = Number(row['g']);
    this.name = String(row['name']);
    this.version = Number(row['version']);
    this.serving = row['state'] === 'serving';
    this.checkpoint = Number(row['checkpoint']);
    this.#stored = this.checkpoint;
    this.collections = JSON.parse(String(row['collections']));
    for (const [place, spec] of this.collections.entries()) {
      const tables = `${this.#tables}${place}_`;
      if (spec.kind === 'documents')
        this.#documents.set(spec.name, new SqliteDocuments(access, tables, spec));
      else this.#temporal.set(spec.name, new SqliteTemporal(access, tables, spec));
    }
  }

  get secret(): string {
    return this.access.files.secret;
  }

  documents(name: string): DocumentTable {
    return this.#documentsOf(name);
  }

  temporal(name: string): TemporalTable {
    return this.#temporalOf(name);
  }

  sequence(key: string): number | undefined {
    const row = this.access.files.writer.get(
      'SELECT sequence FROM sequences WHERE g = ? AND key = ?',
      this.number,
      key,
    );
    return row === undefined ? undefined : Number(row['sequence']);
  }

  async apply({ documents, versions, checkpoint, sequence, token }: Change): Promise<void> {
    const changes = documents.length > 0 || versions.length > 0 || sequence !== undefined;
    if (!changes && checkpoint !== undefined && checkpoint - this.#stored < CHECKPOINT_STEP) {
      this.access.check();
      this.#admit(token);
      this.checkpoint = checkpoint;
      return;
    }
    const stored = await this.access.write(async (writer) => {
      this.#admit(token);
      const pace = new Pace();
      for (const write of documents) {
        this.#documentsOf(write.collection).write(writer, write);
        await pace.step();
      }
      const bodies = new Map<Body, number>();
      for (const write of versions) {
        this.#temporalOf(write.collection).write(writer, write, bodies);
        await pace.step();
      }
      if (checkpoint !== undefined) {
        writer.run('UPDATE generations SET checkpoint = ? WHERE g = ?', checkpoint, this.number);
      }
      if (sequence !== undefined) {
        writer.run(
          'INSERT OR REPLACE INTO sequences VALUES (?, ?, ?)',
          this.number,
          sequence.key,
          sequence.sequence,
        );
      }
      return bodies;
    });
    for (const [body, mark] of stored) body.stored = mark;
    for (const table of this.#temporal.values()) table.settle();
    this.checkpoint = checkpoint ?? this.checkpoint;
    this.#stored = this.checkpoint;
  }

  async claim(token: number): Promise<void> {
    await this.access.write(() => {
      this.#admit(token);
      this.#claimed = token;
    });
  }

  /** Before another one serves. */
  replace(): void {
    this.over = true;
    this.serving = false;
  }

  createTables(writer: Connection): void {
    for (const table of this.#all()) table.create(writer);
  }

  /** In steps, so that others get their turns; what remains after a crash is dropped at the next open. */
  async drop(): Promise<void> {
    const { number } = this;
    await this.access.write((writer) => {
      this.replace();
      writer.run("UPDATE generations SET state = 'dropping' WHERE g = ?", number);
    });
    const tables = [...this.#all()].flatMap((table) => table.tables);
    for (const { name, key } of tables) {
      const some = `DELETE FROM ${name} WHERE (${key}) IN (SELECT ${key} FROM ${name} LIMIT ${DROP_ROWS})`;
      let more = true;
      while (more) {
        more = await this.access.write((writer) => {
          if (writer.get('SELECT 1 FROM sqlite_schema WHERE name = ?', name) === undefined) return false;
          writer.run(some);
          if (writer.get(`SELECT 1 FROM ${name} LIMIT 1`) !== undefined) return true;
          this.#forget();
          writer.exec(`DROP TABLE ${name}`);
          return false;
        });
      }
    }
    await this.access.write((writer) => {
      writer.run('DELETE FROM sequences WHERE g = ?', number);
      writer.run('DELETE FROM generations WHERE g = ?', number);
    });
    this.#forget();
  }

  #admit(token: number | undefined): void {
    if (!this.over && (this.#claimed === undefined || (token ?? -1) >= this.#claimed)) return;
    throw new ReadStoreError('FENCED', `another process has taken over the writing of ${this.name}`);
  }

  get #tables(): string {
    return `g${this.number}_`;
  }

  *#all(): Generator<SqliteDocuments | SqliteTemporal> {
    yield* this.#documents.values();
    yield* this.#temporal.values();
  }

  #forget(): void {
    this.access.files.writer.forget(this.#tables);
    this.access.files.reader.forget(this.#tables);
  }

  #documentsOf(name: string): SqliteDocuments {
    const table = this.#documents.get(name);
    if (table === undefined) throw new TypeError(`${this.name} has no documents ${name}`);
    return table;
  }

  #temporalOf(name: string): SqliteTemporal {
    const table = this.#temporal.get(name);
    if (table === undefined) throw new TypeError(`${this.name} has no temporal collection ${name}`);
    return table;
  }
}
