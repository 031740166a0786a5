import { randomBytes } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { afterAll } from 'vitest';
import { describeOn } from '../../../infra/test-servers/engines.ts';
import { readStoreContract } from './contract.ts';
import { openReadStore } from './open.ts';

/** FerretDB reads a collection whole for every query. */
const shareOn = (name: string): number => (name.startsWith('FerretDB') ? 0.1 : 1);

describeOn('mongodb', 'MongoDB adapter', ({ url, name }) => {
  const client = new MongoClient(url);
  const run = `dutyledger-test-${randomBytes(4).toString('hex')}`;
  let count = 0;
  afterAll(() => client.close());

  readStoreContract(
    name,
    async () => {
      const database = `${run}-${++count}`;
      const place = new URL(url);
      place.pathname = `/${database}`;
      const open = () => openReadStore(place.href);
      let store = await open();
      const others: Awaited<ReturnType<typeof open>>[] = [];
      return {
        store,
        reopen: async () => {
          await store.close();
          store = await open();
          return store;
        },
        beside: async () => {
          const other = await open();
          others.push(other);
          return other;
        },
        dispose: async () => {
          for (const opened of [store, ...others]) await opened.close();
          await client.db(database).dropDatabase();
        },
      };
    },
    shareOn(name),
  );
});
