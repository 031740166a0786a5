import { test } from 'vitest';
import { eventStoreContract } from './contract.ts';
import { openEventStore } from './open.ts';

/**
 * The contract on a real server. It writes streams of its own and leaves what else is there alone. The server must run
 * with `MaxAppendSize` of 2 MiB or more (EVENTSTORE_MAX_APPEND_SIZE, KURRENTDB_MAX_APPEND_SIZE), as in production.
 */
const url = process.env['EVENTSTORE_URL'];

if (url) {
  eventStoreContract('EventStoreDB', async () => {
    const store = await openEventStore(url);
    return { store, close: () => store.close() };
  });
} else {
  test.skip('EventStoreDB as an event store: EVENTSTORE_URL names no server', () => undefined);
}
