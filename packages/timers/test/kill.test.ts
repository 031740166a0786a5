import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStages, stageStream } from '../src/stages.fixture.ts';

const TIMERS = 150;
const PAST = '2026-03-02T01:00:00.000Z';

/** Lets a process fire at least so many, and kills it while others are under way. */
async function fireAndKill(folder: string, times: number): Promise<void> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'fire.ts'), folder, String(times)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  const alive = child.exitCode === null;
  child.kill('SIGKILL');
  if (alive) await once(child, 'exit');
  expect(alive).toBe(true);
}

test('killed again and again while it fires, every timer has fired once in the end', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'timers-'));
  const before = await openStages(folder);
  await Promise.all(Array.from({ length: TIMERS }, (_, i) => before.send(i, { type: 'Begin', due: PAST })));
  await before.stop();
  for (const times of [1, 20, 40]) await fireAndKill(folder, times);
  const after = await openStages(folder);
  after.start({ clock: undefined });
  await after.recorded('LetterSent', TIMERS);
  const seen = new Map<string, number>();
  for await (const page of after.events.readAll()) {
    for (const { type, stream } of page)
      seen.set(`${type} ${stream}`, (seen.get(`${type} ${stream}`) ?? 0) + 1);
  }
  for (let i = 0; i < TIMERS; i++) {
    expect([seen.get(`StageLapsed ${stageStream(i)}`), seen.get(`LetterSent ${stageStream(i)}`)]).toEqual([
      1, 1,
    ]);
  }
  await after.stop();
  await rm(folder, { recursive: true });
});
