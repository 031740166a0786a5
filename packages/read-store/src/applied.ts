import { TwoAges } from './two-ages.ts';

/** The newest applied event ids that are remembered. */
const REMEMBERED = 50_000;

interface Waiter {
  id: string;
  position: number | undefined;
  resolve(applied: boolean): void;
}

/** Who waits for which event; an event applied before anyone asked is remembered, so no one waits in vain. */
export class Applied {
  readonly #ids = new TwoAges<string, true>(REMEMBERED);
  readonly #waiters = new Set<Waiter>();
  readonly #verdict: () => boolean | undefined;
  #position = 0;

  /** `verdict`: whether all take part (true), some never will (false), or some are still behind (undefined). */
  constructor(verdict: () => boolean | undefined) {
    this.#verdict = verdict;
  }

  add(ids: readonly string[], position: number): void {
    for (const id of ids) this.#ids.set(id, true);
    this.#position = position;
    this.look();
  }

  /** Answers those whose event was applied. To be called when the verdict may have changed. */
  look(): void {
    if (this.#waiters.size === 0) return;
    const verdict = this.#verdict();
    if (verdict === undefined) return;
    for (const waiter of this.#waiters) {
      if (this.#has(waiter)) waiter.resolve(verdict);
    }
  }

  async wait(id: string, timeoutMs: number, position: number | undefined): Promise<boolean> {
    const verdict = this.#verdict();
    if (verdict !== undefined && this.#has({ id, position })) return verdict;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const waiter = { id, position, resolve };
    this.#waiters.add(waiter);
    const timer = setTimeout(() => resolve(false), timeoutMs);
    const applied = await promise;
    clearTimeout(timer);
    this.#waiters.delete(waiter);
    return applied;
  }

  /** No more events will be applied. */
  end(): void {
    for (const waiter of this.#waiters) waiter.resolve(false);
  }

  #has({ id, position }: Pick<Waiter, 'id' | 'position'>): boolean {
    return this.#ids.get(id) !== undefined || (position !== undefined && position <= this.#position);
  }
}
