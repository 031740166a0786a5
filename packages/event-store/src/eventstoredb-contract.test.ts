import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { EventStoreDbStandIn } from '../test/eventstoredb-stand-in.ts';
import { eventStoreContract } from './contract.ts';
import { openEventStore } from './open.ts';

const folder = mkdtempSync(join(tmpdir(), 'event-store-stand-in-'));
const options = { data: folder, maxAppendSize: 16 * 1024 * 1024 };
let standIn = new EventStoreDbStandIn(options);
beforeAll(async () => {
  await standIn.start();
});
afterAll(() => {
  standIn.close();
  rmSync(folder, { recursive: true });
});

eventStoreContract('EventStoreDB adapter against the stand-in (not a real server)', async () => {
  let store = await openEventStore(standIn.url);
  return {
    store,
    reopen: async () => {
      await store.close();
      standIn.close();
      standIn = await new EventStoreDbStandIn(options).start();
      store = await openEventStore(standIn.url);
      return store;
    },
    close: () => store.close(),
  };
});
