import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { expect, test } from 'vitest';
import { describeOn, engine } from './engines.ts';
import { startFerretDb } from './ferretdb.ts';

describeOn('mongodb', 'the server for tests', ({ url }) => {
  test('answers', async () => {
    await using client = new MongoClient(url);
    expect(await client.db('admin').command({ ping: 1 })).toMatchObject({ ok: 1 });
  });
});

test.skipIf('missing' in engine('mongodb'))(
  'FerretDB comes back on its port with its data after it was killed, also while it was held',
  async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'ferretdb-test-'));
    let server = await startFerretDb({ dataDir });
    try {
      await using client = new MongoClient(server.url);
      const notes = client.db('restart').collection('notes');
      await notes.insertOne({ text: 'kept' });
      process.kill(server.pid, 'SIGSTOP');
      await server.kill();
      server = await startFerretDb({ dataDir, port: Number(new URL(server.url).port) });
      expect(await notes.findOne()).toMatchObject({ text: 'kept' });
    } finally {
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    }
  },
);
