import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, mkdtemp, open, readFile, rename, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** Starting and stopping real servers for tests: free ports, readiness, clean stop, nothing left behind. */

export interface ServerOptions {
  /** As messages call it. */
  name: string;
  command: string;
  args: readonly string[];
  /** Added to this process' own environment. */
  env?: Readonly<Record<string, string>>;
  cwd?: string;
  /** What the server writes to its outputs is appended here. */
  logFile: string;
  /** Asked again and again until it says true; a rejection counts as not yet. */
  ready: () => Promise<boolean>;
  readyWithinMs?: number;
  /** How long it may take to stop before it is killed. */
  stopWithinMs?: number;
}

export interface TestServer {
  readonly pid: number;
  /** Asks it to stop, also when it is held by SIGSTOP; kills it when it does not. Resolves when it is gone. */
  stop(): Promise<void>;
  /** SIGKILL, sent before this returns; resolves when it is gone. */
  kill(): Promise<void>;
}

const ASK_AGAIN_MS = 25;
/** Takes the server's whole process group along when this process is gone, however it went: its end closes the pipe. */
const WATCHDOG = 'cat >/dev/null; kill -KILL "-$1" 2>/dev/null';

/**
 * Starts a server and waits until it is ready. It lives in a process group of its own and never outlives this process.
 * Throws an Error with the reason and the end of its log when it exits or is not ready in time.
 */
export async function startServer(options: ServerOptions): Promise<TestServer> {
  const { name, readyWithinMs = 60_000, stopWithinMs = 10_000 } = options;
  const child = await spawnServer(options);
  const pid = Number(child.pid);
  const watchdog = spawn('/bin/sh', ['-c', WATCHDOG, 'watchdog', String(pid)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watchdog.unref();
  const isGone = () => child.exitCode !== null || child.signalCode !== null;
  const gone = isGone() ? Promise.resolve() : once(child, 'exit').then(() => undefined);
  void gone.then(() => watchdog.kill('SIGKILL'));
  const signal = (what: NodeJS.Signals) => {
    child.ref();
    try {
      if (!isGone()) process.kill(-pid, what);
    } catch (error) {
      // It went just now, and the news is still on its way.
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
  };
  const server: TestServer = {
    pid,
    stop: async () => {
      signal('SIGTERM');
      signal('SIGCONT');
      const cancelled = new AbortController();
      await Promise.race([gone, pause(stopWithinMs, undefined, { signal: cancelled.signal })]);
      cancelled.abort();
      signal('SIGKILL');
      await gone;
    },
    kill: () => {
      signal('SIGKILL');
      return gone;
    },
  };
  const latest = performance.now() + readyWithinMs;
  while (!(await options.ready().catch(() => false))) {
    const late = performance.now() > latest;
    if (!late && !isGone()) {
      await pause(ASK_AGAIN_MS);
      continue;
    }
    await server.kill();
    const end = (await readFile(options.logFile, 'utf8')).slice(-2_000);
    throw new Error(`${name} ${late ? `was not ready within ${readyWithinMs} ms` : 'did not start'}: ${end}`);
  }
  return server;
}

async function spawnServer({ name, command, args, env, cwd, logFile }: ServerOptions): Promise<ChildProcess> {
  const log = await open(logFile, 'a');
  try {
    const child = spawn(command, args, {
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      env: { ...process.env, ...env },
      ...(cwd === undefined ? {} : { cwd }),
    });
    child.unref();
    await started(child, name, command);
    return child;
  } finally {
    await log.close();
  }
}

async function started(child: ChildProcess, name: string, command: string): Promise<void> {
  try {
    await once(child, 'spawn');
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const reason = missing ? `there is no program "${command}" on this machine` : String(error);
    throw new Error(`${name}: ${reason}`, { cause: error });
  }
}

/** Runs a program to its end and answers what it wrote to its output. Throws an Error with the reason, or what it complained of. */
export async function run(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: Readonly<Record<string, string>> } = {},
): Promise<string> {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
  let output = '';
  let complaints = '';
  child.stdout.setEncoding('utf8').on('data', (part) => {
    output += part;
  });
  child.stderr.setEncoding('utf8').on('data', (part) => {
    complaints += part;
  });
  const line = [command, ...args].join(' ');
  await started(child, line, command);
  if ((await closed) !== 0) throw new Error(`${line}: ${(complaints || output).trim().slice(-2_000)}`);
  return output;
}

/** A TCP port of the loopback interface that nobody listens on just now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Whether something listens on the port of the loopback interface. */
export async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/**
 * The folder of what is built or fetched only once, kept between runs; environment DUTYLEDGER_TEST_SERVERS moves it. `build`
 * fills a folder; several processes may do so at once, the first that is ready wins. `key` names content and version.
 */
export async function builtOnce(key: string, build: (folder: string) => Promise<void>): Promise<string> {
  const root = join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'dutyledger', 'test-servers');
  const target = join(process.env['DUTYLEDGER_TEST_SERVERS'] ?? root, key);
  if (await exists(target)) return target;
  await mkdir(dirname(target), { recursive: true });
  const folder = await mkdtemp(`${target}.part-`);
  try {
    await build(folder);
    await rename(folder, target);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    if (!(await exists(target))) throw error;
  }
  return target;
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
