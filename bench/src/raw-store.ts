import type { NewEvent } from '@dutyledger/event-store/event-store';
import { openForWriting } from '@dutyledger/event-store/sqlite-file';

/** The reference of the append benchmarks: the tables of an event store, filled by node:sqlite and nothing else. */
export interface RawStore {
  /** Inserts the rows, so many in each transaction; every commit is on the disk before the next begins. */
  insert(rows: readonly RawRow[], perTransaction: number): void;
  close(): void;
}

/** id, stream number, type, metadata and data as JSON. */
export type RawRow = [Uint8Array, number, string, string, string];

export const rawRow = ({ id, type, metadata, data }: NewEvent, stream: number): RawRow => [
  Buffer.from(id.replaceAll('-', ''), 'hex'),
  stream,
  type,
  JSON.stringify(metadata),
  JSON.stringify(data),
];

export function openRaw(path: string, streams: number): RawStore {
  const db = openForWriting(path, { durable: true, maxBytes: Number.MAX_SAFE_INTEGER });
  const newStream = db.prepare('INSERT INTO streams (name) VALUES (?)');
  for (let n = 0; n < streams; n++) newStream.run(`bench.raw-${n}`);
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  const insert = db.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, 1, ?, ?, ?)');
  const revisions = new Map<number, number>();
  let position = 0;
  return {
    insert(rows, perTransaction) {
      for (let at = 0; at < rows.length; at += perTransaction) {
        begin.run();
        for (const [id, stream, type, metadata, data] of rows.slice(at, at + perTransaction)) {
          const revision = revisions.get(stream) ?? 0;
          revisions.set(stream, revision + 1);
          insert.run(++position, id, stream + 1, revision, type, Date.now(), metadata, data);
        }
        commit.run();
      }
    },
    close: () => db.close(),
  };
}
