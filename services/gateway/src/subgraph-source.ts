import type { GraphQLDataSource } from '@apollo/gateway';
import type { Text } from '@dutyledger/event-store/decider';
import type { GraphqlAnswer, GraphqlRequest } from '@dutyledger/subgraph-kit/endpoint';
import type { Readiness } from '@dutyledger/subgraph-kit/http';
import { TELL_PERSONAL } from '@dutyledger/subgraph-kit/personal';
import { type Headers, READ_AFTER, type RequestContext } from '@dutyledger/subgraph-kit/request-context';
import type { Subgraph } from '@dutyledger/subgraph-kit/subgraph';
import { parse } from 'graphql/index.js';
import { Instances } from './instances.ts';

/** What the gateway knows of a request beyond the kit: how to pass its caller on, and when to give up. */
export interface GatewayContext extends RequestContext {
  /** Headers for a subgraph: a fresh internal token, language and correlation id. */
  passOn(): Promise<Headers & { authorization: string }>;
  signal: AbortSignal;
  /** The subgraph whose answer must know of an event, and the event's position. */
  readAfter?: { subgraph: string; position: number } | undefined;
  /** Is set when an answer of a subgraph depends on the person who asks, not only on organ, division and roles. */
  whose?: { personal: boolean } | undefined;
}

/** A subgraph as the gateway reaches it, over HTTP or in this process. */
export interface SubgraphSource {
  execute(request: GraphqlRequest, headers: Headers, signal: AbortSignal): Promise<GraphqlAnswer>;
  readiness(): Promise<Readiness[]>;
  /** Asks an instance's own server, by the URL of its graph; not there for a subgraph in this process. */
  reach?<T>(ask: (url: string) => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

const inMemory = (subgraph: Subgraph): SubgraphSource => ({
  execute: (request, headers) => subgraph.execute({ ...request, headers }),
  readiness: () => subgraph.readiness(),
  // It belongs to whoever started it.
  stop: async () => undefined,
});

export function subgraphSource(target: string | readonly string[] | Subgraph): SubgraphSource {
  if (typeof target === 'string') return new Instances([target]);
  return 'execute' in target ? inMemory(target) : new Instances(target);
}

/** Readiness of a subgraph under its name; one that does not answer is not ready. */
export async function readinessOf(name: string, source: SubgraphSource): Promise<Readiness[]> {
  try {
    const checks = await source.readiness();
    return checks.map((check) => ({
      ...check,
      name: check.name.startsWith(`${name}.`) ? check.name : `${name}.${check.name}`,
    }));
  } catch (error) {
    return [{ name, ok: false, detail: error instanceof Error ? error.message : String(error) }];
  }
}

const downText = (name: string): Text => ({
  'zh-CN': `服务 ${name} 暂时不可用，请稍后重试。`,
  en: `The service ${name} is not available now; try again later.`,
});

/** Paths, within one fetch, of everything it was to bring. */
function pathsOf({ query, variables }: GraphqlRequest): (string | number)[][] {
  const { representations } = variables ?? {};
  if (Array.isArray(representations)) return representations.map((_, i) => ['_entities', i]);
  const operation = parse(query).definitions.find((node) => node.kind === 'OperationDefinition');
  const selections = operation?.selectionSet.selections ?? [];
  return selections.flatMap((node) => (node.kind === 'Field' ? [[(node.alias ?? node.name).value]] : []));
}

/** The gateway's data source: what cannot be fetched is UNAVAILABLE, field by field, and the rest is answered. */
export function dataSource(name: string, source: SubgraphSource): GraphQLDataSource<GatewayContext> {
  return {
    async process(options) {
      const { query = '', variables = {}, operationName } = options.request;
      const request: GraphqlRequest = { query, variables, ...(operationName ? { operationName } : {}) };
      const { passOn, signal, locale, logger, readAfter, whose } = options.context as GatewayContext;
      try {
        const wanted = readAfter?.subgraph === name ? { [READ_AFTER]: String(readAfter.position) } : {};
        const tell = whose ? { [TELL_PERSONAL]: '1' } : {};
        const answer = await source.execute(request, { ...(await passOn()), ...wanted, ...tell }, signal);
        // One that says nothing, such as an older version, is taken for personal.
        if (whose && answer.extensions?.['personal'] !== false) whose.personal = true;
        return answer as Awaited<ReturnType<GraphQLDataSource['process']>>;
      } catch (error) {
        logger.warn({ err: error, subgraph: name }, 'subgraph not reached');
        const errors = pathsOf(request).map((path) => ({
          message: downText(name)[locale],
          path,
          extensions: { code: 'UNAVAILABLE' },
        }));
        return { errors } as unknown as Awaited<ReturnType<GraphQLDataSource['process']>>;
      }
    },
  };
}
