import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
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

async function served(process: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: process.stdout as NodeJS.ReadableStream })) {
    const { msg, url } = JSON.parse(line) as { msg: string; url: string };
    if (msg === 'serving') return url;
  }
  throw new Error('it ended before it served');
}

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
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    const answer = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ organ(id: "organ:370114-0001") { id } }' }),
    });
    expect(answer.status).toBe(401);
    process.kill('SIGTERM');
    expect(await once(process, 'exit')).toEqual([0, null]);
  });
  test.each([
    ['nothing is set', () => ({}), 4],
    ['the store has an unknown kind', () => ({ ...stores(), EVENTSTORE_URL: 'oracle:here' }), 1],
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
