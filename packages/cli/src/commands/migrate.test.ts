import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { newEvents } from '@dutyledger/event-store/contract-tools';
import { openEventStore } from '@dutyledger/event-store/open';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EventStoreDbStandIn } from '../../../event-store/test/eventstoredb-stand-in.ts';

/** The command; what it does to events is tested with the event store (migrate.test.ts there). */
const folder = mkdtempSync(join(tmpdir(), 'cli-migrate-'));
const standIn = new EventStoreDbStandIn();
const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));
const from = `sqlite:${folder}/events.db`;

beforeAll(async () => {
  await standIn.start();
  const store = await openEventStore(from);
  for (const stream of ['a-1', 'b-1', 'a-1']) await store.append(stream, 'any', newEvents(2));
  await store.close();
});
afterAll(() => {
  standIn.close();
  rmSync(folder, { recursive: true });
});

function dutyledger(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [MAIN, 'migrate', ...args], (_, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

test('moves a node to a cluster, shows no password, and says the same when run again', async () => {
  const to = standIn.url.replace('//', '//duty:secret@');
  const first = await dutyledger('--from', from, '--to', to, '--json', '--progress', '--lang', 'en');
  expect(first.code).toBe(0);
  expect(JSON.parse(first.stdout)).toEqual({
    from,
    to: standIn.url,
    events: 6,
    already: 0,
    copied: 6,
    streams: 2,
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(first.stderr).toMatch(/^Migrating: 0 were there, 0 copied …/);
  const again = await dutyledger('--from', from, '--to', to);
  expect(again).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/现有 6 个事件（复制 0 个），2 个流/),
  });
  expect(JSON.stringify([first, again])).not.toContain('secret');
});

test('refuses a target that holds other events', async () => {
  const to = `sqlite:${folder}/other.db`;
  const store = await openEventStore(to);
  await store.append('a-1', 'any', newEvents(1));
  await store.close();
  const { code, stdout, stderr } = await dutyledger('--from', from, '--to', to, '--json');
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    error: { code: 'TARGET_HAS_DATA', details: { event: 1, stream: 'a-1', revision: 0 } },
  });
  expect(stderr).toMatch(/已有其他事件/);
});

test('asks for the node to be stopped when the store is in use', async () => {
  const store = await openEventStore(from);
  const { code, stderr } = await dutyledger('--from', from, '--to', standIn.url, '--lang', 'en');
  await store.close();
  expect(code).toBe(1);
  expect(stderr).toMatch(/in use\. Stop the node/);
});

test.each([
  [2, /missing|required/i, ['--from', from]],
  [2, /same/, ['--from', from, '--to', from]],
  [2, /no file/, ['--from', `sqlite:${folder}/nothing.db`, '--to', standIn.url]],
  [2, /known are sqlite/, ['--from', from, '--to', 'mongodb://u:secret@h/db']],
  [2, /no option "colour"/, ['--from', from, '--to', 'esdb://u:secret@h?colour=red']],
])('ends with %i and %s for a wrong command line', async (code, message, args) => {
  const { stderr, ...rest } = await dutyledger(...args, '--lang', 'en');
  expect({ ...rest, stderr }).toMatchObject({ code, stderr: expect.stringMatching(message) });
  expect(stderr).not.toContain('secret');
});
