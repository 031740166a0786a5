import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type DevIssuer, devIssuer } from '@dutyledger/subgraph-kit/dev-issuer';
import { expect, test } from 'vitest';
import { ask, cli, cliJson, folder, type Node, startNode } from './harness.ts';

/** `kill -9` at random moments, under concurrent writers and during an import: nothing acknowledged is lost or doubled. */

const DIVISION = '370114000000';
const WRITERS = 100;
const ROUNDS = 3;
const change = { reason: '测试', basis: [{ title: '测试方案' }] };

const REGISTER =
  'mutation ($input: RegisterOrgansInput!) { registerOrgans(input: $input) { organs { id name } repeated } }';
const ORGANS = `query ($division: DivisionCode!, $after: String) {
  organs(division: $division, first: 200, after: $after) { edges { node { id name } } pageInfo { hasNextPage endCursor } } }`;

interface Organs {
  organs: {
    edges: { node: { id: string; name: string } }[];
    pageInfo: { hasNextPage: boolean; endCursor: string };
  };
}

const tokenOf = (issuer: DevIssuer): Promise<string> =>
  issuer.issue({ roles: ['ORGAN_REGISTRAR', 'LIST_EDITOR', 'AUDITOR'] });

/** Registers one organ under a key of its own name; the id that was acknowledged, or undefined when nothing came back. */
async function register(url: string, token: string, name: string): Promise<string | undefined> {
  const input = {
    division: DIVISION,
    organs: [{ name, kind: 'DEPARTMENT' }],
    change: { ...change, idempotencyKey: name },
  };
  try {
    const { data } = await ask<{ registerOrgans: { organs: { id: string }[] } }>(url, token, REGISTER, {
      input,
    });
    return data?.registerOrgans.organs[0]?.id;
  } catch {
    return undefined;
  }
}

async function allOrgans(url: string, token: string): Promise<{ id: string; name: string }[]> {
  const found: { id: string; name: string }[] = [];
  for (let after: string | null = null; ; ) {
    const answer: { data?: Organs } = await ask<Organs>(url, token, ORGANS, { division: DIVISION, after });
    const page = (answer.data as Organs).organs;
    found.push(...page.edges.map(({ node }) => node));
    if (!page.pageInfo.hasNextPage) return found;
    after = page.pageInfo.endCursor;
  }
}

/** Writers that register organ after organ until the node is gone. What they were told is kept. */
function startWriters(
  node: Node,
  token: string,
  round: number,
  told: Map<string, string | undefined>,
): Promise<void>[] {
  return Array.from({ length: WRITERS }, async (_, writer) => {
    for (let i = 0; ; i++) {
      const name = `第${round}轮${writer}号第${i}局`;
      told.set(name, undefined);
      const id = await register(node.url, token, name);
      if (id === undefined) return;
      told.set(name, id);
    }
  });
}

test('kill -9 under concurrent writers loses nothing acknowledged and doubles nothing', {
  timeout: 400_000,
}, async () => {
  const dataDir = join(folder(), 'data');
  let node = await startNode(dataDir);
  const issuer = await devIssuer(dataDir);
  const token = await tokenOf(issuer);
  const told = new Map<string, string | undefined>();
  for (let round = 0; round < ROUNDS; round++) {
    const writing = startWriters(node, token, round, told);
    await pause(randomInt(200, 900));
    await node.kill();
    await Promise.all(writing);
    node = await startNode(dataDir);
  }
  // Those whose answer was lost are asked for again, under the same keys.
  for (const [name, id] of told) if (id === undefined) told.set(name, await register(node.url, token, name));

  // The last answers may have come before the read models showed what they say.
  await expect.poll(async () => (await allOrgans(node.url, token)).length).toBeGreaterThanOrEqual(told.size);
  const organs = await allOrgans(node.url, token);
  expect(told.size).toBeGreaterThanOrEqual(WRITERS * ROUNDS);
  expect(new Map(organs.map(({ name, id }) => [name, id]))).toEqual(told);
  expect(organs).toHaveLength(told.size);

  const rebuilt = await cliJson<{ digestBefore: string; digestAfter: string }[]>(node, 'rebuild');
  for (const { digestBefore, digestAfter } of rebuilt) expect(digestAfter).toBe(digestBefore);
  await node.kill();
});

interface Lists {
  dutyLists: { edges: { node: { id: string; draft: { added: number } } }[] };
}

const LISTS = `query ($division: DivisionCode!) {
  dutyLists(division: $division) { edges { node { id draft { added } } } } }`;

test('kill -9 during an import: the file is in the draft whole or not at all, and the command goes on by itself', {
  timeout: 400_000,
}, async () => {
  const dataDir = join(folder(), 'data');
  let node = await startNode(dataDir);
  const token = await tokenOf(await devIssuer(dataDir));
  await cliJson(node, 'organs', 'packages/cli/samples/organs-370114.csv', '--division', '370114');
  const importing = [
    'import',
    'services/lists/data/samples/duty_items.csv',
    ...['--division', '370114', '--kind', 'TERRITORIAL', '--title', '属地清单', '--maintainer', '区委编办'],
    ...['--mapping', 'packages/cli/samples/duty-items-mapping.json'],
  ];
  const listsOf = async () => {
    const { data } = await ask<Lists>(node.url, token, LISTS, { division: DIVISION });
    return data?.dutyLists.edges.map((edge) => edge.node);
  };
  for (let round = 0; round < 2; round++) {
    const command = cli(node, ...importing);
    await pause(randomInt(300, 1_500));
    await node.kill();
    node = await startNode(dataDir, new URL(node.url).port);
    const added = (await listsOf())?.map(({ draft }) => draft.added);
    expect([[], [0], [79]]).toContainEqual(added);
    // Killed before it first answered, the node was not there for the command: 3. Else the command waited for it.
    expect([0, 3]).toContain((await command).code);
  }
  const { list } = await cliJson<{ list: { id: string } }>(node, ...importing);
  await expect.poll(listsOf).toEqual([{ id: list.id, draft: { added: 79 } }]);
  const history = await cliJson<{ change: string; code: string }[]>(
    node,
    ...['history', '--list', list.id, '--limit', '0'],
  );
  const added = history.filter((entry) => entry.change === 'ITEM_ADDED').map(({ code }) => code);
  expect([added.length, new Set(added).size]).toEqual([79, 79]);
  await node.kill();
});
