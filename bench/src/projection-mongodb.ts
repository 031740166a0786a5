import { randomUUID } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import type { EventStore, NewEvent } from '@dutyledger/event-store/event-store';
import { openEventStore } from '@dutyledger/event-store/open';
import { openReadStore } from '@dutyledger/read-store/open';
import type { Projection } from '@dutyledger/read-store/projection';
import { documents, type ReadStore } from '@dutyledger/read-store/read-store';
import { runProjections } from '@dutyledger/read-store/runner';
import { type Collection, MongoClient } from 'mongodb';
import { startFerretDb } from '../../infra/test-servers/ferretdb.ts';
import type { Benchmark } from './benchmarks.ts';
import { editionEvents } from './duty-events.ts';
import { alternate } from './measure.ts';
import { growth, type Row, row } from './report.ts';

interface Entry {
  id: string;
  division: string;
  number: number;
  content: unknown;
}

const TYPE = 'BenchEntered';
const PER_APPEND = 500;
const PATIENCE_MS = 600_000;

const samples = editionEvents({ list: 'list:370114-1', items: 180, editions: 1, revised: 0 }, 1).slice(
  1,
  180,
);

/** As large as the items of duty lists are. */
function entriesOf(count: number): Entry[] {
  return Array.from({ length: count }, (_, number) => ({
    id: `entry-${number}`,
    division: `3701${number % 90}`,
    number,
    content: samples[number % samples.length]?.data,
  }));
}

async function store(events: EventStore, entries: readonly Entry[]): Promise<void> {
  const [sample] = samples as [NewEvent];
  for (let from = 0; from < entries.length; from += PER_APPEND) {
    const page = entries
      .slice(from, from + PER_APPEND)
      .map((data): NewEvent => ({ ...sample, id: randomUUID(), type: TYPE, version: 1, data }));
    await events.append('bench.entries', 'any', page);
  }
}

/** A new read model with a document per event. */
async function project(events: EventStore, readStore: ReadStore, round: string): Promise<void> {
  const entries = documents<Entry>()(`entries-${round}`, {
    byDivision: ['division', 'number'],
    byNumber: ['number'],
  });
  const projection: Projection = {
    name: `entries-${round}`,
    version: 1,
    collections: [entries],
    handles: [TYPE],
    project({ data }, batch) {
      const entry = data as Entry;
      batch.put(entries, entry.id, entry);
    },
  };
  const projections = await runProjections({
    events,
    prefix: 'bench.',
    readStore,
    projections: [projection],
  });
  const applied = await projections.waitFor(await events.head(), PATIENCE_MS);
  await projections.stop();
  if (!applied) throw new Error('the read model did not get there');
}

/** The same documents, indexed by the same fields, by the driver alone. */
async function write(collection: Collection<Entry>, entries: readonly Entry[]): Promise<void> {
  await collection.createIndexes([
    { key: { id: 1 } },
    { key: { division: 1, number: 1, id: 1 } },
    { key: { number: 1, id: 1 } },
  ]);
  const writes = entries.map((document) => ({ insertOne: { document: { ...document } } }));
  await collection.bulkWrite(writes, { ordered: false, writeConcern: { w: 'majority', journal: true } });
}

/** Building a read model from events, runner and adapter together, by bare bulk writes of its documents. */
export const run: Benchmark = async ({ folder, quick }) => {
  await using stack = new AsyncDisposableStack();
  const url = new URL(process.env['MONGODB_URL'] ?? (await started(stack)));
  url.pathname = `/dutyledger-bench-${Date.now()}`;
  const client = stack.adopt(new MongoClient(url.href), (opened) => opened.close());
  stack.defer(async () => {
    await client.db().dropDatabase();
  });
  const readStore = stack.adopt(await openReadStore(url.href), (opened) => opened.close());
  const rows: Row[] = [];
  const costs: number[] = [];
  for (const count of quick ? [300, 3_000] : [2_000, 20_000]) {
    const entries = entriesOf(count);
    const own = await mkdtemp(join(folder, 'projection-'));
    const events = stack.adopt(await openEventStore(`sqlite:${join(own, 'events.db')}`), (opened) =>
      opened.close(),
    );
    await store(events, entries);
    const taken = await alternate(quick ? 1 : 3, 1, {
      measured: (round) => project(events, readStore, `${count}-${round}`),
      reference: (round) => write(client.db().collection<Entry>(`bare-${count}-${round}`), entries),
    });
    const rate = (milliseconds: number) => (1_000 * count) / milliseconds;
    rows.push(
      row(
        `projection-mongodb, ${count.toLocaleString('en')} events`,
        {
          value: rate(taken.measured),
          unit: 'events/s',
          reference: rate(taken.reference),
          ratio: 1 / taken.ratio,
        },
        { atLeast: 0.5 },
      ),
    );
    costs.push(taken.measured / count);
  }
  const [small = 0, large = 0] = costs;
  return [...rows, growth('projection-mongodb', small, large)];
};

async function started(stack: AsyncDisposableStack): Promise<string> {
  const server = stack.adopt(await startFerretDb(), (running) => running.stop());
  return server.url;
}
