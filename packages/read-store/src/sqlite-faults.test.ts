import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { newEvents } from '@dutyledger/event-store/contract-tools';
import type { StoredEvent } from '@dutyledger/event-store/event-store';
import { openEventStore } from '@dutyledger/event-store/open';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Tally, tallies, tallying } from '../test/tallying.ts';
import type { Generation, ReadStore } from './adapter.ts';
import { write } from './contract-tools.ts';
import { digestOf } from './digest.ts';
import { openReadStore } from './open.ts';
import { documentReader } from './readers.ts';
import { runProjections } from './runner.ts';
import { openSqliteReadStore } from './sqlite.ts';

const PROJECTOR = fileURLToPath(new URL('../test/crash-projector.ts', import.meta.url));

describe('SQLite read store, faults', () => {
  let folder: string;
  let path: string;
  const open: ReadStore[] = [];
  const opened = (store: ReadStore) => {
    open.push(store);
    return store;
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'read-store-'));
    path = join(folder, 'deeper', 'read.db');
  });
  afterEach(async () => {
    for (const store of open.splice(0)) await store.close();
    rmSync(folder, { recursive: true });
  });
  const code = (wanted: string) => expect.objectContaining({ name: 'ReadStoreError', code: wanted });

  test('killed while it projects and rebuilds, checkpoint and content agree', {
    timeout: 300_000,
  }, async () => {
    const eventsUrl = `sqlite:${join(folder, 'events.db')}`;
    const before = await openEventStore(eventsUrl);
    const log: StoredEvent[] = [];
    for (let n = 0; n < 3; n++) {
      const outcome = await before.append(`test-${n}`, 'none', newEvents(500));
      if (outcome.status === 'appended') log.push(...outcome.events);
    }
    await before.close();
    await openSqliteReadStore(path).close();
    for (let round = 0; round < 8; round++) {
      const projector = spawn(process.execPath, [PROJECTOR, eventsUrl, `sqlite:${path}`], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const exited = once(projector, 'exit');
      await Promise.race([once(projector.stdout, 'data'), exited]);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 300));
      projector.kill('SIGKILL');
      await exited;
      const store = openSqliteReadStore(path);
      for (const generation of await store.generations('tallies')) await expectWhole(generation, log);
      await store.close();
    }
    const events = await openEventStore(eventsUrl);
    const store = opened(openSqliteReadStore(path));
    const projections = await runProjections({
      events,
      prefix: 'test-',
      readStore: store,
      projections: [tallying],
    });
    const last = log.at(-1);
    expect(await projections.waitFor(last?.position ?? 0, 120_000)).toBe(true);
    const served = await projections.digest('tallies');
    await projections.rebuild('tallies');
    expect(await projections.digest('tallies')).toBe(served);
    await projections.stop();
    await events.close();
  });

  test('a full disk fails the batch whole, and what was there stays', async () => {
    const store = opened(openSqliteReadStore(path, { maxBytes: 1_000_000 }));
    const generation = await store.create('tallies', 1, tallying.collections, true);
    const put = (key: string, size: number) =>
      write(generation, (batch) => {
        for (let n = 0; n < size; n++) batch.put(tallies, `${key}${n}`, { key: 'k'.repeat(1_000), seen: n });
      });
    await put('small', 10);
    const digest = await digestOf(generation);
    await expect(put('large', 2_000)).rejects.toEqual(code('DISK_FULL'));
    expect(await digestOf(generation)).toBe(digest);
    await put('small', 20);
    expect(await documentReader(() => generation, tallies).count({ index: 'bySeen' })).toBe(20);
  });

  test('a second one on the same file is told that it is in use', async () => {
    const store = opened(openSqliteReadStore(path));
    expect(() => openSqliteReadStore(path)).toThrow(code('BUSY'));
    await store.close();
    opened(openSqliteReadStore(path));
  });

  test('a file that is damaged, foreign or newer is refused in plain words and left alone', async () => {
    const garbage = join(folder, 'garbage.db');
    writeFileSync(garbage, 'not a database, but long enough to be looked at as one'.repeat(100));
    expect(() => openSqliteReadStore(garbage)).toThrow(code('CORRUPT'));
    expect(() => openSqliteReadStore(garbage)).toThrow(/delete the file .* rebuilt/);
    const foreign = join(folder, 'foreign.db');
    const database = new DatabaseSync(foreign);
    database.exec('CREATE TABLE precious (n INTEGER)');
    database.close();
    expect(() => openSqliteReadStore(foreign)).toThrow(/not a read store/);
    await openSqliteReadStore(path).close();
    const newer = new DatabaseSync(path);
    newer.exec('PRAGMA user_version = 99');
    newer.close();
    expect(() => openSqliteReadStore(path)).toThrow(code('NEWER_SCHEMA'));
    // A folder within the test's own: the lock file stands beside what is opened.
    const inner = join(folder, 'folder');
    mkdirSync(inner);
    expect(() => openSqliteReadStore(inner)).toThrow(code('UNAVAILABLE'));
    expect(() => openSqliteReadStore(join(garbage, 'below', 'read.db'))).toThrow(code('UNAVAILABLE'));
    expect(existsSync(garbage)).toBe(true);
  });

  test('after close everything fails with CLOSED', async () => {
    const store = openSqliteReadStore(path);
    const generation = await store.create('tallies', 1, tallying.collections, true);
    const reader = documentReader(() => generation, tallies);
    await store.close();
    await expect(reader.get('a')).rejects.toEqual(code('CLOSED'));
    await expect(generation.apply({ documents: [], versions: [], checkpoint: 1 })).rejects.toEqual(
      code('CLOSED'),
    );
    await expect(store.create('more', 1, [], true)).rejects.toEqual(code('CLOSED'));
    await store.close();
  });

  test('what a dropped generation left behind is cleared away at the next open', async () => {
    const store = openSqliteReadStore(path);
    const generation = await store.create('tallies', 1, tallying.collections, true);
    await write(generation, (batch) => batch.put(tallies, 'a', { key: 'a', seen: 1 }));
    const next = await store.create('tallies', 2, tallying.collections, false);
    await store.serve(next);
    await store.close();
    opened(openSqliteReadStore(path));
    const database = new DatabaseSync(path, { readOnly: true });
    const tables = database.prepare("SELECT count(*) AS n FROM sqlite_schema WHERE name GLOB 'g1_*'");
    await expect.poll(() => tables.get()).toEqual({ n: 0 });
    database.close();
  });

  test('URLs of other kinds are refused', async () => {
    for (const url of ['sqlite:', 'mysql://host/db', '', path]) {
      await expect(openReadStore(url)).rejects.toThrow(TypeError);
    }
  });
});

/** Every event up to the checkpoint is counted once, and none behind it. */
async function expectWhole(generation: Generation, log: readonly StoredEvent[]): Promise<void> {
  let seen = 0;
  for await (const { doc } of generation.documents('tallies').dump()) seen += (doc as Tally).seen;
  expect(seen).toBe(log.filter(({ position }) => position <= generation.checkpoint).length);
  let versions = 0;
  for await (const { recordedTo } of generation.temporal('course').dump())
    versions += recordedTo === null ? 1 : 0;
  expect(versions).toBe(Math.min(50, seen));
}
