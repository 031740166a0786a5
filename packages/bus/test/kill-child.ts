/**
 * A process to be killed: publishes numbered events on several keys at once and consumes them as group "g", until it
 * dies. Its acknowledgements go to `<folder>/acknowledged`, its handler's effects to `<folder>/handled`, one
 * `<key> <n>` per line; a write to a file survives the process.
 */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { note, toTopic } from '../src/contract-note.ts';
import { openBus } from '../src/open.ts';

const [folder = '', from = '1'] = process.argv.slice(2);
const bus = await openBus(`sqlite:${join(folder, 'bus.sqlite')}`);

bus.subscribe({ group: 'g', topics: ['t'], pauseMs: 1 }, async ({ subject, sequence }) => {
  if (Number(sequence) % 7 === 0 && Math.random() < 0.5) throw new Error('sometimes');
  appendFileSync(join(folder, 'handled'), `${subject} ${sequence}\n`);
});

const publisher = await bus.publisher('p');

async function publishFor(key: string): Promise<never> {
  for (let n = Number(from); ; n += 1) {
    await publisher.publish(toTopic('t', key, [note(key, n)]));
    appendFileSync(join(folder, 'acknowledged'), `${key} ${n}\n`);
    process.stdout.write('.');
  }
}

await Promise.all(['a', 'b', 'c', 'd'].map(publishFor));
