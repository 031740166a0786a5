import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bus } from '@dutyledger/bus/bus';
import { openBus } from '@dutyledger/bus/open';
import type { EventStore } from '@dutyledger/event-store/event-store';
import { openEventStore } from '@dutyledger/event-store/open';
import { openReadStore } from '@dutyledger/read-store/open';
import { type DevelopmentToken, devIssuer } from '@dutyledger/subgraph-kit/dev-issuer';
import type { GraphqlAnswer } from '@dutyledger/subgraph-kit/endpoint';
import { createLogger } from '@dutyledger/subgraph-kit/logging';
import type { RunningService } from '@dutyledger/subgraph-kit/service';
import { expect } from 'vitest';
import { startStaffing } from '../src/service.ts';

/** The service on real embedded stores in a folder of its own, asked through GraphQL. */

export const COUNTY = '370114000000';
export const TOWN = '370114101000';

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

export interface Harness {
  events: EventStore;
  bus: Bus;
  service: RunningService;
  /** As an organ registrar of the county unless told otherwise. */
  send(
    query: string,
    variables?: Record<string, unknown>,
    as?: Partial<DevelopmentToken>,
  ): Promise<GraphqlAnswer>;
  /** The data; fails the test on any error. */
  ask(query: string, variables?: Record<string, unknown>, as?: Partial<DevelopmentToken>): Promise<Data>;
  /** The one error; fails the test when there is none. */
  fault(query: string, variables?: Record<string, unknown>, as?: Partial<DevelopmentToken>): Promise<Fault>;
  /** Stops the service, closes the stores, opens and starts them again. */
  restart(): Promise<void>;
  end(): Promise<void>;
}

export async function startHarness(): Promise<Harness> {
  const folder = await mkdtemp(join(tmpdir(), 'staffing-'));
  const url = (name: string): string => `sqlite:${join(folder, `${name}.db`)}`;
  const issuer = await devIssuer(folder);
  const logger = createLogger({ name: 'staffing-test', level: 'silent' });

  async function open() {
    const events = await openEventStore(url('events'));
    const readStore = await openReadStore(url('read'));
    const bus = await openBus(url('bus'));
    const { verifier } = issuer;
    const service = await startStaffing({ events, readStore, bus, verifier, logger, production: false });
    return { events, readStore, bus, service };
  }
  let running = await open();
  async function close(): Promise<void> {
    await running.service.stop();
    await running.bus.close();
    await running.readStore.close();
    await running.events.close();
  }

  const send: Harness['send'] = async (query, variables = {}, as = {}) => {
    const token = await issuer.issue({ roles: ['ORGAN_REGISTRAR'], division: COUNTY, ...as });
    const headers = { authorization: `Bearer ${token}`, 'accept-language': 'en' };
    return running.service.subgraph.execute({ query, variables, headers });
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
    send,
    async ask(query, variables, as) {
      const answer = await send(query, variables, as);
      expect(answer.errors ?? []).toEqual([]);
      return answer.data;
    },
    async fault(query, variables, as) {
      const { errors = [] } = await send(query, variables, as);
      expect(errors).toHaveLength(1);
      const { message, extensions } = errors[0] as { message: string; extensions: object };
      return { message, ...extensions } as Fault;
    },
    async restart() {
      await close();
      running = await open();
    },
    async end() {
      await close();
      await rm(folder, { recursive: true });
    },
  };
}

export const change = {
  reason: '机构改革',
  basis: [{ title: '章丘区机构改革方案', documentNumber: '章办发〔2026〕1号' }],
};

export const REGISTER = /* GraphQL */ `
  mutation ($input: RegisterOrgansInput!) {
    registerOrgans(input: $input) { organs { id name status level effectiveFrom } repeated pending }
  }
`;

/** Registers organs in the county from 2026-01-01 on and gives their ids. */
export async function register(
  { ask }: Pick<Harness, 'ask'>,
  organs: readonly object[],
  input: object = {},
): Promise<string[]> {
  const { registerOrgans } = await ask(REGISTER, {
    input: { division: COUNTY, organs, effectiveFrom: '2026-01-01', change, ...input },
  });
  expect(registerOrgans.pending).toBe(false);
  return registerOrgans.organs.map(({ id }: { id: string }) => id);
}
