import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { flatten } from './contract-tools.ts';
import type { StoredEvent } from './event-store.ts';
import { uuidFrom } from './ids.ts';
import { openSqliteEventStore } from './sqlite.ts';

const CLIENT = fileURLToPath(new URL('../test/crash-writer.ts', import.meta.url));
const ROUNDS = 6;
const WRITERS = 8;

describe('kill -9 under load', () => {
  const folder = mkdtempSync(join(tmpdir(), 'event-store-crash-'));
  const path = join(folder, 'events.db');
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Runs a client until it has reported so many appends, kills it, and answers the last number of each writer. */
  async function runAndKill(starts: number[], reports: number): Promise<number[]> {
    const client = spawn(process.execPath, [CLIENT, path, ...starts.map(String)]);
    const exited = once(client, 'exit');
    let errors = '';
    client.stderr.on('data', (chunk) => {
      errors += chunk;
    });
    const acknowledged = starts.map((start) => start - 1);
    let seen = 0;
    for await (const line of createInterface(client.stdout)) {
      const [writer, number] = line.split(' ').map(Number) as [number, number];
      acknowledged[writer] = number;
      if (++seen === reports) {
        await expect(openSqliteEventStore(path)).rejects.toMatchObject({ code: 'BUSY' });
        client.kill('SIGKILL');
      }
    }
    await exited;
    expect(errors).toBe('');
    return acknowledged;
  }

  test('loses nothing acknowledged, doubles nothing when clients retry, leaves nothing to clean up', async () => {
    let starts = Array.from({ length: WRITERS }, () => 0);
    for (let round = 0; round < ROUNDS; round++) {
      const acknowledged = await runAndKill(starts, 1 + Math.floor(Math.random() * 300));
      const store = await openSqliteEventStore(path);
      const events = await flatten(store.readAll());
      await store.close();
      for (const [writer, last] of acknowledged.entries()) {
        const own = events.filter(({ stream }) => stream === `crash-${writer}`);
        expect(own.length).toBeGreaterThanOrEqual((last + 1) * 2);
        expect(own.map(({ id }) => id)).toEqual(expectedIds(writer, own));
      }
      // The next client does not know how far the last one came: it sends the last known append once more.
      starts = acknowledged.map((last) => Math.max(0, last));
    }
  });
});

/** Whole appends only, in order, each once. */
const expectedIds = (writer: number, own: StoredEvent[]): string[] =>
  Array.from({ length: Math.ceil(own.length / 2) * 2 }, (_, n) =>
    uuidFrom('crash', writer, Math.floor(n / 2), n % 2),
  );
