import { ENTRY_WEIGHT } from './two-ages.ts';

const WEIGHED = 16;

/** Estimates how much JSON documents are: one in so many is written out and stands for the others. */
export class Scale {
  #count = 0;
  #last = 0;

  /** In characters. */
  weigh(doc: unknown): number {
    if (this.#count++ % WEIGHED === 0) this.#last = JSON.stringify(doc)?.length ?? 0;
    return this.#last + ENTRY_WEIGHT;
  }
}
