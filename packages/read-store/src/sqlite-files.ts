import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { ReadStoreError } from './read-store.ts';
import { Connection } from './sqlite-connection.ts';

export interface SqliteOptions {
  /** The file may not grow beyond this many bytes; a write that needs more fails with DISK_FULL. Default: no limit. */
  maxBytes?: number;
}

/** Raised when the tables below, or the tables of collections, change. */
const SCHEMA = 1;
/** "DLrs" */
const APPLICATION = 0x444c7273;
const PAGE_BYTES = 8192;

/**
 * Everything here can be rebuilt, so a commit need not wait for the disk (NORMAL): a killed process loses nothing,
 * a power failure at most the last commits, together with their checkpoints. The log is copied back every 32 MiB.
 */
const PRAGMAS = `
  PRAGMA busy_timeout = 0;
  PRAGMA page_size = ${PAGE_BYTES};
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA wal_autocheckpoint = 4096;
  PRAGMA journal_size_limit = 33554432;
  PRAGMA temp_store = MEMORY;
  PRAGMA trusted_schema = OFF;`;
const WRITER_CACHE = 'PRAGMA cache_size = -24576;';
const READER_CACHE = 'PRAGMA cache_size = -32768; PRAGMA query_only = ON;';

const TABLES = `
  CREATE TABLE secrets (secret TEXT NOT NULL);
  CREATE TABLE generations (
    g INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('building', 'serving', 'dropping')),
    checkpoint INTEGER NOT NULL,
    collections TEXT NOT NULL
  );
  CREATE UNIQUE INDEX one_serves ON generations (name) WHERE state = 'serving';
  CREATE TABLE sequences (
    g INTEGER NOT NULL, key TEXT NOT NULL, sequence INTEGER NOT NULL, PRIMARY KEY (g, key)
  ) WITHOUT ROWID;
  PRAGMA application_id = ${APPLICATION};
  PRAGMA user_version = ${SCHEMA};`;

export interface Files {
  path: string;
  writer: Connection;
  reader: Connection;
  secret: string;
  /** A connection for a long read; the caller closes it. */
  another(): Connection;
  close(): void;
}

/**
 * The file's connections: one writes, one answers queries, further ones read at length. A second program is kept out
 * by a lock on a file beside it, which the operating system releases when the process ends, however it ends.
 */
export function openFiles(path: string, options: SqliteOptions): Files {
  makeFolder(path);
  const lock = new Connection(`${path}-lock`, 'PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');
  const open: Connection[] = [lock];
  try {
    const writer = new Connection(path, PRAGMAS + WRITER_CACHE);
    open.push(writer);
    const secret = prepare(writer, path);
    if (options.maxBytes !== undefined) {
      writer.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(options.maxBytes / PAGE_BYTES))}`);
    }
    const another = () => new Connection(path, PRAGMAS + READER_CACHE);
    const reader = another();
    open.push(reader);
    return { path, writer, reader, secret, another, close };
  } catch (error) {
    close();
    throw error;
  }

  function close(): void {
    for (const connection of open.toReversed()) connection.close();
  }
}

function makeFolder(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
  } catch (cause) {
    throw new ReadStoreError('UNAVAILABLE', `the folder of read store ${path} cannot be made`, { cause });
  }
}

/** Creates the tables in an empty file; otherwise checks that this is a read store that this program understands. */
function prepare(writer: Connection, path: string): string {
  const pragma = (name: string): unknown => writer.get(`PRAGMA ${name}`)?.[name];
  const empty = writer.get('SELECT count(*) AS n FROM sqlite_schema')?.['n'] === 0;
  if (empty) {
    writer.exec(`BEGIN IMMEDIATE; ${TABLES}`);
    writer.run('INSERT INTO secrets VALUES (?)', randomBytes(32).toString('base64url'));
    writer.exec('COMMIT');
  } else if (pragma('application_id') !== APPLICATION) {
    throw new ReadStoreError('CORRUPT', `${path} is a database, but not a read store; it was left as it is`);
  }
  if (Number(pragma('user_version')) > SCHEMA) {
    throw new ReadStoreError(
      'NEWER_SCHEMA',
      `read store ${path} was written by a newer version of the program (schema ${pragma('user_version')}, this one knows ${SCHEMA})`,
    );
  }
  return String(writer.get('SELECT secret FROM secrets')?.['secret']);
}
