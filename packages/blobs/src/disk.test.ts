import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { blobStoreContract } from './contract.ts';
import { openBlobStore } from './open.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'blobs-'));
});
afterAll(() => rm(folder, { recursive: true }));

blobStoreContract('disk', async () => {
  const store = await openBlobStore(`file:${join(folder, 'contract')}`);
  return { store, dispose: () => store.close() };
});

test('G-4 nothing half written takes a name; what a crash left is removed after a day', async () => {
  const place = join(folder, 'crash');
  const store = await openBlobStore(`file:${place}`);
  const sha256 = await store.put(randomBytes(1_000));
  const file = join(place, sha256.slice(0, 2), sha256.slice(2, 4), sha256);
  expect((await stat(file)).mode & 0o077).toBe(0);
  expect(await readdir(join(place, 'partial'))).toEqual([]);
  const [old, young] = [join(place, 'partial', 'old'), join(place, 'partial', 'young')];
  await writeFile(old, 'half');
  await writeFile(young, 'half');
  const long = new Date(Date.now() - 2 * 24 * 3_600_000);
  await utimes(old, long, long);
  await openBlobStore(`file:${place}`);
  expect(await readdir(join(place, 'partial'))).toEqual(['young']);
});

test('G-4 a file that was changed on the disk is not passed off as what it was', async () => {
  const place = join(folder, 'damage');
  const store = await openBlobStore(`file:${place}`);
  const sha256 = await store.put(Buffer.from('evidence'));
  await writeFile(join(place, sha256.slice(0, 2), sha256.slice(2, 4), sha256), 'Evidence');
  const found = await store.get(sha256);
  await expect(buffer(found?.content ?? Readable.from([]))).rejects.toMatchObject({ code: 'DAMAGED' });
});

test('URLs of other kinds are refused, without the secret in them', async () => {
  await expect(openBlobStore('http://host/bucket')).rejects.toThrow(TypeError);
  await expect(openBlobStore('s3://id:secret@host')).rejects.toThrow(/^(?!.*secret@).*$/);
  const blocked = join(folder, 'a file');
  await writeFile(blocked, '');
  await expect(openBlobStore(`file:${blocked}`)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});
