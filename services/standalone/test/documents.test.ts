import { existsSync, globSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Standalone, startStandalone } from '../src/standalone.ts';

/** What the documents show is carried out here, on a node of its own. */

const root = resolve(import.meta.dirname, '../../..');
const documents = ['README.md', ...globSync('docs/**/*.md', { cwd: root })].sort();
const textOf = (file: string): string => readFileSync(join(root, file), 'utf8');
const examples = documents.flatMap((file) =>
  [...textOf(file).matchAll(/```graphql\n([\s\S]*?)```/g)].map(([, query = '']) => ({
    file,
    name: /(?:query|mutation) (\w+)/.exec(query)?.[1] ?? '?',
    query,
  })),
);

const COUNTY = '370114000000';
const change = { reason: '示例', basis: [{ title: '编制方案', documentNumber: '章编〔2024〕1号' }] };
let folder: string;
let node: Standalone;
let token: string;
let variables: Record<string, unknown>;

async function send(query: string, given: Record<string, unknown> = {}) {
  const response = await fetch(`${node.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${token}`,
      'accept-language': 'en',
    },
    body: JSON.stringify({ query, variables: given }),
  });
  return (await response.json()) as { data: Record<string, Record<string, unknown>>; errors?: object[] };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dutyledger-documents-'));
  node = await startStandalone({
    dataDir: folder,
    host: '127.0.0.1',
    port: 0,
    production: false,
    logLevel: 'silent',
    identity: { kind: 'development' },
  });
  token = await node.token({
    roles: ['LIST_EDITOR', 'LIST_PUBLISHER', 'ORGAN_REGISTRAR', 'AUDITOR'],
    division: COUNTY,
  });
  const registered = await send(
    'mutation ($input: RegisterOrgansInput!) { registerOrgans(input: $input) { organs { id } } }',
    { input: { division: COUNTY, organs: [{ name: '区公安局', kind: 'DEPARTMENT' }], change } },
  );
  const [organ] = (registered.data['registerOrgans']?.['organs'] ?? []) as { id: string }[];
  const opened = await send(
    'mutation ($input: OpenDutyListInput!) { openDutyList(input: $input) { list { id } } }',
    { input: { division: COUNTY, kind: 'TERRITORIAL', title: '示例清单', maintainer: organ?.id, change } },
  );
  const list = opened.data['openDutyList']?.['list'] as { id: string } | undefined;
  variables = { list: list?.id, organ: organ?.id, division: COUNTY, text: '犬只登记' };
});
afterAll(async () => {
  await node.stop();
  await rm(folder, { recursive: true });
});

describe('documents', () => {
  test.each(examples)('$file: $name works', async ({ query }) => {
    const named = Object.entries(variables).filter(([name]) => query.includes(`$${name}:`));
    const { errors } = await send(query, Object.fromEntries(named));
    expect(errors ?? []).toEqual([]);
  });

  test('there are examples', () => expect(examples.length).toBeGreaterThan(4));

  test.each(documents)('%s: what it points to is there', (file) => {
    const targets = [...textOf(file).matchAll(/\]\(([^)#:]+)\)/g)].map(([, target = '']) => target);
    const missing = targets.filter((target) => !existsSync(resolve(root, dirname(file), target)));
    expect(missing).toEqual([]);
  });
});
