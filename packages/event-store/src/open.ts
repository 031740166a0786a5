import type { ImportingEventStore } from './event-store.ts';
import type { EventStoreDbOptions } from './eventstoredb.ts';
import type { SqliteOptions } from './sqlite.ts';
import { openSqliteEventStore } from './sqlite.ts';

const KNOWN = 'sqlite:<path>, esdb://<host> and kurrentdb://<host>';

/**
 * Opens the store that the URL names: `sqlite:<path>` (`sqlite:./data/events.db`, `sqlite:/var/lib/…/events.db`) or
 * `sqlite::memory:` for one that ends with the process; `esdb://`, `esdb+discover://`, `kurrentdb://` and
 * `kurrentdb+discover://` for a server (see eventstoredb-url.ts). Throws EventStoreError as the adapter does, and
 * Error for a URL of another kind.
 */
export async function openEventStore(
  url: string,
  options: SqliteOptions & EventStoreDbOptions = {},
): Promise<ImportingEventStore> {
  const [, scheme, rest = ''] = /^([a-z][a-z0-9+.-]*):(.*)$/is.exec(url) ?? [];
  if (/^(esdb|kurrentdb)(\+discover)?$/i.test(scheme ?? '')) {
    // Loaded where it is used: a node on SQLite need not wait for a gRPC client.
    const { openEventStoreDb } = await import('./eventstoredb.ts');
    return openEventStoreDb(url, options);
  }
  if (scheme?.toLowerCase() !== 'sqlite') {
    const found = scheme === undefined ? 'a URL without a scheme' : `the scheme "${scheme}:"`;
    throw new Error(`an event store cannot be opened by ${found}; known are ${KNOWN}`);
  }
  const path = rest.replace(/^\/\/(?=\/)/, '');
  if (path === '') throw new Error('the URL sqlite: lacks the path of the file: sqlite:<path>');
  return openSqliteEventStore(path, options);
}
