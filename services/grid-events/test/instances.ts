import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bus } from '@dutyledger/bus/bus';
import { openBus } from '@dutyledger/bus/open';
import type { EventStore } from '@dutyledger/event-store/event-store';
import { openEventStore } from '@dutyledger/event-store/open';
import { openReadStore } from '@dutyledger/read-store/open';
import type { ReadStore } from '@dutyledger/read-store/read-store';
import { type DevelopmentToken, devIssuer } from '@dutyledger/subgraph-kit/dev-issuer';
import { createLogger } from '@dutyledger/subgraph-kit/logging';
import { settableClock } from '@dutyledger/timers/settable-clock.fixture';
import { startGridEvents } from '../src/service.ts';
import type { Data } from './harness.ts';

/** Several instances of the service on the same stores, in one process. */

export const PATIENCE = { timeout: 120_000, interval: 10 };

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

/** Empty stores, and instances on them; `end` stops those that still run and removes the stores. */
export async function startInstances() {
  const folder = await mkdtemp(join(tmpdir(), 'dutyledger-'));
  const cleanings: (() => Promise<void>)[] = [() => rm(folder, { recursive: true })];
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

  const end = async (): Promise<void> => {
    for (const clean of cleanings.splice(0).reverse()) await clean();
  };
  /** Done before what was there already is ended. */
  const atEnd = (clean: () => Promise<void>) => cleanings.push(clean);
  return { events, bus, clock, instance, end, atEnd };
}
