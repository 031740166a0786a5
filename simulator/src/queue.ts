/** What is to be done when: a binary heap by time, number and rank, so that the order is always the same. */
export interface Entry {
  /** Milliseconds since 1970. */
  at: number;
  number: number;
  /** Among what has the same number. */
  rank: number;
}

export class Queue<T extends Entry> {
  readonly #heap: T[] = [];

  get size(): number {
    return this.#heap.length;
  }

  get first(): T | undefined {
    return this.#heap[0];
  }

  push(entry: T): void {
    const heap = this.#heap;
    heap.push(entry);
    for (let at = heap.length - 1; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!this.#swapped(parent, at)) return;
      at = parent;
    }
  }

  /** Everything up to the instant, in order. */
  until(ms: number): T[] {
    const due: T[] = [];
    for (let top = this.first; top && top.at <= ms; top = this.first) {
      due.push(top);
      this.#dropFirst();
    }
    return due;
  }

  #dropFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    heap[0] = last;
    for (let at = 0; ; ) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      const child = this.#isBefore(right, left) ? right : left;
      if (!this.#swapped(at, child)) return;
      at = child;
    }
  }

  #isBefore(one: number, other: number): boolean {
    const [a, b] = [this.#heap[one], this.#heap[other]];
    if (a === undefined || b === undefined) return false;
    return (a.at - b.at || a.number - b.number || a.rank - b.rank) < 0;
  }

  #swapped(parent: number, child: number): boolean {
    if (!this.#isBefore(child, parent)) return false;
    const [above, below] = [this.#heap[parent] as T, this.#heap[child] as T];
    this.#heap[parent] = below;
    this.#heap[child] = above;
    return true;
  }
}
