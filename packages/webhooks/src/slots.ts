/** Wakes those who wait for something to change. What rings between `next()` and the waiting is not missed. */
export class Bell {
  #next = Promise.withResolvers<void>();

  next(): Promise<void> {
    return this.#next.promise;
  }

  ring(): void {
    this.#next.resolve();
    this.#next = Promise.withResolvers();
  }
}

/** Places for work at the same time, given out in the order of asking. */
export class Slots {
  readonly #most: () => number;
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  /** `most`: asked each time, because it may change. */
  constructor(most: () => number) {
    this.#most = most;
  }

  /** Does the work in a place of its own. Rejects when `signal` is aborted before there is one. */
  async within<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    await this.#enter(signal);
    try {
      signal.throwIfAborted();
      return await work();
    } finally {
      this.#taken--;
      this.#admit();
    }
  }

  async #enter(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const giveUp = (): void => {
      const place = this.#waiting.indexOf(resolve);
      if (place < 0) return;
      this.#waiting.splice(place, 1);
      reject(signal.reason);
    };
    signal.addEventListener('abort', giveUp, { once: true });
    this.#waiting.push(resolve);
    this.#admit();
    await promise.finally(() => signal.removeEventListener('abort', giveUp));
  }

  /** One that is let in is counted at once, whenever it goes on. */
  #admit(): void {
    while (this.#taken < this.#most()) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#taken++;
      next();
    }
  }
}
