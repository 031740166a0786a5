import type { ServerResponse } from 'node:http';
import { type GraphqlRequest, refusedAnswer } from '@dutyledger/subgraph-kit/endpoint';
import { contextOf, readRequest, statusOf } from '@dutyledger/subgraph-kit/http';
import type { CallerVerifier, Verified } from '@dutyledger/subgraph-kit/identity';
import type { Logger } from '@dutyledger/subgraph-kit/logging';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isSubscription } from './operation.ts';
import { type Session, SubscriptionFault, type Subscriptions } from './subscriptions.ts';

/** GraphQL over server-sent events (protocol graphql-sse, "distinct connections"): one request, one stream. */

export interface EventStreamOptions {
  subscriptions: Subscriptions;
  verifier: CallerVerifier;
  answer: Parameters<typeof import('@dutyledger/subgraph-kit/http')['httpServer']>[0]['answer'];
  maxTokens: number;
  logger: Logger;
}

/** A comment now and then keeps proxies from taking the stream for dead. */
const KEEP_ALIVE_MS = 12_000;
const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  // Proxies such as nginx would hold messages back.
  'x-accel-buffering': 'no',
};

const event = (name: 'next' | 'complete', data?: unknown): string =>
  `event: ${name}\ndata: ${data === undefined ? '' : JSON.stringify(data)}\n\n`;

class EventStream {
  readonly #response: ServerResponse;
  readonly #stuckMs: number;
  readonly #alive: NodeJS.Timeout;

  constructor(response: ServerResponse, stuckMs: number) {
    this.#response = response;
    this.#stuckMs = stuckMs;
    this.#alive = setInterval(() => void this.write(':\n\n'), KEEP_ALIVE_MS);
    response.once('close', () => clearInterval(this.#alive));
  }

  /** Resolves when the client has room for more; one that has none for too long is cut off. */
  async write(text: string): Promise<void> {
    const response = this.#response;
    if (response.destroyed || response.writableEnded || response.write(text)) return;
    await new Promise<void>((resolve) => {
      const stuck = setTimeout(() => response.destroy(), this.#stuckMs);
      const done = (): void => {
        clearTimeout(stuck);
        response.off('drain', done).off('close', done);
        resolve();
      };
      response.once('drain', done).once('close', done);
    });
  }

  async end(): Promise<void> {
    clearInterval(this.#alive);
    await this.write(event('complete'));
    this.#response.end();
  }
}

async function stream(
  request: GraphqlRequest,
  session: Session,
  reply: FastifyReply,
  { subscriptions, logger }: EventStreamOptions,
): Promise<void> {
  reply.hijack();
  const response = reply.raw;
  response.writeHead(200, { ...HEADERS, 'x-correlation-id': session.correlationId });
  const out = new EventStream(response, subscriptions.limits.stuckMs);
  const answers = subscriptions.subscribe(request, session);
  response.once('close', () => {
    answers.return().catch((err: unknown) => logger.debug({ err }, 'a stream ended'));
  });
  await out.write(':\n\n');
  try {
    for await (const answer of answers) await out.write(event('next', answer));
  } catch (error) {
    if (!(error instanceof SubscriptionFault)) throw error;
    await out.write(event('next', { errors: error.faults }));
  }
  await out.end();
}

/** Adds `POST /graphql/stream`. */
export function eventStreamRoute(app: FastifyInstance, options: EventStreamOptions): void {
  const { verifier, subscriptions, answer, maxTokens } = options;
  const sessions = new WeakMap<FastifyRequest, Verified & { ok: true }>();
  app.post('/graphql/stream', {
    bodyLimit: subscriptions.limits.messageBytes,
    onRequest: async (request, reply) => {
      const verified = await verifier.verify(request.headers.authorization);
      if (verified.ok) {
        sessions.set(request, verified);
        return;
      }
      const refused = refusedAnswer(verified.refusal, contextOf(request));
      return reply.code(statusOf(refused)).send(refused);
    },
    handler: async (request, reply) => {
      const context = contextOf(request);
      const { caller, expiresAt } = sessions.get(request) as Verified & { ok: true };
      const read = readRequest(request.body);
      if ('code' in read) {
        const refused = refusedAnswer(read, context);
        return reply.code(statusOf(refused)).send(refused);
      }
      if (isSubscription(read, maxTokens)) {
        await stream(read, { caller, expiresAt, connection: request, ...context }, reply, options);
        return reply;
      }
      const given = await answer(read, { caller, headers: request.headers });
      reply.hijack();
      reply.raw.writeHead(200, HEADERS).end(`${event('next', given)}${event('complete')}`);
      return reply;
    },
  });
}
