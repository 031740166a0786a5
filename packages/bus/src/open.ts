import { type Bus, BusError } from './bus.ts';
import { openSqliteBus } from './sqlite.ts';

export interface OpenOptions {
  /** Told of what works and is unwise, such as a topic that does not keep everything. Default: a warning of the process. */
  warn?(message: string): void;
}

type Adapter = (place: string, warn: (message: string) => void) => Promise<Bus>;

/** Loaded when it is asked for: a standalone node does without. */
const kafka =
  (scheme: 'kafka' | 'kafkas'): Adapter =>
  async (place, warn) => {
    const [{ openKafkaBus }, { kafkaSettings }] = await Promise.all([
      import('./kafka.ts'),
      import('./kafka-url.ts'),
    ]);
    return openKafkaBus(kafkaSettings(scheme, place), warn);
  };

const adapters: Record<string, Adapter> = {
  sqlite: openSqliteBus,
  kafka: kafka('kafka'),
  kafkas: kafka('kafkas'),
};

/**
 * Opens the bus that the URL names: `sqlite:<path>`, `sqlite::memory:` for one that ends with the process, or
 * `kafka://…` (see `kafka-url.ts`; `kafkas:` with TLS). Rejects with INVALID when no adapter knows the scheme, else as
 * the adapter does.
 */
export async function openBus(url: string, options: OpenOptions = {}): Promise<Bus> {
  const { warn = (message: string) => process.emitWarning(message) } = options;
  const [, scheme = '', place = ''] = /^([a-z]+):(.*)$/s.exec(url) ?? [];
  const open = Object.hasOwn(adapters, scheme) ? adapters[scheme] : undefined;
  if (open && place !== '') return open(place, warn);
  const known = 'sqlite:<path>, kafka://<host:port,…>, kafkas://<host:port,…>';
  // The URL itself may carry credentials and is not repeated.
  throw new BusError(
    'INVALID',
    `unknown bus ${JSON.stringify(scheme || 'without scheme')}; known are ${known}`,
  );
}
