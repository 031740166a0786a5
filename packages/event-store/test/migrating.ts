/** A migration that is killed at any moment (see migrate.test.ts). Arguments: the two URLs. */
import { migrate } from '../src/migrate.ts';
import { openEventStore } from '../src/open.ts';

const [from = '', to = ''] = process.argv.slice(2);
const source = await openEventStore(from);
const target = await openEventStore(to);
const outcome = await migrate(source, target, ({ already, copied }) => {
  process.stdout.write(`${already} ${copied}\n`);
});
process.stdout.write(`${outcome.status}\n`);
await source.close();
await target.close();
