import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bus } from '@dutyledger/bus/bus';
import { openBus } from '@dutyledger/bus/open';
import { GRID_EVENTS_TOPIC } from '@dutyledger/contracts/grid-events';
import type { EventStore } from '@dutyledger/event-store/event-store';
import { openEventStore } from '@dutyledger/event-store/open';
import { openReadStore } from '@dutyledger/read-store/open';
import type { ReadStore } from '@dutyledger/read-store/read-store';
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

interface Stores {
  events: EventStore;
  readStore: ReadStore;
  bus: Bus;
}

/**
 * The stores as one instance has them. After `lose` nothing that it does reaches them any more, as when its process is
 * killed: nothing is finished, and its leases lapse without being given up (as if their time had passed).
 */
function graspOf({ events, readStore, bus }: Stores) {
  let lost = false;
  const leases = new Set<{ release(): Promise<void> }>();
  const alive = async <T>(act: () => Promise<T>): Promise<T> => {
    if (lost) throw new Error('the instance is lost');
    return act();
  };
  async function* reading<T>(pages: AsyncIterable<T>): AsyncGenerator<T> {
    for await (const page of pages) yield await alive(async () => page);
  }
  const stores: Stores = {
    events: {
      append: (...args) => alive(() => events.append(...args)),
      readStream: (...args) => reading(events.readStream(...args)),
      readAll: (...args) => reading(events.readAll(...args)),
      subscribe: (options, handler) => events.subscribe(options, (page) => alive(() => handler(page))),
      head: () => alive(() => events.head()),
      close: () => events.close(),
    },
    readStore: {
      generations: (...args) => alive(() => readStore.generations(...args)),
      create: (...args) => alive(() => readStore.create(...args)),
      serve: (...args) => alive(() => readStore.serve(...args)),
      drop: (...args) => alive(() => readStore.drop(...args)),
      close: () => readStore.close(),
      tryLease: async (...args) => {
        const lease = await alive(() => readStore.tryLease(...args));
        if (lease === undefined) return undefined;
        leases.add(lease);
        const { name, token } = lease;
        const release = () => alive(() => lease.release());
        return { name, token, release, renew: () => alive(() => lease.renew()) };
      },
    },
    bus: {
      publisher: async (name) => {
        const publisher = await bus.publisher(name);
        return {
          get checkpoint() {
            return publisher.checkpoint;
          },
          publish: (...args) => alive(() => publisher.publish(...args)),
          close: () => publisher.close(),
        };
      },
      subscribe: (options, handler) => bus.subscribe(options, (event) => alive(() => handler(event))),
      read: (...args) => bus.read(...args),
      parked: (...args) => bus.parked(...args),
      replayParked: (...args) => bus.replayParked(...args),
      discardParked: (...args) => bus.discardParked(...args),
      discarded: (...args) => bus.discarded(...args),
      close: () => bus.close(),
    },
  };
  const lose = async (): Promise<void> => {
    lost = true;
    for (const lease of leases) await lease.release();
  };
  return { stores, lose };
}

const operator: DevelopmentToken = { roles: ['COUNTY_OPERATOR'], division: COUNTY };
const manager: DevelopmentToken = { roles: ['GRID_MANAGER'], division: COUNTY };
const SUPERVISED = 'SL.采砂';
const ESCALATED = '市容.垃圾';

test('G-8 with two instances a limit that runs out is recorded, brings supervision or escalation and is told once, also when one ends in between or is lost and another starts', async () => {
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
    const { stores, lose } = graspOf({ events, readStore, bus });
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
    return { ask, end, lose };
  }

  const [first, second] = [await instance(), await instance()];
  const SET = 'mutation ($input: SetClassPolicyInput!) { setClassPolicy(input: $input) { repeated } }';
  const escalating = { division: COUNTY, caseClass: ESCALATED, escalation: 'NEXT_LEVEL', change };
  await first.ask(SET, { input: escalating }, manager);
  const REPORT = 'mutation ($input: ReportCaseInput!) { reportCase(input: $input) { case { id } } }';
  /** A case of either class. */
  const report = async ({ ask }: typeof first): Promise<string[]> => {
    const ids: string[] = [];
    for (const caseClass of [SUPERVISED, ESCALATED]) {
      const input = { division: TOWN, source: 'CITIZEN', class: caseClass, description: '待处置', change };
      ids.push((await ask(REPORT, { input }, operator)).reportCase.case.id);
    }
    return ids;
  };
  const overdue = async ({ ask }: typeof first, ids: string[]): Promise<boolean> => {
    for (const id of ids) {
      const data = await ask('query ($id: ID!) { case(id: $id) { overdue } }', { id }, operator);
      if (data.case?.overdue !== true) return false;
    }
    return true;
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

  const cases: string[][] = [];
  const begun = async (by: typeof first): Promise<string[]> => {
    const ids = await report(by);
    cases.push(ids);
    return ids;
  };

  const one = await begun(first);
  clock.set('2026-04-05T02:00:00.000Z');
  await vi.waitUntil(() => overdue(second, one), PATIENCE);

  const two = await begun(second);
  await first.end();
  clock.set('2026-05-05T02:00:00.000Z');
  await vi.waitUntil(() => overdue(second, two), PATIENCE);

  const three = await begun(second);
  clock.set('2026-06-05T02:00:00.000Z');
  await second.lose();
  const third = await instance();
  await vi.waitUntil(() => overdue(third, three), PATIENCE);

  const fourth = await instance();
  const four = await begun(third);
  clock.set('2026-07-05T02:00:00.000Z');
  await third.lose();
  await vi.waitUntil(() => overdue(fourth, four), PATIENCE);

  // What is told of them later than this would have been told twice.
  const last = await report(fourth);
  const told = (id: string): string[] =>
    heard.filter(({ about }) => about.includes(`"${id}"`)).map(({ type }) => type);
  const all = [...cases.flat(), ...last];
  await vi.waitUntil(
    () => all.every((id) => told(id).includes(last.includes(id) ? 'CaseReported' : 'CaseOverdue')),
    PATIENCE,
  );
  for (const [supervised = '', escalated = ''] of cases) {
    expect(await recorded(supervised)).toEqual(['CaseClassUnlisted', 'ClockOverdue', 'CaseSupervised']);
    expect(told(supervised)).toEqual(['CaseReported', 'ClassWithoutItem', 'CaseOverdue']);
    expect(await recorded(escalated)).toEqual(['CaseClassUnlisted', 'ClockOverdue', 'CaseEscalated']);
    expect(told(escalated)).toEqual(['CaseReported', 'ClassWithoutItem', 'CaseOverdue', 'CaseEscalated']);
  }
});
