import type { TestProject } from 'vitest/node';
import type { Engine, Engines, Missing } from './engines.ts';
import { startFerretDb } from './ferretdb.ts';
import { startKafka } from './kafka.ts';

interface Kind {
  /** Environment variable with the URL of a server that exists elsewhere. */
  variable: string;
  /** What such a server is called in the names of tests; its URL may hold a password. */
  name: string;
  /** Starts a server here; a text: why that cannot be done. */
  start: (() => Promise<{ url: string; name: string; stop(): Promise<void> }>) | string;
}

const KINDS: Record<keyof Engines, Kind> = {
  eventstore: {
    variable: 'EVENTSTORE_URL',
    name: 'EventStoreDB',
    start: 'no package registry has an EventStoreDB or KurrentDB server to start here',
  },
  kafka: {
    variable: 'KAFKA_URL',
    name: 'Kafka',
    start: async () => ({ ...(await startKafka()), name: 'Apache Kafka 4.2.0' }),
  },
  mongodb: {
    variable: 'MONGODB_URL',
    name: 'MongoDB',
    start: async () => ({ ...(await startFerretDb()), name: 'FerretDB 1.24 (SQLite backend)' }),
  },
};

/** Starts the servers that no environment variable names; stops them after the last test. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const stack = new AsyncDisposableStack();
  const find = async ({ variable, name, start }: Kind): Promise<Engine | Missing> => {
    const url = process.env[variable];
    if (url) return { url, name: `${name} (${variable})` };
    if (typeof start === 'string') return { missing: `${variable} is not set, and ${start}` };
    try {
      const server = await start();
      stack.defer(() => server.stop());
      return { url: server.url, name: server.name };
    } catch (error) {
      return { missing: `${variable} is not set, and ${error instanceof Error ? error.message : error}` };
    }
  };
  const [eventstore, kafka, mongodb] = await Promise.all([
    find(KINDS.eventstore),
    find(KINDS.kafka),
    find(KINDS.mongodb),
  ]);
  project.provide('engines', { eventstore, kafka, mongodb });
  return () => stack.disposeAsync();
}
