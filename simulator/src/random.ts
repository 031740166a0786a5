import { hash } from 'node:crypto';

/** Chance that repeats itself: the same seed and names give the same numbers, on every machine. */

/** sfc32 (Chris Doty-Humphrey, PractRand), seeded with a digest. */
function sfc32(seed: string): () => number {
  const bytes = Buffer.from(hash('sha256', seed), 'hex');
  let [a, b, c, d] = [0, 4, 8, 12].map((at) => bytes.readInt32LE(at)) as [number, number, number, number];
  return () => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    c |= 0;
    return (t >>> 0) / 2 ** 32;
  };
}

export interface Random {
  /** From 0 up to, but without, 1. */
  next(): number;
  chance(share: number): boolean;
  /** A whole number from 0 up to, but without, `below`. */
  below(below: number): number;
  pick<T>(of: readonly T[]): T;
  /** By weights that are not negative and not all 0. */
  weighted<T>(of: readonly T[], weight: (one: T) => number): T;
  /** Log-normal: half of all are below the median, a few far above it. */
  around(median: number, spread: number): number;
}

/** A source of its own for each thing that is named, so that one more draw here changes nothing there. */
export function randomOf(seed: string, ...names: readonly (string | number)[]): Random {
  const next = sfc32([seed, ...names].join('\n'));
  const below = (bound: number): number => Math.floor(next() * bound);
  return {
    next,
    below,
    chance: (share) => next() < share,
    pick<T>(of: readonly T[]): T {
      if (of.length === 0) throw new RangeError('nothing to pick from');
      return of[below(of.length)] as T;
    },
    weighted<T>(of: readonly T[], weight: (one: T) => number): T {
      let left = next() * of.reduce((sum, one) => sum + weight(one), 0);
      for (const one of of) {
        left -= weight(one);
        if (left < 0) return one;
      }
      throw new RangeError('nothing has any weight');
    },
    around: (median, spread) =>
      median * Math.exp(spread * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())),
  };
}
