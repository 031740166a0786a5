import type { ExpectedRevision, NewEvent } from './event-store.ts';
import { EventStoreError, MAX_EVENT_BYTES } from './event-store.ts';
import { isUuid } from './ids.ts';

/** Most that one append may hold, in bytes of JSON (UTF-8); an engine may take less. */
export const MAX_APPEND_BYTES = 64 * 1024 * 1024;

/** One event, ready to be stored: id, type, version, metadata, data. */
export type Row = [string, string, number, string, string];

export interface AppendRequest {
  stream: string;
  expected: ExpectedRevision;
  rows: Row[];
}

/**
 * Checks and serialises an append, the same for every adapter. Throws EventStoreError (TOO_LARGE, ID_REUSED), and
 * TypeError for what no caller may send: no events, an id that is no UUID, content without a JSON form, names with
 * unpaired surrogates, names that engines keep for themselves ("$…").
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
  if (name === '' || /^\$|\0/.test(name) || !name.isWellFormed()) {
    throw new TypeError(`${what} ${JSON.stringify(name)} is empty or holds characters that cannot be stored`);
  }
}

const tooLarge = (what: string, bytes: number, limit: number): EventStoreError =>
  new EventStoreError('TOO_LARGE', `${what} has ${bytes} bytes of JSON; the limit is ${limit}`);
