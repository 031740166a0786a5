import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { sqlitePlace } from '../test/sqlite-place.ts';
import { failsWith } from './contract-kit.ts';
import { note, toTopic } from './contract-note.ts';

const ROUNDS = 5;
const KEYS = ['a', 'b', 'c', 'd'];
const program = fileURLToPath(new URL('../test/kill-child.ts', import.meta.url));

/** Resolves when the child has acknowledged so many publications: it prints a dot for each. */
function acknowledged(child: ChildProcess, count: number): Promise<void> {
  let seen = 0;
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', (dots: Buffer) => {
      seen += dots.length;
      if (seen >= count) resolve();
    });
    child.once('exit', () => reject(new Error('the child ended by itself')));
  });
}

/** The numbers written for each key, in order, without repeats. The last line may be cut off by the kill. */
function numbersIn(file: string): Map<string, number[]> {
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  const pairs = lines.map((line) => line.split(' '));
  return new Map(
    KEYS.map((key) => [key, [...new Set(pairs.filter(([of]) => of === key).map(([, n]) => Number(n)))]]),
  );
}

test('kill -9 while publishing and consuming: nothing acknowledged is lost, order per key is kept', async () => {
  const place = await sqlitePlace();
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      const from = round * 1_000_000 + 1;
      const child = spawn(process.execPath, [program, place.folder, String(from)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await acknowledged(child, 50 + Math.floor(Math.random() * 300));
      if (round === 0) await expect(place.open()).rejects.toEqual(failsWith('BUSY'));
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    const bus = await place.open();
    const publisher = await bus.publisher('p');
    await publisher.publish(KEYS.flatMap((key) => toTopic('t', key, [note(key, ROUNDS * 1_000_000)])));
    const stored = new Map<string, number[]>(KEYS.map((key) => [key, []]));
    const audit = bus.subscribe({ group: 'audit', topics: ['t'] }, async ({ subject, sequence }) => {
      stored.get(subject)?.push(Number(sequence));
    });
    const rest = bus.subscribe({ group: 'g', topics: ['t'] }, async ({ subject, sequence }) => {
      appendFileSync(join(place.folder, 'handled'), `${subject} ${sequence}\n`);
    });
    await Promise.all([audit.caughtUp, rest.caughtUp]);
    const parked = await bus.parked('g');
    await bus.close();
    const published = numbersIn(join(place.folder, 'acknowledged'));
    const handled = numbersIn(join(place.folder, 'handled'));
    const ascending = (numbers: readonly number[]) => numbers.toSorted((one, other) => one - other);
    for (const key of KEYS) {
      const all = stored.get(key) ?? [];
      expect(all).toEqual(ascending([...new Set(all)]));
      expect(all).toEqual(expect.arrayContaining(published.get(key) ?? []));
      const done = handled.get(key) ?? [];
      expect(done).toEqual(ascending(done));
      const given = parked
        .filter((message) => message.key === key)
        .map(({ event }) => Number(event.sequence));
      expect(ascending([...new Set([...done, ...given])])).toEqual(all);
    }
  } finally {
    await place.remove();
  }
});
