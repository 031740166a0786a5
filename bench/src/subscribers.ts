/** A thread of subscribers, each on a WebSocket of its own, that take the time of every message. */
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parentPort, Worker } from 'node:worker_threads';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

export interface Audience {
  url: string;
  query: string;
  /** One subscriber for each. */
  tokens: readonly string[];
  /** Messages that each is to get. */
  messages: number;
  /** The first so many do not count. */
  warmUp: number;
}

export interface Subscribers {
  /** Milliseconds from the recording of an event to its arrival, one for each message of each subscriber. */
  arrived: Promise<number[]>;
  end(): Promise<void>;
}

/** Subscribes; rejects, as `arrived` does, when a subscription ends or a message comes twice. */
export function subscribers(audience: Audience): Subscribers {
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: null });
  const arrived = once(worker, 'message').then(([answer]) => {
    if (typeof answer === 'string') throw new Error(answer);
    return answer as number[];
  });
  arrived.catch(() => undefined);
  worker.postMessage(audience);
  return {
    arrived,
    async end() {
      await worker.terminate();
    },
  };
}

interface Event {
  id: string;
  recordedAt: string;
}

function one({ url, query, messages, warmUp }: Audience, token: string): Promise<number[]> {
  const { promise, resolve, reject } = Promise.withResolvers<number[]>();
  const connectionParams = { authorization: `Bearer ${token}` };
  const client = createClient({
    url,
    webSocketImpl: WebSocket,
    connectionParams,
    retryAttempts: 0,
    lazy: true,
  });
  const times = new Map<string, number>();
  client.subscribe<Record<string, Event>>(
    { query },
    {
      next({ data, errors }) {
        const [event] = Object.values(data ?? {});
        if (!event || errors || times.has(event.id))
          return reject(new Error(JSON.stringify({ data, errors })));
        times.set(event.id, Date.now() - Date.parse(event.recordedAt));
        if (times.size === messages) resolve([...times.values()].slice(warmUp));
      },
      error: (error) => reject(new Error(JSON.stringify(error))),
      complete: () => reject(new Error('it was completed')),
    },
  );
  return promise;
}

parentPort?.on('message', (audience: Audience) => {
  Promise.all(audience.tokens.map((token) => one(audience, token))).then(
    (times) => parentPort?.postMessage(times.flat()),
    (error: Error) => parentPort?.postMessage(error.message),
  );
});
