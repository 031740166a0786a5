import './no-telemetry.ts';
import { buildSubgraphSchema } from '@apollo/subgraph';
import type { Refusal } from '@dutyledger/event-store/decider';
import { type Clock, systemClock } from '@dutyledger/timers/clock';
import {
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
  GraphQLScalarType,
  type GraphQLSchema,
  isObjectType,
  parse,
} from 'graphql/index.js';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { enforceAccess } from './access.ts';
import { type GraphqlAnswer, type GraphqlRequest, refusedAnswer, startEndpoint } from './endpoint.ts';
import { type HttpOptions, type HttpServer, httpServer, type Readiness } from './http.ts';
import { assertFitForProduction, type CallerVerifier } from './identity.ts';
import { createMetrics } from './metrics.ts';
import { isToTellPersonal, watchedCaller } from './personal.ts';
import {
  correlationIdOf,
  type Headers,
  header,
  localeOf,
  type RequestContext,
  readAfterOf,
  requestContext,
} from './request-context.ts';
import { scalars } from './scalars.ts';
import { loadTypeDefs } from './type-defs.ts';

/** `never` lets every resolver state the types of its own source and arguments. */
export type Resolver<C> = (source: never, args: never, context: C, info: GraphQLResolveInfo) => unknown;
export type Resolvers<C> = Record<string, GraphQLScalarType | Record<string, Resolver<C>>>;

export interface SubgraphOptions<C extends RequestContext> {
  /** Name in the supergraph: `lists`. */
  name: string;
  /** URL of schema.graphql; common.graphql is put before it. */
  schema: URL;
  resolvers: Resolvers<C>;
  /** Adds what the service's resolvers need to what the kit knows of the request. */
  context: (base: RequestContext) => C;
  verifier: CallerVerifier;
  readiness: () => Promise<Readiness[]>;
  logger: Logger;
  production: boolean;
  /** Routes of the service beside the graph, for a server whose callers the verifier knows. */
  routes?: ((verifier: CallerVerifier) => NonNullable<HttpOptions['routes']>) | undefined;
  /** Where the metrics go. Default: a registry of its own. */
  metrics?: Registry;
  /** Default: the machine's. */
  clock?: Clock | undefined;
  /** True once the read models show everything up to a position of the event store, false after so many milliseconds. */
  shows?: (position: number, timeoutMs: number) => Promise<boolean>;
}

export interface Subgraph {
  readonly name: string;
  readonly typeDefs: string;
  readonly schema: GraphQLSchema;
  readonly metrics: Registry;
  /** Routes beside the graph, for the server that stands before this subgraph in the same process. */
  readonly routes?: SubgraphOptions<never>['routes'];
  readiness(): Promise<Readiness[]>;
  /** Answers in memory what it would answer over HTTP: same token check, access rules, checks and errors. */
  execute(request: GraphqlRequest & { headers: Headers }): Promise<GraphqlAnswer>;
  /** Serves /graphql, /healthz, /readyz and /metrics; resolves to the base URL. Default host 127.0.0.1. */
  listen(address: { host?: string; port: number }): Promise<string>;
  /** Takes no more requests, finishes those that run, for at most 10 seconds. */
  stop(): Promise<void>;
}

/** The gateway sends whole imports on, so a subgraph takes what the gateway takes, and its framing. */
const BODY_BYTES = 32 * 1024 * 1024;

/** How long an answer waits for the read models when it is to know of an event; whoever asks may ask again. */
const READ_AFTER_MS = 5_000;

const behind: Refusal = {
  code: 'UNAVAILABLE',
  message: {
    'zh-CN': '读模型尚未处理到所要求的位置，请稍后重试。',
    en: 'The read models have not come to the position that was asked for; try again later.',
  },
};

/** Root fields that nothing resolves are a programmer's mistake that would otherwise show as null. */
function assertResolved(schema: GraphQLSchema): void {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const missing = roots.flatMap((type) =>
    Object.values(type?.getFields() ?? {})
      .filter(({ name, resolve }) => !resolve && !name.startsWith('_'))
      .map(({ name }) => `${type?.name}.${name}`),
  );
  if (missing.length > 0) throw new Error(`root fields without a resolver: ${missing.join(', ')}`);
}

/** Resolvers that no type or field of the schema asks for: a misspelling that would otherwise be passed over. */
function assertKnown<C>(schema: GraphQLSchema, resolvers: Resolvers<C>): void {
  const unknown = Object.entries(resolvers).flatMap(([name, fields]) => {
    const type = schema.getType(name);
    if (!type) return [name];
    if (!isObjectType(type) || fields instanceof GraphQLScalarType) return [];
    const known = type.getFields();
    return Object.keys(fields)
      .filter((field) => !field.startsWith('__') && !known[field])
      .map((field) => `${name}.${field}`);
  });
  if (unknown.length > 0) throw new Error(`resolvers without a field: ${unknown.join(', ')}`);
}

type ResolverMap = Record<string, Record<string, GraphQLFieldResolver<unknown, unknown>> | GraphQLScalarType>;

function buildSchema<C>(typeDefs: string, resolvers: Resolvers<C>): GraphQLSchema {
  const schema = buildSubgraphSchema({
    typeDefs: parse(typeDefs),
    resolvers: { ...scalars, ...(resolvers as ResolverMap) },
  });
  assertKnown(schema, resolvers);
  assertResolved(schema);
  enforceAccess(schema);
  return schema;
}

/** Starts a subgraph. Throws when a root field or entity lacks `@access` or a resolver, or the verifier is unfit. */
export async function createSubgraph<C extends RequestContext>(
  options: SubgraphOptions<C>,
): Promise<Subgraph> {
  const { name, verifier, readiness, production, metrics = createMetrics(), clock = systemClock } = options;
  assertFitForProduction(verifier, production);
  const logger = options.logger.child({ subgraph: name });
  const typeDefs = loadTypeDefs(options.schema);
  const schema = buildSchema(typeDefs, options.resolvers);
  const endpoint = await startEndpoint<C>({ name, source: { schema }, logger, production, metrics });
  const answer: Parameters<typeof httpServer>[0]['answer'] = async (request, { caller, headers }) => {
    const watched = isToTellPersonal(headers) ? watchedCaller(caller) : undefined;
    const base = requestContext(watched?.caller ?? caller, headers, logger, clock.now());
    const after = readAfterOf(headers);
    if (after !== undefined && options.shows && !(await options.shows(after, READ_AFTER_MS))) {
      return refusedAnswer(behind, base);
    }
    const given = await endpoint.answer(request, options.context(base));
    return watched ? { ...given, extensions: { ...given.extensions, personal: watched.personal() } } : given;
  };
  let server: HttpServer | undefined;

  return {
    name,
    typeDefs,
    schema,
    metrics,
    routes: options.routes,
    readiness,
    async execute({ headers, ...request }) {
      const verified = await verifier.verify(header(headers, 'authorization'));
      if (verified.ok) return answer(request, { caller: verified.caller, headers });
      return refusedAnswer(verified.refusal, {
        locale: localeOf(header(headers, 'accept-language')),
        correlationId: correlationIdOf(header(headers, 'x-correlation-id')),
      });
    },
    listen(address) {
      const routes = options.routes?.(verifier);
      const http = { name, verifier, logger, metrics, readiness, bodyBytes: BODY_BYTES, answer };
      server = httpServer({ ...http, ...(routes && { routes }) });
      return server.listen(address);
    },
    async stop() {
      await Promise.all([server?.stop(), endpoint.stop()]);
    },
  };
}
