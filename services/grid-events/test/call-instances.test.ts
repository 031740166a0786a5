import { outgoing } from '@dutyledger/contracts/event-contract';
import { OrganRegistered } from '@dutyledger/contracts/staffing';
import type { DevelopmentToken } from '@dutyledger/subgraph-kit/dev-issuer';
import { afterEach, expect, test, vi } from 'vitest';
import { callStream } from '../src/call/state.ts';
import { COUNTY, change, ORGANS, recordOf, TOWN } from './harness.ts';
import { PATIENCE, startInstances } from './instances.ts';

/** Two instances of the service on the same stores (G-9): what falls due is recorded once, whichever of them does it. */

let h: Awaited<ReturnType<typeof startInstances>>;
afterEach(() => h.end());

test('G-9 with two instances an overdue step is recorded and raised once, also when one of them ends in between', async () => {
  h = await startInstances();
  const { events, bus, clock, instance } = h;
  const [first, second] = [await instance(), await instance()];
  const organs = [ORGANS.town, ORGANS.water, ORGANS.police];
  const messages = organs.map((organ) =>
    outgoing(OrganRegistered, {
      stored: recordOf('OrganRegistered', 'staffing.organRegister-330803'),
      data: { organ },
    }),
  );
  await (await bus.publisher('staffing')).publish(messages);

  const town: DevelopmentToken = { roles: ['TOWN_OPERATOR'], organ: ORGANS.town.id, division: TOWN };
  const operator: DevelopmentToken = { roles: ['COUNTY_OPERATOR'], division: COUNTY };
  const ISSUE = 'mutation ($input: IssueCallInput!) { issueCall(input: $input) { call { id } } }';
  const input = {
    kind: 'EMERGENCY',
    title: '河道非法采砂',
    asked: '到场制止',
    place: { address: '高家镇衢江段' },
    organs: [{ organ: ORGANS.water.id, role: 'LEAD' }, { organ: ORGANS.police.id }],
    change,
  };
  const issue = async ({ ask }: typeof first): Promise<string> => {
    let id = '';
    // The copy of the organs may still be on its way.
    await vi.waitUntil(async () => {
      id = await ask(ISSUE, { input }, town).then(
        (data) => data.issueCall.call.id,
        () => '',
      );
      return id !== '';
    }, PATIENCE);
    return id;
  };
  const raised = async ({ ask }: typeof first, id: string): Promise<boolean> => {
    const data = await ask('query ($id: ID!) { call(id: $id) { level overdue } }', { id }, operator);
    return data.call?.level === 'COUNTY' && data.call.overdue;
  };
  const recorded = async (id: string): Promise<string[]> => {
    const types: string[] = [];
    for await (const page of events.readStream(callStream(id))) types.push(...page.map(({ type }) => type));
    return types;
  };
  const once = ['CallIssued', 'CallOverdue', 'CallOverdue', 'CallRaised'];

  const one = await issue(first);
  clock.set('2026-03-05T02:10:00.000Z');
  await vi.waitUntil(() => raised(second, one), PATIENCE);
  const two = await issue(second);
  await first.end();
  clock.set('2026-03-05T03:00:00.000Z');
  await vi.waitUntil(() => raised(second, two), PATIENCE);
  expect([await recorded(one), await recorded(two)]).toEqual([once, once]);
});
