import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readThrough } from './read-through.ts';

const BYTES = 1024 * 1024 + 7;

test('a file is read to its end, as far as it may be, or until it is to stop; one that is not there is no failure', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'read-through-'));
  const path = join(folder, 'file');
  await writeFile(path, Buffer.alloc(BYTES));
  const { signal } = new AbortController();
  expect(await readThrough(path, { most: Number.MAX_SAFE_INTEGER, signal })).toBe(BYTES);
  expect(await readThrough(path, { most: 1_000, signal })).toBe(1_000);
  expect(await readThrough(path, { most: BYTES, signal: AbortSignal.abort() })).toBe(0);
  expect(await readThrough(join(folder, 'none'), { most: BYTES, signal })).toBe(0);
  await rm(folder, { recursive: true });
});
