import type { CallerVerifier } from '@dutyledger/subgraph-kit/identity';
import type { InternalTokens } from '@dutyledger/subgraph-kit/internal-tokens';
import type { Subgraph } from '@dutyledger/subgraph-kit/subgraph';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Limits } from './limits.ts';

export interface GatewayOptions {
  /** Content of supergraph.graphql. */
  supergraphSdl: string;
  /** Every subgraph of the supergraph by name: the URL of its /graphql, or itself when it runs in this process. */
  subgraphs: Record<string, string | Subgraph>;
  /** Checks callers' tokens, once per request. */
  verifier: CallerVerifier;
  /** Carries the verified caller on to the subgraphs. */
  internalTokens: InternalTokens;
  production: boolean;
  limits?: Partial<Limits>;
  logger: Logger;
  /** The page at `/`; not served in production. `token` is put into its header editor. */
  explorer?: { token?: string; query?: string };
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
