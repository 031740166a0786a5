import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { newEvents } from './contract-tools.ts';
import { openEventStore } from './open.ts';

test('opens a file by URL, and creates the folders that lead to it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'open-'));
  for (const url of [`sqlite:${folder}/a/b/events.db`, `sqlite://${folder}/a/b/events.db`]) {
    const store = await openEventStore(url);
    await store.append('s-1', 'any', newEvents(1));
    await store.close();
  }
  const store = await openEventStore(`sqlite:${folder}/a/b/events.db`);
  expect(await store.head()).toBe(2);
  await store.close();
  rmSync(folder, { recursive: true });
});

test('opens a store that is gone when closed', async () => {
  for (let i = 0; i < 2; i++) {
    const store = await openEventStore('sqlite::memory:');
    expect(await store.head()).toBe(0);
    await store.append('s-1', 'none', newEvents(1));
    await store.close();
  }
});

test.each([
  ['mongodb://user:secret@host/db', /mongodb:.*sqlite:<path>/],
  ['./data/events.db', /without a scheme.*sqlite:<path>/],
  ['', /without a scheme/],
  ['sqlite:', /lacks the path/],
])('says of %s what is wrong, without repeating secrets', async (url, message) => {
  const error = await openEventStore(url).catch((reason: Error) => reason);
  expect(error).toBeInstanceOf(Error);
  expect((error as Error).message).toMatch(message);
  expect((error as Error).message).not.toContain('secret');
});
