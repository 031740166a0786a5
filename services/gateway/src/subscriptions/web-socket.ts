import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Refusal } from '@dutyledger/event-store/decider';
import type { GraphqlAnswer, GraphqlRequest } from '@dutyledger/subgraph-kit/endpoint';
import type { CallerVerifier, Verified } from '@dutyledger/subgraph-kit/identity';
import type { Logger } from '@dutyledger/subgraph-kit/logging';
import { correlationIdOf, header, type Locale, localeOf } from '@dutyledger/subgraph-kit/request-context';
import { type ExecutionArgs, parse } from 'graphql/index.js';
import { CloseCode, type Context, handleProtocols, makeServer, type SubscribePayload } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { tooMany } from './endings.ts';
import { isSubscription } from './operation.ts';
import { SubscriptionFault, type Subscriptions } from './subscriptions.ts';
import { Tally } from './tally.ts';

/** GraphQL over WebSocket (protocol graphql-transport-ws), on the port and path of the HTTP endpoint. */

export interface WebSocketOptions {
  subscriptions: Subscriptions;
  verifier: CallerVerifier;
  /** Queries and mutations, which some clients send the same way. */
  answer(
    request: GraphqlRequest,
    call: { caller: (Verified & { ok: true })['caller']; headers: IncomingMessage['headers'] },
  ): Promise<GraphqlAnswer>;
  maxTokens: number;
  logger: Logger;
}

interface Extra {
  socket: WebSocket;
  request: IncomingMessage;
  session?: Verified & { ok: true };
  /** Takes it off the caller's connections. */
  release?: () => void;
}
type Ctx = Context<Record<string, unknown> | undefined, Extra>;

/** The library asks a document what kind of operation it is; all of them are handed on as they came. */
const SUBSCRIPTION = parse('subscription { any }');
const KEEP_ALIVE_MS = 12_000;
/** How long a client has for what was written to it before a stop. */
const GOODBYE_MS = 2_000;
const GOING_AWAY = 1001;
const TRY_AGAIN_LATER = 1013;
/** Bytes of a reason for closing. */
const MOST_REASON = 120;

const shortened = (reason: string): string => {
  let text = reason;
  while (Buffer.byteLength(text) > MOST_REASON) text = text.slice(0, -1);
  return text;
};

/** The token is a connection parameter, as browsers cannot send headers; programs may send the header. */
function authorizationOf({ connectionParams = {}, extra }: Ctx): string | undefined {
  const given = Object.entries(connectionParams).find(([name]) => name.toLowerCase() === 'authorization');
  return typeof given?.[1] === 'string' ? given[1] : extra.request.headers.authorization;
}

function localeFor({ connectionParams = {}, extra }: Ctx): Locale {
  const given = Object.entries(connectionParams).find(([name]) => name.toLowerCase() === 'accept-language');
  return localeOf(typeof given?.[1] === 'string' ? given[1] : extra.request.headers['accept-language']);
}

const requestOf = ({ query, variables, operationName }: SubscribePayload): GraphqlRequest => ({
  query,
  ...(variables ? { variables } : {}),
  ...(operationName ? { operationName } : {}),
});

export class WebSockets {
  readonly #options: WebSocketOptions;
  readonly #sockets: WebSocketServer;
  readonly #protocol: ReturnType<typeof makeServer<Record<string, unknown>, Extra>>;
  /** Connections by caller. */
  readonly #ofCaller = new Tally<string>();

  constructor(options: WebSocketOptions) {
    this.#options = options;
    const { messageBytes, initMs } = options.subscriptions.limits;
    this.#sockets = new WebSocketServer({
      noServer: true,
      maxPayload: messageBytes,
      handleProtocols,
      perMessageDeflate: false,
    });
    this.#protocol = makeServer<Record<string, unknown>, Extra>({
      connectionInitWaitTimeout: initMs,
      onConnect: (ctx) => this.#connect(ctx),
      // Everything is parsed and checked where the subscription begins.
      onSubscribe: async (ctx, _id, payload) =>
        ({ contextValue: { ctx, payload }, document: SUBSCRIPTION }) as unknown as ExecutionArgs,
      subscribe: ({ contextValue }) => {
        const { ctx, payload } = contextValue as { ctx: Ctx; payload: SubscribePayload };
        return this.#operation(ctx, requestOf(payload)) as never;
      },
      onNext: (_ctx, _id, _payload, _args, result) => result as never,
      onError: (_ctx, _id, _payload, errors) =>
        errors.flatMap(({ originalError, message }) =>
          originalError instanceof SubscriptionFault ? originalError.faults : [{ message }],
        ) as never,
    });
  }

  /** Takes upgrades of `/graphql`; others are refused. */
  attach(server: Server): void {
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const { pathname } = new URL(request.url ?? '/', 'http://localhost');
      if (pathname !== '/graphql') {
        socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
        return;
      }
      if (this.#sockets.clients.size >= this.#options.subscriptions.limits.subscriptions) {
        socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
        return;
      }
      this.#sockets.handleUpgrade(request, socket, head, (opened) => this.#opened(opened, request));
    });
  }

  /** Closes all connections behind what was written to them. */
  async stop(): Promise<void> {
    const open = [...this.#sockets.clients];
    const closed = open.map(
      (socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())),
    );
    for (const socket of open) socket.close(GOING_AWAY, 'Going away');
    const cut = setTimeout(() => {
      for (const socket of open) socket.terminate();
    }, GOODBYE_MS);
    await Promise.all(closed);
    clearTimeout(cut);
    this.#sockets.close();
  }

  async #connect(ctx: Ctx): Promise<boolean> {
    const { extra } = ctx;
    const verified = await this.#options.verifier.verify(authorizationOf(ctx));
    if (extra.socket.readyState !== extra.socket.OPEN) return false;
    const refusal = verified.ok ? this.#excess(verified.caller.subject) : verified.refusal;
    if (verified.ok && !refusal) {
      extra.session = verified;
      extra.release = this.#ofCaller.add(verified.caller.subject);
      return true;
    }
    if (refusal) {
      const closing = refusal.code === 'UNAUTHENTICATED' ? CloseCode.Forbidden : TRY_AGAIN_LATER;
      extra.socket.close(closing, shortened(`${refusal.code}: ${refusal.message[localeFor(ctx)]}`));
    }
    return false;
  }

  #excess(subject: string): Refusal | undefined {
    const { perCaller } = this.#options.subscriptions.limits;
    return this.#ofCaller.of(subject) >= perCaller ? tooMany.connections(perCaller) : undefined;
  }

  #operation(ctx: Ctx, request: GraphqlRequest): AsyncGenerator<GraphqlAnswer> | Promise<GraphqlAnswer> {
    const { subscriptions, answer, maxTokens } = this.#options;
    const { session, request: opening } = ctx.extra;
    if (!session) throw new Error('an operation before the connection was acknowledged');
    const { caller, expiresAt } = session;
    const locale = localeFor(ctx);
    const correlationId = correlationIdOf(header(opening.headers, 'x-correlation-id'));
    if (Date.now() >= expiresAt) ctx.extra.socket.close(CloseCode.Forbidden, 'UNAUTHENTICATED: expired');
    if (!isSubscription(request, maxTokens)) {
      return answer(request, {
        caller,
        headers: { ...opening.headers, 'accept-language': locale, 'x-correlation-id': correlationId },
      });
    }
    return subscriptions.subscribe(request, {
      caller,
      expiresAt,
      locale,
      correlationId,
      connection: ctx.extra,
    });
  }

  #opened(socket: WebSocket, request: IncomingMessage): void {
    const { logger, subscriptions } = this.#options;
    const { stuckMs } = subscriptions.limits;
    const failed = (err: unknown): void => {
      logger.warn({ err }, 'a WebSocket was cut off');
      socket.terminate();
    };
    const alive = keepAlive(socket);
    const send = (data: string): Promise<void> =>
      new Promise((resolve) => {
        if (socket.readyState !== socket.OPEN) return resolve();
        const stuck = setTimeout(() => socket.terminate(), stuckMs);
        socket.send(data, () => {
          clearTimeout(stuck);
          resolve();
        });
      });
    const extra: Extra = { socket, request };
    const closed = this.#protocol.opened(
      {
        protocol: socket.protocol,
        send,
        close: (code, reason) => socket.close(code, shortened(reason ?? '')),
        onMessage: (take) => socket.on('message', (data) => void take(String(data)).catch(failed)),
      },
      extra,
    );
    socket.on('error', (err) => logger.debug({ err }, 'a WebSocket failed'));
    socket.once('close', (code, reason) => {
      clearInterval(alive);
      extra.release?.();
      Promise.resolve(closed(code, String(reason))).catch(failed);
    });
  }
}

/** Cuts off a client that does not answer pings. */
function keepAlive(socket: WebSocket): NodeJS.Timeout {
  let answered = true;
  socket.on('pong', () => {
    answered = true;
  });
  return setInterval(() => {
    if (!answered) return socket.terminate();
    answered = false;
    socket.ping();
  }, KEEP_ALIVE_MS);
}
