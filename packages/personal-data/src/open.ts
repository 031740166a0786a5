import type { KeyStore } from './key-store.ts';
import { openSqliteKeyStore } from './sqlite.ts';

/**
 * Opens a key store by URL: `sqlite:<path of the file>` or `mongodb://…/<database>` (`mongodb+srv://`), a database that
 * holds nothing else. Throws KeyStoreError as the adapter does; a TypeError for other URLs.
 */
export async function openKeyStore(url: string): Promise<KeyStore> {
  if (url.startsWith('sqlite:') && url.length > 'sqlite:'.length) {
    return openSqliteKeyStore(url.slice('sqlite:'.length));
  }
  if (/^mongodb(\+srv)?:/.test(url)) {
    // Loaded where it is used: a node on SQLite need not wait for the driver.
    const { openMongoKeyStore } = await import('./mongodb.ts');
    return openMongoKeyStore(url);
  }
  throw new TypeError(
    `not the URL of a key store: ${url.replace(/\/\/[^@/]*@/, '//')} (sqlite:<path>, mongodb://<hosts>/<database>)`,
  );
}
