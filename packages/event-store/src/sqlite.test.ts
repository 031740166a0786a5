import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventStoreContract } from './contract.ts';
import { openSqliteEventStore } from './sqlite.ts';

eventStoreContract('SQLite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'event-store-contract-'));
  let store = await openSqliteEventStore(join(folder, 'events.db'));
  return {
    store,
    reopen: async () => {
      await store.close();
      store = await openSqliteEventStore(join(folder, 'events.db'));
      return store;
    },
    close: async () => {
      await store.close();
      rmSync(folder, { recursive: true });
    },
  };
});
