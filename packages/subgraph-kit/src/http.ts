import type { Refusal } from '@dutyledger/event-store/decider';
import fastify, { type FastifyError, type FastifyInstance, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { type GraphqlAnswer, type GraphqlRequest, internalAnswer, refusedAnswer } from './endpoint.ts';
import { type ErrorCode, HTTP_STATUS, limitExceeded } from './errors.ts';
import type { Caller, CallerVerifier } from './identity.ts';
import { STOP_MS, settledWithin } from './lifecycle.ts';
import { requestTimer } from './metrics.ts';
import { correlationIdOf, type Headers, header, localeOf } from './request-context.ts';
import { continued } from './tracing.ts';

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller | null;
  }
}

/** One line of a readiness answer: a store, a projection, a subgraph. */
export interface Readiness {
  name: string;
  ok: boolean;
  detail: string;
}

export interface HttpOptions {
  /** Name of the server in its metrics. */
  name: string;
  verifier: CallerVerifier;
  logger: Logger;
  metrics: Registry;
  readiness: () => Promise<Readiness[]>;
  /** Most bytes of a request's body. */
  bodyBytes: number;
  answer(request: GraphqlRequest, call: { caller: Caller; headers: Headers }): Promise<GraphqlAnswer>;
  /** Adds further routes. */
  routes?: (app: FastifyInstance) => void;
}

export interface HttpServer {
  /** Resolves to the base URL, with the port that was found for port 0. */
  listen(address: { host?: string; port: number }): Promise<string>;
  /** Takes no new connections, finishes what runs; after 10 seconds it cuts the rest off. */
  stop(): Promise<void>;
}

const READINESS_MS = 5_000;

const refuseInput = (zh: string, en: string, field?: string): Refusal => ({
  code: 'INVALID_INPUT',
  message: { 'zh-CN': zh, en },
  ...(field === undefined ? {} : { field }),
});

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads a GraphQL request out of a JSON body. Lists of requests and persisted queries are not taken. */
export function readRequest(body: unknown): GraphqlRequest | Refusal {
  if (Array.isArray(body)) {
    return refuseInput(
      '不接受批量请求，请逐个发送。',
      'Batched requests are not taken; send them one by one.',
    );
  }
  if (!isRecord(body) || typeof body['query'] !== 'string' || body['query'].trim() === '') {
    return refuseInput(
      '请求体应为 JSON 对象，其 query 为 GraphQL 文本。',
      'The body must be a JSON object whose query is a GraphQL text.',
      'query',
    );
  }
  const { query, variables = null, operationName = null } = body;
  if (variables !== null && !isRecord(variables)) {
    return refuseInput('variables 应为 JSON 对象。', 'variables must be a JSON object.', 'variables');
  }
  if (operationName !== null && typeof operationName !== 'string') {
    return refuseInput('operationName 应为文本。', 'operationName must be a string.', 'operationName');
  }
  return { query, ...(variables ? { variables } : {}), ...(operationName ? { operationName } : {}) };
}

/** What Fastify says of a body it could not read. */
function refusalOfBody(error: FastifyError, request: FastifyRequest, bodyBytes: number): Refusal | undefined {
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    const size = Number(request.headers['content-length'] ?? bodyBytes + 1);
    return limitExceeded({ 'zh-CN': '请求体的字节数', en: 'bytes of the request' }, bodyBytes, size);
  }
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return refuseInput('请求体应为 application/json。', 'The body must be application/json.');
  }
  if (error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA') {
    return refuseInput('请求体不是 UTF-8 编码。', 'The body is not in UTF-8.');
  }
  if (error.statusCode === 400) {
    return refuseInput(
      `请求体不是有效的 JSON：${error.message}`,
      `The body is not valid JSON: ${error.message}`,
    );
  }
  return undefined;
}

/** The HTTP status that goes with an answer. */
export const statusOf = (answer: GraphqlAnswer): number =>
  'data' in answer ? 200 : HTTP_STATUS[(answer.errors?.[0]?.extensions?.['code'] ?? 'INTERNAL') as ErrorCode];

/** What an answer to a request needs of it when it is refused. */
export const contextOf = ({ headers }: Pick<FastifyRequest, 'headers'>) => ({
  locale: localeOf(headers['accept-language']),
  correlationId: correlationIdOf(header(headers, 'x-correlation-id')),
});

function operationRoutes(app: FastifyInstance, { readiness, metrics }: HttpOptions): void {
  app.get('/healthz', async () => ({ ok: true }));
  app.get('/readyz', async (_request, reply) => {
    const checks = await readinessWithin(readiness, READINESS_MS);
    const ok = checks.every((check) => check.ok);
    return reply.code(ok ? 200 : 503).send({ ok, checks });
  });
  app.get('/metrics', async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.metrics()),
  );
}

async function readinessWithin(readiness: HttpOptions['readiness'], ms: number): Promise<Readiness[]> {
  let checks: Readiness[] = [{ name: 'readiness', ok: false, detail: `no answer within ${ms} ms` }];
  const ask = async (): Promise<void> => {
    checks = await readiness();
  };
  try {
    await settledWithin(ask(), ms);
  } catch (error) {
    checks = [{ name: 'readiness', ok: false, detail: String(error) }];
  }
  return checks;
}

/** JSON alone is taken, so that no browser form or image can send a request for its user without a preflight. */
function takeJsonOnly(app: FastifyInstance): void {
  const parseJson = app.getDefaultJsonParser('error', 'error');
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    try {
      void parseJson(request, utf8.decode(body as Buffer), done);
    } catch (error) {
      done(error as Error);
    }
  });
}

function graphqlRoute(app: FastifyInstance, { name, verifier, metrics, answer }: HttpOptions): void {
  const observe = requestTimer(metrics, name);
  app.decorateRequest('caller', null);
  app.post('/graphql', {
    onRequest: async (request, reply) => {
      const verified = await verifier.verify(request.headers.authorization);
      if (verified.ok) {
        request.caller = verified.caller;
        return;
      }
      observe('none', verified.refusal.code, performance.now());
      const refused = refusedAnswer(verified.refusal, contextOf(request));
      return reply.code(statusOf(refused)).send(refused);
    },
    handler: async (request, reply) => {
      const read = readRequest(request.body);
      const given =
        'code' in read
          ? refusedAnswer(read, contextOf(request))
          : await continued(request.headers, () =>
              answer(read, { caller: request.caller as Caller, headers: request.headers }),
            );
      return reply.code(statusOf(given)).header('cache-control', 'no-store').send(given);
    },
  });
  app.route({
    method: ['GET', 'PUT', 'PATCH', 'DELETE'],
    url: '/graphql',
    handler: async (request, reply) => {
      const refusal = refuseInput(
        '请用 POST 方法发送 GraphQL 请求。',
        'Send GraphQL requests with the POST method.',
      );
      return reply
        .code(405)
        .header('allow', 'POST')
        .send(refusedAnswer(refusal, contextOf(request)));
    },
  });
}

/** The HTTP side of a subgraph or the gateway: token first, then the body, then the answer. */
export function httpServer(options: HttpOptions): HttpServer {
  const { logger, bodyBytes } = options;
  const app = fastify({ bodyLimit: bodyBytes, requestTimeout: 300_000, return503OnClosing: false });
  let stopping = false;
  app.addHook('onRequest', async (request, reply) => {
    const { correlationId } = contextOf(request);
    request.headers['x-correlation-id'] = correlationId;
    reply.header('x-correlation-id', correlationId).header('x-content-type-options', 'nosniff');
  });
  app.addHook('onSend', async (_request, reply) => {
    if (stopping) reply.header('connection', 'close');
  });
  app.addHook('onResponse', async (request, { statusCode, elapsedTime }) => {
    const correlationId = header(request.headers, 'x-correlation-id');
    const { method, routeOptions } = request;
    logger.debug({ correlationId, method, route: routeOptions.url, statusCode, ms: elapsedTime }, 'request');
  });
  app.setErrorHandler(async (error: FastifyError, request, reply) => {
    const context = contextOf(request);
    const refusal = refusalOfBody(error, request, bodyBytes);
    if (refusal) return reply.code(error.statusCode ?? 400).send(refusedAnswer(refusal, context));
    logger.error({ err: error, correlationId: context.correlationId }, 'internal error');
    return reply.code(500).send(internalAnswer(context));
  });
  app.setNotFoundHandler(async (request, reply) => {
    const refusal: Refusal = {
      code: 'NOT_FOUND',
      message: { 'zh-CN': '没有这个地址。', en: 'There is nothing at this address.' },
    };
    return reply.code(404).send(refusedAnswer(refusal, contextOf(request)));
  });
  takeJsonOnly(app);
  graphqlRoute(app, options);
  operationRoutes(app, options);
  options.routes?.(app);
  return {
    listen: ({ host = '127.0.0.1', port }) => app.listen({ host, port }),
    async stop() {
      stopping = true;
      if (await settledWithin(app.close(), STOP_MS)) return;
      app.server.closeAllConnections();
    },
  };
}
