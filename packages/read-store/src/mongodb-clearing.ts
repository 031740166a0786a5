import type { MongoAccess } from './mongodb-access.ts';
import type { MongoRows, RowBase } from './mongodb-rows.ts';
import type { GenerationState } from './mongodb-state.ts';

/** For this long after a state was replaced its rows stay for those who are still reading it. */
export const GRACE_MS = 30_000;

type ChangeState = (
  decide: (state: GenerationState) => GenerationState | undefined,
) => Promise<GenerationState>;

/** Deletes the rows of a generation that no state has any more, some time after they were replaced. */
export class MongoClearing {
  readonly #access: MongoAccess;
  readonly #change: ChangeState;
  readonly #rows: readonly MongoRows<RowBase>[];
  /** Batches that were stored, and when, as far as the states before them may be read still. */
  #recent: { number: number; at: number }[] = [];
  #waiting = false;

  constructor(access: MongoAccess, change: ChangeState, rows: readonly MongoRows<RowBase>[]) {
    this.#access = access;
    this.#change = change;
    this.#rows = rows;
  }

  /** This process writes from now on; the last batch before. */
  begin(number: number): void {
    this.#recent = [{ number, at: performance.now() }];
  }

  stored(number: number): void {
    this.#recent.push({ number, at: performance.now() });
    this.#later();
  }

  /** What fails is taken up after the next batch. */
  #later(): void {
    if (this.#waiting) return;
    this.#waiting = true;
    this.#access.later(GRACE_MS, async () => {
      try {
        await this.#clear();
      } finally {
        this.#waiting = false;
      }
      if (this.#recent.length > 1) this.#later();
    });
  }

  /** Says so before it begins: whoever reads an earlier state looks there before he believes what he has read. */
  async #clear(): Promise<void> {
    const past = performance.now() - GRACE_MS;
    const number = this.#recent.findLast(({ at }) => at <= past)?.number;
    if (number === undefined) return;
    const state = await this.#change((now) => (now.swept < number ? { ...now, swept: number } : undefined));
    if (state.cleared < number) {
      const snapshot = { at: number, voids: state.voids, cleared: state.cleared };
      for (const rows of this.#rows) await rows.clear(snapshot);
      await this.#change((now) => (now.cleared < number ? { ...now, cleared: number } : undefined));
    }
    // The last one that was cleared stays, as what comes after it may be waiting.
    this.#recent = this.#recent.filter((one) => one.number >= number);
  }
}
