/**
 * A client that is killed at any moment (see sqlite-crash.test.ts). Arguments: the file, and for each writer the number
 * of its first append. Every acknowledged append is reported as "writer number".
 */
import { newEvent } from '../src/contract-tools.ts';
import { uuidFrom } from '../src/ids.ts';
import { openSqliteEventStore } from '../src/sqlite.ts';

const [path = '', ...starts] = process.argv.slice(2);
const store = await openSqliteEventStore(path);

async function write(writer: number, start: number): Promise<never> {
  for (let number = start; ; number++) {
    const events = [0, 1].map((i) => ({
      ...newEvent({ number, i }),
      id: uuidFrom('crash', writer, number, i),
    }));
    const expected = number === 0 ? 'none' : number * 2 - 1;
    const outcome = await store.append(`crash-${writer}`, expected, events);
    if (outcome.status !== 'appended') throw new Error(`writer ${writer} met a conflict at ${number}`);
    process.stdout.write(`${writer} ${number}\n`);
  }
}

await Promise.all(starts.map((start, writer) => write(writer, Number(start))));
