import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, globSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, matchesGlob, relative, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../infra/test-servers/process.ts';
import { root, textOf } from './files.ts';

/** What Docker would do, by hand: there is no Docker where these tests run. */

/** Of the tests alone. */
const MASTER_KEY = Buffer.alloc(32, 7).toString('base64');

const env = {
  PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH']}`,
  HOME: process.env['HOME'],
};
/** npm needs what the machine says of proxies and certificates, but not what the npm says that runs these tests. */
const surroundings = Object.entries({ ...process.env, ...env })
  .filter(([name, value]) => value !== undefined && !/^npm_|^NODE_ENV$/i.test(name))
  .map(([name, value]) => `${name}=${value}`);
const hasGo = spawnSync('go', ['version']).status === 0;

describe.skipIf(!hasGo)(
  `compose files, read as Docker Compose reads them${hasGo ? '' : ' (skipped: no Go here)'}`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'dutyledger-compose-'));
    const program = join(folder, 'read');
    afterAll(() => rmSync(folder, { recursive: true }));
    // By itself: what it downloads the first time is told on stderr.
    beforeAll(async () => {
      await run('go', ['build', '-o', program, '.'], { cwd: join(root, 'infra/lint') });
    }, 600_000);
    const read = (file: string, given: NodeJS.ProcessEnv) =>
      spawnSync(program, [join(root, file)], { env: { ...process.env, ...given }, encoding: 'utf8' });
    const oidc = { OIDC_ISSUER: 'https://id.example.gov.cn', OIDC_AUDIENCE: 'dutyledger' };
    const needed = { ...oidc, PERSONAL_DATA_KEYS: MASTER_KEY };
    const files: [string, NodeJS.ProcessEnv][] = [
      [
        'docker-compose.yml',
        { ...needed, INTERNAL_TOKEN_SECRET: 'x'.repeat(32), GRAFANA_ADMIN_PASSWORD: 'x' },
      ],
      ['docker-compose.standalone.yml', needed],
    ];

    test.each(files)('%s is valid', (file, given) => {
      const { status, stderr, stdout } = read(file, given);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(Object.keys(JSON.parse(stdout).services).length).toBeGreaterThan(0);
    });

    test.each(files)('%s says what must be set', (file) => {
      const { status, stderr } = read(file, { OIDC_ISSUER: '', OIDC_AUDIENCE: '' });
      expect(status).toBe(1);
      expect(stderr).toMatch(
        /(OIDC_ISSUER|OIDC_AUDIENCE|PERSONAL_DATA_KEYS|INTERNAL_TOKEN_SECRET|GRAFANA_ADMIN_PASSWORD).* missing a value: \w/,
      );
    });
  },
);

describe('image, its steps carried out in a folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dutyledger-image-'));
  const app = join(folder, 'app');
  const data = join(folder, 'data');
  const started = new Set<ChildProcess>();
  afterAll(() => {
    for (const child of started) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  beforeAll(async () => {
    const dockerfile = textOf('infra/Dockerfile');
    const ignored = textOf('.dockerignore').trim().split('\n');
    const kept = (source: string) => {
      const path = relative(root, source);
      return !ignored.some((pattern) => matchesGlob(path, pattern));
    };
    for (const [, sources = ''] of dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)) {
      for (const source of sources.split(' ')) {
        mkdirSync(dirname(join(app, source)), { recursive: true });
        cpSync(resolve(root, source), join(app, source), { recursive: true, filter: kept });
      }
    }
    const [, install = ''] = /^RUN (npm ci [^&]+)/m.exec(dockerfile) ?? [];
    await run('env', ['-i', ...surroundings, 'sh', '-c', install], { cwd: app });
  }, 900_000);

  /** Everything in the image and when it was last written. */
  const contents = () =>
    globSync('**/*', { cwd: app })
      .sort()
      .map((path) => `${path} ${statSync(join(app, path)).mtimeMs}`);

  async function freePort(): Promise<number> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await new Promise((closed) => server.close(closed));
    return port;
  }

  /** Starts a command of the image and waits until its health check passes. */
  async function serve(command: readonly string[], given: NodeJS.ProcessEnv) {
    const PORT = String(await freePort());
    const image = { ...env, NODE_ENV: 'production', NODE_DISABLE_COMPILE_CACHE: '1', DATA_DIR: data, PORT };
    const child = spawn(process.execPath, command, {
      cwd: app,
      env: { ...image, ...given },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    started.add(child);
    let told = '';
    child.stderr?.setEncoding('utf8').on('data', (part: string) => {
      told += part;
    });
    const ended = once(child, 'close');
    for (;;) {
      if (child.exitCode !== null) throw new Error(`${command.join(' ')} ended: ${told}`);
      const check = spawn(process.execPath, ['infra/healthcheck.mjs'], { cwd: app, env: { ...env, PORT } });
      if ((await once(check, 'close'))[0] === 0) break;
    }
    /** Ends it as Docker does; its exit code. */
    const stop = async (): Promise<number> => {
      child.kill('SIGTERM');
      return (await ended)[0];
    };
    return { url: `http://127.0.0.1:${PORT}/graphql`, stop };
  }

  test('it holds what runs and nothing else', () => {
    const packages = globSync('node_modules/{vitest,typescript,@biomejs,node-linux-*,playwright-core}', {
      cwd: app,
    });
    expect(packages).toEqual([]);
    expect(globSync('{packages,services}/**/*.test.ts', { cwd: app, exclude: ['**/node_modules'] })).toEqual(
      [],
    );
  });

  test('each of its processes starts, is healthy, stops by itself, and writes nothing into the image', {
    timeout: 900_000,
  }, async () => {
    const before = contents();
    const oidc = { OIDC_ISSUER: 'https://id.example.gov.cn', OIDC_AUDIENCE: 'dutyledger' };
    const [, standalone = '[]'] = /^CMD (.*)$/m.exec(textOf('infra/Dockerfile')) ?? [];
    const personal = { PERSONAL_DATA_KEYS: MASTER_KEY };
    const node = await serve((JSON.parse(standalone) as string[]).slice(1), { ...oidc, ...personal });
    expect(await node.stop()).toBe(0);

    const secret = { INTERNAL_TOKEN_SECRET: 'a secret of the tests, 32 bytes or more' };
    const service = (name: string) => {
      const url = (store: string) => `sqlite:${join(data, `${name}-${store}.db`)}`;
      const stores = { EVENTSTORE_URL: url('events'), READSTORE_URL: url('read'), BUS_URL: url('bus') };
      const own = { KEYSTORE_URL: url('keys'), BLOBSTORE_URL: `file:${join(data, 'blobs')}`, ...personal };
      const given = name === 'grid-events' ? { ...stores, ...own } : stores;
      return serve([`services/${name}/src/main.ts`], { ...given, ...secret });
    };
    const [staffing, lists] = [await service('staffing'), await service('lists')];
    const gridEvents = await service('grid-events');
    const SUBGRAPHS = `staffing=${staffing.url},lists=${lists.url},gridEvents=${gridEvents.url}`;
    const BUS_URL = `sqlite:${join(data, 'gateway-bus.db')}`;
    const gateway = await serve(['services/gateway/src/main.ts'], { ...oidc, ...secret, BUS_URL, SUBGRAPHS });
    const all = [gateway, staffing, lists, gridEvents];
    expect(await Promise.all(all.map((each) => each.stop()))).toEqual([0, 0, 0, 0]);
    expect(contents()).toEqual(before);
  });
});
