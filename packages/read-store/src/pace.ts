import { setImmediate } from 'node:timers/promises';

const SLICE_MS = 8;
const LOOKS = 32;

/** Lets other work in: a long loop calls `step` per round and awaits what it returns, if anything. */
export class Pace {
  #until = performance.now() + SLICE_MS;
  #rounds = 0;

  step(): Promise<void> | undefined {
    if (++this.#rounds % LOOKS !== 0 || performance.now() < this.#until) return undefined;
    return this.#rest();
  }

  async #rest(): Promise<void> {
    await setImmediate();
    this.#until = performance.now() + SLICE_MS;
  }
}
