import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { AppendRequest, Row } from './append-request.ts';
import type { EventStoreErrorCode } from './event-store.ts';
import { EventStoreError } from './event-store.ts';
import { toEventStoreError } from './sqlite-file.ts';

/** An event of another store, with the place and the instant (milliseconds) that it has there. */
export interface ImportedRow {
  stream: string;
  revision: number;
  recordedAt: number;
  row: Row;
}

/** `revision` and `position` are those of the first event. */
export type WriteOutcome =
  | { status: 'appended'; repeated: boolean; revision: number; position: number; recordedAt: number }
  | { status: 'conflict'; actual: number }
  | Failure;

export interface Failure {
  status: 'failed';
  code: EventStoreErrorCode;
  message: string;
}

/** Number of streams whose last revision is remembered between transactions. */
const KNOWN_HEADS = 10_000;

interface Head {
  id: number;
  revision: number;
}

interface Place {
  position: number;
  recordedAt: number;
}

/** Decides and writes appends, many in one transaction. It is the only one that writes to the file. */
export class Committer {
  readonly #path: string;
  readonly #db: DatabaseSync;
  readonly #begin: StatementSync;
  readonly #end: StatementSync;
  readonly #streamHead: StatementSync;
  readonly #newStream: StatementSync;
  readonly #byId: StatementSync;
  readonly #insert: StatementSync;
  readonly #heads = new Map<string, Head>();
  #last: Place;

  constructor(db: DatabaseSync, path: string) {
    this.#path = path;
    this.#db = db;
    this.#begin = db.prepare('BEGIN IMMEDIATE');
    this.#end = db.prepare('COMMIT');
    this.#streamHead = db.prepare(
      `SELECT id, (SELECT max(revision) FROM events WHERE stream = streams.id) AS revision
       FROM streams WHERE name = ?`,
    );
    this.#newStream = db.prepare('INSERT INTO streams (name) VALUES (?) RETURNING id');
    this.#byId = db.prepare(
      `SELECT position, name, revision, recorded_at AS recordedAt
       FROM events CROSS JOIN streams ON streams.id = events.stream WHERE events.id = unhex(?, '-')`,
    );
    this.#insert = db.prepare("INSERT INTO events VALUES (?, unhex(?, '-'), ?, ?, ?, ?, ?, ?, ?)");
    const newest = db.prepare(
      'SELECT position, recorded_at AS recordedAt FROM events ORDER BY position DESC LIMIT 1',
    );
    this.#last = (newest.get() as Place | undefined) ?? { position: 0, recordedAt: 0 };
  }

  /**
   * All of the group in one transaction. Ids are looked up only when there is a reason to: an insert met one that
   * exists already, or the expected revision does not fit. If the transaction fails otherwise, each append gets one
   * of its own: none must fail for another's sake.
   */
  commit(group: readonly AppendRequest[], now: number, suspicious = false): WriteOutcome[] {
    try {
      this.#begin.run();
      const recordedAt = Math.max(now, this.#last.recordedAt);
      const outcomes: WriteOutcome[] = [];
      let { position } = this.#last;
      for (const request of group) {
        const outcome = this.#write(request, { position: position + 1, recordedAt }, suspicious);
        if (outcome.status === 'appended' && !outcome.repeated) position += request.rows.length;
        outcomes.push(outcome);
      }
      this.#end.run();
      this.#last = { position, recordedAt };
      return outcomes;
    } catch (error) {
      this.#rollBack();
      if (!suspicious && isDuplicate(error)) return this.commit(group, now, true);
      if (group.length > 1) return group.flatMap((request) => this.commit([request], now));
      const { code, message } = toEventStoreError(error, this.#path);
      return [{ status: 'failed', code, message }];
    }
  }

  /** All events of another store's log or none, in one transaction. */
  import(rows: readonly ImportedRow[]): WriteOutcome {
    try {
      this.#begin.run();
      let { position } = this.#last;
      for (const { stream, revision, recordedAt, row } of rows) {
        const outcome = this.#write(
          { stream, expected: revision === 0 ? 'none' : revision - 1, rows: [row] },
          { position: position + 1, recordedAt },
          false,
        );
        if (outcome.status !== 'appended' || outcome.repeated) {
          const message = `stream ${stream} of ${this.#path} does not stand before revision ${revision}`;
          throw new EventStoreError('ID_REUSED', message);
        }
        position++;
      }
      this.#end.run();
      const recordedAt = Math.max(this.#last.recordedAt, ...rows.map((row) => row.recordedAt));
      this.#last = { position, recordedAt };
      return { status: 'appended', repeated: false, revision: 0, position, recordedAt };
    } catch (error) {
      this.#rollBack();
      const { code, message } = toEventStoreError(error, this.#path);
      return { status: 'failed', code: isDuplicate(error) ? 'ID_REUSED' : code, message };
    }
  }

  #rollBack(): void {
    this.#heads.clear();
    if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
  }

  #write({ stream, expected, rows }: AppendRequest, place: Place, suspicious: boolean): WriteOutcome {
    const head = this.#headOf(stream);
    const actual = head?.revision ?? -1;
    const fits = expected === 'any' || (expected === 'none' ? -1 : expected) === actual;
    const known = suspicious || !fits ? this.#recognise(stream, rows) : undefined;
    if (known) return known;
    if (!fits) return { status: 'conflict', actual };
    const number = head?.id ?? (this.#newStream.get(stream) as { id: number }).id;
    const revision = actual + 1;
    const { position, recordedAt } = place;
    for (const [i, [id, type, version, metadata, data]] of rows.entries()) {
      this.#insert.run(position + i, id, number, revision + i, type, version, recordedAt, metadata, data);
    }
    this.#heads.set(stream, { id: number, revision: actual + rows.length });
    return { status: 'appended', repeated: false, revision, position, recordedAt };
  }

  #headOf(stream: string): Head | undefined {
    const known = this.#heads.get(stream);
    if (known) return known;
    if (this.#heads.size >= KNOWN_HEADS) this.#heads.clear();
    return this.#streamHead.get(stream) as Head | undefined;
  }

  /** The first answer, when these very events were appended before; a failure, when only some ids agree. */
  #recognise(stream: string, rows: readonly Row[]): WriteOutcome | undefined {
    const found = rows.map(
      ([id]) => this.#byId.get(id) as (Place & { name: string; revision: number }) | undefined,
    );
    const taken = found.findIndex((event) => event !== undefined);
    if (taken < 0) return undefined;
    const first = found[0];
    const same = found.every(
      (event, i) => first && event?.name === stream && event.revision === first.revision + i,
    );
    if (first && same) {
      const { revision, position, recordedAt } = first;
      return { status: 'appended', repeated: true, revision, position, recordedAt };
    }
    const message = `event id ${rows[taken]?.[0]} was used before, in stream ${found[taken]?.name}, with other events`;
    return { status: 'failed', code: 'ID_REUSED', message };
  }
}

/** SQLITE_CONSTRAINT_UNIQUE: of the indexes, only that of the ids can be violated by what callers send. */
const isDuplicate = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && error.errcode === 2067;
