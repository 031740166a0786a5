import { type Bus, BusError } from './bus.ts';
import { openSqliteBus } from './sqlite.ts';

const adapters: Record<string, (place: string) => Promise<Bus>> = {
  sqlite: openSqliteBus,
};

/**
 * Opens the bus that the URL names: `sqlite:<path>`, or `sqlite::memory:` for one that ends with the process. Rejects
 * with INVALID when no adapter knows the scheme, else as the adapter does.
 */
export async function openBus(url: string): Promise<Bus> {
  const [, scheme = '', place = ''] = /^([a-z]+):(.*)$/s.exec(url) ?? [];
  const open = Object.hasOwn(adapters, scheme) ? adapters[scheme] : undefined;
  if (open && place !== '') return open(place);
  const known = Object.keys(adapters).map((name) => `${name}:<path>`);
  // The URL itself may carry credentials and is not repeated.
  throw new BusError(
    'INVALID',
    `unknown bus ${JSON.stringify(scheme || 'without scheme')}; known are ${known.join(', ')}`,
  );
}
