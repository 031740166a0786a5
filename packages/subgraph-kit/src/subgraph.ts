import type { GraphQLFormattedError, GraphQLResolveInfo, GraphQLScalarType } from 'graphql';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { CallerVerifier } from './identity.ts';
import type { Headers, RequestContext } from './request-context.ts';

/** `never` lets every resolver state the types of its own source and arguments. */
export type Resolver<C> = (source: never, args: never, context: C, info: GraphQLResolveInfo) => unknown;
export type Resolvers<C> = Record<string, GraphQLScalarType | Record<string, Resolver<C>>>;

/** One line of a readiness answer: a store, a projection, a subgraph. */
export interface Readiness {
  name: string;
  ok: boolean;
  detail: string;
}

export interface GraphqlRequest {
  query: string;
  variables?: Record<string, unknown>;
  operationName?: string;
}

/** A GraphQL answer; `errors` carry a code of the catalogue and a message in the caller's language. */
export interface GraphqlAnswer {
  data?: Record<string, unknown> | null;
  errors?: readonly GraphQLFormattedError[];
  extensions?: Record<string, unknown>;
}

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
  /** Where the metrics go. Default: a registry of its own. */
  metrics?: Registry;
}

export interface Subgraph {
  readonly name: string;
  readonly typeDefs: string;
  readonly metrics: Registry;
  readiness(): Promise<Readiness[]>;
  /** Answers in memory what it would answer over HTTP: same token check, access rules, checks and errors. */
  execute(request: GraphqlRequest & { headers: Headers }): Promise<GraphqlAnswer>;
  /** Serves /graphql, /healthz, /readyz and /metrics; resolves to the URL. Default host 127.0.0.1, port 0 is any. */
  listen(address: { host?: string; port: number }): Promise<string>;
  /** Takes no more requests, finishes those that run, for at most 10 seconds. */
  stop(): Promise<void>;
}
