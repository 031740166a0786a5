/** What is known of one stream: its folded state and which command wrote from which revision on. */
export interface Folded {
  /** The decider that folded it; another decider must not be given this state. */
  decider: object;
  state: unknown;
  /** Revision of the last folded event, -1 before the first. */
  revision: number;
  /** Command id → revision of its first event. */
  commands: Map<string, number>;
}

/**
 * Folded streams, so that a long stream is folded once per process; the least recently used ones are let go.
 *
 * Bounds: `maxStreams`, and `maxEvents` folded in all cached streams together. The stream used last is kept even when
 * it is longer than `maxEvents` by itself: memory is bounded by the bounds plus one stream.
 */
export class StateCache {
  readonly #maxStreams: number;
  readonly #maxEvents: number;
  readonly #streams = new Map<string, { folded: Folded; weight: number }>();
  readonly #turns = new Map<string, Promise<unknown>>();
  #weight = 0;

  constructor(bounds: { maxStreams?: number; maxEvents?: number } = {}) {
    this.#maxStreams = bounds.maxStreams ?? 10_000;
    this.#maxEvents = bounds.maxEvents ?? 200_000;
  }

  get size(): { streams: number; events: number } {
    return { streams: this.#streams.size, events: this.#weight };
  }

  get(stream: string, decider: object): Folded | undefined {
    const folded = this.#streams.get(stream)?.folded;
    return folded?.decider === decider ? folded : undefined;
  }

  put(stream: string, folded: Folded): void {
    const weight = folded.revision + 1;
    this.#weight += weight - (this.#streams.get(stream)?.weight ?? 0);
    this.#streams.delete(stream);
    this.#streams.set(stream, { folded, weight });
    for (const [name, oldest] of this.#streams) {
      const fits = this.#streams.size <= this.#maxStreams && this.#weight <= this.#maxEvents;
      if (fits || this.#streams.size === 1) return;
      this.#streams.delete(name);
      this.#weight -= oldest.weight;
    }
  }

  /**
   * Runs the work for one stream after all earlier work for it has ended. Within a process, commands on one stream
   * take turns instead of making each other retry; other streams are not held up.
   */
  async inTurn<T>(stream: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(stream) ?? Promise.resolve()).then(work, work);
    const settled = turn.catch(() => undefined);
    this.#turns.set(stream, settled);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(stream) === settled) this.#turns.delete(stream);
    }
  }
}
