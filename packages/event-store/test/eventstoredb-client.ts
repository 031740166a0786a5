/** A client that must end by itself when it has closed its store (see eventstoredb.test.ts). Argument: the URL. */
import { newEvents } from '../src/contract-tools.ts';
import { openEventStore } from '../src/open.ts';

const store = await openEventStore(process.argv[2] ?? '');
const subscription = store.subscribe({ prefix: 's-' }, async () => undefined);
await subscription.caughtUp;
const { status } = await store.append('s-1', 'none', newEvents(1));
process.stdout.write(`${status}\n`);
await store.close();
process.stdout.write('closed\n');
