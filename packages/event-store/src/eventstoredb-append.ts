import { randomUUID } from 'node:crypto';
import type { AppendRequest, Row } from './append-request.ts';
import type { AppendOutcome, StoredEvent } from './event-store.ts';
import { EventStoreError } from './event-store.ts';
import type { Connection, Written } from './eventstoredb-connection.ts';
import { toEventStoreError } from './eventstoredb-errors.ts';
import type { Origin, ReadEvent } from './eventstoredb-event.ts';
import { toEventData } from './eventstoredb-event.ts';
import type { EventStoreDbReader } from './eventstoredb-reader.ts';

/**
 * Appends to EventStoreDB, which answers a repeat like a first time, and knows one only by its place in the stream
 * (ADR 0011). So every append is sent with the revision it goes to, as often as it takes to get an answer; what then
 * stands there is read back, and a mark in the metadata tells whose call wrote it.
 */
export class EventStoreDbAppender {
  readonly #connection: Connection;
  readonly #reader: EventStoreDbReader;

  constructor(connection: Connection, reader: EventStoreDbReader) {
    this.#connection = connection;
    this.#reader = reader;
  }

  async append({ stream, expected, rows }: AppendRequest, recordedAt?: string): Promise<AppendOutcome> {
    const mark = randomUUID();
    const ids = rows.map(([id]) => id);
    const send = (after: number) =>
      this.#write(stream, after, rows, { append: mark, ...this.#instant(recordedAt) });
    if (expected !== 'any') {
      const after = expected === 'none' ? -1 : expected;
      const written = await send(after);
      if (written.status === 'written') return this.#answer(stream, after + 1, ids, mark);
      const { first } = await this.#find(stream, ids, after + 1);
      return first === undefined ? written : this.#answer(stream, first, ids, mark);
    }
    for (let seen = -1; ; ) {
      const { first, last } = await this.#find(stream, ids, seen + 1);
      if (first !== undefined) return this.#answer(stream, first, ids, mark);
      seen = Math.max(seen, last);
      const written = await send(seen);
      if (written.status === 'written') return this.#answer(stream, seen + 1, ids, mark);
    }
  }

  /** Whoever appends behind an event has read it, through this connection. */
  #instant(recordedAt: string | undefined): Omit<Origin, 'append'> {
    if (recordedAt !== undefined) return { recordedAt };
    const { latest } = this.#connection;
    return latest === undefined ? {} : { notBefore: latest };
  }

  /** Sends until there is an answer: with the same ids to the same place, the server writes once. */
  async #write(stream: string, after: number, rows: readonly Row[], origin: Origin): Promise<Written> {
    const events = rows.map((row) => toEventData(row, origin));
    const patience = this.#reader.patience();
    for (;;) {
      try {
        return await this.#connection.write(stream, after, events);
      } catch (error) {
        const known = toEventStoreError(error, this.#connection.name);
        if (known.code !== 'UNAVAILABLE') throw describe(known, stream, events.length);
        await patience.bear(known);
      }
    }
  }

  /** Where these events stand, looking from a revision on, and the last revision there is. */
  async #find(stream: string, ids: string[], from: number): Promise<{ first?: number; last: number }> {
    const wanted = new Set(ids);
    const found: StoredEvent[] = [];
    let last = -1;
    for await (const page of this.#reader.stream(stream, { from })) {
      for (const { event } of page) {
        last = event.revision;
        if (wanted.has(event.id)) found.push(event);
      }
    }
    const [first] = found;
    if (first === undefined) return { last };
    if (found.length === ids.length && found.every(({ id }, i) => id === ids[i])) {
      return { first: first.revision, last };
    }
    // The first ones may stand before `from`.
    if (from > 0) return this.#find(stream, ids, 0);
    throw new EventStoreError(
      'ID_REUSED',
      `event id ${first.id} was used before in stream ${stream}, with other events`,
    );
  }

  /** What stands at this place, which must be these events. */
  async #answer(stream: string, first: number, ids: string[], mark: string): Promise<AppendOutcome> {
    const read: ReadEvent[] = [];
    for await (const page of this.#reader.stream(stream, { from: first, to: first + ids.length - 1 }))
      read.push(...page);
    const last = read.at(-1);
    if (last === undefined || read.length < ids.length || read.some(({ event }, i) => event.id !== ids[i])) {
      const message = `stream ${stream} does not hold from revision ${first} on what was acknowledged there`;
      throw new EventStoreError('CORRUPT', message);
    }
    const repeated = read.some(({ append }) => append !== mark);
    const { revision, position } = last.event;
    return { status: 'appended', repeated, revision, position, events: read.map(({ event }) => event) };
  }
}

const describe = (error: EventStoreError, stream: string, events: number): EventStoreError =>
  new EventStoreError(
    error.code,
    `an append of ${events} events to ${stream} was refused: ${error.message}`,
    {
      cause: error,
    },
  );
