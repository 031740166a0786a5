import { type Relay, type RelayOptions, type RelayStatus, startRelay } from '@dutyledger/bus/relay';
import { aborted, whileLeading } from '@dutyledger/read-store/leadership';
import type { ReadStore } from '@dutyledger/read-store/read-store';
import type { Logger } from 'pino';

export interface KeptRelay {
  /** Undefined while another process relays. */
  status(): Promise<RelayStatus | undefined>;
  /** Finishes what it is publishing and gives up the lease. */
  stop(): Promise<void>;
}

/** Relays in one process at a time; one that was overtaken without noticing is fenced off by the bus. */
export function keepRelay(options: RelayOptions, readStore: ReadStore, logger: Logger): KeptRelay {
  let relay: Relay | undefined;
  const leadership = whileLeading(
    readStore,
    `relay ${options.name}`,
    async ({ signal }) => {
      relay = startRelay(options);
      await Promise.race([aborted(signal), relay.ended]);
      await relay.stop();
      relay = undefined;
    },
    { logger },
  );
  return {
    status: async () => relay?.status(),
    stop: () => leadership.stop(),
  };
}
