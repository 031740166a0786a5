import { hash } from 'node:crypto';
import { copyFile, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { createLogger } from '@dutyledger/subgraph-kit/logging';
import { expect, test, vi } from 'vitest';
import type { StandaloneConfig } from '../src/config.ts';
import { type Standalone, startStandalone } from '../src/standalone.ts';
import { ask, cli, folder, ready } from './harness.ts';

/** What a node holds of a person, looked for in every byte that it has written (G-4). */

const WAIT = { timeout: 120_000, interval: 20 };
const COUNTY = '330803000000';
const TOWN = '330803103000';
const change = { reason: '群众反映', basis: [{ title: '衢江区“一件事”改革方案' }] };
const PEOPLE = Array.from({ length: 4 }, (_, i) => ({
  name: `令狐${'甲乙丙丁'[i]}冲`,
  phone: `1395701${String(2_000 + i * 37)}`,
  address: `高家镇盈川东路 ${700 + i} 弄 ${i + 31} 号`,
}));

/** Ways in which a value may lie somewhere; a plain digest of it is as good as the value, because it can be guessed. */
function spellings(value: string): Buffer[] {
  const utf8 = Buffer.from(value);
  const escaped = value.replace(/[^ -~]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const base64 = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), utf8])
      .toString('base64')
      .replaceAll('=', '');
    return text.slice(Math.ceil((shift * 8) / 6) + 1, -2);
  });
  return [
    utf8,
    Buffer.from(value, 'utf16le'),
    ...[
      escaped,
      encodeURIComponent(value),
      utf8.toString('hex'),
      hash('sha256', value),
      hash('sha1', value),
    ].map((text) => Buffer.from(text)),
    ...base64.map((text) => Buffer.from(text)),
    Buffer.from(hash('sha256', value), 'hex'),
  ];
}

const VALUES = PEOPLE.flatMap(({ name, phone, address }) => [name, phone, address]).flatMap(spellings);

const found = (where: string, bytes: Buffer): string[] =>
  VALUES.some((value) => bytes.includes(value)) ? [where] : [];

async function foundInFiles(dataDir: string): Promise<string[]> {
  // The answer of a back-up ends before its folder is gone.
  await vi.waitUntil(async () => !(await readdir(dataDir)).some((name) => name.startsWith('.backup-')), WAIT);
  const names = await readdir(dataDir, { recursive: true });
  const files = await Promise.all(
    names.map(async (name) => {
      const path = join(dataDir, name);
      return (await stat(path)).isFile() ? found(name, await readFile(path)) : [];
    }),
  );
  expect(names).toEqual(expect.arrayContaining(['events.db', 'read.db', 'bus.db', 'keys.db']));
  return files.flat();
}

interface Tokens {
  town: string;
  reader: string;
  auditor: string;
  admin: string;
}

async function tokensOf(node: Standalone): Promise<Tokens> {
  return {
    town: await node.token({ roles: ['TOWN_OPERATOR'], division: TOWN, subject: 'town' }),
    reader: await node.token({ roles: ['PERSONAL_DATA_READER'], division: COUNTY, subject: 'reader' }),
    auditor: await node.token({ roles: ['AUDITOR'], division: COUNTY, subject: 'auditor' }),
    admin: await node.token({ roles: ['SYSTEM_ADMIN'], subject: 'admin' }),
  };
}

test('the search finds what it looks for, however it is spelt', () => {
  for (const { name, phone } of PEOPLE) {
    for (const text of [name, JSON.stringify({ phone }), encodeURIComponent(name), hash('sha256', phone)]) {
      expect(found('here', Buffer.from(`…${text}…`))).toEqual(['here']);
      expect(found('here', Buffer.from(Buffer.from(`a${name}…`).toString('base64')))).toEqual(['here']);
    }
  }
  expect(found('here', Buffer.from('nothing of them'))).toEqual([]);
});

test('G-4 no file, log line, message, answer to others or back-up holds a reporter, before and after the erasure; history and rebuilds go on', async () => {
  const dataDir = folder();
  const lines: string[] = [];
  const logger = createLogger({
    name: 'test',
    level: 'trace',
    destination: { write: (line) => lines.push(line) },
  });
  const config: StandaloneConfig = {
    dataDir,
    host: '127.0.0.1',
    port: 0,
    production: false,
    logLevel: 'trace',
    identity: { kind: 'development' },
  };
  let node = await startStandalone(config, logger);
  try {
    await ready(node.url);
    let tokens = await tokensOf(node);
    const data = async <T>(token: string, query: string, variables: object = {}): Promise<T> => {
      const { data: given, errors } = await ask<T>(
        node.url,
        token,
        query,
        variables as Record<string, unknown>,
      );
      expect(errors).toBeUndefined();
      return given as T;
    };
    const REPORT = 'mutation ($input: ReportCaseInput!) { reportCase(input: $input) { case { id } } }';
    const OF =
      'query ($id: ID!) { reporterOf(case: $id, purpose: "回访核实") { person erased name phone address } }';
    type Of = { reporterOf: { person: string; erased: boolean; name: string | null } };
    const cases: string[] = [];
    for (const reporter of PEOPLE) {
      const input = {
        division: TOWN,
        source: 'CITIZEN',
        class: 'SL.采砂',
        description: '夜间采砂',
        reporter,
        change,
      };
      const { reportCase } = await data<{ reportCase: { case: { id: string } } }>(tokens.town, REPORT, {
        input,
      });
      cases.push(reportCase.case.id);
    }
    // What is refused is told as well, and goes into no log.
    const [first] = PEOPLE;
    const wrong = {
      division: 'x',
      source: 'CITIZEN',
      class: 'SL.采砂',
      description: '',
      reporter: first,
      change,
    };
    expect((await ask(node.url, tokens.town, REPORT, { input: wrong })).errors).toHaveLength(1);
    const persons: string[] = [];
    await vi.waitUntil(
      async () => (await ask<Of>(node.url, tokens.town, OF, { id: cases.at(-1) })).data?.reporterOf,
      WAIT,
    );
    for (const [i, id] of cases.entries()) {
      const { reporterOf } = await data<Of>(tokens.town, OF, { id });
      expect(reporterOf).toMatchObject({ ...PEOPLE[i], erased: false });
      persons.push(reporterOf.person);
    }

    const others = async () => {
      const HISTORY = `query ($id: ID!) { case(id: $id) { reporter { name phone } history { edges { node { content } } } } }`;
      const answers = await Promise.all(cases.map((id) => data(tokens.auditor, HISTORY, { id })));
      const ACTS = `{ personalDataActs(county: "${COUNTY}", first: 200) { edges { node { act purpose basis { title } } } } }`;
      return Buffer.from(JSON.stringify([...answers, await data(tokens.auditor, ACTS)]));
    };
    const backup = async () => {
      const headers = { authorization: `Bearer ${tokens.admin}` };
      const answer = await fetch(`${node.url}/admin/backup`, { headers });
      return gunzipSync(Buffer.from(await answer.arrayBuffer()));
    };
    const everywhere = async () => [
      ...(await foundInFiles(dataDir)),
      ...found('logs', Buffer.from(lines.join(''))),
      ...found('answers to others', await others()),
      ...found('back-up', await backup()),
    ];
    expect(await everywhere()).toEqual([]);

    const ERASE = 'mutation ($input: ErasePersonInput!) { erasePerson(input: $input) { pending } }';
    for (const person of persons.slice(0, 2)) {
      await data(tokens.reader, ERASE, { input: { person, request: '信访-3', change } });
    }
    // What erasures bring with them is recorded and taken in: from here on nothing happens of itself.
    const STATUS = '{ gridEventsReadModels { position head } }';
    type Status = { gridEventsReadModels: { position: number; head: number }[] };
    await vi.waitUntil(async () => {
      const { gridEventsReadModels: models } = await data<Status>(tokens.admin, STATUS);
      return models.every(({ position, head }) => position === head);
    }, WAIT);
    const REBUILD =
      'mutation ($name: String!) { rebuildGridEventsReadModel(input: { name: $name }) { digestBefore digestAfter } }';
    for (const name of ['registers', 'cases']) {
      const { rebuildGridEventsReadModel: digests } = await data<{
        rebuildGridEventsReadModel: { digestBefore: string; digestAfter: string };
      }>(tokens.admin, REBUILD, { name });
      expect(digests.digestAfter).toBe(digests.digestBefore);
    }
    for (const [i, id] of cases.entries()) {
      const { reporterOf } = await data<Of>(tokens.town, OF, { id });
      expect(reporterOf).toMatchObject(
        i < 2 ? { erased: true, name: null } : { ...PEOPLE[i], erased: false },
      );
    }
    expect(await everywhere()).toEqual([]);

    await node.stop();
    expect(await foundInFiles(dataDir)).toEqual([]);
    node = await startStandalone(config, logger);
    await ready(node.url);
    tokens = await tokensOf(node);
    expect((await data<Of>(tokens.town, OF, { id: cases[0] })).reporterOf).toMatchObject({ erased: true });
    expect((await data<Of>(tokens.town, OF, { id: cases[3] })).reporterOf).toMatchObject({ ...PEOPLE[3] });
    expect(lines.length).toBeGreaterThan(0);

    // An older back-up of the events, with the newest keys: who was erased since stays erased.
    const restored = join(folder(), 'restored');
    const keys = join(folder(), 'keys.db');
    const taken = join(folder(), 'older.tar.gz');
    expect(await cli({ url: node.url, dataDir }, 'backup', '-o', taken)).toMatchObject({ code: 0 });
    await data(tokens.reader, ERASE, { input: { person: persons[2], change } });
    const newer = join(folder(), 'newer.tar.gz');
    expect(await cli({ url: node.url, dataDir }, 'backup', '-o', newer, '--keys', keys)).toMatchObject({
      code: 0,
    });
    expect(found('keys', await readFile(keys))).toEqual([]);
    expect(await cli({ url: '', dataDir: restored }, 'restore', taken, '--keys', keys)).toMatchObject({
      code: 0,
    });
    await node.stop();
    await copyFile(join(dataDir, 'development-master.key'), join(restored, 'development-master.key'));
    node = await startStandalone({ ...config, dataDir: restored }, logger);
    await ready(node.url);
    tokens = await tokensOf(node);
    for (const i of [0, 1, 2, 3]) {
      const { reporterOf } = await data<Of>(tokens.town, OF, { id: cases[i] });
      expect(reporterOf).toMatchObject(
        i < 3 ? { erased: true, name: null } : { ...PEOPLE[i], erased: false },
      );
    }
  } finally {
    await node.stop();
  }
});
