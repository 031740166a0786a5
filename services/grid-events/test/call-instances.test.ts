import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBus } from '@dutyledger/bus/open';
import { outgoing } from '@dutyledger/contracts/event-contract';
import { OrganRegistered } from '@dutyledger/contracts/staffing';
import { openEventStore } from '@dutyledger/event-store/open';
import { openReadStore } from '@dutyledger/read-store/open';
import { type DevelopmentToken, devIssuer } from '@dutyledger/subgraph-kit/dev-issuer';
import { createLogger } from '@dutyledger/subgraph-kit/logging';
import { settableClock } from '@dutyledger/timers/settable-clock.fixture';
import { afterEach, expect, test, vi } from 'vitest';
import { callStream } from '../src/call/state.ts';
import { startGridEvents } from '../src/service.ts';
import { COUNTY, change, type Data, ORGANS, recordOf, TOWN } from './harness.ts';

/** Two instances of the service on the same stores (G-9): what falls due is recorded once, whichever of them does it. */

const PATIENCE = { timeout: 120_000, interval: 10 };
const cleanings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const clean of cleanings.splice(0).reverse()) await clean();
});

test('G-9 with two instances an overdue step is recorded and raised once, also when one of them ends in between', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dutyledger-'));
  cleanings.push(() => rm(folder, { recursive: true }));
  const issuer = await devIssuer(folder);
  const clock = settableClock('2026-03-05T02:00:00.000Z');
  const url = (name: string): string => `sqlite:${join(folder, `${name}.db`)}`;

  const [events, readStore, bus] = await Promise.all([
    openEventStore(url('events')),
    openReadStore(url('read')),
    openBus(url('bus')),
  ]);
  cleanings.push(async () => {
    await bus.close();
    await readStore.close();
    await events.close();
  });

  async function instance() {
    const logger = createLogger({ name: 'test', level: 'silent' });
    const { verifier } = issuer;
    const stores = { events, readStore, bus };
    const service = await startGridEvents({ ...stores, verifier, logger, production: false, clock });
    let ended = false;
    const end = async (): Promise<void> => {
      if (ended) return;
      ended = true;
      await service.stop();
    };
    cleanings.push(end);
    const ask = async (query: string, variables: object, as: DevelopmentToken): Promise<Data> => {
      const headers = { authorization: `Bearer ${await issuer.issue(as)}` };
      const request = { query, variables: variables as Record<string, unknown>, headers };
      const { data, errors } = await service.subgraph.execute(request);
      if (errors?.length) throw new Error(JSON.stringify(errors));
      return data;
    };
    return { ask, end };
  }

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
