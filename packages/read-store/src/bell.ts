/** Wakes everyone who waits for a change; they look for themselves whether it is theirs. */
export class Bell {
  readonly #waiting = new Set<(rung: boolean) => void>();

  /** Whether anyone waits. */
  get awaited(): boolean {
    return this.#waiting.size > 0;
  }

  ring(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake(true);
  }

  /** Until the next ring (true), for at most so many milliseconds (false). */
  async wait(ms: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#waiting.add(resolve);
    const timer = setTimeout(() => resolve(false), ms);
    const rung = await promise;
    clearTimeout(timer);
    this.#waiting.delete(resolve);
    return rung;
  }
}
