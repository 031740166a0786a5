import type { IncomingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import type { Refusal, Text } from '@dutyledger/event-store/decider';
import { refusedAnswer } from '@dutyledger/subgraph-kit/endpoint';
import { contextOf, statusOf } from '@dutyledger/subgraph-kit/http';
import type { Caller, CallerVerifier } from '@dutyledger/subgraph-kit/identity';
import type { Logger } from '@dutyledger/subgraph-kit/logging';
import { type Headers, header } from '@dutyledger/subgraph-kit/request-context';
import { continued, traceHeaders } from '@dutyledger/subgraph-kit/tracing';
import { answerBeforeBody } from '@dutyledger/subgraph-kit/unread-body';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Agent, type Dispatcher, request as send } from 'undici';
import type { SubgraphSource } from './subgraph-source.ts';

/** What services offer over HTTP beside the graph, passed on as it is: bytes both ways, as they come. */
interface Forwarded {
  /** The path, which is answered with everything below it. */
  prefix: `/${string}`;
  subgraph: string;
  /** Whether a request without a token is the service's to judge; otherwise it is refused here, its body unread. */
  anonymous: boolean;
}

const FORWARDED: readonly Forwarded[] = [
  { prefix: '/attachments', subgraph: 'gridEvents', anonymous: false },
  // Open311 has keys of its own, and the public reads without one.
  { prefix: '/open311', subgraph: 'gridEvents', anonymous: true },
];

interface ForwardingOptions {
  sources: ReadonlyMap<string, SubgraphSource>;
  /** Of the caller's own token. */
  verifier: CallerVerifier;
  /** The token that services take. */
  tokenOf(caller: Caller): Promise<string>;
  /** Longest wait for an answer to begin, and for its next part. */
  timeMs: number;
  logger: Logger;
  /** Default: `FORWARDED`. */
  table?: readonly Forwarded[];
}

interface Forwarding {
  routes(app: FastifyInstance): void;
  /** Closes the connections to the services. */
  stop(): Promise<void>;
}

const CONNECT_MS = 5_000;
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];
const WITHOUT_BODY: readonly string[] = ['GET', 'HEAD'];

/** Headers of a request that a service is told; it gets its own token and nothing else of what the caller says. */
const TOLD = [
  'accept',
  'accept-language',
  'content-length',
  'content-type',
  'idempotency-key',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'range',
  'user-agent',
  'x-correlation-id',
];

/** Headers of one connection, not of the answer (RFC 9110, 7.6.1). */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

const texts = {
  late: { 'zh-CN': '未在规定时间内答复', en: 'did not answer in time' },
  away: { 'zh-CN': '暂时不可用', en: 'is not available now' },
} satisfies Record<string, Text>;

const away = (name: string, how: keyof typeof texts): Refusal => ({
  code: 'UNAVAILABLE',
  message: {
    'zh-CN': `服务 ${name} ${texts[how]['zh-CN']}，请稍后重试。`,
    en: `The service ${name} ${texts[how].en}; try again later.`,
  },
});

const isTimeout = (error: unknown): boolean => {
  const { code } = error as { code?: unknown };
  return code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT';
};

function toldOf(headers: IncomingHttpHeaders, token: string | undefined): Record<string, string> {
  const told = TOLD.flatMap((name) => {
    const value = header(headers as Headers, name);
    return value === undefined ? [] : [[name, value]];
  });
  return {
    ...Object.fromEntries(told),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...traceHeaders(),
  };
}

/** The headers of a service's answer without those of its connection, also those that it names itself. */
function answeredOf(headers: IncomingHttpHeaders): [string, string | string[]][] {
  const named = (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase());
  return Object.entries(headers).flatMap(([name, value]) =>
    value === undefined || HOP_BY_HOP.includes(name) || named.includes(name) ? [] : [[name, value]],
  );
}

/**
 * The body as it comes; nothing is taken of it before there is a connection to send it over. The caller's own
 * connection stays when the service wants no more of the body: the caller is still to be told why.
 */
function bodyOf({ method, raw }: FastifyRequest): Readable | null {
  if (WITHOUT_BODY.includes(method)) return null;
  const parts = raw.iterator({ destroyOnReturn: false });
  // undici takes what can be iterated over; its types do not say so.
  return parts as unknown as Readable;
}

/** A service that is reached over HTTP, and how. */
interface Way extends Pick<ForwardingOptions, 'tokenOf' | 'logger'> {
  name: string;
  reach: NonNullable<SubgraphSource['reach']>;
  agent: Agent;
}

async function ask(
  { reach, tokenOf, agent }: Way,
  request: FastifyRequest,
  caller: Caller | undefined,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  const headers = toldOf(request.headers, caller && (await tokenOf(caller)));
  return reach((url) =>
    send(new URL(request.raw.url ?? '/', url), {
      method: request.method as Dispatcher.HttpMethod,
      headers,
      body: bodyOf(request),
      signal,
      dispatcher: agent,
    }),
  );
}

async function pass(
  way: Way,
  request: FastifyRequest,
  reply: FastifyReply,
  caller: Caller | undefined,
): Promise<FastifyReply> {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  // What is left of a body that is not wanted is not read.
  const leaveRest = () => request.raw.complete || reply.header('connection', 'close');
  try {
    const answer = await ask(way, request, caller, gone.signal);
    for (const [field, value] of answeredOf(answer.headers)) reply.header(field, value);
    leaveRest();
    const body = request.raw.complete
      ? answer.body
      : Readable.from(answerBeforeBody(answer.body, request.raw));
    return await reply.code(answer.statusCode).send(body);
  } catch (err) {
    if (gone.signal.aborted) return reply.hijack();
    const context = contextOf(request);
    const { correlationId } = context;
    way.logger.warn({ err, subgraph: way.name, correlationId }, 'service not reached');
    leaveRest();
    const late = isTimeout(err);
    return reply.code(late ? 504 : 502).send(refusedAnswer(away(way.name, late ? 'late' : 'away'), context));
  }
}

function forward(
  app: FastifyInstance,
  { prefix, anonymous }: Forwarded,
  way: Way,
  verifier: CallerVerifier,
): void {
  const callers = new WeakMap<FastifyRequest, Caller>();
  for (const url of [prefix, `${prefix}/*`]) {
    app.route({
      method: METHODS,
      url,
      onRequest: async (request, reply) => {
        const { authorization } = request.headers;
        if (anonymous && authorization === undefined) return;
        const verified = await verifier.verify(authorization);
        if (verified.ok) {
          callers.set(request, verified.caller);
          return;
        }
        const refused = refusedAnswer(verified.refusal, contextOf(request));
        return reply.code(statusOf(refused)).send(refused);
      },
      handler: (request, reply) =>
        continued(request.headers, () => pass(way, request, reply, callers.get(request))),
    });
  }
}

/** Routes of the table whose services are elsewhere; those of a service in this process are its own to add. */
export function forwardedRoutes(options: ForwardingOptions): Forwarding {
  const { sources, verifier, timeMs, table = FORWARDED } = options;
  const connecting = { timeout: CONNECT_MS };
  const agent = new Agent({ connect: connecting, headersTimeout: timeMs, bodyTimeout: timeMs });
  return {
    routes(app) {
      void app.register(async (scope) => {
        scope.removeAllContentTypeParsers();
        scope.addContentTypeParser('*', (_request, body, done) => done(null, body));
        for (const each of table) {
          const source = sources.get(each.subgraph);
          const reach = source?.reach?.bind(source);
          if (reach) forward(scope, each, { ...options, name: each.subgraph, reach, agent }, verifier);
        }
      });
    },
    stop: () => agent.destroy(),
  };
}
