import type { EventStore } from './event-store.ts';
import type { SqliteOptions } from './sqlite.ts';
import { openSqliteEventStore } from './sqlite.ts';

/**
 * Opens the store that the URL names: `sqlite:<path>` (`sqlite:./data/events.db`, `sqlite:/var/lib/…/events.db`) or
 * `sqlite::memory:` for one that ends with the process. Throws EventStoreError as the adapter does, and Error for a
 * URL of another kind.
 */
export async function openEventStore(url: string, options: SqliteOptions = {}): Promise<EventStore> {
  const [, scheme, rest = ''] = /^([a-z][a-z0-9+.-]*):(.*)$/is.exec(url) ?? [];
  if (scheme?.toLowerCase() !== 'sqlite') {
    const found = scheme === undefined ? 'a URL without a scheme' : `the scheme "${scheme}:"`;
    throw new Error(`an event store cannot be opened by ${found}; known is sqlite:<path>`);
  }
  const path = rest.replace(/^\/\/(?=\/)/, '');
  if (path === '') throw new Error('the URL sqlite: lacks the path of the file: sqlite:<path>');
  return openSqliteEventStore(path, options);
}
