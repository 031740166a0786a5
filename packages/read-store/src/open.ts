import type { ReadStore } from './adapter.ts';
import { openMongoReadStore } from './mongodb.ts';
import { openSqliteReadStore } from './sqlite.ts';

/**
 * Opens a read store by URL: `sqlite:<path of the file>`, which is created with its folder when it is not there, or
 * `mongodb://…/<database>` (`mongodb+srv://`), with the options of MongoDB's connection strings.
 * Throws ReadStoreError BUSY, READ_ONLY, DISK_FULL, NEWER_SCHEMA, CORRUPT or UNAVAILABLE; a TypeError for other URLs.
 */
export async function openReadStore(url: string): Promise<ReadStore> {
  if (url.startsWith('sqlite:') && url.length > 'sqlite:'.length) {
    return openSqliteReadStore(url.slice('sqlite:'.length));
  }
  if (/^mongodb(\+srv)?:/.test(url)) return openMongoReadStore(url);
  throw new TypeError(`not the URL of a read store: ${url} (sqlite:<path>, mongodb://<hosts>/<database>)`);
}
