/**
 * A process to be killed, paused or stopped: consumes topic "t" as group "g" of the bus at the URL, and writes what it
 * handled to the file, one `<key> <n>` per line; a write to a file survives the process. Prints "joined" when it has
 * caught up.
 */
import { appendFileSync } from 'node:fs';
import { openBus } from '../src/open.ts';

const [url = '', file = ''] = process.argv.slice(2);
const bus = await openBus(url, { warn: () => undefined });
const subscription = bus.subscribe(
  { group: 'g', topics: ['t'], pauseMs: 1 },
  async ({ subject, sequence }) => {
    appendFileSync(file, `${subject} ${sequence}\n`);
  },
);
await subscription.caughtUp;
process.stdout.write('joined\n');
process.once('SIGTERM', async () => {
  await bus.close();
  process.exit();
});
