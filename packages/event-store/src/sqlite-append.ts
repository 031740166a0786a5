import type { ExpectedRevision, NewEvent, StoredEvent } from './event-store.ts';
import { EventStoreError, MAX_EVENT_BYTES } from './event-store.ts';
import { isUuid } from './ids.ts';
import type { AppendRequest, Row, WriteOutcome } from './sqlite-commit.ts';
import { toInstant } from './sqlite-reader.ts';

/** Most that one append may hold, in bytes of JSON (UTF-8). */
export const MAX_APPEND_BYTES = 64 * 1024 * 1024;

/**
 * Checks and serialises an append. Throws EventStoreError (TOO_LARGE, ID_REUSED), and TypeError for what no caller may
 * send: no events, an id that is no UUID, content without a JSON form, names with unpaired surrogates.
 * Unpaired surrogates inside `data` and `metadata` are safe: JSON escapes them.
 */
export function toRequest(
  stream: string,
  expected: ExpectedRevision,
  events: readonly NewEvent[],
): AppendRequest {
  checkName('stream', stream);
  if (typeof expected === 'number' && !(Number.isSafeInteger(expected) && expected >= 0)) {
    throw new TypeError(
      `expected revision ${expected} is not a revision; a new stream is expected with 'none'`,
    );
  }
  if (events.length === 0) throw new TypeError(`no events to append to ${stream}`);
  const ids = new Set(events.map(({ id }) => id));
  if (ids.size < events.length) {
    throw new EventStoreError('ID_REUSED', `an append to ${stream} has the same event id twice`);
  }
  let total = 0;
  const rows = events.map((event): Row => {
    const row = toRow(event);
    const bytes = Buffer.byteLength(row[3]) + Buffer.byteLength(row[4]);
    if (bytes > MAX_EVENT_BYTES) {
      throw tooLarge(`event ${event.type} for ${stream}`, bytes, MAX_EVENT_BYTES);
    }
    total += bytes;
    return row;
  });
  if (total > MAX_APPEND_BYTES) {
    throw tooLarge(`an append of ${rows.length} events to ${stream}`, total, MAX_APPEND_BYTES);
  }
  return { stream, expected, rows };
}

function toRow({ id, type, version, metadata, data }: NewEvent): Row {
  if (!isUuid(id)) throw new TypeError(`event id "${id}" is not a UUID in lower case`);
  checkName('event type', type);
  if (!Number.isSafeInteger(version) || version < 1) {
    throw new TypeError(`version ${version} of ${type} is not a whole number from 1`);
  }
  const content = JSON.stringify(data);
  if (content === undefined) throw new TypeError(`the data of ${type} has no JSON form`);
  return [id, type, version, JSON.stringify(metadata), content];
}

function checkName(what: string, name: string): void {
  if (name === '' || name.includes('\0') || !name.isWellFormed()) {
    throw new TypeError(`${what} ${JSON.stringify(name)} is empty or holds characters that cannot be stored`);
  }
}

const tooLarge = (what: string, bytes: number, limit: number): EventStoreError =>
  new EventStoreError('TOO_LARGE', `${what} has ${bytes} bytes of JSON; the limit is ${limit}`);

/** The events as any later reader will see them: not what the caller may still change. */
export function toStored(
  { stream, rows }: AppendRequest,
  written: WriteOutcome & { status: 'appended' },
): StoredEvent[] {
  const recordedAt = toInstant(written.recordedAt);
  return rows.map(([id, type, version, metadata, data], i) => ({
    stream,
    revision: written.revision + i,
    position: written.position + i,
    recordedAt,
    id,
    type,
    version,
    data: JSON.parse(data),
    metadata: JSON.parse(metadata),
  }));
}
