import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Standalone } from '../src/standalone.ts';
import { embeddedNode, heard, shown } from './embedded.ts';

/** What the documents show is carried out here, on a node of its own; `# refused: CODE` says what is refused, and how. */

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
const TOWN = '370114101000';
const change = { reason: '示例', basis: [{ title: '编制方案', documentNumber: '章编〔2024〕1号' }] };
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

/** The day in China so many days from now. */
const chinaDay = (days: number): string =>
  new Date(Date.now() + 8 * 3_600_000 + days * 86_400_000).toISOString().slice(0, 10);

/** What an example answers is there for those behind it: `list:…` as $list and so on, the number of a draft as $draft. */
function learn(answer: unknown): void {
  if (typeof answer !== 'object' || answer === null) return;
  for (const [name, value] of Object.entries(answer)) {
    const kind = name === 'id' && /^([a-z]+):/.exec(String(value))?.[1];
    if (kind && kind !== 'organ') variables[kind] = value;
    if (name === 'draft' && value?.number !== undefined) variables['draft'] = value.number;
    learn(value);
  }
}

beforeAll(async () => {
  node = await embeddedNode();
  const roles = [
    'LIST_EDITOR',
    'LIST_PUBLISHER',
    'COUNTY_APPROVER',
    'ORGAN_REGISTRAR',
    'AUDITOR',
    'INTEGRATOR',
  ] as const;
  token = await node.token({ roles, division: COUNTY });
  const organs = [
    { name: '区公安局', kind: 'DEPARTMENT' },
    { name: '区农业农村局', kind: 'DEPARTMENT' },
    { name: '区司法局', kind: 'DEPARTMENT' },
    { name: '区委编办', kind: 'PARTY_OFFICE' },
    { name: '垛庄镇人民政府', kind: 'TOWN_GOVERNMENT', division: TOWN },
  ];
  const registered = await send(
    'mutation ($input: RegisterOrgansInput!) { registerOrgans(input: $input) { organs { id } } }',
    { input: { division: COUNTY, organs, change } },
  );
  const ids = registered.data['registerOrgans']?.['organs'] as { id: string }[];
  await heard(node.url, token, ids.at(-1)?.id ?? '');
  const [police, farming, justice, office, townOrgan] = ids.map(({ id }) => id);
  const today = chinaDay(0);
  const to = chinaDay(30);
  variables = { organ: police, police, farming, justice, office, townOrgan, town: TOWN, today, to };
  Object.assign(variables, { division: COUNTY, text: '犬只登记', power: 'power:370114/GA-015' });
  const opened = await send(
    'mutation ($input: OpenDutyListInput!) { openDutyList(input: $input) { list { id } } }',
    { input: { division: COUNTY, kind: 'TERRITORIAL', title: '示例清单', maintainer: office, change } },
  );
  learn(opened.data);
});
afterAll(() => node.stop());

describe('documents', () => {
  test.each(examples)('$file: $name works as it is shown', async ({ query }) => {
    const named = Object.entries(variables).filter(([name]) => query.includes(`$${name}:`));
    const { data, errors } = await send(query, Object.fromEntries(named));
    const [, code] = /^# refused: (\w+)\n/.exec(query) ?? [];
    expect(errors ?? []).toEqual(
      code ? [expect.objectContaining({ extensions: expect.objectContaining({ code }) })] : [],
    );
    if (!query.startsWith('mutation')) return;
    learn(data);
    await shown(node.url, token);
  });

  test('there are examples', () => expect(examples.length).toBeGreaterThan(4));

  test.each(documents)('%s: what it points to is there', (file) => {
    const targets = [...textOf(file).matchAll(/\]\(([^)#:]+)\)/g)].map(([, target = '']) => target);
    const missing = targets.filter((target) => !existsSync(resolve(root, dirname(file), target)));
    expect(missing).toEqual([]);
  });
});
