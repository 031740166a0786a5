import type { Lease } from './adapter.ts';

/**
 * Leases among the parts of one process: a file has one process at a time, so they end with it, and a clock that
 * all share is at hand.
 */
export class Leases {
  readonly #held = new Map<string, { token: number; renewedAt: number }>();
  readonly #tokens = new Map<string, number>();

  take(name: string, ttlMs: number): Lease | undefined {
    const now = performance.now();
    const holder = this.#held.get(name);
    if (holder !== undefined && now - holder.renewedAt < ttlMs) return undefined;
    const token = (this.#tokens.get(name) ?? 0) + 1;
    const mine = { token, renewedAt: now };
    this.#tokens.set(name, token);
    this.#held.set(name, mine);
    const isMine = () => this.#held.get(name) === mine;
    return {
      name,
      token,
      renew: async () => {
        mine.renewedAt = performance.now();
        return isMine();
      },
      release: async () => {
        if (isMine()) this.#held.delete(name);
      },
    };
  }
}
