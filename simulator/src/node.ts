import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type DevIssuer, devIssuer } from '@dutyledger/subgraph-kit/dev-issuer';

/** The node that the simulation drives. */
export interface Node {
  /** Of the GraphQL endpoint. */
  url: string;
  issuer: DevIssuer;
  /**
   * Lets the time come, and waits until everything that fell due was done. A node in real time stays where it is.
   * Milliseconds since 1970.
   */
  reach(ms: number): Promise<void>;
  /** Everything that has fallen due is done. */
  settled(): Promise<void>;
  /** What time it is there. */
  now(): number;
  /** Of its process, as far as it is known. */
  used(): { cpuSeconds: number; peakMb: number } | null;
  stop(): Promise<void>;
}

const LOOK_AGAIN_MS = 5;
/** For how long a machine may stand still. */
const PATIENCE_MS = 300_000;

/** What the node did not get done is an error of the product: it is told, not waited for without end. */
async function timersDone(base: string): Promise<void> {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    const text = await (await fetch(`${base}/metrics`)).text();
    const [, due] = /^dutyledger_timers_due\{[^}]*service="gridEvents"[^}]*\} (\d+)/m.exec(text) ?? [];
    // A node whose services are apart does not tell here.
    if (due === '0' || due === undefined) return;
    if (Date.now() > until) throw new Error(`timers of the node are still due: ${due}`);
    await pause(LOOK_AGAIN_MS);
  }
}

async function isReady(base: string): Promise<void> {
  const until = Date.now() + PATIENCE_MS;
  while (!(await fetch(`${base}/readyz`)).ok) {
    if (Date.now() > until) throw new Error('the node does not become ready');
    await pause(LOOK_AGAIN_MS);
  }
}

interface Reading {
  set: number;
  cpuMs: number;
  peakMb: number;
}

/** What the child says next; rejects when it ends instead. */
function listen(child: ChildProcess): <T>() => Promise<T> {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the node ended with code ${code}`);
  });
  ended.catch(() => undefined);
  let heard = Promise.withResolvers<unknown>();
  child.on('message', (message) => heard.resolve(message));
  return async <T>() => {
    const message = await Promise.race([heard.promise, ended]);
    heard = Promise.withResolvers();
    return message as T;
  };
}

/** A node of its own in a process of its own, on embedded stores in the folder, whose time stands still until it is set. */
export async function ownNode(dataDir: string, start: number): Promise<Node> {
  const child = fork(fileURLToPath(new URL('./node-process.ts', import.meta.url)), [dataDir, String(start)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const answer = listen(child);
  const { url } = await answer<{ url: string }>();
  let now = start;
  let reading: Reading = { set: start, cpuMs: 0, peakMb: 0 };
  await isReady(url);
  return {
    url: `${url}/graphql`,
    issuer: await devIssuer(dataDir),
    now: () => now,
    async reach(ms) {
      child.send(ms);
      reading = await answer<Reading>();
      now = ms;
      await timersDone(url);
    },
    settled: () => timersDone(url),
    used: () => ({ cpuSeconds: reading.cpuMs / 1_000, peakMb: reading.peakMb }),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** A development node that runs already, in its own time; its data directory makes the tokens. Undefined: it has none. */
export async function runningNode(url: string, dataDir: string): Promise<Node | undefined> {
  if (!existsSync(join(dataDir, 'development-issuer.json'))) return undefined;
  return {
    url,
    issuer: await devIssuer(dataDir),
    now: () => Date.now(),
    reach: async () => undefined,
    settled: () => timersDone(new URL(url).origin),
    used: () => null,
    stop: async () => undefined,
  };
}
