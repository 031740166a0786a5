import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { MongoClient } from 'mongodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { engine } from '../../../infra/test-servers/engines.ts';
import { type FerretDb, startFerretDb } from '../../../infra/test-servers/ferretdb.ts';
import { freePort } from '../../../infra/test-servers/process.ts';
import { course, HISTORIES, ITEMS, type Item, items, LEASE, putBatch, TTL_MS } from '../test/batches.ts';
import type { Generation, Lease, ReadStore } from './adapter.ts';
import { write } from './contract-tools.ts';
import { digestOf } from './digest.ts';
import { MongoAccess } from './mongodb-access.ts';
import { MongoRows, type RowBase } from './mongodb-rows.ts';
import { openReadStore } from './open.ts';
import { documentReader } from './readers.ts';

const WRITER = fileURLToPath(new URL('../test/batch-writer.ts', import.meta.url));
const code = (wanted: string) => expect.objectContaining({ name: 'ReadStoreError', code: wanted });
const found = engine('mongodb');
const reason = 'missing' in found ? `: ${found.missing}` : '';

/** A server of its own: it is killed and held. */
describe.skipIf(reason !== '')(`MongoDB adapter on FerretDB 1.24 (SQLite backend), faults${reason}`, () => {
  let dataDir: string;
  let server: FerretDb;
  let database: string;
  let url: string;
  let count = 0;
  const open: ReadStore[] = [];
  const opened = async () => {
    const store = await openReadStore(url);
    open.push(store);
    return store;
  };
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'read-store-ferretdb-'));
    server = await startFerretDb({ dataDir });
  });
  afterAll(async () => {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  });
  beforeEach(() => {
    database = `faults-${++count}`;
    url = server.url + database;
  });
  afterEach(async () => {
    for (const store of open.splice(0)) await store.close();
  });

  const startWriter = () => {
    const child = spawn(process.execPath, [WRITER, url], { stdio: ['ignore', 'pipe', 'inherit'] });
    return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
  };
  const end = async (child: ChildProcess) => {
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
  const batches = async () => {
    const store = await opened();
    const [generation] = await store.generations('batches');
    return generation ?? store.create('batches', 1, [items, course], true);
  };
  const lease = async (store: ReadStore): Promise<Lease> => {
    for (;;) {
      const given = await store.tryLease(LEASE, 'test', TTL_MS);
      if (given !== undefined) return given;
      await sleep(20);
    }
  };

  test('a writer that is killed leaves whole batches, all that it told of among them', async () => {
    await batches();
    for (let round = 0; round < 4; round++) {
      const { child, lines } = startWriter();
      let told = 0;
      for (let line = 0; line < 3; line++) told = Number((await lines.next()).value);
      await sleep(Math.random() * 60);
      await end(child);
      const generation = await batches();
      expect(generation.checkpoint).toBeGreaterThanOrEqual(told);
      await expectWhole(generation);
    }
    const written = await batches();
    const store = await opened();
    const rebuilt = await store.create('again', 1, [items, course], true);
    for (let n = 1; n <= written.checkpoint; n++) await write(rebuilt, (batch) => putBatch(batch, n));
    expect(await digestOf(rebuilt)).toBe(await digestOf(written));
  });

  test('a writer that was held, overtaken and wakes up is refused, and nothing that it wrote is seen', async () => {
    const store = await opened();
    const generation = await store.create('batches', 1, [items, course], true);
    const { child, lines } = startWriter();
    for (let line = 0; line < 3; line++) await lines.next();
    child.kill('SIGSTOP');
    const { token } = await lease(store);
    await generation.claim(token);
    const before = generation.checkpoint;
    await expectWhole(generation);
    await write(generation, (batch) => putBatch(batch, before + 1), { checkpoint: before + 1, token });
    const digest = await digestOf(generation);
    const exited = once(child, 'exit');
    child.kill('SIGCONT');
    let last: unknown;
    for (let line = await lines.next(); !line.done; line = await lines.next()) last = line.value;
    expect(last).toBe('FENCED');
    await exited;
    await store.generations('batches');
    expect(generation.checkpoint).toBe(before + 1);
    expect(await digestOf(generation)).toBe(digest);
    await write(generation, (batch) => putBatch(batch, before + 2), { checkpoint: before + 2, token });
    await expectWhole(generation);
  });

  test('while the server is away writes and reads say so, and afterwards they go on where they were', async () => {
    const generation = await batches();
    await write(generation, (batch) => putBatch(batch, 1), { checkpoint: 1 });
    await server.kill();
    const writing = write(generation, (batch) => putBatch(batch, 2), { checkpoint: 2 });
    await expect(writing).rejects.toEqual(code('UNAVAILABLE'));
    const reader = documentReader(() => generation, items);
    await expect(reader.get('item-0')).rejects.toEqual(code('UNAVAILABLE'));
    await expect(openReadStore(url)).rejects.toThrow(/cannot be reached/);
    server = await startFerretDb({ dataDir, port: Number(new URL(server.url).port) });
    await generation.claim(1);
    await expectWhole(generation);
    const next = generation.checkpoint + 1;
    await write(generation, (batch) => putBatch(batch, next), { checkpoint: next, token: 1 });
    await expectWhole(generation);
  });

  test('a server that is held for a while loses and doubles nothing', async () => {
    const generation = await batches();
    await write(generation, (batch) => putBatch(batch, 1), { checkpoint: 1 });
    process.kill(server.pid, 'SIGSTOP');
    const writing = write(generation, (batch) => putBatch(batch, 2), { checkpoint: 2 });
    await sleep(500);
    process.kill(server.pid, 'SIGCONT');
    await writing;
    await expectWhole(generation);
  });

  test('what cannot be opened is told in one message, and nothing is changed', async () => {
    await expect(openReadStore(server.url)).rejects.toThrow(TypeError);
    await expect(openReadStore('mongodb://')).rejects.toThrow(/not the URL of a read store/);
    await expect(openReadStore(`${url}?retryWrites=perhaps`)).rejects.toThrow(TypeError);
    const nobody = `mongodb://someone:secret@127.0.0.1:${await freePort()}/away?serverSelectionTimeoutMS=300`;
    const away = await openReadStore(nobody).catch((error) => error);
    expect(away).toEqual(code('UNAVAILABLE'));
    expect(String(away)).not.toMatch(/secret/);
    await using client = new MongoClient(server.url);
    await client.db(database).collection('precious').insertOne({ n: 1 });
    await expect(openReadStore(url)).rejects.toThrow(/not a read store; it was left as it is/);
    await client.db(database).dropDatabase();
    await (await opened()).close();
    await client
      .db(database)
      .collection('store')
      .updateOne({}, { $set: { schema: 99 } });
    await expect(openReadStore(url)).rejects.toEqual(code('NEWER_SCHEMA'));
  });

  test('an index that is another than declared is told, one that is missing is made', async () => {
    await (await opened()).create('batches', 1, [items], true);
    await using client = new MongoClient(server.url);
    const db = client.db(database);
    const names = (await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name);
    const rows = db.collection(names.find((name) => name.endsWith('.0')) ?? '');
    await rows.dropIndex('k0');
    await (await opened()).generations('batches');
    expect((await rows.indexes()).map(({ name }) => name)).toContain('k0');
    await rows.dropIndex('k0');
    await rows.createIndex({ x: -1 }, { name: 'k0' });
    const store = await opened();
    await expect(store.generations('batches')).rejects.toThrow(
      /index k0 of collection .* should be \{"k0":1\}/,
    );
  });

  test('clearing takes what is replaced, gone or void, and nothing else', async () => {
    const access = await MongoAccess.open(url);
    const rows = new MongoRows<RowBase>(access, 'rows', []);
    await rows.create();
    const row = (x: string, f: number, g?: true): RowBase => ({ x, f, ...(g && { g }) });
    await rows.insert([row('stays', 1), row('replaced', 1), row('gone', 1), row('later', 1)]);
    await rows.insert([row('replaced', 2), row('gone', 2, true), row('void', 3), row('stays', 3)]);
    await rows.insert([row('later', 4), row('back', 2, true), row('back', 4)]);
    await rows.clear({ at: 2, voids: [3], cleared: 0 });
    const left = await rows.all({ at: 4, voids: [], cleared: 0 }, {});
    expect(left.map(({ x, f }) => `${x} ${f}`).sort()).toEqual([
      'back 4',
      'later 1',
      'later 4',
      'replaced 2',
      'stays 1',
    ]);
    await rows.clear({ at: 4, voids: [3], cleared: 2 });
    const latest = await rows.all({ at: 4, voids: [3], cleared: 4 }, {});
    expect(latest.map(({ x, f }) => `${x} ${f}`).sort()).toEqual([
      'back 4',
      'later 4',
      'replaced 2',
      'stays 1',
    ]);
    await access.close();
  });

  test('after close everything fails with CLOSED', async () => {
    const store = await opened();
    const generation = await store.create('batches', 1, [items], true);
    await store.close();
    const reader = documentReader(() => generation, items);
    await expect(reader.get('a')).rejects.toEqual(code('CLOSED'));
    await expect(generation.apply({ documents: [], versions: [], checkpoint: 1 })).rejects.toEqual(
      code('CLOSED'),
    );
    await expect(store.create('more', 1, [], true)).rejects.toEqual(code('CLOSED'));
    await store.close();
  });
});

/** Everything is as the batch of the checkpoint left it. */
async function expectWhole(generation: Generation): Promise<void> {
  const { checkpoint } = generation;
  const seen: number[] = [];
  for await (const { doc } of generation.documents('items').dump()) seen.push((doc as Item).batch);
  expect(seen).toEqual(Array.from({ length: checkpoint % 2 === 0 ? ITEMS - 1 : ITEMS }, () => checkpoint));
  for (let item = 0; item < HISTORIES; item++) {
    const versions = await generation.temporal('item-course').versions(`item-${item}`);
    expect(versions.map(({ doc }) => (doc as Item).batch)).toEqual(
      Array.from({ length: checkpoint }, (_, n) => n + 1),
    );
  }
}
