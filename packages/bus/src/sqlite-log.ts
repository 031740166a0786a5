import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { BusError, type DiscardedMessage } from './bus.ts';
import type { SerializedMessage } from './checks.ts';

/** The tables of the SQLite bus and every statement on them. Runs in the worker thread; see `sqlite-worker.ts`. */

const SCHEMA_VERSION = 1;
/** Marks the file as a bus ("DLbu"), so that another database is not taken for one. */
const APPLICATION_ID = 0x444c6275;
/** A page of messages ends after so many, or so many characters. */
const PAGE_MESSAGES = 256;
const PAGE_CHARACTERS = 4 * 1024 * 1024;

/** So many places are looked through at once for the messages of one topic. */
const WINDOW = 10_000;
const IDENTITY = '(identity of the log)';

const SCHEMA = `
  CREATE TABLE message (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    topic TEXT NOT NULL, partition INTEGER NOT NULL, key TEXT NOT NULL, id TEXT NOT NULL, event TEXT NOT NULL,
    UNIQUE (topic, id)
  ) STRICT;
  CREATE INDEX message_by_lane ON message (topic, partition, position);
  -- Everything up to "cursor" is handled or parked, but for the keys in "held".
  CREATE TABLE lane (
    grp TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL, cursor INTEGER NOT NULL,
    PRIMARY KEY (grp, topic, partition)
  ) STRICT, WITHOUT ROWID;
  -- A key that lags behind its lane because a message failed: "handled" is its own offset.
  CREATE TABLE held (
    grp TEXT NOT NULL, topic TEXT NOT NULL, key TEXT NOT NULL,
    partition INTEGER NOT NULL, handled INTEGER NOT NULL, attempts INTEGER NOT NULL,
    PRIMARY KEY (grp, topic, key)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE parked (
    grp TEXT NOT NULL, position INTEGER NOT NULL REFERENCES message (position),
    cause TEXT NOT NULL, attempts INTEGER NOT NULL, parked_at TEXT NOT NULL, replay INTEGER NOT NULL DEFAULT 0,
    reason TEXT, discarded_at TEXT,
    PRIMARY KEY (grp, position)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE checkpoint (name TEXT PRIMARY KEY, position INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

export interface Message {
  position: number;
  key: string;
  /** The CloudEvent as JSON. */
  event: string;
}

export type NewMessage = SerializedMessage & { partition: number };

export interface LaneName {
  group: string;
  topic: string;
  partition: number;
}

/** A parked message to be tried again at someone's request. */
export interface Replay extends LaneName, Message {
  attempts: number;
}

export interface HeldKey {
  key: string;
  handled: number;
  attempts: number;
}

/** What a group remembers about one partition of a topic. */
export interface LaneState {
  cursor: number;
  held: HeldKey[];
  replays: Replay[];
}

/** What a lane got done; one transaction saves all that belongs together. */
export type Progress =
  | { kind: 'cursor'; position: number }
  | ({ kind: 'hold' } & HeldKey)
  | { kind: 'release'; key: string }
  | { kind: 'park'; position: number; cause: string; attempts: number; at: string }
  | { kind: 'unpark'; position: number };

type StoredParking = Omit<DiscardedMessage, 'event' | 'id'> & { event: string; position: number };

const REPLAY = `SELECT grp AS "group", topic, partition, position, key, event, attempts
  FROM parked JOIN message USING (position)`;
const PARKED = `SELECT grp AS "group", topic, key, event, position, cause, attempts, parked_at AS parkedAt,
  reason, discarded_at AS discardedAt FROM parked JOIN message USING (position) WHERE grp = ?`;

/** Each public method is an operation that the main thread may ask for; all run inside `transaction`. */
export class SqliteLog {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /** Opens or creates the file and keeps it to this connection: a second process gets BUSY. */
  constructor(path: string) {
    this.#db = new DatabaseSync(path);
    try {
      this.#db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = FULL; BEGIN IMMEDIATE');
      this.#migrate(path);
      // Only now: a file that is not ours stays as it is.
      this.#db.exec('COMMIT; PRAGMA journal_mode = WAL');
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  #migrate(path: string): void {
    const { tables } = this.#get<{ tables: number }>('SELECT count(*) AS tables FROM sqlite_schema') ?? {};
    if (tables === 0) this.#db.exec(SCHEMA);
    if (this.#get<{ application_id: number }>('PRAGMA application_id')?.application_id !== APPLICATION_ID) {
      throw new BusError('CORRUPT', `${path} is a database, but not a bus`);
    }
    const { user_version: version = 0 } = this.#get<{ user_version: number }>('PRAGMA user_version') ?? {};
    if (version > SCHEMA_VERSION) {
      const versions = `has schema ${version}, this program knows ${SCHEMA_VERSION}`;
      throw new BusError(
        'NEWER_SCHEMA',
        `${path} was written by a newer version of the program (${versions})`,
      );
    }
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #get<Row>(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#prepare(sql).get(...values) as Row | undefined;
  }

  #all<Row>(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#prepare(sql).all(...values) as Row[];
  }

  #run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#prepare(sql).run(...values).changes);
  }

  #page(sql: string, ...values: SQLInputValue[]): Message[] {
    const page: Message[] = [];
    let characters = 0;
    for (const row of this.#prepare(sql).iterate(...values)) {
      const message = row as unknown as Message;
      page.push(message);
      characters += message.event.length;
      if (page.length === PAGE_MESSAGES || characters >= PAGE_CHARACTERS) break;
    }
    return page;
  }

  transaction<Result>(work: () => Result): Result {
    this.#db.exec('BEGIN');
    try {
      const result = work();
      this.#db.exec('COMMIT');
      return result;
    } catch (error) {
      // Some errors, such as a full disk, have rolled back by themselves.
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  close(): void {
    this.#db.close();
  }

  /** All of it or nothing. An event id that its topic has already is passed by. */
  publish(messages: readonly NewMessage[], checkpoint?: { name: string; position: number }): void {
    const sql = `INSERT INTO message (topic, partition, key, id, event) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (topic, id) DO NOTHING`;
    for (const { topic, partition, key, id, event } of messages) {
      this.#run(sql, topic, partition, key, id, event);
    }
    if (!checkpoint) return;
    this.#run('INSERT OR REPLACE INTO checkpoint VALUES (?, ?)', checkpoint.name, checkpoint.position);
  }

  /** Position of the newest message, 0 when there is none. */
  head(): number {
    return this.#get<{ head: number }>('SELECT coalesce(max(position), 0) AS head FROM message')?.head ?? 0;
  }

  lane({ group, topic, partition }: LaneName): LaneState {
    const name = [group, topic, partition];
    const where = 'WHERE grp = ? AND topic = ? AND partition = ?';
    return {
      cursor: this.#get<{ cursor: number }>(`SELECT cursor FROM lane ${where}`, ...name)?.cursor ?? 0,
      held: this.#all<HeldKey>(`SELECT key, handled, attempts FROM held ${where}`, ...name),
      replays: this.#all<Replay>(`${REPLAY} ${where} AND replay = 1`, ...name),
    };
  }

  /** The next messages of a partition, and the head that an empty answer reaches up to. */
  read(topic: string, partition: number, after: number): { messages: Message[]; head: number } {
    const sql = `SELECT position, key, event FROM message
      WHERE topic = ? AND partition = ? AND position > ? ORDER BY position`;
    return { messages: this.#page(sql, topic, partition, after), head: this.head() };
  }

  /** A number of this very file: one that replaces it has another. Kept among the checkpoints, under no publisher's name. */
  identity(proposal: number): number {
    this.#run('INSERT OR IGNORE INTO checkpoint VALUES (?, ?)', IDENTITY, proposal);
    return this.checkpoint(IDENTITY);
  }

  /** The messages of a whole topic from a place on, as far as one look goes, and the place where the next begins. */
  readTopic(topic: string, from: number): { messages: Message[]; next: number; head: number } {
    const head = this.head();
    const until = Math.min(head, from + WINDOW - 1);
    const sql = `SELECT position, key, event FROM message
      WHERE +topic = ? AND position >= ? AND position <= ? ORDER BY position`;
    const messages = this.#page(sql, topic, from, until);
    const last = messages.at(-1);
    return { messages, next: last ? last.position + 1 : Math.max(from, until + 1), head };
  }

  readKey(topic: string, partition: number, key: string, after: number, until: number): Message[] {
    const sql = `SELECT position, key, event FROM message
      WHERE topic = ? AND partition = ? AND position > ? AND position <= ? AND key = ? ORDER BY position`;
    return this.#page(sql, topic, partition, after, until, key);
  }

  save({ group, topic, partition }: LaneName, progress: readonly Progress[]): void {
    for (const step of progress) {
      switch (step.kind) {
        case 'cursor':
          this.#run(
            'INSERT OR REPLACE INTO lane VALUES (?, ?, ?, ?)',
            group,
            topic,
            partition,
            step.position,
          );
          break;
        case 'hold': {
          const { key, handled, attempts } = step;
          const sql = 'INSERT OR REPLACE INTO held VALUES (?, ?, ?, ?, ?, ?)';
          this.#run(sql, group, topic, key, partition, handled, attempts);
          break;
        }
        case 'release':
          this.#run('DELETE FROM held WHERE grp = ? AND topic = ? AND key = ?', group, topic, step.key);
          break;
        case 'park': {
          // A message that someone discarded while it was tried once more stays discarded.
          const sql = `INSERT INTO parked (grp, position, cause, attempts, parked_at) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET cause = excluded.cause, attempts = excluded.attempts,
              parked_at = excluded.parked_at, replay = 0 WHERE discarded_at IS NULL`;
          this.#run(sql, group, step.position, step.cause, step.attempts, step.at);
          break;
        }
        case 'unpark': {
          const sql = 'DELETE FROM parked WHERE grp = ? AND position = ? AND discarded_at IS NULL';
          this.#run(sql, group, step.position);
          break;
        }
      }
    }
  }

  parked(group: string): StoredParking[] {
    return this.#all<StoredParking>(`${PARKED} AND discarded_at IS NULL ORDER BY position`, group);
  }

  discarded(group: string): StoredParking[] {
    return this.#all<StoredParking>(`${PARKED} AND discarded_at IS NOT NULL ORDER BY position`, group);
  }

  /** Marks a parked message to be tried again; undefined when there is no such message. */
  replay(group: string, position: number): Replay | undefined {
    const where = 'WHERE grp = ? AND position = ? AND discarded_at IS NULL';
    this.#run(`UPDATE parked SET replay = 1 ${where}`, group, position);
    return this.#get<Replay>(`${REPLAY} ${where}`, group, position);
  }

  /** False when there is no such parked message. */
  discard(group: string, position: number, reason: string, at: string): boolean {
    const sql = `UPDATE parked SET reason = ?, discarded_at = ?, replay = 0
      WHERE grp = ? AND position = ? AND discarded_at IS NULL`;
    return this.#run(sql, reason, at, group, position) === 1;
  }

  checkpoint(name: string): number {
    const sql = 'SELECT position FROM checkpoint WHERE name = ?';
    return this.#get<{ position: number }>(sql, name)?.position ?? 0;
  }
}
