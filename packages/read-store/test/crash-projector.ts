/** Projects and rebuilds until it is killed; says when it has begun to write, and how many events are applied. */
import { openEventStore } from '@dutyledger/event-store/open';
import { openReadStore } from '../src/open.ts';
import { runProjections } from '../src/runner.ts';
import { tallying } from './tallying.ts';

const [eventsUrl = '', readUrl = ''] = process.argv.slice(2);
const events = await openEventStore(eventsUrl);
const readStore = await openReadStore(readUrl);
const projections = await runProjections({
  events,
  prefix: 'test-',
  readStore,
  projections: [tallying],
  batchSize: 20,
});
for (;;) {
  process.stdout.write('rebuilding\n');
  await projections.rebuild('tallies');
}
