import type { Logger } from 'pino';

/** How long a stop may take before what still runs is cut off. */
export const STOP_MS = 10_000;

/** True once `work` is done, false when it is not within `ms`. Its failure is passed on. */
export async function settledWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Ends the process on SIGTERM or SIGINT once `stop` is done, at the latest after 10 seconds; a second signal ends it at
 * once. Exit code 0 after a clean stop, 1 otherwise.
 */
export function stopOnSignals(stop: () => Promise<void>, logger: Logger): void {
  let stopping = false;
  const end = async (signal: string): Promise<void> => {
    if (stopping) process.exit(1);
    stopping = true;
    logger.info({ signal }, 'stopping');
    try {
      const clean = await settledWithin(stop(), STOP_MS);
      logger.info({ clean }, 'stopped');
      process.exit(clean ? 0 : 1);
    } catch (error) {
      logger.error({ err: error }, 'stop failed');
      process.exit(1);
    }
  };
  process.on('SIGTERM', (signal) => void end(signal));
  process.on('SIGINT', (signal) => void end(signal));
}
