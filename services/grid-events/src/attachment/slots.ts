/** Runs at most `most` jobs at a time; the others wait for their turn, in order. */
export function slots(most: number): <T>(job: () => Promise<T>) => Promise<T> {
  let free = most;
  const waiting: (() => void)[] = [];
  return async (job) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await job();
    } finally {
      const next = waiting.shift();
      // The place is handed on, not given back.
      if (next) next();
      else free += 1;
    }
  };
}
