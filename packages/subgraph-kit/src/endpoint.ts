import './no-telemetry.ts';
import {
  ApolloServer,
  type ApolloServerOptionsWithGateway,
  type ApolloServerPlugin,
  type GraphQLRequestListener,
} from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { Refusal } from '@dutyledger/event-store/decider';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql/index.js';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { describeError, refusalError } from './errors.ts';
import { checkInput } from './input-check.ts';
import { STOP_MS, settledWithin } from './lifecycle.ts';
import { requestTimer } from './metrics.ts';
import type { RequestContext } from './request-context.ts';
import { describeSpan, inSpan } from './tracing.ts';

export interface GraphqlRequest {
  query: string;
  variables?: Record<string, unknown>;
  operationName?: string;
}

/** A GraphQL answer; `errors` carry a code of the catalogue and a message in the caller's language. */
export interface GraphqlAnswer {
  data?: Record<string, unknown> | null;
  errors?: readonly GraphqlFault[];
  extensions?: Record<string, unknown>;
}

/** One entry of `errors`: code, and rule, field, citation and details where there are any. */
export interface GraphqlFault {
  message: string;
  locations?: readonly { readonly line: number; readonly column: number }[];
  path?: readonly (string | number)[];
  extensions?: Record<string, unknown>;
}

export interface EndpointOptions {
  name: string;
  /** What answers: a subgraph's schema, or the gateway. */
  source: { schema: GraphQLSchema } | Pick<ApolloServerOptionsWithGateway<RequestContext>, 'gateway'>;
  logger: Logger;
  production: boolean;
  metrics: Registry;
  /** Most lexical tokens of a document. */
  maxTokens?: number;
  /** A further look at a request that is well-formed, before anything is carried out. */
  check?: (operation: CheckedOperation) => Refusal | undefined;
}

export interface CheckedOperation {
  schema: GraphQLSchema;
  document: DocumentNode;
  operation: OperationDefinitionNode;
  variables: Record<string, unknown>;
}

/** Apollo Server behind the catalogue of errors, the input check and the metrics; HTTP and in-memory callers meet here. */
export interface Endpoint<C extends RequestContext> {
  answer(request: GraphqlRequest, context: C): Promise<GraphqlAnswer>;
  /** Finishes what runs, for at most 10 seconds; what comes later is UNAVAILABLE. */
  stop(): Promise<void>;
}

const stoppingRefusal: Refusal = {
  code: 'UNAVAILABLE',
  message: { 'zh-CN': '服务正在停止，请稍后重试。', en: 'The service is stopping; try again later.' },
};

/** The answer to a request that is refused as a whole. */
export const refusedAnswer = (
  refusal: Refusal,
  context: Pick<RequestContext, 'locale' | 'correlationId'>,
): GraphqlAnswer => ({
  errors: [describeError(refusalError(refusal), context.locale, context.correlationId).formatted],
});

/** Checks before execution, and errors in the catalogue and the caller's language after it. */
function houseRules<C extends RequestContext>(
  check: EndpointOptions['check'],
  observe: ReturnType<typeof requestTimer>,
): ApolloServerPlugin<C> {
  const describe = (errors: readonly GraphQLError[], { locale, correlationId, logger }: C): GraphqlFault[] =>
    errors.map((error) => {
      const { formatted, defect } = describeError(error, locale, correlationId);
      if (defect) logger.error({ err: defect, path: error.path }, 'internal error');
      return formatted;
    });
  const start = (startedAt: number): GraphQLRequestListener<C> => ({
    didResolveOperation: async ({ schema, document, operation, request, contextValue }) => {
      if (!operation) return;
      describeSpan({ 'graphql.operation.type': operation.operation });
      const variables = request.variables ?? {};
      const refusal =
        checkInput(schema, document, operation, variables) ??
        check?.({ schema, document, operation, variables });
      if (refusal) throw refusalError(refusal, contextValue.locale);
    },
    willSendResponse: async ({ errors, response, operation, contextValue }) => {
      const faults = errors && describe(errors, contextValue);
      if (faults && response.body.kind === 'single') response.body.singleResult.errors = faults;
      const outcome = String(faults?.[0]?.extensions?.['code'] ?? 'ok');
      observe(operation?.operation ?? 'none', outcome, startedAt);
    },
  });
  return { requestDidStart: async () => start(performance.now()) };
}

/** A span around the work that tells how it went, by code; what the caller did wrong is no failure of the server. */
function inRequestSpan(
  server: string,
  { correlationId }: RequestContext,
  work: () => Promise<GraphqlAnswer>,
): Promise<GraphqlAnswer> {
  const attributes = { 'dutyledger.server': server, 'dutyledger.correlation_id': correlationId };
  return inSpan(`${server} request`, { kind: SpanKind.SERVER, attributes }, async (span) => {
    const given = await work();
    const outcome = String(given.errors?.[0]?.extensions?.['code'] ?? 'ok');
    span.setAttribute('dutyledger.outcome', outcome);
    if (outcome === 'INTERNAL' || outcome === 'UNAVAILABLE') span.setStatus({ code: SpanStatusCode.ERROR });
    return given;
  });
}

export async function startEndpoint<C extends RequestContext>(
  options: EndpointOptions,
): Promise<Endpoint<C>> {
  const { name, source, logger, production, maxTokens } = options;
  const apollo = new ApolloServer<C>({
    ...source,
    introspection: !production,
    hideSchemaDetailsFromClientErrors: production,
    includeStacktraceInErrorResponses: false,
    persistedQueries: false,
    stopOnTerminationSignals: false,
    ...(maxTokens === undefined ? {} : { parseOptions: { maxTokens } }),
    logger: {
      debug: (message) => logger.debug(message),
      info: (message) => logger.info(message),
      warn: (message) => logger.warn(message),
      error: (message) => logger.error(message),
    },
    plugins: [
      houseRules<C>(options.check, requestTimer(options.metrics, name)),
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
    ],
  });
  await apollo.start();
  const running = new Set<Promise<GraphqlAnswer>>();
  let stopping = false;

  const execute = async (request: GraphqlRequest, context: C): Promise<GraphqlAnswer> => {
    const { body } = await apollo.executeOperation(request, { contextValue: context });
    if (body.kind !== 'single') throw new Error('incremental delivery is not offered');
    const { data, errors, extensions } = body.singleResult;
    return {
      ...(errors ? { errors } : {}),
      ...(data === undefined ? {} : { data }),
      ...(extensions ? { extensions } : {}),
    };
  };
  return {
    async answer(request, context) {
      if (stopping) return refusedAnswer(stoppingRefusal, context);
      const work = inRequestSpan(name, context, () => execute(request, context));
      running.add(work);
      try {
        return await work;
      } finally {
        running.delete(work);
      }
    },
    async stop() {
      stopping = true;
      await settledWithin(Promise.allSettled(running), STOP_MS);
      await apollo.stop();
    },
  };
}

/** The answer to a request that met a defect outside GraphQL. */
export const internalAnswer = (context: Pick<RequestContext, 'locale' | 'correlationId'>): GraphqlAnswer => ({
  errors: [describeError(new GraphQLError('internal'), context.locale, context.correlationId).formatted],
});
