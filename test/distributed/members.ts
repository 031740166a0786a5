import { join } from 'node:path';
import { type FerretDb, startFerretDb } from '../../infra/test-servers/ferretdb.ts';
import { startKafka } from '../../infra/test-servers/kafka.ts';
import { freePort, listens, startServer, type TestServer } from '../../infra/test-servers/process.ts';

/** A process of the system under test that can be struck and comes back where it was. */
export interface Member {
  readonly name: string;
  start(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** SIGSTOP and SIGCONT, with all that it has started. */
  halt(): void;
  goOn(): void;
  stop(): Promise<void>;
}

/** A program of ours: `/readyz` tells when it serves. */
export interface Program extends Member {
  readonly url: string;
}

const ROOT = join(import.meta.dirname, '..', '..');

function member(name: string, startOne: () => Promise<TestServer>): Member {
  let running: TestServer | undefined;
  const signal = (what: NodeJS.Signals): void => {
    if (running) process.kill(-running.pid, what);
  };
  return {
    name,
    async start() {
      running = await startOne();
    },
    async kill() {
      await running?.kill();
      running = undefined;
    },
    halt: () => signal('SIGSTOP'),
    goOn: () => signal('SIGCONT'),
    async stop() {
      await running?.stop();
      running = undefined;
    },
  };
}

export async function program(
  name: string,
  script: string,
  folder: string,
  env: Readonly<Record<string, string>>,
): Promise<Program> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const started = member(name, () =>
    startServer({
      name,
      command: process.execPath,
      args: [script],
      cwd: ROOT,
      env: { ...env, HOST: '127.0.0.1', PORT: String(port), NODE_ENV: 'production', LOG_LEVEL: 'info' },
      logFile: join(folder, `${name}.log`),
      ready: async () => (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) })).ok,
      readyWithinMs: 90_000,
    }),
  );
  return { ...started, url };
}

export interface Engine extends Member {
  readonly url: string;
}

/** The ports stay, so that whoever knew it finds it again. */
export async function kafka(folder: string): Promise<Engine> {
  const dataDir = join(folder, 'kafka');
  let url = '';
  const broker = member('Kafka', async () => {
    const server = await startKafka({ dataDir });
    url = server.url;
    return server;
  });
  await broker.start();
  return { ...broker, url: `${url}?partitions=4` };
}

export async function mongodb(folder: string): Promise<Engine> {
  const port = await freePort();
  const start = (): Promise<FerretDb> => startFerretDb({ dataDir: join(folder, 'ferretdb'), port });
  const server = member('FerretDB', start);
  await server.start();
  return { ...server, url: `mongodb://127.0.0.1:${port}/dutyledger` };
}

/** Not EventStoreDB: what stands in for it where none can be had (packages/event-store/test/eventstoredb-stand-in.ts). */
export async function eventStoreStandIn(folder: string): Promise<Engine> {
  const port = await freePort();
  const server = member('EventStoreDB stand-in', () =>
    startServer({
      name: 'EventStoreDB stand-in',
      command: process.execPath,
      args: [
        'packages/event-store/test/eventstoredb-stand-in.ts',
        ...['--port', String(port), '--data', join(folder, 'stand-in'), '--max-append-size', '16777216'],
      ],
      cwd: ROOT,
      logFile: join(folder, 'stand-in.log'),
      ready: () => listens(port),
    }),
  );
  await server.start();
  return { ...server, url: `esdb://127.0.0.1:${port}?tls=false` };
}
