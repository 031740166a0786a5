import type { StoredEvent } from './event-store.ts';

/** As much as is kept; whoever is further behind reads for itself. */
const KEPT_EVENTS = 1_000;
const KEPT_CHARS = 8 * 1024 * 1024;

export interface ReadEvent {
  event: StoredEvent;
  /** Of its JSON. */
  chars: number;
}

/**
 * The newest events, without a gap. All who follow the store read the same events at the same time: those are read and
 * parsed once, and shared. Nobody changes anything in an event.
 */
export class Tail {
  readonly #read: (from: number, to: number) => readonly ReadEvent[];
  #kept: ReadEvent[] = [];
  #chars = 0;
  /** Position of the first event that is kept, and of the one to be read next. */
  #first = 0;
  #next = 0;

  /** `read`: the events from one position to another, or the first of them. */
  constructor(read: (from: number, to: number) => readonly ReadEvent[]) {
    this.#read = read;
  }

  /** Whether someone who wants these events is to ask here. */
  reaches(from: number, to: number): boolean {
    return to - from < KEPT_EVENTS && from >= this.#first;
  }

  /** The events from one position to another, or the first of them. */
  between(from: number, to: number): StoredEvent[] {
    if (from > this.#next || this.#kept.length === 0) this.#begin(from);
    if (from >= this.#next) this.#readOn(to);
    const found = this.#kept.slice(from - this.#first, to - this.#first + 1).map(({ event }) => event);
    this.#shorten();
    return found;
  }

  #begin(from: number): void {
    this.#kept = [];
    this.#chars = 0;
    this.#first = from;
    this.#next = from;
  }

  #readOn(to: number): void {
    for (const read of this.#read(this.#next, to)) {
      this.#kept.push(read);
      this.#chars += read.chars;
      this.#next = read.event.position + 1;
    }
  }

  #shorten(): void {
    let gone = 0;
    while (this.#kept.length - gone > KEPT_EVENTS || this.#chars > KEPT_CHARS) {
      this.#chars -= this.#kept[gone]?.chars ?? 0;
      gone++;
    }
    if (gone > 0) this.#kept.splice(0, gone);
    this.#first += gone;
  }
}
