import { createClient as eventStreams } from 'graphql-sse';
import { createClient as webSockets } from 'graphql-ws';
import { WebSocket } from 'ws';

/** Follows a subscription by the public client of each protocol, and can be killed like a process or a cable. */

export const TRANSPORTS = ['WebSocket', 'event stream'] as const;

export interface Fault {
  message: string;
  extensions: { code: string; field?: string; details?: { cursor?: string; reason?: string } };
}

/** What every message has; the rest is as it was selected. */
export interface Message {
  cursor: string;
  id: string;
  event: string;
}

export interface Followed<M extends Message> {
  /** Grows until it is killed. */
  messages: readonly M[];
  /** Until there are so many; rejects when it ends before. */
  until(count: number): Promise<readonly M[]>;
  /** What it was ended with; empty when it was completed. */
  ended: Promise<readonly Fault[]>;
  /** Breaks the connection off without a goodbye; nothing counts that comes afterwards. */
  kill(): void;
}

interface Asked {
  query: string;
  variables?: Record<string, unknown>;
}

interface Sink {
  next(result: { data?: Record<string, unknown> | null; errors?: readonly unknown[] }): void;
  error(error: unknown): void;
  complete(): void;
}

/** Subscribes; answers how to break the connection off. */
type Connect = (url: string, authorization: string, asked: Asked, sink: Sink) => () => void;

const connect: Record<(typeof TRANSPORTS)[number], Connect> = {
  WebSocket(url, authorization, asked, sink) {
    let socket: WebSocket | undefined;
    const client = webSockets({
      url: `${url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization, 'accept-language': 'en' },
      retryAttempts: 0,
      on: {
        opened: (opened) => {
          socket = opened as WebSocket;
        },
      },
    });
    client.subscribe(asked, sink as never);
    return () => (socket ? socket.terminate() : void client.dispose());
  },
  'event stream'(url, authorization, asked, sink) {
    const client = eventStreams({
      url: `${url}/graphql/stream`,
      headers: { authorization, 'accept-language': 'en' },
      retryAttempts: 0,
    });
    return client.subscribe(asked, sink as never);
  },
};

export function follow<M extends Message>(
  transport: (typeof TRANSPORTS)[number],
  url: string,
  token: string,
  asked: Asked,
): Followed<M> {
  const messages: M[] = [];
  const ended = Promise.withResolvers<readonly Fault[]>();
  let killed = false;
  let changed = Promise.withResolvers<void>();
  const breakOff = connect[transport](url, `Bearer ${token}`, asked, {
    next({ data, errors = [] }) {
      if (killed) return;
      const [message] = Object.values(data ?? {});
      if (message) messages.push(message as M);
      if (errors.length > 0) ended.resolve(errors as Fault[]);
      changed.resolve();
      changed = Promise.withResolvers();
    },
    error: (error) =>
      ended.resolve(
        Array.isArray(error) ? error : [{ message: String(error), extensions: { code: 'CLOSED' } }],
      ),
    complete: () => ended.resolve([]),
  });
  const over = ended.promise.then((faults) => {
    throw new Error(`it ended: ${JSON.stringify(faults)}`);
  });
  over.catch(() => undefined);
  return {
    messages,
    ended: ended.promise,
    async until(count) {
      while (messages.length < count) await Promise.race([changed.promise, over]);
      return messages;
    },
    kill() {
      killed = true;
      breakOff();
    },
  };
}
