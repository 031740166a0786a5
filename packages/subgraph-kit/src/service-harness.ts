import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bus } from '@dutyledger/bus/bus';
import { openBus } from '@dutyledger/bus/open';
import type { EventStore } from '@dutyledger/event-store/event-store';
import { openEventStore } from '@dutyledger/event-store/open';
import { openReadStore } from '@dutyledger/read-store/open';
import { type SettableClock, settableClock } from '@dutyledger/timers/settable-clock.fixture';
import { type DevelopmentToken, devIssuer } from './dev-issuer.ts';
import type { GraphqlAnswer } from './endpoint.ts';
import { createLogger } from './logging.ts';
import type { RunningService, ServiceDependencies } from './service.ts';

/** For tests: one service on real embedded stores in a folder of its own, asked through GraphQL. */

/** Answers as tests read them: whatever the query asked for. */
// biome-ignore lint/suspicious/noExplicitAny: the shape of an answer is that of its query.
export type Data = any;

export interface Fault {
  message: string;
  code: string;
  rule?: string;
  field?: string;
  citation?: { title: string };
  details?: Record<string, unknown>;
}

type As = Partial<DevelopmentToken>;

export interface Harness {
  events: EventStore;
  bus: Bus;
  service: RunningService;
  /** The clock of the service: follows the machine's until a test sets it. Events keep the machine's time of recording. */
  clock: SettableClock;
  /** Sets the clock, and waits until all timers that are due then have done their work and the read models show it. */
  travelTo(at: string): Promise<void>;
  send(query: string, variables?: Record<string, unknown>, as?: As): Promise<GraphqlAnswer>;
  /** The data; throws on any error. */
  ask(query: string, variables?: Record<string, unknown>, as?: As): Promise<Data>;
  /** The one error; throws when there is none, or several. */
  fault(query: string, variables?: Record<string, unknown>, as?: As): Promise<Fault>;
  /** The first error of the last request, which is sent once more in Chinese. */
  inChinese(): Promise<string | undefined>;
  /** Stops the service, closes the stores, opens and starts them again; `without` deletes a store in between. */
  restart(without?: 'read' | 'bus'): Promise<void>;
  end(): Promise<void>;
}

/**
 * For how long a machine may stand still. A service makes its callers wait for read models for some seconds only; what
 * a test asks next must not depend on that.
 */
const PATIENCE_MS = 120_000;

/** `caller`: who asks unless a call says otherwise. */
export async function startHarness(
  start: (deps: ServiceDependencies) => Promise<RunningService>,
  caller: As & Pick<DevelopmentToken, 'roles'>,
): Promise<Harness> {
  const folder = await mkdtemp(join(tmpdir(), 'dutyledger-'));
  const url = (name: string): string => `sqlite:${join(folder, `${name}.db`)}`;
  const issuer = await devIssuer(folder);
  const logger = createLogger({ name: 'test', level: 'silent' });
  const clock = settableClock();

  async function open() {
    const events = await openEventStore(url('events'));
    const readStore = await openReadStore(url('read'));
    const bus = await openBus(url('bus'));
    const { verifier } = issuer;
    const service = await start({ events, readStore, bus, verifier, logger, production: false, clock });
    await shown(events, service);
    return { events, readStore, bus, service };
  }
  const shown = async (events: EventStore, { projections }: RunningService): Promise<boolean> =>
    projections.waitFor(await events.head(), PATIENCE_MS);
  let running = await open();
  async function close(): Promise<void> {
    await running.service.stop();
    await running.bus.close();
    await running.readStore.close();
    await running.events.close();
  }

  let again: () => Promise<GraphqlAnswer> = async () => ({});
  const send: Harness['send'] = async (query, variables = {}, as = {}) => {
    const token = await issuer.issue({ ...caller, ...as });
    const inLanguage = (language: string): Promise<GraphqlAnswer> => {
      const headers = { authorization: `Bearer ${token}`, 'accept-language': language };
      return running.service.subgraph.execute({ query, variables, headers });
    };
    again = () => inLanguage('zh-CN');
    const answer = await inLanguage('en');
    if (/\bmutation\b/.test(query)) await shown(running.events, running.service);
    return answer;
  };
  return {
    get events() {
      return running.events;
    },
    get bus() {
      return running.bus;
    },
    get service() {
      return running.service;
    },
    clock,
    async travelTo(at) {
      clock.set(at);
      const name = `${running.service.name}.timers`;
      for (;;) {
        const timers = (await running.service.subgraph.readiness()).find((part) => part.name === name);
        if (timers?.detail === 'none due') break;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      await shown(running.events, running.service);
    },
    send,
    async ask(query, variables, as) {
      const { data, errors } = await send(query, variables, as);
      if (errors?.length) throw new Error(`unexpected errors: ${JSON.stringify(errors, null, 2)}`);
      return data;
    },
    async fault(query, variables, as) {
      const { data, errors = [] } = await send(query, variables, as);
      const [error] = errors;
      if (!error || errors.length > 1)
        throw new Error(`expected one error: ${JSON.stringify({ data, errors })}`);
      return { message: error.message, ...error.extensions } as Fault;
    },
    inChinese: async () => (await again()).errors?.[0]?.message,
    async restart(without) {
      await close();
      if (without)
        for (const ending of ['', '-wal', '-shm'])
          await rm(join(folder, `${without}.db${ending}`), { force: true });
      running = await open();
    },
    async end() {
      await close();
      await rm(folder, { recursive: true });
    },
  };
}
