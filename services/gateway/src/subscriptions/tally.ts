/** How many there are of each. */
export class Tally<K> {
  readonly #counts = new Map<K, number>();

  of(key: K): number {
    return this.#counts.get(key) ?? 0;
  }

  /** Counts one more; returns how to take it off again, which happens once however often it is called. */
  add(key: K): () => void {
    let counted = true;
    this.#counts.set(key, this.of(key) + 1);
    return () => {
      if (!counted) return;
      counted = false;
      if (this.of(key) === 1) this.#counts.delete(key);
      else this.#counts.set(key, this.of(key) - 1);
    };
  }
}
