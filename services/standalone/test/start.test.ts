import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createLogger } from '@dutyledger/subgraph-kit/logging';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig, type StandaloneConfig } from '../src/config.ts';
import { type Standalone, startStandalone } from '../src/standalone.ts';
import { welcome } from '../src/welcome.ts';
import { ask, cli, folder, ready, startAndEnd } from './harness.ts';

const silent = createLogger({ name: 'test', level: 'silent' });
const configOf = (dataDir: string, more: Partial<StandaloneConfig> = {}): StandaloneConfig => ({
  dataDir,
  host: '127.0.0.1',
  port: 0,
  production: false,
  identity: { kind: 'development' },
  logLevel: 'silent',
  ...more,
});
const start = (config: StandaloneConfig): Promise<Standalone> => startStandalone(config, silent);
const refusal = (zh: RegExp, en: RegExp) =>
  expect.objectContaining({
    text: { 'zh-CN': expect.stringMatching(zh), en: expect.stringMatching(en) },
  });

describe('configuration', () => {
  const mistakesOf = (args: string[], env: NodeJS.ProcessEnv): string[] => {
    const read = readConfig(args, env);
    return 'mistakes' in read ? read.mistakes.map(({ en }) => en) : [];
  };

  test('defaults serve on this machine alone, in development', () => {
    expect(readConfig([], {})).toEqual({
      config: configOf('./data', { port: 4000, logLevel: 'warn' }),
    });
  });

  test('arguments win over the environment', () => {
    const env = { PORT: '1', HOST: '::1', DATA_DIR: '/x', LOG_LEVEL: 'debug' };
    expect(readConfig(['--port', '0', '--data', 'here'], env)).toEqual({
      config: configOf('here', { host: '::1', logLevel: 'debug' }),
    });
  });

  test('production takes an OpenID provider', () => {
    const provider = { OIDC_ISSUER: 'https://id.example', OIDC_AUDIENCE: 'dutyledger' };
    const PERSONAL_DATA_KEYS = Buffer.alloc(32, 7).toString('base64');
    const env = { NODE_ENV: 'production', ...provider, PERSONAL_DATA_KEYS };
    expect(readConfig([], env)).toMatchObject({
      config: {
        production: true,
        identity: { kind: 'oidc', issuer: 'https://id.example' },
        logLevel: 'info',
      },
    });
  });

  test.each<[string[], NodeJS.ProcessEnv, RegExp[]]>([
    [['--port', 'x'], {}, [/port/]],
    [['--port', '65536'], { LOG_LEVEL: 'loud' }, [/port/, /LOG_LEVEL/]],
    [['--data', ''], {}, [/data directory/]],
    [['--colour'], {}, [/--colour/]],
    [['here'], {}, [/here/]],
    [[], { NODE_ENV: 'production' }, [/OIDC_ISSUER, OIDC_AUDIENCE/]],
    [[], { NODE_ENV: 'production', OIDC_ISSUER: 'https://id.example' }, [/set OIDC_AUDIENCE/]],
    [
      [],
      { NODE_ENV: 'production', OIDC_ISSUER: 'https://id.example', OIDC_AUDIENCE: 'x' },
      [/master key of personal data/],
    ],
    [[], { PERSONAL_DATA_KEYS: 'too short' }, [/master key 1 is not 32 bytes/]],
    [[], { PERSONAL_DATA_KEYS_FILE: '/nowhere/at/all' }, [/ENOENT/]],
    [[], { OPEN311_FILE: '/nowhere/at/all' }, [/OPEN311_FILE cannot be read \(ENOENT\)/]],
    [[], { WEBHOOK_ALLOW: 'http://receiver' }, [/WEBHOOK_ALLOW must be host names.*: http:\/\/receiver/]],
    [[], { OIDC_AUDIENCE: 'x' }, [/OIDC_ISSUER is missing/]],
    [[], { OIDC_ISSUER: 'id.example', OIDC_AUDIENCE: 'x' }, [/must be a URL/]],
  ])('%j with %j: one message for each mistake', (args, env, messages) => {
    expect(mistakesOf(args, env)).toEqual(messages.map((message) => expect.stringMatching(message)));
  });
});

describe('a directory or port that cannot be used', () => {
  test('a second node on one data directory is refused, and the first serves on', async () => {
    const config = configOf(folder());
    const first = await start(config);
    await expect(start(config)).rejects.toEqual(refusal(/另一个实例/, /Another instance/));
    expect((await fetch(`${first.url}/healthz`)).status).toBe(200);
    await first.stop();
    await (await start(config)).stop();
  });

  test('a taken port is named with a way out, and leaves nothing open', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const config = configOf(folder(), { port });
    await expect(start(config)).rejects.toEqual(
      refusal(new RegExp(`${port}.*--port`), new RegExp(`${port} is taken`)),
    );
    await (await start({ ...config, port: 0 })).stop();
    server.close();
  });

  test.each(['read.db', 'bus.db'])('%s that is damaged may be deleted', async (file) => {
    const dataDir = folder();
    writeFileSync(join(dataDir, file), 'this is no database '.repeat(1_000));
    await expect(start(configOf(dataDir))).rejects.toEqual(refusal(/可以直接删除/, /may be deleted/));
  });

  test('damaged events are not thrown away', async () => {
    const dataDir = folder();
    writeFileSync(join(dataDir, 'events.db'), 'this is no database '.repeat(1_000));
    await expect(start(configOf(dataDir))).rejects.toEqual(refusal(/从备份恢复/, /restore a backup/));
  });

  test('events of a newer version are told', async () => {
    const dataDir = folder();
    await (await start(configOf(dataDir))).stop();
    const db = new DatabaseSync(join(dataDir, 'events.db'));
    db.exec('PRAGMA user_version = 99');
    db.close();
    await expect(start(configOf(dataDir))).rejects.toEqual(refusal(/更新版本/, /newer version/));
  });

  test('a data directory that is a file is told', async () => {
    const path = join(folder(), 'file');
    writeFileSync(path, '');
    await expect(start(configOf(path))).rejects.toEqual(refusal(/数据目录/, /data directory/));
  });

  // Permissions do not bind root.
  const asRoot = process.getuid?.() === 0;
  const note = asRoot ? ' (skipped: permissions do not bind root)' : '';
  test.skipIf(asRoot)(`a directory without permission to write is told${note}`, async () => {
    const dataDir = folder();
    chmodSync(dataDir, 0o500);
    await expect(start(configOf(dataDir))).rejects.toEqual(refusal(/不可写/, /cannot be written/));
  });
});

describe('npm start', () => {
  test('production without an OpenID provider ends with one message and code 1', async () => {
    const { code, stdout, stderr } = await startAndEnd(['--data', folder()], { NODE_ENV: 'production' });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr.trim().split('\n')).toEqual([
      expect.stringContaining('OIDC_ISSUER'),
      expect.stringContaining('OIDC_ISSUER'),
    ]);
  });

  test('a start error is a message without a stack', async () => {
    const dataDir = folder();
    writeFileSync(join(dataDir, 'read.db'), 'this is no database '.repeat(1_000));
    const { code, stderr } = await startAndEnd(['--data', dataDir, '--port', '0']);
    expect(code).toBe(1);
    expect(stderr).not.toMatch(/ {4}at /);
  });

  test('what to try fits the port and directory that it serves', () => {
    const text = welcome(configOf('/srv/duty', { port: 4100 }), 'http://127.0.0.1:4100');
    expect(text.match(/--data \/srv\/duty/g)).toHaveLength(5);
    expect(text.match(/--url http:\/\/127\.0\.0\.1:4100\/graphql/g)).toHaveLength(3);
    expect(welcome(configOf('./data', { port: 4000 }), 'http://127.0.0.1:4000')).not.toMatch(/--(data|url)/);
  });
});

describe('a node that runs', () => {
  let node: Standalone;
  const dataDir = folder();
  const QUERY = '{ listsReadModels { name } }';
  beforeAll(async () => {
    node = await start(configOf(dataDir));
    await ready(node.url);
  });
  afterAll(() => node.stop());
  const run = (...args: string[]) => cli({ url: node.url, dataDir }, ...args);

  test('answers a good token and refuses expired, foreign and missing ones', async () => {
    const roles = ['AUDITOR'] as const;
    expect(await ask(node.url, await node.token({ roles }), QUERY)).toHaveProperty('data.listsReadModels');
    const foreign = folder();
    mkdirSync(join(foreign, 'x'));
    const other = await start(configOf(join(foreign, 'x')));
    const tokens = [
      await node.token({ roles, lifetimeSeconds: -1 }),
      await other.token({ roles }),
      'nonsense',
      '',
    ];
    await other.stop();
    for (const token of tokens) {
      const { errors } = await ask(node.url, token, QUERY);
      expect(errors?.[0]?.extensions['code']).toBe('UNAUTHENTICATED');
    }
  });

  test('exit codes: 4 for wrong tokens, roles, or none at all; 3 for nobody there; 2 for wrong usage; 1 for refusals', async () => {
    const lists = ['lists', '--division', '370114'];
    const expired = await node.token({ roles: ['AUDITOR'], lifetimeSeconds: -1 });
    const integrator = await node.token({ roles: ['INTEGRATOR'] });
    const nobody = { url: 'http://127.0.0.1:9', dataDir };
    const codes = await Promise.all([
      run(...lists),
      run(...lists, '--token', expired),
      run('rebuild', '--token', integrator),
      run('backup', '-o', join(dataDir, 'x'), '--token', integrator),
      cli({ url: node.url, dataDir: '/nowhere' }, ...lists),
      cli(nobody, ...lists),
      run('lists'),
      run('export', '--list', 'list:none', '-o', join(dataDir, 'x')),
      run('import', join(dataDir, 'missing.csv'), '--list', 'list:none'),
    ]);
    expect(codes.map(({ code }) => code)).toEqual([0, 4, 4, 4, 4, 3, 2, 1, 2]);
    for (const { code, stderr } of codes.slice(1)) expect([code, stderr]).not.toEqual([code, '']);
  });

  test('a file with problems: 5, every bad cell named, nothing recorded', async () => {
    expect(
      await run('organs', 'packages/cli/samples/organs-370114.csv', '--division', '370114'),
    ).toMatchObject({ code: 0 });
    const file = join(dataDir, 'bad.csv');
    writeFileSync(
      file,
      '序号,事项名称,主体责任单位,依据\n1,甲,区公安局,条例\n2,,区公安局,条例\n3,丙,星际舰队,条例\n',
    );
    const opening = [
      '--division',
      '370114',
      '--kind',
      'POWER',
      '--title',
      '坏清单',
      '--maintainer',
      '区委编办',
    ];
    const { code, stdout, stderr } = await run('import', file, ...opening);
    expect(code).toBe(5);
    expect(stdout).toMatch(/3\s+.*事项名称/);
    expect(stdout).toContain('星际舰队');
    expect(stderr).toContain('IMPORT_PROBLEMS');
    const json = await run('import', file, ...opening, '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({
      error: { code: 'IMPORT_PROBLEMS' },
      report: { accepted: false },
    });
    const lists = JSON.parse((await run('lists', '--division', '370114', '--json')).stdout);
    expect(lists).toMatchObject([{ draft: { added: 0 } }]);
  });

  test('organs that are not known can be registered on the way', async () => {
    const file = join(dataDir, 'unknown.csv');
    writeFileSync(file, '序号,事项名称,主体责任单位,依据\n1,甲,星际舰队,条例\n');
    const opening = [
      '--division',
      '370114',
      '--kind',
      'ADMISSION',
      '--title',
      '准入',
      '--maintainer',
      '区委编办',
    ];
    expect(await run('import', file, ...opening, '--register-unknown', '--json')).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('星际舰队'),
    });
    const { stdout } = await run(
      'organs',
      'packages/cli/samples/organs-370114.csv',
      '--division',
      '370114',
      '--json',
    );
    expect(JSON.parse(stdout)).toMatchObject({ registered: [] });
  });

  test('messages come in the language asked for', async () => {
    const english = await run('export', '--list', 'list:none', '--lang', 'en');
    expect(english.stderr).toMatch(/code: +NOT_FOUND/);
    expect((await run('export', '--list', 'list:none')).stderr).toMatch(/代码：NOT_FOUND/);
  });

  test('restore takes no archive that is damaged', async () => {
    const archive = join(dataDir, 'backup.tar.gz');
    expect(await run('backup', '-o', archive)).toMatchObject({ code: 0 });
    const damaged = join(dataDir, 'damaged.tar.gz');
    copyFileSync(archive, damaged);
    const { readFileSync, truncateSync } = await import('node:fs');
    truncateSync(damaged, Math.floor(readFileSync(archive).length / 2));
    const target = { url: node.url, dataDir: join(folder(), 'new') };
    const { code, stderr } = await cli(target, 'restore', damaged);
    expect(code).toBe(1);
    expect(stderr).toContain('DAMAGED');
    expect(await cli(target, 'restore', archive)).toMatchObject({ code: 0 });
  });
});
