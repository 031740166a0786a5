import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { EventStoreErrorCode } from './event-store.ts';
import { EventStoreError } from './event-store.ts';

/** "DLev" in the file's header: tells an event store from any other SQLite file. */
const APPLICATION_ID = 0x444c6576;

/** Raised with every change of the table; the steps from older versions then stand in `migrate`. */
const SCHEMA_VERSION = 1;

/** Time that the operating system's file locks are waited for, in milliseconds. */
const LOCK_WAIT = 5_000;

export interface FileOptions {
  /** False: commits survive a crash of the process, but not of the machine. Only for stores that may be lost. */
  durable: boolean;
  /** Bound of the database file in bytes; appends beyond it fail with DISK_FULL. */
  maxBytes: number;
}

/**
 * Claims the store for this process, for as long as the returned connection is open. The lock lies on an empty file
 * of its own, so that it does not hinder readers; it is the operating system's and ends with the process, however
 * that ends.
 */
export function lockFile(path: string): DatabaseSync {
  checkWritable(path);
  const lock = new DatabaseSync(`${path}.lock`, { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    const known = toEventStoreError(error, path);
    if (known.code !== 'BUSY') throw known;
    throw new EventStoreError(
      'BUSY',
      `the event store ${path} is in use by another process; stop that one first`,
    );
  }
}

function checkWritable(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    accessSync(dirname(path), constants.W_OK);
    if (existsSync(path)) accessSync(path, constants.W_OK);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const readOnly = code === 'EACCES' || code === 'EROFS' || code === 'EPERM';
    throw new EventStoreError(
      readOnly ? 'READ_ONLY' : 'UNAVAILABLE',
      `the event store ${path} cannot be opened for writing (${code}): its file and folder must be writable`,
      { cause: error },
    );
  }
}

/** Opens the file for the one writer; creates the table in a new file. */
export function openForWriting(path: string, options: FileOptions): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: LOCK_WAIT });
  try {
    checkSchema(db, path);
    db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${options.durable ? 'FULL' : 'OFF'}`);
    // Fewer, larger checkpoints than by default (16 MiB of log instead of 4) cost less per commit.
    db.exec(
      'PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -16384',
    );
    migrate(db);
    const { page_size: pageSize } = db.prepare('PRAGMA page_size').get() as { page_size: number };
    db.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(options.maxBytes / pageSize))}`);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

export const openForReading = (path: string): DatabaseSync =>
  new DatabaseSync(path, { readOnly: true, timeout: LOCK_WAIT });

function checkSchema(db: DatabaseSync, path: string): void {
  const { application_id: application } = db.prepare('PRAGMA application_id').get() as {
    application_id: number;
  };
  const { user_version: version } = db.prepare('PRAGMA user_version').get() as { user_version: number };
  const { count } = db.prepare('SELECT count(*) AS count FROM sqlite_schema').get() as { count: number };
  if (count > 0 && application !== APPLICATION_ID) {
    throw new EventStoreError('CORRUPT', `${path} is an SQLite file, but not an event store`);
  }
  if (version > SCHEMA_VERSION) {
    throw new EventStoreError(
      'NEWER_SCHEMA',
      `the event store ${path} has schema version ${version}; this program knows up to ${SCHEMA_VERSION}: ` +
        'it was written by a newer version of the program',
    );
  }
}

function migrate(db: DatabaseSync): void {
  db.exec(`
    BEGIN IMMEDIATE;
    CREATE TABLE IF NOT EXISTS streams (
      id          INTEGER PRIMARY KEY,
      name        TEXT    NOT NULL UNIQUE
    ) STRICT;
    -- Streams by number and ids in 16 bytes: both indexes are written in random places, and their size decides how
    -- many pages an append dirties.
    CREATE TABLE IF NOT EXISTS events (
      position    INTEGER PRIMARY KEY,
      id          BLOB    NOT NULL UNIQUE,
      stream      INTEGER NOT NULL REFERENCES streams,
      revision    INTEGER NOT NULL,
      type        TEXT    NOT NULL,
      version     INTEGER NOT NULL,
      recorded_at INTEGER NOT NULL, -- milliseconds since 1970
      metadata    TEXT    NOT NULL, -- JSON
      data        TEXT    NOT NULL, -- JSON
      UNIQUE (stream, revision)
    ) STRICT;
    PRAGMA application_id = ${APPLICATION_ID};
    PRAGMA user_version = ${SCHEMA_VERSION};
    COMMIT;`);
}

const causes: Partial<Record<number, [EventStoreErrorCode, string]>> = {
  5: ['BUSY', 'is locked by another process'],
  6: ['BUSY', 'is locked by another process'],
  8: ['READ_ONLY', 'cannot be written'],
  11: ['CORRUPT', 'is damaged; restore it from a backup'],
  13: ['DISK_FULL', 'cannot grow: the disk, or the size allowed for the store, is full. Nothing was written'],
  26: ['CORRUPT', 'is not an SQLite file'],
};

/** Names what SQLite reports (https://sqlite.org/rescode.html) in the port's terms. */
export function toEventStoreError(error: unknown, path: string): EventStoreError {
  if (error instanceof EventStoreError) return error;
  const unreadable = error instanceof SyntaxError ? 11 : -1;
  const result = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : unreadable;
  const [code, text] = causes[result] ?? ['UNAVAILABLE', 'does not answer'];
  const detail = error instanceof Error ? error.message : String(error);
  return new EventStoreError(code, `the event store ${path} ${text} (${detail})`, { cause: error });
}
