import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBus } from '@dutyledger/bus/open';
import { GRID_EVENTS_TOPIC } from '@dutyledger/contracts/grid-events';
import { openEventStore } from '@dutyledger/event-store/open';
import { openReadStore } from '@dutyledger/read-store/open';
import { type DevelopmentToken, devIssuer } from '@dutyledger/subgraph-kit/dev-issuer';
import { createLogger } from '@dutyledger/subgraph-kit/logging';
import { settableClock } from '@dutyledger/timers/settable-clock.fixture';
import { afterEach, expect, test, vi } from 'vitest';
import { caseStream } from '../src/case/events.ts';
import { startGridEvents } from '../src/service.ts';
import { COUNTY, change, type Data, TOWN } from './harness.ts';

/** Two instances of the service on the same stores (G-8): a limit that runs out has its consequences once, whoever sees it. */

const PATIENCE = { timeout: 120_000, interval: 10 };
const cleanings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const clean of cleanings.splice(0).reverse()) await clean();
});

test('G-8 with two instances a limit that runs out is recorded, brings supervision and is told once, also when one ends in between and another starts', async () => {
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
  const REPORT = 'mutation ($input: ReportCaseInput!) { reportCase(input: $input) { case { id } } }';
  const operator: DevelopmentToken = { roles: ['COUNTY_OPERATOR'], division: COUNTY };
  const input = { division: TOWN, source: 'CITIZEN', class: 'SL.采砂', description: '夜间采砂', change };
  const report = async ({ ask }: typeof first): Promise<string> =>
    (await ask(REPORT, { input }, operator)).reportCase.case.id;
  const overdue = async ({ ask }: typeof first, id: string): Promise<boolean> => {
    const data = await ask('query ($id: ID!) { case(id: $id) { overdue } }', { id }, operator);
    return data.case?.overdue === true;
  };
  const recorded = async (id: string): Promise<string[]> => {
    const types: string[] = [];
    for await (const page of events.readStream(caseStream(id))) types.push(...page.map(({ type }) => type));
    return types.filter((type) => type !== 'CaseReported');
  };
  const heard: { type: string; about: string }[] = [];
  const following = bus.subscribe({ topics: [GRID_EVENTS_TOPIC], group: 'test' }, async ({ type, data }) => {
    heard.push({ type: type.split('.').at(-2) ?? '', about: JSON.stringify(data) });
  });
  cleanings.push(() => following.stop());

  const one = await report(first);
  clock.set('2026-04-05T02:00:00.000Z');
  await vi.waitUntil(() => overdue(second, one), PATIENCE);
  const two = await report(second);
  await first.end();
  clock.set('2026-05-05T02:00:00.000Z');
  await vi.waitUntil(() => overdue(second, two), PATIENCE);
  const again = await instance();
  await second.end();
  const three = await report(again);
  const told = (id: string): string[] =>
    heard.filter(({ about }) => about.includes(`"${id}"`)).map(({ type }) => type);
  await vi.waitUntil(
    () => [one, two, three].every((id) => told(id).length >= (id === three ? 1 : 3)),
    PATIENCE,
  );
  for (const id of [one, two]) {
    expect(await recorded(id)).toEqual(['CaseClassUnlisted', 'ClockOverdue', 'CaseSupervised']);
    expect(told(id)).toEqual(['CaseReported', 'ClassWithoutItem', 'CaseOverdue']);
  }
});
