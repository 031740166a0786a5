import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { notes, toTopic } from '@dutyledger/bus/contract-note';
import { openBus } from '@dutyledger/bus/open';
import { afterAll, beforeAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'cli-parked-'));
const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));
const url = `sqlite:${folder}/bus.db`;
const GROUP = 'lists.organs';

/** The group handles what it is given, or fails at all of it; what it handled. */
async function drain(fails: boolean): Promise<string[]> {
  const bus = await openBus(url);
  const handled: string[] = [];
  const options = { group: GROUP, topics: ['notes'], attempts: 1, pauseMs: 1 };
  const reading = bus.subscribe(options, async ({ id }) => {
    if (fails) throw new Error('the organ is unknown');
    handled.push(id);
  });
  await reading.caughtUp;
  await bus.close();
  return handled;
}

beforeAll(async () => {
  const bus = await openBus(url);
  await (await bus.publisher('test')).publish(toTopic('notes', 'organ-1', notes('organ-1', 2)));
  await bus.close();
  await drain(true);
});
afterAll(() => rmSync(folder, { recursive: true }));

function dutyledger(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const env = { PATH: process.env['PATH'], BUS_URL: url };
    const child = execFile(
      process.execPath,
      [MAIN, 'parked', ...args, '--lang', 'en'],
      { env },
      (_, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

test('parked messages are shown with their cause, handled at a second try, or discarded with a reason', async () => {
  const shown = await dutyledger('--group', GROUP);
  expect(shown).toMatchObject({ code: 0, stdout: expect.stringContaining('the organ is unknown') });
  const [first, second] = JSON.parse((await dutyledger('--group', GROUP, '--json')).stdout);

  expect(await dutyledger('--replay', first.id)).toMatchObject({ code: 0 });
  expect(await drain(false)).toEqual([first.event.id]);

  expect(await dutyledger('--discard', second.id)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--reason'),
  });
  expect(await dutyledger('--discard', second.id, '--reason', 'sent twice')).toMatchObject({ code: 0 });
  expect(await dutyledger('--group', GROUP)).toMatchObject({ stdout: `${GROUP} has no such messages.\n` });
  expect((await dutyledger('--group', GROUP, '--discarded')).stdout).toContain('sent twice');
});

test('what cannot be done is told in one line', async () => {
  expect(await dutyledger()).toMatchObject({ code: 2, stderr: expect.stringContaining('Give one of') });
  expect(await dutyledger('--replay', 'unknown')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('NOT_FOUND'),
  });
  const wrong = await dutyledger('--bus', 'amqp://user:secret@host', '--group', GROUP);
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).not.toContain('secret');
});
