/**
 * The only writer of an SQLite event store, on a thread of its own: its flushes keep nobody waiting but those whose
 * events they flush. It sleeps on a shared counter rather than in an event loop: being woken that way costs half.
 */
import type { DatabaseSync } from 'node:sqlite';
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { EventStoreErrorCode, ExpectedRevision } from './event-store.ts';
import type { FileOptions } from './sqlite-file.ts';
import { openForWriting, toEventStoreError } from './sqlite-file.ts';

export interface WorkerData {
  path: string;
  file: FileOptions;
  /** Counts the messages sent to the worker. */
  sent: Int32Array;
}

/** One event, ready to be bound: id, type, version, metadata, data. */
export type Row = [string, string, number, string, string];

export interface AppendRequest {
  stream: string;
  expected: ExpectedRevision;
  rows: Row[];
}

/** `null` asks the worker to close the file and end. `now`: a clock's time instead of the worker's own. */
export type ToWorker = { group: AppendRequest[]; now?: number } | null;

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

/** First message: whether the file could be opened. Then one message per group. Last: closed. */
export type FromWorker = { opened: Failure | null } | { outcomes: WriteOutcome[] } | { closed: true };

/** Number of streams whose last revision is remembered between transactions. */
const KNOWN_HEADS = 10_000;

const { path, file, sent } = workerData as WorkerData;

function serve(port: NonNullable<typeof parentPort>): void {
  const answer = (message: FromWorker) => port.postMessage(message);
  let db: DatabaseSync;
  try {
    db = openForWriting(path, file);
  } catch (error) {
    answer({ opened: failure(error) });
    return;
  }
  answer({ opened: null });
  const commit = writer(db);
  for (let seen = 0; ; ) {
    for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) {
      const message = next.message as ToWorker;
      if (message === null) {
        db.close();
        answer({ closed: true });
        return;
      }
      answer({ outcomes: commit(message.group, message.now ?? Date.now()) });
    }
    Atomics.wait(sent, 0, seen);
    seen = Atomics.load(sent, 0);
  }
}

function writer(db: DatabaseSync): (group: readonly AppendRequest[], now: number) => WriteOutcome[] {
  const begin = db.prepare('BEGIN IMMEDIATE');
  const end = db.prepare('COMMIT');
  const streamHead = db.prepare(
    'SELECT id, (SELECT max(revision) FROM events WHERE stream = streams.id) AS revision FROM streams WHERE name = ?',
  );
  const newStream = db.prepare('INSERT INTO streams (name) VALUES (?) RETURNING id');
  const byId = db.prepare(
    `SELECT position, name, revision, recorded_at AS recordedAt
     FROM events CROSS JOIN streams ON streams.id = events.stream WHERE events.id = unhex(?, '-')`,
  );
  const insert = db.prepare("INSERT INTO events VALUES (?, unhex(?, '-'), ?, ?, ?, ?, ?, ?, ?)");
  type Head = { id: number; revision: number };
  const heads = new Map<string, Head>();
  type Place = { position: number; recordedAt: number };
  let last = (db
    .prepare('SELECT position, recorded_at AS recordedAt FROM events ORDER BY position DESC LIMIT 1')
    .get() as Place | undefined) ?? { position: 0, recordedAt: 0 };

  /**
   * All of the group in one transaction. Ids are looked up only when there is a reason to: an insert met one that
   * exists already, or the expected revision does not fit. If the transaction fails otherwise, each append gets one
   * of its own: none must fail for another's sake.
   */
  function commit(group: readonly AppendRequest[], now: number, suspicious = false): WriteOutcome[] {
    try {
      begin.run();
      const recordedAt = Math.max(now, last.recordedAt);
      const outcomes: WriteOutcome[] = [];
      let { position } = last;
      for (const request of group) {
        const outcome = write(request, position + 1, recordedAt, suspicious);
        if (outcome.status === 'appended' && !outcome.repeated) position += request.rows.length;
        outcomes.push(outcome);
      }
      end.run();
      last = { position, recordedAt };
      return outcomes;
    } catch (error) {
      heads.clear();
      if (db.isTransaction) db.exec('ROLLBACK');
      if (!suspicious && isDuplicate(error)) return commit(group, now, true);
      return group.length > 1 ? group.flatMap((request) => commit([request], now)) : [failure(error)];
    }
  }

  function write(
    { stream, expected, rows }: AppendRequest,
    position: number,
    recordedAt: number,
    suspicious: boolean,
  ): WriteOutcome {
    const head = headOf(stream);
    const actual = head?.revision ?? -1;
    const fits = expected === 'any' || (expected === 'none' ? -1 : expected) === actual;
    const known = suspicious || !fits ? recognise(stream, rows) : undefined;
    if (known) return known;
    if (!fits) return { status: 'conflict', actual };
    const { id: number } = head ?? (newStream.get(stream) as Head);
    const revision = actual + 1;
    rows.forEach(([id, type, version, metadata, data], i) => {
      insert.run(position + i, id, number, revision + i, type, version, recordedAt, metadata, data);
    });
    heads.set(stream, { id: number, revision: actual + rows.length });
    return { status: 'appended', repeated: false, revision, position, recordedAt };
  }

  function headOf(stream: string): Head | undefined {
    const known = heads.get(stream);
    if (known) return known;
    if (heads.size >= KNOWN_HEADS) heads.clear();
    return streamHead.get(stream) as Head | undefined;
  }

  /** The first answer, when these very events were appended before; a failure, when only the ids agree. */
  function recognise(stream: string, rows: readonly Row[]): WriteOutcome | undefined {
    const found = rows.map(
      ([id]) => byId.get(id) as (Place & { name: string; revision: number }) | undefined,
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

  return commit;
}

/** SQLITE_CONSTRAINT_UNIQUE: of the indexes, only that of the ids can be violated by what callers send. */
const isDuplicate = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && error.errcode === 2067;

function failure(error: unknown): Failure {
  const { code, message } = toEventStoreError(error, path);
  return { status: 'failed', code, message };
}

if (parentPort) serve(parentPort);
