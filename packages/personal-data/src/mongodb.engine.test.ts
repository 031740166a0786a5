import { randomBytes } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { describeOn } from '../../../infra/test-servers/engines.ts';
import { keyStoreContract } from './contract.ts';
import { openKeyStore } from './open.ts';

describeOn('mongodb', 'key store', ({ url, name }) => {
  keyStoreContract(name, async () => {
    const place = new URL(url);
    const database = `dutyledger-test-keys-${randomBytes(4).toString('hex')}`;
    place.pathname = `/${database}`;
    let store = await openKeyStore(place.href);
    return {
      store,
      reopen: async () => {
        await store.close();
        store = await openKeyStore(place.href);
        return store;
      },
      dispose: async () => {
        await store.close();
        const client = new MongoClient(url);
        await client.db(database).dropDatabase();
        await client.close();
      },
    };
  });
});
