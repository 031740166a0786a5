import type { ReadStore } from './adapter.ts';
import { openSqliteReadStore } from './sqlite.ts';

/**
 * Opens a read store by URL: `sqlite:<path of the file>`, which is created with its folder when it is not there.
 * Throws ReadStoreError BUSY, READ_ONLY, DISK_FULL, NEWER_SCHEMA, CORRUPT or UNAVAILABLE; a TypeError for other URLs.
 */
export async function openReadStore(url: string): Promise<ReadStore> {
  if (url.startsWith('sqlite:') && url.length > 'sqlite:'.length) {
    return openSqliteReadStore(url.slice('sqlite:'.length));
  }
  throw new TypeError(`not the URL of a read store: ${url} (sqlite:<path>)`);
}
