import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readStoreContract } from './contract.ts';
import { openReadStore } from './open.ts';

readStoreContract('SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'read-store-'));
  const url = `sqlite:${join(folder, 'read.db')}`;
  let store = await openReadStore(url);
  return {
    store,
    reopen: async () => {
      await store.close();
      store = await openReadStore(url);
      return store;
    },
    beside: async () => store,
    dispose: async () => {
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
});
