import type { Bus } from '@dutyledger/bus/bus';
import type { SubscriptionContract } from '@dutyledger/contracts/subscription';
import { subscriptions as catalogue } from '@dutyledger/contracts/subscriptions';
import type { Endpoint } from '@dutyledger/subgraph-kit/endpoint';
import { refusalError } from '@dutyledger/subgraph-kit/errors';
import type { HttpOptions, Readiness } from '@dutyledger/subgraph-kit/http';
import type { CallerVerifier } from '@dutyledger/subgraph-kit/identity';
import type { Logger } from '@dutyledger/subgraph-kit/logging';
import { type RequestContext, requestContext } from '@dutyledger/subgraph-kit/request-context';
import type { FastifyInstance } from 'fastify';
import type { GraphQLSchema } from 'graphql/index.js';
import type { Registry } from 'prom-client';
import { documentCheck, type Limits, operationCheck } from '../limits.ts';
import type { GatewayContext, SubgraphSource } from '../subgraph-source.ts';
import type { Ask, Viewer } from './delivery.ts';
import { unresolved } from './endings.ts';
import { eventStreamRoute } from './event-stream.ts';
import type { Plan } from './plan.ts';
import { DEFAULT_SUBSCRIPTION_LIMITS, type SubscriptionLimits, Subscriptions } from './subscriptions.ts';
import { WebSockets } from './web-socket.ts';

/** Where subscriptions come from. */
export interface SubscriptionSettings {
  bus: Bus;
  /** What cursors are sealed with: at least 32 bytes that last, and the same in every gateway of the installation. */
  secret: string | Uint8Array;
  /** Default: those of the catalogue. */
  contracts?: readonly SubscriptionContract[];
  limits?: Partial<SubscriptionLimits>;
}

/** What the gateway lends to them. */
export interface Lent {
  schema(): GraphQLSchema;
  limits: Limits;
  endpoint: Endpoint<GatewayContext>;
  sources: ReadonlyMap<string, SubgraphSource>;
  contextOf(base: RequestContext, signal: AbortSignal): GatewayContext;
  answer: HttpOptions['answer'];
  verifier: CallerVerifier;
  production: boolean;
  logger: Logger;
  metrics: Registry;
}

export interface Offer {
  routes(app: FastifyInstance): void;
  readiness(): Readiness[];
  /** Ends all subscriptions, telling each client where to go on, and closes their connections. */
  stop(): Promise<void>;
}

/** Offers subscriptions over WebSocket and server-sent events beside the graph. */
export function offerSubscriptions(settings: SubscriptionSettings, lent: Lent): Offer {
  const { endpoint, sources, limits, logger, verifier, answer, production, metrics, schema } = lent;
  const contextFor = ({ caller, locale }: Viewer, correlationId: string): GatewayContext => {
    const headers = { 'accept-language': locale, 'x-correlation-id': correlationId };
    const base = requestContext(caller, headers, logger, new Date());
    return lent.contextOf(base, AbortSignal.timeout(limits.timeMs));
  };
  const ask: Ask = async (request, viewer, { contract }, { correlationId, sequence }) => {
    const readAfter = { subgraph: contract.subgraph, position: sequence };
    const whose = { personal: false };
    const given = await endpoint.answer(request, { ...contextFor(viewer, correlationId), readAfter, whose });
    return { ...given, personal: whose.personal };
  };
  const admit = async ({ contract, admission }: Plan, viewer: Viewer, correlationId: string) => {
    const { passOn, signal } = contextFor(viewer, correlationId);
    try {
      const source = sources.get(contract.subgraph);
      if (!source) throw new Error(`there is no subgraph ${contract.subgraph}`);
      return await source.execute(admission, await passOn(), signal);
    } catch (err) {
      logger.warn({ err, subgraph: contract.subgraph }, 'subgraph not reached');
      throw refusalError(unresolved);
    }
  };
  const subscriptions = new Subscriptions({
    bus: settings.bus,
    contracts: settings.contracts ?? catalogue,
    secret: settings.secret,
    limits: { ...DEFAULT_SUBSCRIPTION_LIMITS, ...settings.limits },
    schema,
    checkDocument: documentCheck(limits),
    check: operationCheck(limits),
    maxTokens: limits.tokens,
    production,
    admit,
    ask,
    logger,
    metrics,
  });
  const transport = { subscriptions, verifier, answer, maxTokens: limits.tokens, logger };
  const webSockets = new WebSockets(transport);
  return {
    routes(app) {
      eventStreamRoute(app, transport);
      webSockets.attach(app.server);
    },
    readiness: () => subscriptions.readiness(),
    async stop() {
      await subscriptions.stop();
      await webSockets.stop();
    },
  };
}
