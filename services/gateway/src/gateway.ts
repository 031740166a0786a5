import '@dutyledger/subgraph-kit/no-telemetry';
import { ApolloGateway } from '@apollo/gateway';
import type { Refusal } from '@dutyledger/event-store/decider';
import { type GraphqlAnswer, refusedAnswer, startEndpoint } from '@dutyledger/subgraph-kit/endpoint';
import { limitExceeded } from '@dutyledger/subgraph-kit/errors';
import { type HttpOptions, httpServer } from '@dutyledger/subgraph-kit/http';
import { assertFitForProduction, type Caller, type CallerVerifier } from '@dutyledger/subgraph-kit/identity';
import type { InternalTokens } from '@dutyledger/subgraph-kit/internal-tokens';
import { settledWithin } from '@dutyledger/subgraph-kit/lifecycle';
import type { Logger } from '@dutyledger/subgraph-kit/logging';
import { createMetrics, requestTimer } from '@dutyledger/subgraph-kit/metrics';
import { type RequestContext, requestContext } from '@dutyledger/subgraph-kit/request-context';
import type { Subgraph } from '@dutyledger/subgraph-kit/subgraph';
import type { GraphQLSchema } from 'graphql/index.js';
import type { Registry } from 'prom-client';
import { type ExplorerOptions, explorerRoute } from './explorer.ts';
import { forwardedRoutes } from './forwarding.ts';
import { DEFAULT_LIMITS, documentCheck, type Limits, operationCheck } from './limits.ts';
import {
  dataSource,
  type GatewayContext,
  readinessOf,
  type SubgraphSource,
  subgraphSource,
} from './subgraph-source.ts';
import { offerSubscriptions, type SubscriptionSettings } from './subscriptions/offer.ts';

export interface GatewayOptions {
  /** Content of supergraph.graphql. */
  supergraphSdl: string;
  /**
   * Every subgraph of the supergraph by name: the URL of its /graphql, those of its several instances, or itself when it
   * runs in this process.
   */
  subgraphs: Record<string, string | readonly string[] | Subgraph>;
  /** Checks callers' tokens, once per request. */
  verifier: CallerVerifier;
  /** Carries the verified caller on to the subgraphs. */
  internalTokens: InternalTokens;
  production: boolean;
  limits?: Partial<Limits>;
  logger: Logger;
  /** The page at `/`; not served in production. `token` is put into its header editor. */
  explorer?: ExplorerOptions;
  /** Routes beside the graph, such as a node's own back-up. */
  routes?: NonNullable<HttpOptions['routes']>;
  /** Where subscriptions come from. Left out: none are offered. */
  subscriptions?: SubscriptionSettings;
  /** Where the metrics go. Default: a registry of its own. */
  metrics?: Registry;
}

export interface Gateway {
  readonly metrics: Registry;
  /** Serves /graphql, /, /healthz, /readyz and /metrics; resolves to the base URL. Default host 127.0.0.1. */
  listen(address: { host?: string; port: number }): Promise<string>;
  /** Takes no more requests, finishes those that run, for at most 10 seconds. In-memory subgraphs are not stopped. */
  stop(): Promise<void>;
}

/** Internal tokens live for 60 seconds; long operations fetch for longer. */
const RENEW_TOKEN_MS = 30_000;

/** One token per caller for half its life: signing one for every request costs as much as a fetch. */
function internalToken({ sign }: InternalTokens): (caller: Caller) => Promise<string> {
  const signed = new WeakMap<Caller, { token: Promise<string>; at: number }>();
  return (caller) => {
    const now = performance.now();
    const known = signed.get(caller);
    if (known && now - known.at <= RENEW_TOKEN_MS) return known.token;
    const token = sign(caller);
    signed.set(caller, { token, at: now });
    return token;
  };
}

function gatewayContext(
  base: RequestContext,
  tokenOf: (caller: Caller) => Promise<string>,
  signal: AbortSignal,
): GatewayContext {
  return {
    ...base,
    signal,
    passOn: async () => ({
      authorization: `Bearer ${await tokenOf(base.caller)}`,
      'accept-language': base.locale,
      'x-correlation-id': base.correlationId,
    }),
  };
}

const tooLong = (ms: number): Refusal => {
  const seconds = ms / 1000;
  const { message, ...refusal } = limitExceeded(
    { 'zh-CN': '处理秒数', en: 'seconds of work' },
    seconds,
    seconds,
  );
  return {
    ...refusal,
    message: {
      'zh-CN': `${message['zh-CN']}更改可能已经完成：请用同一 idempotencyKey 重发以确认。`,
      en: `${message.en} A change may have been carried out: repeat it with the same idempotencyKey to find out.`,
    },
  };
};

const subscribeElsewhere: Refusal = {
  code: 'INVALID_INPUT',
  message: {
    'zh-CN':
      '订阅请使用 WebSocket（/graphql，协议 graphql-transport-ws）或服务器推送事件（POST /graphql/stream）。',
    en: 'Subscribe over WebSocket (/graphql, protocol graphql-transport-ws) or server-sent events (POST /graphql/stream).',
  },
};

/** The query planner. Throws when the supergraph names a subgraph that is not given. */
function planner(
  options: GatewayOptions,
  sources: Map<string, SubgraphSource>,
  logger: Logger,
): ApolloGateway {
  return new ApolloGateway({
    supergraphSdl: options.supergraphSdl,
    buildService: ({ name }) => {
      const source = sources.get(name);
      if (!source) throw new Error(`the supergraph names the subgraph ${name}, which is not given`);
      return dataSource(name, source);
    },
    logger: {
      debug: (message) => logger.debug(message),
      info: (message) => logger.debug(message),
      warn: (message) => logger.warn(message),
      error: (message) => logger.error(message),
    },
  });
}

/**
 * Starts the federated endpoint over a composed supergraph: one token check, limits before work, a plan over the
 * subgraphs, and their errors as they gave them.
 */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { verifier, internalTokens, production, metrics = createMetrics() } = options;
  assertFitForProduction(verifier, production);
  const name = 'gateway';
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const logger = options.logger.child({ server: name });
  const sources = new Map(
    Object.entries(options.subgraphs).map(([name, target]) => [name, subgraphSource(target)]),
  );
  const checkOperation = operationCheck(limits);
  const gateway = planner(options, sources, logger);
  let schema: GraphQLSchema | undefined;
  gateway.onSchemaLoadOrUpdate(({ apiSchema }) => {
    schema = apiSchema;
  });
  const endpoint = await startEndpoint<GatewayContext>({
    name,
    source: { gateway },
    logger,
    production,
    metrics,
    maxTokens: limits.tokens,
    check: (checked) =>
      checked.operation.operation === 'subscription' ? subscribeElsewhere : checkOperation(checked),
  });
  const checkDocument = documentCheck(limits);
  const tokenOf = internalToken(internalTokens);
  const observe = requestTimer(metrics, name);

  const answer: HttpOptions['answer'] = async (request, { caller, headers }) => {
    const base = requestContext(caller, headers, logger, new Date());
    const verdict = checkDocument(request.query);
    if ('refusal' in verdict) {
      observe('none', verdict.refusal.code, performance.now());
      return refusedAnswer(verdict.refusal, base);
    }
    const timeMs = verdict.long ? limits.longTimeMs : limits.timeMs;
    const giveUp = new AbortController();
    let answered: GraphqlAnswer | undefined;
    const work = async (): Promise<void> => {
      answered = await endpoint.answer(request, gatewayContext(base, tokenOf, giveUp.signal));
    };
    await settledWithin(work(), timeMs);
    if (answered) return answered;
    giveUp.abort();
    return refusedAnswer(tooLong(timeMs), base);
  };
  const offer =
    options.subscriptions &&
    offerSubscriptions(options.subscriptions, {
      schema: () => schema as GraphQLSchema,
      contextOf: (base, signal) => gatewayContext(base, tokenOf, signal),
      ...{ limits, endpoint, sources, answer, verifier, production, logger, metrics },
    });
  const forwarding = forwardedRoutes({ sources, verifier, tokenOf, timeMs: limits.timeMs, logger });
  const readiness = async () => [
    ...(await Promise.all([...sources].map(([name, source]) => readinessOf(name, source)))).flat(),
    ...(offer?.readiness() ?? []),
  ];
  const server = httpServer({
    name,
    verifier,
    logger,
    metrics,
    readiness,
    bodyBytes: limits.bodyBytes,
    answer,
    routes: (app) => {
      if (!production) explorerRoute(app, options.explorer ?? {});
      options.routes?.(app);
      forwarding.routes(app);
      offer?.routes(app);
    },
  });
  return {
    metrics,
    listen: server.listen,
    async stop() {
      await offer?.stop();
      await Promise.all([server.stop(), endpoint.stop()]);
      await forwarding.stop();
      await Promise.all([...sources.values()].map((source) => source.stop()));
    },
  };
}
