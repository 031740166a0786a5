import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, vi } from 'vitest';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const MAIN = 'services/standalone/src/main.ts';
const CLI = 'packages/cli/src/main.ts';

/** Nothing of the surroundings but what a program needs to run. */
const bareEnv = (env: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({ PATH: process.env['PATH'], ...env });

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

interface Child {
  process: ChildProcess;
  stdout(): string;
  finished: Promise<Finished>;
}

const running = new Set<ChildProcess>();
const folders: string[] = [];
afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A folder of its own, removed when the tests of the file are over. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'dutyledger-standalone-'));
  folders.push(path);
  return path;
}

function run(script: string, args: readonly string[], env: NodeJS.ProcessEnv): Child {
  const child = spawn(process.execPath, [script, ...args], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const texts = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    texts.stdout += part;
  });
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    texts.stderr += part;
  });
  const finished = once(child, 'close').then(([code]) => {
    running.delete(child);
    return { code: code as number | null, ...texts };
  });
  return { process: child, stdout: () => texts.stdout, finished };
}

/** `npm start` to its end: for nodes that do not start. */
export const startAndEnd = (args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Finished> =>
  run(MAIN, args, bareEnv(env)).finished;

export interface Node {
  url: string;
  dataDir: string;
  /** What it printed on standard output. */
  welcome: string;
  /** Ends it as an operator does. */
  stop(): Promise<Finished>;
  /** `kill -9`. */
  kill(): Promise<void>;
}

/** Resolves when the read models of a node serve: one that has just started may still be about to build them. */
export async function ready(url: string): Promise<void> {
  await vi.waitUntil(async () => (await fetch(`${url}/readyz`)).ok, { timeout: 120_000 });
}

/** A standalone node in a process of its own, by default on a free port; its read models serve. */
export async function startNode(dataDir: string, port = '0'): Promise<Node> {
  const child = run(MAIN, ['--data', dataDir, '--port', port], bareEnv());
  const served = new Promise<string>((resolve) => {
    child.process.stdout?.on('data', () => {
      const url = /(http:\/\/127\.0\.0\.1:\d+)\/graphql/.exec(child.stdout())?.[1];
      if (url && child.stdout().includes('Ctrl-C')) resolve(url);
    });
  });
  const failed = child.finished.then(({ stderr }) => {
    throw new Error(`the node did not start: ${stderr}`);
  });
  failed.catch(() => undefined);
  const url = await Promise.race([served, failed]);
  await ready(url);
  return {
    url,
    dataDir,
    welcome: child.stdout(),
    stop() {
      child.process.kill('SIGTERM');
      return child.finished;
    },
    async kill() {
      child.process.kill('SIGKILL');
      await child.finished;
    },
  };
}

/** A command line as a person types it, against the node. */
export const cli = (node: Pick<Node, 'url' | 'dataDir'>, ...args: string[]): Promise<Finished> =>
  run(CLI, args, bareEnv({ DUTYLEDGER_URL: `${node.url}/graphql`, DATA_DIR: node.dataDir })).finished;

/** A command that must succeed; its JSON answer. */
export async function cliJson<T>(node: Pick<Node, 'url' | 'dataDir'>, ...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await cli(node, ...args, '--json');
  if (code !== 0) throw new Error(`dutyledger ${args.join(' ')} ended with ${code}: ${stderr}${stdout}`);
  return JSON.parse(stdout) as T;
}

/** Asks the endpoint itself; the answer as it came. */
export async function ask<T>(
  url: string,
  token: string,
  query: string,
  variables: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Promise<{ data?: T; errors?: { message: string; extensions: Record<string, unknown> }[] }> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as { data?: T };
}
