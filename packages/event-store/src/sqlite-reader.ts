import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ReadOptions, StoredEvent } from './event-store.ts';
import { EventStoreError } from './event-store.ts';
import { openForReading, toEventStoreError } from './sqlite-file.ts';
import type { Filter } from './sqlite-subscription.ts';
import { type ReadEvent, Tail } from './sqlite-tail.ts';

/** A page ends with the event that reaches either bound: some milliseconds of work, some megabytes of memory. */
const PAGE_EVENTS = 500;
const PAGE_CHARS = 4 * 1024 * 1024;

type StoredRow = [number, string, string, number, string, number, number, string, string];

/** Reads page by page and lets the event loop turn in between; no snapshot is held while the caller has a page. */
export class SqliteReader {
  readonly #path: string;
  readonly #db: DatabaseSync;
  readonly #head: StatementSync;
  readonly #forwards: StatementSync;
  readonly #backwards: StatementSync;
  readonly #all: StatementSync;
  readonly #filtered: StatementSync;
  readonly #tail: Tail;

  constructor(path: string) {
    this.#path = path;
    this.#db = openForReading(path);
    const ofStream =
      'stream = (SELECT id FROM streams WHERE name = ?) AND revision BETWEEN ? AND ? ORDER BY revision';
    this.#head = this.#db.prepare('SELECT max(position) AS head FROM events');
    this.#forwards = this.#select(ofStream);
    this.#backwards = this.#select(`${ofStream} DESC`);
    this.#all = this.#select('position BETWEEN ? AND ? ORDER BY position');
    this.#filtered = this.#select(
      `position BETWEEN ? AND ? AND substr(name, 1, length(?3)) = ?3
       AND (?4 = '[]' OR type IN (SELECT value FROM json_each(?4))) ORDER BY position`,
    );
    this.#tail = new Tail((from, to) => this.#read(this.#all, from, to).read);
  }

  close(): void {
    if (this.#db.isOpen) this.#db.close();
  }

  head(): number {
    this.#assertOpen();
    return (this.#head.get() as { head: number | null }).head ?? 0;
  }

  async *stream(stream: string, options: ReadOptions): AsyncGenerator<StoredEvent[]> {
    const backwards = options.direction === 'backwards';
    const [first, last] = backwards ? [Number.MAX_SAFE_INTEGER, 0] : [0, Number.MAX_SAFE_INTEGER];
    const { to = last } = options;
    for (let from = options.from ?? first; ; await nextTurn()) {
      const { events, more } = backwards
        ? this.#page(this.#backwards, stream, to, from)
        : this.#page(this.#forwards, stream, from, to);
      if (events.length > 0) yield events;
      if (!more) return;
      from = (events.at(-1)?.revision ?? 0) + (backwards ? -1 : 1);
    }
  }

  /**
   * Events after `after`, up to and including `until`. Positions have no gaps here, so a page looks at a bounded
   * number of rows, however few of them the filter leaves.
   */
  async *all(
    after: number,
    until: number,
    { prefix = '', types = [] }: Filter,
  ): AsyncGenerator<StoredEvent[]> {
    const unfiltered = prefix === '' && types.length === 0;
    const wanted = JSON.stringify(types);
    const fits = ({ stream, type }: StoredEvent): boolean =>
      stream.startsWith(prefix) && (types.length === 0 || types.includes(type));
    for (let from = after + 1; from <= until; await nextTurn()) {
      if (this.#tail.reaches(from, until)) {
        const read = this.#tail.between(from, until);
        const events = unfiltered ? read : read.filter(fits);
        if (events.length > 0) yield events;
        from = (read.at(-1)?.position ?? until) + 1;
        continue;
      }
      const to = Math.min(until, from + PAGE_EVENTS - 1);
      const { events, more } = unfiltered
        ? this.#page(this.#all, from, to)
        : this.#page(this.#filtered, from, to, prefix, wanted);
      if (events.length > 0) yield events;
      from = (more ? (events.at(-1)?.position ?? to) : to) + 1;
    }
  }

  #select(where: string): StatementSync {
    const statement = this.#db.prepare(
      `SELECT position, hex(events.id), name, revision, type, version, recorded_at, metadata, data
       FROM events CROSS JOIN streams ON streams.id = events.stream WHERE ${where}`,
    );
    statement.setReturnArrays(true);
    return statement;
  }

  /** `more`: the page was full, there may be further events. */
  #page(statement: StatementSync, ...parameters: SQLInputValue[]): { events: StoredEvent[]; more: boolean } {
    const { read, more } = this.#read(statement, ...parameters);
    return { events: read.map(({ event }) => event), more };
  }

  #read(statement: StatementSync, ...parameters: SQLInputValue[]): { read: ReadEvent[]; more: boolean } {
    this.#assertOpen();
    const read: ReadEvent[] = [];
    let total = 0;
    try {
      const rows = statement.iterate(...parameters) as unknown as Iterable<StoredRow>;
      for (const row of rows) {
        const chars = row[7].length + row[8].length;
        read.push({ event: toEvent(row), chars });
        total += chars;
        if (read.length === PAGE_EVENTS || total >= PAGE_CHARS) return { read, more: true };
      }
      return { read, more: false };
    } catch (error) {
      throw toEventStoreError(error, this.#path);
    }
  }

  #assertOpen(): void {
    if (!this.#db.isOpen) throw new EventStoreError('CLOSED', `the event store ${this.#path} is closed`);
  }
}

function toEvent(row: StoredRow): StoredEvent {
  const [position, id, stream, revision, type, version, recordedAt, metadata, data] = row;
  return {
    stream,
    revision,
    position,
    recordedAt: toInstant(recordedAt),
    id: toUuid(id),
    type,
    version,
    data: JSON.parse(data),
    metadata: JSON.parse(metadata),
  };
}

function toUuid(hex: string): string {
  const id = hex.toLowerCase();
  return `${id.slice(0, 8)}-${id.slice(8, 12)}-${id.slice(12, 16)}-${id.slice(16, 20)}-${id.slice(20)}`;
}

let lastInstant = { milliseconds: 0, text: new Date(0).toISOString() };

/** Events of one transaction share their instant; spelling it once saves a tenth of reading. */
export function toInstant(milliseconds: number): string {
  if (milliseconds !== lastInstant.milliseconds) {
    lastInstant = { milliseconds, text: new Date(milliseconds).toISOString() };
  }
  return lastInstant.text;
}
