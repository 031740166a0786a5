import { expect, vi } from 'vitest';
import type { Load } from './load.ts';
import type { Program } from './members.ts';
import type { System } from './system.ts';

const PATIENCE = { timeout: 60_000, interval: 250 };
const REBUILD_MS = 60_000;

const PAGE = /* GraphQL */ `
  query ($after: String) {
    organs(division: "370114000000", first: 100, after: $after) {
      edges { node { name } }
      pageInfo { hasNextPage endCursor }
    }
  }
`;
const DRAFT = 'query ($id: ID!) { dutyList(id: $id) { draft { number added } } }';
const MODELS = '{ listsReadModels { name failure } staffingReadModels { name failure } }';
const rebuilding = (service: string): string =>
  `mutation ($input: RebuildReadModelInput!) { rebuilt: rebuild${service}ReadModel(input: $input) { digestBefore digestAfter } }`;

/** Of a gauge of one process, by label. */
async function gauge({ url }: Program, name: string): Promise<Map<string, number>> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const found = text.matchAll(new RegExp(`^${name}\\{\\w+="([^"]*)"\\} (\\S+)$`, 'gm'));
  return new Map(Array.from(found, ([, label = '', value]) => [label, Number(value)]));
}

/** Which of the instances does the work; undefined while none, or more than one, says so. */
export async function leaderOf(instances: readonly Program[], work: string): Promise<Program | undefined> {
  const leads = await Promise.all(
    instances.map((each) =>
      gauge(each, 'dutyledger_follower_leading').catch(() => new Map<string, number>()),
    ),
  );
  const leaders = instances.filter((_, n) => leads[n]?.get(work) === 1);
  return leaders.length === 1 ? leaders[0] : undefined;
}

export const ledBy = (instances: readonly Program[], work: string): Promise<Program> =>
  vi.waitFor(async () => {
    const leader = await leaderOf(instances, work);
    if (leader === undefined) throw new Error(`nobody leads ${work}`);
    return leader;
  }, PATIENCE);

/** Everything acknowledged is there, once; nothing is parked; what is served equals what a rebuild makes of the events. */
export async function expectWhole({ client, services }: System, load: Load): Promise<void> {
  // A store that was struck a moment ago may still be away for a while: it is asked again, as the answer says.
  const ask: typeof client.ask = (...question) =>
    vi.waitFor(() => client.ask(...question), { timeout: 120_000, interval: 1_000 });
  const names: string[] = [];
  for (let after: string | null = null; ; ) {
    const { organs } = await ask(PAGE, { after });
    for (const { node } of organs.edges) names.push(node.name);
    if (!organs.pageInfo.hasNextPage) break;
    after = organs.pageInfo.endCursor;
  }
  const drilled = names.filter((name) => name.startsWith('演练'));
  expect(drilled.sort()).toEqual(load.organs.toSorted());
  for (const [id, codes] of load.items) {
    const { dutyList } = await ask(DRAFT, { id });
    expect(dutyList.draft).toEqual({ number: codes.length, added: codes.length });
  }
  for (const each of services.lists) {
    const parked = await gauge(each, 'dutyledger_parked_messages');
    expect(new Set(parked.values())).toEqual(new Set([0]));
  }
  const { listsReadModels, staffingReadModels } = await ask(MODELS);
  for (const { name, failure } of [...listsReadModels, ...staffingReadModels]) {
    expect({ name, failure }).toEqual({ name, failure: null });
    const service = name.startsWith('lists.') ? 'Lists' : 'Staffing';
    const { rebuilt } = await ask(rebuilding(service), { input: { name } }, REBUILD_MS);
    expect({ name, digest: rebuilt.digestAfter }).toEqual({ name, digest: rebuilt.digestBefore });
  }
}
