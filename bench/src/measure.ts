/** The middle of the values; the mean of the two middle ones of an even number. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** The value that `share` (0 to 1) of the values do not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** Milliseconds that the work takes. */
export async function timed(work: () => unknown): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

export interface Pair {
  measured: number;
  reference: number;
}

/**
 * Runs both works in turn, each round in the other order, so that whatever else the machine does meets both alike.
 * The first `warmUp` rounds do not count. Answers the medians, in milliseconds, and that of the rounds' own ratios
 * (measured by reference), which a slow spell of the machine disturbs least.
 */
export async function alternate(
  rounds: number,
  warmUp: number,
  works: { measured(round: number): unknown; reference(round: number): unknown },
): Promise<Pair & { ratio: number }> {
  const pairs: Pair[] = [];
  for (let round = 0; round < warmUp + rounds; round++) {
    const pair = { measured: 0, reference: 0 };
    const order: (keyof Pair)[] = round % 2 === 0 ? ['measured', 'reference'] : ['reference', 'measured'];
    for (const which of order) pair[which] = await timed(() => works[which](round));
    if (round >= warmUp) pairs.push(pair);
  }
  return {
    measured: median(pairs.map(({ measured }) => measured)),
    reference: median(pairs.map(({ reference }) => reference)),
    ratio: median(pairs.map(({ measured, reference }) => measured / reference)),
  };
}

/** Figures that look random and are the same in every run: a linear congruential generator, 0 to 1. */
export function randomness(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
