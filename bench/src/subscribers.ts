/** A thread of subscribers, each on a WebSocket of its own, that take the time of every message. */
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parentPort, Worker } from 'node:worker_threads';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

export interface Audience {
  url: string;
  query: string;
  /** One subscriber for each; the first one's division holds all the others. */
  listeners: readonly { token: string; division: string }[];
  /** Messages that the first is to get. */
  messages: number;
}

/** When the event was recorded, and how many milliseconds later it arrived. */
export interface Arrival {
  recorded: number;
  delay: number;
}

export interface Subscribers {
  /** One for each message of each subscriber, when all have got what is theirs. */
  arrived: Promise<Arrival[]>;
  end(): Promise<void>;
}

/** Subscribes; `arrived` rejects when a subscription ends, or a message comes twice or to the wrong one. */
export function subscribers(audience: Audience): Subscribers {
  const worker = new Worker(fileURLToPath(import.meta.url));
  const arrived = once(worker, 'message').then(([answer]) => {
    if (typeof answer === 'string') throw new Error(answer);
    return answer as Arrival[];
  });
  arrived.catch(() => undefined);
  worker.postMessage(audience);
  return {
    arrived,
    end: async () => {
      await worker.terminate();
    },
  };
}

interface Event {
  id: string;
  recordedAt: string;
  division: string;
}

interface Heard {
  division: string;
  events: Map<string, Event & Arrival>;
}

/** Whether a town or village lies in a county or town. */
const within = (division: string, other: string): boolean =>
  division.startsWith(other.slice(0, other.endsWith('000000') ? 6 : 9));

function listen(
  { url, query }: Audience,
  { token, division }: Audience['listeners'][number],
  heard: () => void,
  failed: (cause: string) => void,
): Heard {
  const client = createClient({
    url,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}` },
    retryAttempts: 0,
  });
  const events: Heard['events'] = new Map();
  client.subscribe<Record<string, Event>>(
    { query, variables: { division } },
    {
      next({ data, errors }) {
        const [event] = Object.values(data ?? {});
        if (!event || errors || events.has(event.id) || !within(event.division, division))
          return failed(JSON.stringify({ data, errors }));
        const recorded = Date.parse(event.recordedAt);
        events.set(event.id, { ...event, recorded, delay: Date.now() - recorded });
        heard();
      },
      error: (error) => failed(JSON.stringify(error)),
      complete: () => failed('it was completed'),
    },
  );
  return { division, events };
}

function listenAll(audience: Audience): Promise<Arrival[]> {
  const { promise, resolve, reject } = Promise.withResolvers<Arrival[]>();
  const all: Heard[] = [];
  const look = (): void => {
    const [first] = all;
    if (!first || first.events.size < audience.messages) return;
    const everything = [...first.events.values()];
    const expected = new Map<string, number>();
    for (const { division, events } of all) {
      const count =
        expected.get(division) ?? everything.filter((event) => within(event.division, division)).length;
      expected.set(division, count);
      if (events.size < count) return;
    }
    resolve(
      all.flatMap(({ events }) => [...events.values()].map(({ recorded, delay }) => ({ recorded, delay }))),
    );
  };
  for (const listener of audience.listeners) {
    all.push(listen(audience, listener, look, (cause) => reject(new Error(cause))));
  }
  return promise;
}

parentPort?.on('message', (audience: Audience) => {
  listenAll(audience).then(
    (arrivals) => parentPort?.postMessage(arrivals),
    (error: Error) => parentPort?.postMessage(error.message),
  );
});
