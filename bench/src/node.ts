import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { openBus } from '@dutyledger/bus/open';
import type { EventStore } from '@dutyledger/event-store/event-store';
import { openEventStore } from '@dutyledger/event-store/open';
import { compose, subgraphDefinitions } from '@dutyledger/gateway/compose';
import { createGateway, type Gateway } from '@dutyledger/gateway/gateway';
import { startLists } from '@dutyledger/lists/service';
import { openReadStore } from '@dutyledger/read-store/open';
import { startStaffing } from '@dutyledger/staffing/service';
import { devIssuer } from '@dutyledger/subgraph-kit/dev-issuer';
import { internalTokens } from '@dutyledger/subgraph-kit/internal-tokens';
import { createLogger, type Logger } from '@dutyledger/subgraph-kit/logging';
import type { Subgraph } from '@dutyledger/subgraph-kit/subgraph';
import { type Client, client } from './client.ts';
import { DIVISION } from './duty-events.ts';

/** A node of staffing and lists as services/standalone puts it together, its parts within reach, with room for a further subgraph. */
export interface Node extends Client {
  events: EventStore;
  token: string;
  supergraphSdl: string;
  /** Of the gateway. */
  metrics: Gateway['metrics'];
  stop(): Promise<void>;
}

export interface Inside {
  verifier: ReturnType<typeof internalTokens>['verifier'];
  logger: Logger;
}

export async function startNode(
  folder: string,
  further?: (inside: Inside) => Promise<Subgraph>,
): Promise<Node> {
  const stack = new AsyncDisposableStack();
  const url = (name: string): string => `sqlite:${join(folder, name)}`;
  const events = stack.adopt(await openEventStore(url('events.db')), (store) => store.close());
  const readStore = stack.adopt(await openReadStore(url('read.db')), (store) => store.close());
  const bus = stack.adopt(await openBus(url('bus.db')), (opened) => opened.close());
  const logger = createLogger({ name: 'bench', level: 'silent' });
  const issuer = await devIssuer(folder);
  const internal = internalTokens(randomBytes(32));
  const { verifier } = internal;
  const deps = { events, readStore, bus, verifier, logger, production: false };
  const staffing = stack.adopt(await startStaffing(deps), (service) => service.stop());
  const lists = stack.adopt(await startLists(deps), (service) => service.stop());
  const services = [staffing.subgraph, lists.subgraph];
  const others = further ? [await further({ verifier, logger })] : [];
  const subgraphs = [...services, ...others];
  const measured = new Set(services.map(({ name }) => name));
  const supergraphSdl = compose([
    ...subgraphDefinitions().filter(({ name }) => measured.has(name)),
    ...others,
  ]);
  const gateway = await createGateway({
    supergraphSdl,
    subgraphs: Object.fromEntries(subgraphs.map((subgraph) => [subgraph.name, subgraph])),
    verifier: issuer.verifier,
    internalTokens: internal,
    production: false,
    logger,
    subscriptions: { bus, secret: randomBytes(32) },
  });
  stack.defer(() => gateway.stop());
  const token = await issuer.issue({
    roles: ['LIST_EDITOR', 'LIST_PUBLISHER', 'COUNTY_APPROVER', 'ORGAN_REGISTRAR', 'AUDITOR'],
    division: DIVISION,
  });
  const base = await gateway.listen({ port: 0 });
  return {
    ...client(base, token),
    events,
    token,
    supergraphSdl,
    metrics: gateway.metrics,
    stop: () => stack.disposeAsync(),
  };
}
