import { aborted, whileLeading } from '@dutyledger/read-store/leadership';
import type { ReadStore } from '@dutyledger/read-store/read-store';
import { startTimers, type Timers, type TimersOptions } from '@dutyledger/timers/runner';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Readiness } from './http.ts';
import { watchTimers } from './metrics.ts';

export interface DueTimers {
  /** For the readiness of the service. Late timers do not make it unready: it answers all the same. */
  readiness(): Promise<Readiness>;
  /** Waits for what runs, then lets another process go on. Before the read models are stopped. */
  stop(): Promise<void>;
}

/** Fires a service's timers in one process at a time, and tells how late they are. */
export function runTimers({
  name,
  readStore,
  metrics,
  logger,
  ...options
}: TimersOptions & { name: string; readStore: ReadStore; metrics: Registry; logger: Logger }): DueTimers {
  let running: Timers | undefined;
  const leadership = whileLeading(
    readStore,
    `${name}.timers`,
    async ({ signal }) => {
      running = startTimers({ ...options, logger });
      await aborted(signal);
      await running.stop();
      running = undefined;
    },
    { logger },
  );
  const status = async () => running?.status();
  watchTimers(metrics, name, status);
  return {
    async readiness() {
      const now = await status();
      return {
        name: `${name}.timers`,
        ok: true,
        detail: now ? detailOf(now) : 'another process fires timers',
      };
    },
    stop: () => leadership.stop(),
  };
}

function detailOf({ due, oldest, failing, failure }: Awaited<ReturnType<Timers['status']>>): string {
  if (failure !== null) return failure;
  const [first] = failing;
  if (due === 0) return 'none due';
  const late = `${due} due, the oldest since ${oldest}`;
  return first ? `${late}; ${first.id} failed ${first.attempts} times: ${first.message}` : late;
}
