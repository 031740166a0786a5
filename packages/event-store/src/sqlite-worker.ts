/**
 * The writing thread of an SQLite event store: its flushes keep nobody waiting but those whose events they flush.
 * It sleeps on a shared counter rather than in an event loop, from which waking takes half as long again.
 */
import type { DatabaseSync } from 'node:sqlite';
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { AppendRequest } from './append-request.ts';
import type { Failure, ImportedRow, WriteOutcome } from './sqlite-commit.ts';
import { Committer } from './sqlite-commit.ts';
import type { FileOptions } from './sqlite-file.ts';
import { openForWriting, toEventStoreError } from './sqlite-file.ts';

export interface WorkerData {
  path: string;
  file: FileOptions;
  /** Counts the messages sent to the worker. */
  sent: Int32Array;
}

/** `null` asks the worker to close the file and end. `now`: a clock's time instead of the worker's own. */
export type ToWorker = { group: AppendRequest[]; now?: number } | { imported: ImportedRow[] } | null;

/** First message: whether the file could be opened. Then one message per group. Last: closed. */
export type FromWorker = { opened: Failure | null } | { outcomes: WriteOutcome[] } | { closed: true };

function serve(port: NonNullable<typeof parentPort>, { path, file, sent }: WorkerData): void {
  const answer = (message: FromWorker) => port.postMessage(message);
  let db: DatabaseSync;
  let committer: Committer;
  try {
    db = openForWriting(path, file);
    committer = new Committer(db, path);
  } catch (error) {
    const { code, message } = toEventStoreError(error, path);
    answer({ opened: { status: 'failed', code, message } });
    return;
  }
  answer({ opened: null });
  for (let seen = 0; ; seen = Atomics.load(sent, 0)) {
    for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) {
      const message = next.message as ToWorker;
      if (message === null) {
        db.close();
        answer({ closed: true });
        return;
      }
      const outcomes =
        'imported' in message
          ? [committer.import(message.imported)]
          : committer.commit(message.group, message.now ?? Date.now());
      answer({ outcomes });
    }
    Atomics.wait(sent, 0, seen);
  }
}

if (parentPort) serve(parentPort, workerData);
