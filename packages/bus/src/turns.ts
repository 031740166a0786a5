import { setImmediate } from 'node:timers/promises';

/** Messages that are handled at a time; then requests get their turn. */
export const PER_TURN = 32;
/** Turns of the event loop that are left to others while these have much to do; then it goes on all the same. */
const MOST_RESTS = 4;
/** Others that took longer than this in one turn have more to do. */
const BUSY_MS = 1;

/**
 * Cuts work beside the answering of requests into turns. Promises alone let nobody in: a backlog of a million messages
 * would keep every request waiting until it is done.
 */
export class Turns {
  #left = PER_TURN;

  /** Called for each message; what it returns, if anything, is awaited. */
  step(): Promise<void> | undefined {
    this.#left -= 1;
    if (this.#left > 0) return undefined;
    this.#left = PER_TURN;
    return rest();
  }
}

async function rest(): Promise<void> {
  for (let turn = 0; turn < MOST_RESTS; turn++) {
    const from = performance.now();
    await setImmediate();
    if (performance.now() - from < BUSY_MS) return;
  }
}
