import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtOnce, freePort, listens, run, startServer, type TestServer } from './process.ts';

/** FerretDB 1.24 on its SQLite backend: a server that speaks MongoDB's protocol, built from its Go module. */
export interface FerretDb extends TestServer {
  /** Without a database. */
  url: string;
}

export interface FerretDbOptions {
  /** Kept when the server stops. Default: a temporary folder that `stop` removes. */
  dataDir?: string;
  /** Default: a free one. */
  port?: number;
}

const MODULE = join(import.meta.dirname, 'ferretdb');

/** Starts it on the loopback interface. Throws an Error with the reason, when Go is missing or cannot fetch its modules among them. */
export async function startFerretDb(options: FerretDbOptions = {}): Promise<FerretDb> {
  const command = await program();
  const port = options.port ?? (await freePort());
  const folder = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'ferretdb-')));
  await mkdir(folder, { recursive: true });
  const dispose = async () => {
    if (options.dataDir === undefined) await rm(folder, { recursive: true, force: true });
  };
  try {
    const server = await startServer({
      name: 'FerretDB',
      command,
      args: ['-data', folder, '-listen', `127.0.0.1:${port}`],
      logFile: join(folder, 'ferretdb.log'),
      ready: () => listens(port),
    });
    const stop = () => server.stop().then(dispose);
    return { pid: server.pid, url: `mongodb://127.0.0.1:${port}/`, stop, kill: server.kill };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function program(): Promise<string> {
  const stated = await Promise.all(
    ['go.mod', 'go.sum', 'main.go'].map((name) => readFile(join(MODULE, name))),
  );
  const digest = createHash('sha256').update(stated.join('\n')).digest('hex').slice(0, 12);
  const folder = await builtOnce(`ferretdb-${digest}`, async (target) => {
    // The toolchain that the module asks for comes through the module proxy where the one here is older.
    const env = { GOTOOLCHAIN: 'auto', GOFLAGS: '-mod=readonly' };
    await run('go', ['build', '-tags', 'ferretdb_no_postgresql', '-o', join(target, 'ferretdb'), '.'], {
      cwd: MODULE,
      env,
    });
  });
  return join(folder, 'ferretdb');
}
