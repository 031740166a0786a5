import type { ReadOptions, StoredEvent } from './event-store.ts';
import type { Connection, Source } from './eventstoredb-connection.ts';
import { Patience, toEventStoreError } from './eventstoredb-errors.ts';
import type { ReadEvent } from './eventstoredb-event.ts';
import { isSystem, numberOf, toReadEvent } from './eventstoredb-event.ts';

/** A page ends with the event that reaches either bound. */
const PAGE_EVENTS = 500;
const PAGE_BYTES = 4 * 1024 * 1024;

/** Collects events until there is a page of them. */
export class Page {
  #events: ReadEvent[] = [];
  #bytes = 0;

  get size(): number {
    return this.#events.length;
  }

  get full(): boolean {
    return this.#events.length >= PAGE_EVENTS || this.#bytes >= PAGE_BYTES;
  }

  add(event: ReadEvent): void {
    this.#events.push(event);
    this.#bytes += event.bytes;
  }

  take(): ReadEvent[] {
    const events = this.#events;
    this.#events = [];
    this.#bytes = 0;
    return events;
  }
}

/** Reads page by page; a reading that breaks goes on behind the last page, for as long as patience lasts. */
export class EventStoreDbReader {
  readonly #connection: Connection;
  readonly #patienceMs: number;
  readonly #signal: AbortSignal;

  /** `signal` ends everything that is under way. */
  constructor(connection: Connection, patienceMs: number, signal: AbortSignal) {
    this.#connection = connection;
    this.#patienceMs = patienceMs;
    this.#signal = signal;
  }

  async head(): Promise<number> {
    const patience = this.patience();
    for (;;) {
      try {
        return await this.headNow();
      } catch (error) {
        await patience.bear(toEventStoreError(error, this.#connection.name));
      }
    }
  }

  /** Without patience. */
  async headNow(): Promise<number> {
    for await (const { response } of this.#connection.read({ all: 'last' }, this.#signal)) {
      const last = response.getEvent()?.getEvent();
      if (last) return numberOf(last.getCommitPosition(), 'the last event');
    }
    return 0;
  }

  /** Events of a stream in pages; `from` and `to` as the port has them. */
  async *stream(stream: string, options: ReadOptions): AsyncGenerator<ReadEvent[]> {
    const backwards = options.direction === 'backwards';
    const { from = backwards ? 'end' : 0, to = backwards ? 0 : Number.MAX_SAFE_INTEGER } = options;
    const sourceBehind = (last?: StoredEvent): Source | undefined => {
      const next = last === undefined ? from : last.revision + (backwards ? -1 : 1);
      const left = next === 'end' ? Number.MAX_SAFE_INTEGER : (backwards ? next - to : to - next) + 1;
      if (left < 1 || next === -1) return undefined;
      const count = Math.min(left, Number.MAX_SAFE_INTEGER);
      return { stream, from: next, backwards, count };
    };
    const beyond = ({ revision }: StoredEvent) => (backwards ? revision < to : revision > to);
    yield* this.#pages(sourceBehind, beyond, () => true);
  }

  /** Events of the log behind `after`, up to and including `until`, of streams with this prefix. */
  all(after: number, until: number, prefix: string): AsyncGenerator<ReadEvent[]> {
    const sourceBehind = (last?: StoredEvent): Source | undefined => {
      const from = last?.position ?? after;
      return from < until ? { all: 'forwards', from, prefix } : undefined;
    };
    return this.#pages(
      sourceBehind,
      ({ position }) => position > until,
      ({ position }) => position > after,
    );
  }

  patience(signal = this.#signal): Patience {
    return new Patience(this.#patienceMs, signal);
  }

  async *#pages(
    sourceBehind: (last?: StoredEvent) => Source | undefined,
    beyond: (event: StoredEvent) => boolean,
    wanted: (event: StoredEvent) => boolean,
  ): AsyncGenerator<ReadEvent[]> {
    const patience = this.patience();
    let last: StoredEvent | undefined;
    for (;;) {
      const source = sourceBehind(last);
      if (source === undefined) return;
      const position = last?.position;
      const fresh = (event: StoredEvent) => event.position !== position && wanted(event);
      try {
        for await (const page of this.#once(source, beyond, fresh)) {
          last = page.at(-1)?.event;
          yield page;
          patience.renew();
        }
        return;
      } catch (error) {
        await patience.bear(toEventStoreError(error, this.#connection.name));
      }
    }
  }

  async *#once(
    source: Source,
    beyond: (event: StoredEvent) => boolean,
    wanted: (event: StoredEvent) => boolean,
  ): AsyncGenerator<ReadEvent[]> {
    const page = new Page();
    for await (const { response } of this.#connection.read(source, this.#signal)) {
      const recorded = response.getEvent()?.getEvent();
      if (recorded === undefined || isSystem(recorded)) continue;
      const read = this.#connection.note(toReadEvent(recorded));
      if (beyond(read.event)) break;
      if (!wanted(read.event)) continue;
      page.add(read);
      if (page.full) yield page.take();
    }
    if (page.size > 0) yield page.take();
  }
}
