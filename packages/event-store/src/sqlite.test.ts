import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { MAX_APPEND_BYTES } from './append-request.ts';
import { eventStoreContract } from './contract.ts';
import { flatten, newEvent, newEvents } from './contract-tools.ts';
import type { NewEvent } from './event-store.ts';
import { MAX_EVENT_BYTES } from './event-store.ts';
import { openSqliteEventStore } from './sqlite.ts';
import { toEventStoreError } from './sqlite-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'event-store-'));
afterAll(() => rmSync(folder, { recursive: true }));
const newPath = () => join(folder, `${randomUUID()}.db`);
const large = (bytes: number): NewEvent => newEvent({ text: 'x'.repeat(bytes) });

eventStoreContract('SQLite', async () => {
  const path = newPath();
  let store = await openSqliteEventStore(path);
  return {
    store,
    reopen: async () => {
      await store.close();
      store = await openSqliteEventStore(path);
      return store;
    },
    close: () => store.close(),
  };
});

describe('the file', () => {
  test('is open in one place at a time, whatever name it goes by', async () => {
    const path = newPath();
    const link = newPath();
    const store = await openSqliteEventStore(path);
    symlinkSync(path, link);
    for (const name of [path, link]) {
      const busy = { code: 'BUSY', message: expect.stringContaining('in use by another process') };
      await expect(openSqliteEventStore(name)).rejects.toMatchObject(busy);
    }
    await store.close();
    await (await openSqliteEventStore(link)).close();
  });

  test('is whole when closed: no log is left beside it', async () => {
    const own = mkdtempSync(join(folder, 'closed-'));
    const store = await openSqliteEventStore(join(own, 'events.db'));
    await store.append('s-1', 'none', newEvents(10));
    await store.close();
    await store.close();
    expect(readdirSync(own).sort()).toEqual(['events.db', 'events.db.lock']);
  });

  test('is refused with its reason when it cannot serve', async () => {
    const notSqlite = newPath();
    writeFileSync(notSqlite, 'position,id,stream\n'.repeat(100));
    const foreign = newPath();
    new DatabaseSync(foreign).exec('CREATE TABLE duties (id); INSERT INTO duties VALUES (1)');
    const newer = newPath();
    await (await openSqliteEventStore(newer)).close();
    new DatabaseSync(newer).exec('PRAGMA user_version = 99');
    const directory = newPath();
    mkdirSync(directory);
    const refused = (path: string) => expect(openSqliteEventStore(path)).rejects;
    await refused(notSqlite).toMatchObject({ code: 'CORRUPT' });
    await refused(foreign).toMatchObject({
      code: 'CORRUPT',
      message: expect.stringContaining('not an event store'),
    });
    await refused(newer).toMatchObject({
      code: 'NEWER_SCHEMA',
      message: expect.stringContaining('version 99'),
    });
    await refused(directory).toMatchObject({ code: 'UNAVAILABLE' });
    await refused(join(notSqlite, 'below', 'a-file.db')).toMatchObject({ code: 'UNAVAILABLE' });
    expect(new DatabaseSync(foreign).prepare('SELECT count(*) AS n FROM duties').get()).toEqual({ n: 1 });
  });

  test('is refused as READ_ONLY when it may not be written', async () => {
    const own = mkdtempSync(join(folder, 'read-only-'));
    const path = join(own, 'events.db');
    await (await openSqliteEventStore(path)).close();
    chmodSync(folder, 0o755);
    chmodSync(own, 0o555);
    // Permissions bind everyone but root: the test acts as "nobody" where it runs as root.
    const root = process.geteuid?.() === 0;
    if (root) process.seteuid?.(65534);
    try {
      await expect(openSqliteEventStore(path)).rejects.toMatchObject({ code: 'READ_ONLY' });
    } finally {
      if (root) process.seteuid?.(0);
      chmodSync(own, 0o755);
    }
  });

  test.each([
    [5, 'BUSY'],
    [517, 'BUSY'],
    [8, 'READ_ONLY'],
    [1032, 'READ_ONLY'],
    [11, 'CORRUPT'],
    [26, 'CORRUPT'],
    [13, 'DISK_FULL'],
    [10, 'UNAVAILABLE'],
  ])('SQLite result %i is reported as %s', (errcode, code) => {
    const error = Object.assign(new Error('from SQLite'), { errcode });
    expect(toEventStoreError(error, 'a.db')).toMatchObject({
      code,
      message: expect.stringContaining('a.db'),
    });
  });
});

test('an id that stands in another stream is refused as well, and a repeat known by its ids alone', async () => {
  const store = await openSqliteEventStore(':memory:');
  const events = newEvents(2);
  await store.append('s-1', 'none', events);
  await expect(store.append('s-2', 'any', events)).rejects.toMatchObject({ code: 'ID_REUSED' });
  expect(await store.append('s-1', 99, events)).toMatchObject({ repeated: true, revision: 1 });
  await store.close();
});

describe('limits', () => {
  test('an append of more than 64 MiB is refused whole', async () => {
    const store = await openSqliteEventStore(':memory:');
    const events = Array.from({ length: 65 }, () => large(MAX_EVENT_BYTES - 2_000));
    await expect(store.append('s-1', 'none', events)).rejects.toMatchObject({
      code: 'TOO_LARGE',
      message: expect.stringContaining(String(MAX_APPEND_BYTES)),
    });
    expect(await store.append('s-1', 'none', events.slice(0, 63))).toMatchObject({ status: 'appended' });
    const pages: number[] = [];
    for await (const page of store.readAll()) pages.push(page.length);
    expect(Math.max(...pages)).toBeLessThan(10);
    await store.close();
  });

  test('a full disk fails what does not fit, and nothing else, then or later', async () => {
    const path = newPath();
    const small = await openSqliteEventStore(path, { maxBytes: 600_000 });
    const big = [large(300_000), large(400_000)];
    const full = { code: 'DISK_FULL', message: expect.stringContaining('Nothing was written') };
    const [first, failed, second] = await Promise.allSettled([
      small.append('a-1', 'none', newEvents(2)),
      small.append('b-1', 'none', big),
      small.append('c-1', 'none', newEvents(2)),
    ]);
    expect(first).toMatchObject({ value: { status: 'appended', position: 2 } });
    expect(failed).toMatchObject({ reason: full });
    expect(second).toMatchObject({ value: { status: 'appended', position: 4 } });
    expect(await flatten(small.readStream('b-1'))).toEqual([]);
    expect(await small.append('a-1', 1, newEvents(1))).toMatchObject({ position: 5 });
    await small.close();

    const roomy = await openSqliteEventStore(path);
    expect(await roomy.append('b-1', 'none', big)).toMatchObject({ repeated: false, revision: 1 });
    expect((await flatten(roomy.readAll())).map(({ position }) => position)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    await roomy.close();
  });
});

describe('recordedAt', () => {
  test('never goes back when the clock does, nor over a restart', async () => {
    const path = newPath();
    let time = Date.parse('2026-03-01T00:00:00.500Z');
    const now = () => time;
    let store = await openSqliteEventStore(path, { now });
    const append = async (stream: string) => {
      const outcome = await store.append(stream, 'any', newEvents(1));
      return outcome.status === 'appended' ? outcome.events[0]?.recordedAt : undefined;
    };
    expect(await append('s-1')).toBe('2026-03-01T00:00:00.500Z');
    time -= 3_600_000;
    expect(await append('s-2')).toBe('2026-03-01T00:00:00.500Z');
    await store.close();
    store = await openSqliteEventStore(path, { now });
    expect(await append('s-1')).toBe('2026-03-01T00:00:00.500Z');
    time += 3_600_001;
    expect(await append('s-3')).toBe('2026-03-01T00:00:00.501Z');
    await store.close();
  });
});

describe('backup and digest', () => {
  test('a copy taken under load is a whole store that tells the same history up to its head', async () => {
    const store = await openSqliteEventStore(newPath());
    await store.append('s-0', 'none', newEvents(2_000));
    let writing = true;
    const writer = (async () => {
      for (let i = 1; writing; i++) await store.append(`s-${i % 5}`, 'any', newEvents(3));
    })();
    const target = newPath();
    await store.backupTo(target);
    writing = false;
    await writer;
    const copy = await openSqliteEventStore(target);
    const head = await copy.head();
    expect(head).toBeGreaterThanOrEqual(2_000);
    expect(await copy.digest()).toEqual(await store.digest(head));
    expect(await copy.digest()).not.toEqual(await store.digest(head - 1));
    expect(await copy.append('s-new', 'none', newEvents(1))).toMatchObject({ status: 'appended' });
    await copy.close();
    await store.close();
  });

  test('a backup overwrites nothing and says where it cannot write', async () => {
    const store = await openSqliteEventStore(newPath());
    const target = newPath();
    writeFileSync(target, 'precious');
    const exists = { code: 'UNAVAILABLE', message: expect.stringContaining('exists') };
    await expect(store.backupTo(target)).rejects.toMatchObject(exists);
    await expect(store.backupTo(join(folder, 'absent', 'b.db'))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
    await store.close();
  });

  test('the digest is that of the events, not of the file', async () => {
    const clock = { now: () => 1_800_000_000_000 };
    const events = newEvents(3);
    const digests = await Promise.all(
      [events, events, newEvents(3)].map(async (content) => {
        const store = await openSqliteEventStore(':memory:', clock);
        for (const [i, event] of content.entries())
          await store.append('s-1', i === 0 ? 'none' : i - 1, [event]);
        const digest = await store.digest();
        await store.close();
        return digest;
      }),
    );
    expect(digests[0]).toMatchObject({
      events: 3,
      position: 3,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(digests[1]).toEqual(digests[0]);
    expect(digests[2]?.sha256).not.toBe(digests[0]?.sha256);
  });
});

test('when the writing thread dies, appends say that their outcome is unknown', async () => {
  const post = vi.spyOn(Worker.prototype, 'postMessage');
  const store = await openSqliteEventStore(':memory:');
  await store.append('s-1', 'none', newEvents(1));
  const writer = post.mock.contexts.at(-1) as Worker;
  post.mockRestore();
  const pending = store.append('s-1', 0, newEvents(1));
  const [outcome] = await Promise.allSettled([pending, writer.terminate()]);
  if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'UNAVAILABLE' });
  await expect(store.append('s-1', 'any', newEvents(1))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(await flatten(store.readStream('s-1'))).not.toEqual([]);
  await store.close();
});
