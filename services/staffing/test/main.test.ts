import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

/** The service as a process of its own. */

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
let folder: string;
let child: ChildProcess | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'staffing-main-'));
});
afterEach(async () => {
  child?.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

function run(env: Record<string, string>): ChildProcess {
  child = spawn(process.execPath, [MAIN], { env: { PATH: process.env['PATH'], ...env } });
  return child;
}

/** The first line of its log with that message: the URL in it. */
async function told(process: ChildProcess, message: string): Promise<string> {
  const input = process.stdout as NodeJS.ReadableStream;
  const lines = createInterface({ input });
  try {
    for await (const line of lines) {
      const { msg, url } = JSON.parse(line) as { msg: string; url: string };
      if (msg === message) return url;
    }
  } finally {
    input.resume();
  }
  throw new Error(`it ended before it told: ${message}`);
}
const served = (process: ChildProcess): Promise<string> => told(process, 'serving');

const ready = (url: string): Promise<void> =>
  expect.poll(async () => (await fetch(`${url}/readyz`)).status).toBe(200);

const stores = () => ({
  EVENTSTORE_URL: `sqlite:${join(folder, 'events.db')}`,
  READSTORE_URL: `sqlite:${join(folder, 'read.db')}`,
  BUS_URL: `sqlite:${join(folder, 'bus.db')}`,
  INTERNAL_TOKEN_SECRET: 's'.repeat(32),
});

describe('staffing by itself', () => {
  test('serves, says that it is ready, and stops when told to', async () => {
    const process = run({ ...stores(), PORT: '0' });
    const url = await served(process);
    await ready(url);
    const answer = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ organ(id: "organ:370114-0001") { id } }' }),
    });
    expect(answer.status).toBe(401);
    process.kill('SIGTERM');
    expect(await once(process, 'exit')).toEqual([0, null]);
  });
  test('waits for a store that is not there yet: alive, not ready, and why', async () => {
    const inTheWay = join(folder, 'in-the-way');
    await writeFile(inTheWay, '');
    const process = run({ ...stores(), READSTORE_URL: `sqlite:${join(inTheWay, 'read.db')}`, PORT: '0' });
    const url = await told(process, 'waiting for what it needs');
    const { ok, checks } = (await (await fetch(`${url}/readyz`)).json()) as { ok: boolean; checks: unknown };
    expect({ ok, checks }).toEqual({
      ok: false,
      checks: [{ name: 'READSTORE_URL', ok: false, detail: expect.stringContaining('in-the-way') }],
    });
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    expect((await fetch(`${url}/graphql`, { method: 'POST' })).status).toBe(503);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    await rm(inTheWay);
    await ready(url);
    process.kill('SIGTERM');
    expect(await once(process, 'exit')).toEqual([0, null]);
  });
  test('may be stopped while it waits', async () => {
    const inTheWay = join(folder, 'in-the-way');
    await writeFile(inTheWay, '');
    const process = run({ ...stores(), READSTORE_URL: `sqlite:${join(inTheWay, 'read.db')}`, PORT: '0' });
    await told(process, 'waiting for what it needs');
    process.kill('SIGTERM');
    expect(await once(process, 'exit')).toEqual([0, null]);
  });
  test.each([
    ['nothing is set', () => ({}), 4],
    ['the store has an unknown kind', () => ({ ...stores(), EVENTSTORE_URL: 'oracle:here' }), 1],
    [
      'two stores have one',
      () => ({ ...stores(), EVENTSTORE_URL: 'oracle:here', BUS_URL: 'rabbit:there' }),
      2,
    ],
  ])('says in plain lines why it does not start when %s', async (_, env, lines) => {
    const process = run(env());
    let said = '';
    process.stderr?.on('data', (chunk) => {
      said += chunk;
    });
    const [code] = await once(process, 'close');
    expect(code).toBe(1);
    expect(said.trim().split('\n')).toHaveLength(lines);
  });
});
