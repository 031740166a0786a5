import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keyStoreContract } from './contract.ts';
import { TAG_BYTES, WRAPPED_BYTES } from './key-store.ts';
import { openKeyStore } from './open.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keys-'));
});
afterAll(() => rm(folder, { recursive: true }));

keyStoreContract('SQLite', async () => {
  const url = `sqlite:${join(folder, 'contract', 'keys.db')}`;
  let store = await openKeyStore(url);
  return {
    store,
    reopen: async () => {
      await store.close();
      store = await openKeyStore(url);
      return store;
    },
    dispose: () => store.close(),
  };
});

/** All bytes of the store's files, as they lie on the disk while it is open. */
async function bytesOf(place: string): Promise<Buffer> {
  const files = await readdir(place);
  return Buffer.concat(await Promise.all(files.map((file) => readFile(join(place, file)))));
}

test('G-4 nothing of a destroyed key is left in any file of the store, while it runs', async () => {
  const place = join(folder, 'residue');
  const store = await openKeyStore(`sqlite:${join(place, 'keys.db')}`);
  const keys = Array.from({ length: 2_000 }, () => ({
    id: randomBytes(16).toString('hex'),
    tag: randomBytes(TAG_BYTES),
    wrapped: randomBytes(WRAPPED_BYTES),
  }));
  await Promise.all(keys.map((key) => store.insert(key)));
  for (const key of keys.slice(0, 50)) await store.rewrap(key.id, key.wrapped, randomBytes(WRAPPED_BYTES));
  const destroyed = keys.filter((_, i) => i < 100 || i % 3 === 0);
  const before = await bytesOf(place);
  expect(
    destroyed.slice(50).every(({ wrapped, tag }) => before.includes(wrapped) && before.includes(tag)),
  ).toBe(true);

  await store.destroy(destroyed.map(({ id }) => id));
  const after = await bytesOf(place);
  expect(destroyed.filter(({ wrapped }) => after.includes(wrapped)).length).toBe(0);
  expect(destroyed.filter(({ tag }) => after.includes(tag)).length).toBe(0);
  const kept = keys.filter((key) => !destroyed.includes(key));
  expect(kept.every(({ wrapped, tag }) => after.includes(wrapped) && after.includes(tag))).toBe(true);
  await store.close();
});

test('the file is its owner’s alone, and one process has it for itself', async () => {
  const path = join(folder, 'own', 'keys.db');
  const store = await openKeyStore(`sqlite:${path}`);
  await store.insert({ id: 'one', tag: null, wrapped: randomBytes(WRAPPED_BYTES) });
  for (const file of await readdir(join(folder, 'own'))) {
    expect((await stat(join(folder, 'own', file))).mode & 0o077).toBe(0);
  }
  await expect(openKeyStore(`sqlite:${path}`)).rejects.toMatchObject({ code: 'BUSY' });
  await store.close();
});

test('G-4 a back-up of the keys holds what is held and what was destroyed, and nothing of the destroyed', async () => {
  const place = join(folder, 'backup');
  const store = await openKeyStore(`sqlite:${join(place, 'keys.db')}`);
  const key = (id: string) => ({ id, tag: randomBytes(TAG_BYTES), wrapped: randomBytes(WRAPPED_BYTES) });
  const [kept, gone] = [key('kept'), key('gone')];
  await store.insert(kept);
  await store.insert(gone);
  await store.destroy(['gone']);
  const file = join(folder, 'copy.db');
  await store.backupTo?.(file);
  await store.close();
  expect((await stat(file)).mode & 0o077).toBe(0);
  expect((await readFile(file)).includes(gone.wrapped)).toBe(false);
  const copy = await openKeyStore(`sqlite:${file}`);
  expect(await copy.find(['kept', 'gone'])).toEqual(
    new Map([
      ['kept', { status: 'held', wrapped: kept.wrapped }],
      ['gone', { status: 'destroyed' }],
    ]),
  );
  expect(await copy.byTag(kept.tag)).toBe('kept');
  await copy.close();
});

test('what is no key store is refused, and left as it is', async () => {
  const path = join(folder, 'other.db');
  await writeFile(
    path,
    'this is a text and no database, and it is long enough to be told from one'.repeat(20),
  );
  await expect(openKeyStore(`sqlite:${path}`)).rejects.toMatchObject({ code: 'CORRUPT' });
  await expect(openKeyStore('http://somewhere')).rejects.toThrow(TypeError);
  await expect(openKeyStore('mongodb://u:secret@host')).rejects.toThrow(/mongodb:\/\/host/);
});
