import type { DevelopmentToken } from '@dutyledger/subgraph-kit/dev-issuer';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Standalone } from '../src/standalone.ts';
import { embeddedNode } from './embedded.ts';
import { ask } from './harness.ts';
import { added, County, change } from './reforms/county.ts';

/** Lists and grid-events live off each other's events: through the endpoint alone, on one node with real stores. */

const COUNTY = '330803000000';
const TOWN = '330803114000';
const PATIENCE = { timeout: 120_000, interval: 20 };

let node: Standalone;
let list: string;
let water: string;
let forestry: string;
let town: string;

const sent = async <T>(
  as: Partial<DevelopmentToken> & Pick<DevelopmentToken, 'roles'>,
  query: string,
  variables = {},
) => ask<T>(node.url, await node.token({ division: COUNTY, name: '赵指挥', ...as }), query, variables);

/** The answer; throws what was refused against expectation. */
async function told<T>(...request: Parameters<typeof sent>): Promise<T> {
  const { data, errors } = await sent<T>(...request);
  if (!data || errors) throw new Error(JSON.stringify(errors));
  return data;
}

/** What a query answers once it answers something that is wanted: another service has to hear of it first. */
async function once<T>(query: () => Promise<T>, wanted: (answer: T) => boolean): Promise<T> {
  let answer = await query();
  await vi.waitUntil(async () => {
    answer = await query();
    return wanted(answer);
  }, PATIENCE);
  return answer;
}

const platform = { roles: ['COUNTY_OPERATOR'] as const };
const integrator = { roles: ['INTEGRATOR'] as const };
const officer = (organ: string) => ({ roles: ['DEPARTMENT_OFFICER'] as const, organ });

const ROUTE = `query ($caseClass: String!, $on: Date) {
  routeFor(division: "${TOWN}", caseClass: $caseClass, on: $on) {
    kind edition code name list { id title } item { name } lead { name organ { id name } } cooperators { name duty }
    steps { name organName }
  } }`;
interface Route {
  routeFor: { kind: string; edition: number | null; lead: { organ: { id: string } } | null };
}
const routeFor = (caseClass: string, on?: string) => told<Route>(integrator, ROUTE, { caseClass, on });

beforeAll(async () => {
  node = await embeddedNode();
  const county = new County(node, COUNTY);
  const offices = ['区委编办', '区司法局', '区水利局', '区林业局'].map((name) => ({
    name,
    kind: 'DEPARTMENT',
  }));
  const [office = '', justice = '', ...organs] = await county.register([
    ...offices,
    { name: '高家镇人民政府', kind: 'TOWN_GOVERNMENT', level: 'TOWN', division: TOWN },
    { name: '各镇街', kind: 'ORGAN_CLASS', level: 'TOWN' },
  ]);
  const [first = '', second = '', third = '', towns = ''] = organs;
  [water, forestry, town] = [first, second, third];
  list = await county.open('TERRITORIAL', office);
  const basis = [{ title: '中华人民共和国水法', article: '第三十九条' }];
  const items = [
    {
      name: '河道采砂管理',
      leads: [{ organ: water, duty: '查处非法采砂' }],
      cooperators: [{ organ: towns, duty: '巡查上报' }],
      basis,
      caseClasses: ['水利.*'],
    },
    { name: '秸秆禁烧', leads: [{ organ: towns, duty: '主体责任' }], basis, caseClasses: ['生态.焚烧秸秆'] },
  ];
  await county.publish(list, await county.stage(list, 0, added(items)), justice);
});
afterAll(() => node.stop());

describe('what lists publish and cases go by', () => {
  test('G-7 a class resolves to the item of the edition in force, and the town stands for each town', async () => {
    const { routeFor: mining } = await once(
      () => routeFor('水利.采砂'),
      (answer) => answer.routeFor.kind === 'ITEM',
    );
    expect(mining).toEqual({
      kind: 'ITEM',
      edition: 1,
      code: '1',
      name: '河道采砂管理',
      list: { id: list, title: 'TERRITORIAL 清单' },
      item: { name: '河道采砂管理' },
      lead: { name: '区水利局', organ: { id: water, name: '区水利局' } },
      cooperators: [{ name: '高家镇人民政府', duty: '巡查上报' }],
      steps: [],
    });
    const straw = await once(
      () => routeFor('生态.焚烧秸秆'),
      ({ routeFor: route }) => route.kind === 'ITEM',
    );
    expect(straw.routeFor.lead?.organ.id).toBe(town);
    expect((await routeFor('水利.采砂', '2023-12-31')).routeFor.kind).toBe('NONE');
  });
});

describe('what cases lead to in the lists', () => {
  const CASE = 'id status route { kind edition } tasks { id organ { id } disputed } denial { by { name } }';
  interface Case {
    id: string;
    route: { kind: string; edition: number | null };
    tasks: { id: string; organ: { id: string }; disputed: boolean }[];
    denial: { by: { name: string } } | null;
  }
  const step = async (name: string, as: Parameters<typeof sent>[0], input: object): Promise<Case> => {
    const types: Record<string, string> = { acceptCase: 'AcceptCase', denyCaseDuty: 'DenyCaseDuty' };
    const type = types[name] ?? `${name[0]?.toUpperCase()}${name.slice(1)}`;
    const query = `mutation ($input: ${type}Input!) { ${name}(input: $input) { case { ${CASE} } } }`;
    const answer = await told<Record<string, { case: Case }>>(as, query, { input: { ...input, change } });
    return answer[name]?.case as Case;
  };
  const caseOf = async (id: string): Promise<Case> =>
    (await told<{ case: Case }>(platform, `query ($id: ID!) { case(id: $id) { ${CASE} } }`, { id })).case;
  const report = (caseClass: string) =>
    step('reportCase', platform, {
      division: TOWN,
      source: 'COMMAND',
      class: caseClass,
      description: '夜间采砂',
    });

  interface Dispute {
    id: string;
    status: string;
    handler: { organ: { id: string } };
    firstReceiver: { organ: { id: string } };
    parties: { organ: { id: string } }[];
    matter: { item: { code: string } | null; caseReference: string | null; caseClass: string | null };
  }
  const DISPUTES = `query ($case: String!) { dutyDisputes(division: "${COUNTY}", caseReference: $case) {
    edges { node { id status handler { organ { id } } firstReceiver { organ { id } } parties { organ { id } }
      matter { item { code } caseReference caseClass } reason } } } }`;
  const disputesOf = async (id: string): Promise<Dispute[]> => {
    const { dutyDisputes } = await told<{ dutyDisputes: { edges: { node: Dispute }[] } }>(
      { roles: ['AUDITOR'] },
      DISPUTES,
      { case: id },
    );
    return dutyDisputes.edges.map(({ node: dispute }) => dispute);
  };

  test('L-7 "not our duty" opens a dispute, the first receiver keeps handling; settled, the case goes to its handler', async () => {
    const { id, route } = await report('水利.采砂');
    expect(route).toEqual({ kind: 'ITEM', edition: 1 });
    await step('acceptCase', platform, { id, file: true });
    const { tasks } = await step('dispatchCase', platform, { id });
    const task = tasks.find(({ organ }) => organ.id === water)?.id ?? '';
    const ground = '砂场在林地内，属林业部门职责';
    await step('denyCaseDuty', officer(water), { id, task, proposed: forestry, ground });

    const [dispute] = await once(
      () => disputesOf(id),
      (found) => found.length > 0,
    );
    expect(dispute).toMatchObject({
      status: 'NEGOTIATION',
      handler: { organ: { id: water } },
      firstReceiver: { organ: { id: water } },
      parties: [{ organ: { id: water } }, { organ: { id: forestry } }],
      matter: { item: { code: '1' }, caseReference: id, caseClass: '水利.采砂' },
      reason: ground,
    });
    expect((await caseOf(id)).tasks.find((one) => one.id === task)).toEqual({
      id: task,
      organ: { id: water },
      disputed: true,
    });

    const POSITION = `mutation ($input: DisputePositionInput!) { takeDisputePosition(input: $input) { dispute { status } } }`;
    for (const organ of [water, forestry]) {
      const input = { id: dispute?.id, organ, handler: forestry, text: '由林业部门办理', change };
      await told(officer(organ), POSITION, { input });
    }
    const moved = await once(
      () => caseOf(id),
      ({ denial }) => denial === null,
    );
    expect(moved.tasks.find((one) => one.id === task)).toEqual({
      id: task,
      organ: { id: forestry },
      disputed: false,
    });
    expect(await disputesOf(id)).toHaveLength(1);
  });

  test('G-7 a class that no list carries is reported as a gap, once per county and class', async () => {
    const GAPS = `query { dutyGaps(division: "${COUNTY}") { edges { node { caseClass reports open } } } }`;
    interface Gaps {
      dutyGaps: { edges: { node: { caseClass: string; reports: number; open: boolean } }[] };
    }
    for (const _ of [1, 2]) expect((await report('未列.新事')).route.kind).toBe('NONE');
    const { dutyGaps } = await once(
      () => told<Gaps>({ roles: ['AUDITOR'] }, GAPS),
      ({ dutyGaps: { edges } }) => edges[0]?.node.reports === 2,
    );
    expect(dutyGaps.edges).toEqual([{ node: { caseClass: '未列.新事', reports: 2, open: true } }]);
  });
});
