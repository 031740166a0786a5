import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, client } from './client.ts';
import { AUDIENCE, startIssuer } from './issuer.ts';
import { eventStoreStandIn, kafka, type Member, mongodb, type Program, program } from './members.ts';

/** Engines, services and gateway, each a process of its own. */
export interface System {
  engines: Member[];
  /** By service, the instances. */
  services: Record<'staffing' | 'lists' | 'gridEvents', Program[]>;
  gateways: Program[];
  client: Client;
  stop(): Promise<void>;
}

export interface Shape {
  /** Of each service, and of the gateway. */
  instances: number;
  /** Where events are: one store for all, or a file for each service (which one process holds). */
  events: { url: string } | 'stand-in' | 'sqlite';
}

const SECRET = 'the secret of the distributed tests, long enough';
const ROLES = [
  ...['LIST_EDITOR', 'LIST_PUBLISHER', 'LEGALITY_REVIEWER', 'COUNTY_APPROVER', 'ORGAN_REGISTRAR'],
  ...['AUDITOR', 'SYSTEM_ADMIN'],
];

export async function startSystem({ instances, events }: Shape): Promise<System> {
  const stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'dutyledger-distributed-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  try {
    const issuer = await startIssuer();
    stack.defer(() => issuer.stop());
    const started = async <M extends Member>(member: Promise<M>): Promise<M> => {
      const one = await member;
      stack.defer(() => one.stop());
      return one;
    };
    const [bus, readStore] = await Promise.all([started(kafka(folder)), started(mongodb(folder))]);
    const standIn = events === 'stand-in' ? await started(eventStoreStandIn(folder)) : undefined;
    const eventsOf = (service: string): string => {
      if (standIn) return standIn.url;
      return typeof events === 'string' ? `sqlite:${join(folder, `${service}.db`)}` : events.url;
    };
    const several = (name: string, env: Record<string, string>, length = instances): Promise<Program[]> => {
      const numbers = Array.from({ length }, (_, n) => n + 1);
      const script = `services/${name}/src/main.ts`;
      return Promise.all(
        numbers.map((n) =>
          started(program(`${name}-${n}`, script, folder, { INTERNAL_TOKEN_SECRET: SECRET, ...env })),
        ),
      );
    };
    const storesOf = (name: string) => ({
      EVENTSTORE_URL: eventsOf(name),
      READSTORE_URL: readStore.url,
      BUS_URL: bus.url,
    });
    // Nothing is asked of it here: the graph is not whole without it. FerretDB looks through all of a collection for every
    // row, and has enough to do with the read models of the others.
    const ownStores = {
      READSTORE_URL: `sqlite:${join(folder, 'grid-events-read.db')}`,
      KEYSTORE_URL: `sqlite:${join(folder, 'keys.db')}`,
      BLOBSTORE_URL: `file:${join(folder, 'blobs')}`,
      PERSONAL_DATA_KEYS: randomBytes(32).toString('base64'),
    };
    const services = {
      staffing: await several('staffing', storesOf('staffing')),
      lists: await several('lists', storesOf('lists')),
      gridEvents: await several('grid-events', { ...storesOf('grid-events'), ...ownStores }, 1),
    };
    const placesOf = ([name, members]: [string, Program[]]) =>
      `${name}=${members.map(({ url }) => `${url}/graphql`).join('|')}`;
    const gateways = await several('gateway', {
      SUBGRAPHS: Object.entries(services).map(placesOf).join(','),
      BUS_URL: bus.url,
      OIDC_ISSUER: issuer.url,
      OIDC_AUDIENCE: AUDIENCE,
    });
    const programs = [...services.staffing, ...services.lists, ...services.gridEvents, ...gateways];
    await Promise.all(programs.map((each) => each.start()));
    const engines = [bus, readStore, ...(standIn ? [standIn] : [])];
    const urls = gateways.map(({ url }) => url);
    const asked = client(urls, issuer.token(ROLES));
    return { engines, services, gateways, client: asked, stop: () => stack.disposeAsync() };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}
