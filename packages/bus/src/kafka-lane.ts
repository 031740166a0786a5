/** While an earlier message waits for its retry, a lane goes on for so many messages: a crash repeats at most these. */
const MAX_AHEAD = 10_000;
/** With more keys than these waiting for their retry, the lane goes no further until some are handled or parked. */
const MAX_HELD_KEYS = 1000;
/** The broker keeps 4096 with an offset, unless it is set otherwise. */
const MAX_METADATA = 4000;

interface Held {
  offset: number;
  attempts: number;
  /** When it is tried again, on the monotonic clock. */
  due: number;
}

/**
 * What a member knows of one partition. Kafka keeps one offset per group and partition, so the lane sweeps: a key whose
 * message failed is held, the sweep goes on with other keys, and when the retry is due it starts again at the held
 * message, passing by what is finished. Committed is the lowest offset that is not finished. Parked messages above it
 * are kept with it, so that none is handled behind later ones of its key after a crash.
 */
export class KafkaLane {
  readonly #held = new Map<string, Held>();
  readonly #finished = new Set<number>();
  readonly #parked: Set<number>;
  /** The next offset of the sweep, and the lowest that no sweep has reached; undefined before the first message. */
  #next: number | undefined;
  #frontier = 0;
  /** A new sweep was asked for: what is still on its way from the broker belongs to the old one. */
  turning = false;

  constructor(parked: ReadonlySet<number>) {
    this.#parked = new Set(parked);
  }

  /** What to do with the next message: `wait` means that the lane has gone far enough ahead. */
  decide(offset: number, key: string, now: number): 'try' | 'pass' | 'wait' {
    if (this.#finished.has(offset) || this.#parked.has(offset)) return 'pass';
    if (offset >= this.#frontier && this.#full()) return 'wait';
    const held = this.#held.get(key);
    if (!held) return 'try';
    return held.offset === offset && held.due <= now ? 'try' : 'pass';
  }

  /** The sweep has dealt with everything below. */
  reached(next: number): void {
    this.#next = next;
    this.#frontier = Math.max(this.#frontier, next);
  }

  /** What was read up to `last` was for no reader. */
  passed(last: number): void {
    if (this.#next === undefined || this.#next <= last) this.reached(last + 1);
  }

  finish(offset: number, key: string): void {
    if (this.#held.get(key)?.offset === offset) this.#held.delete(key);
    this.#finished.add(offset);
  }

  park(offset: number, key: string): void {
    this.finish(offset, key);
    this.#parked.add(offset);
  }

  /** How often a message has failed so far. */
  attempts(key: string): number {
    return this.#held.get(key)?.attempts ?? 0;
  }

  hold(offset: number, key: string, due: number): void {
    this.#held.set(key, { offset, attempts: this.attempts(key) + 1, due });
  }

  /** The lowest offset that is not finished; undefined before the first message. */
  low(): number | undefined {
    if (this.#next === undefined) return undefined;
    return Math.min(this.#next, ...[...this.#held.values()].map(({ offset }) => offset));
  }

  /** What is kept with the committed offset. */
  metadata(low: number): string {
    for (const set of [this.#finished, this.#parked]) {
      for (const offset of set) if (offset < low) set.delete(offset);
    }
    return encodeParked(low, this.#parked);
  }

  /** When the next sweep is due, Infinity when none is; not before the present one is at its end. */
  due(): number {
    if (this.#next === undefined || this.#next < this.#frontier) return Number.POSITIVE_INFINITY;
    return Math.min(...[...this.#held.values()].map(({ due }) => due));
  }

  /**
   * Starts the next sweep; answers with its first offset, that of the lowest held message: the broker may have given the
   * partition away and back before the sweep begins, and whoever starts above a message would never see it again.
   */
  turn(): number {
    const start = Math.min(...[...this.#held.values()].map(({ offset }) => offset));
    this.#next = start;
    this.turning = true;
    return start;
  }

  #full(): boolean {
    const low = this.low();
    if (low === undefined || this.#held.size === 0) return false;
    return (
      this.#frontier - low >= MAX_AHEAD ||
      this.#held.size >= MAX_HELD_KEYS ||
      (this.#parked.size > 0 && encodeParked(low, this.#parked).length >= MAX_METADATA)
    );
  }
}

const BASE = 36;

function encodeParked(low: number, parked: ReadonlySet<number>): string {
  return [...parked]
    .filter((offset) => offset >= low)
    .map((offset) => (offset - low).toString(BASE))
    .join(',');
}

/** The parked offsets that were kept with a committed one. */
export function decodeParked(low: number, metadata: string | null): Set<number> {
  if (!metadata) return new Set();
  return new Set(metadata.split(',').map((part) => low + Number.parseInt(part, BASE)));
}
