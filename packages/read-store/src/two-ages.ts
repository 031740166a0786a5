/** What an entry costs beside its JSON (keys, objects), counted in characters. */
export const ENTRY_WEIGHT = 400;

/**
 * A map that forgets: entries live in a young and an old age; when the young one is full it becomes the old one and
 * the old one is dropped whole. What is asked for moves to the young age. Constant cost, no bookkeeping per entry.
 */
export class TwoAges<K, V> {
  #young = new Map<K, V>();
  #old = new Map<K, V>();
  #weight = 0;
  readonly #half: number;

  /** `capacity`: the most that all values weigh together, in the unit of `set`. */
  constructor(capacity: number) {
    this.#half = capacity / 2;
  }

  get(key: K): V | undefined {
    return this.#young.get(key) ?? this.#old.get(key);
  }

  set(key: K, value: V, weight = 1): void {
    this.#weight += weight;
    if (this.#weight > this.#half) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#weight = weight;
    }
    this.#young.set(key, value);
    this.#old.delete(key);
  }

  delete(key: K): void {
    this.#young.delete(key);
    this.#old.delete(key);
  }
}
