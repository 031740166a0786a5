import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { dutyListStream } from '@dutyledger/lists/duty-list/state';
import { devIssuer } from '@dutyledger/subgraph-kit/dev-issuer';
import type { Benchmark } from './benchmarks.ts';
import { DIVISION, editionEvents, type Shape } from './duty-events.ts';
import { percentile } from './measure.ts';
import { type Node, startNode } from './node.ts';
import { growth, type Row, row } from './report.ts';
import { subscribers } from './subscribers.ts';

/** Each caller has so many subscriptions, as a command platform with several screens. */
const PER_CALLER = 20;
const EVERY_MS = 250;
/** Plans and programs are made at the first messages. */
const WARM_UP = 2;
const LIST = { items: 10, revised: 1 };

const QUERY = /* GraphQL */ `
  subscription {
    listEvents(division: "${DIVISION}") {
      cursor
      id
      recordedAt
      edition
      list {
        title
        edition {
          effectiveFrom
        }
      }
    }
  }
`;

async function tokensFor(folder: string, count: number): Promise<string[]> {
  const issuer = await devIssuer(folder);
  const callers = Math.ceil(count / PER_CALLER);
  const tokens = await Promise.all(
    Array.from({ length: callers }, (_, n) =>
      issuer.issue({ roles: ['LIST_EDITOR'], division: DIVISION, subject: `platform-${n}` }),
    ),
  );
  return Array.from({ length: count }, (_, n) => tokens[n % callers] ?? '');
}

async function open({ metrics }: Node, count: number): Promise<void> {
  const gauge = metrics.getSingleMetric('dutyledger_subscribers');
  for (;;) {
    const values = (await gauge?.get())?.values ?? [];
    if (values.reduce((sum, { value }) => sum + value, 0) === count) return;
    await sleep(20);
  }
}

/** Delays of every message for every subscriber, editions of one list being published at a steady pace. */
async function delays(node: Node, folder: string, count: number, counted: number): Promise<number[]> {
  const messages = counted + WARM_UP;
  const tokens = await tokensFor(folder, count);
  const url = node.url.replace('http', 'ws');
  const audience = subscribers({ url, query: QUERY, tokens, messages, warmUp: WARM_UP });
  try {
    await Promise.race([open(node, count), audience.arrived]);
    const shape: Shape = { ...LIST, list: `list:${DIVISION}-${count}`, editions: messages };
    for (let edition = 1; edition <= messages; edition++) {
      const events = editionEvents(shape, edition);
      await node.events.append(dutyListStream(shape.list), 'any', events);
      await sleep(EVERY_MS);
    }
    const all = await audience.arrived;
    await open(node, count);
    return all;
  } finally {
    await audience.end();
    await open(node, 0);
  }
}

/** From commit to delivery, federated fields looked up: 1,000 subscribers of 50 callers on one gateway. */
export const run: Benchmark = async ({ folder, quick }) => {
  const own = await mkdtemp(join(folder, 'subscriptions-'));
  const node = await startNode(own);
  const rows: Row[] = [];
  const medians: number[] = [];
  for (const count of quick ? [10, 100] : [100, 1_000]) {
    const messages = quick ? 4 : 60;
    const taken = await delays(node, own, count, messages);
    const name = `subscriptions, ${count.toLocaleString('en')} subscribers`;
    medians.push(percentile(taken, 0.5));
    rows.push(
      row(`${name}, commit to delivery, p50`, { value: percentile(taken, 0.5), unit: 'ms' }),
      row(
        `${name}, commit to delivery, p99`,
        { value: percentile(taken, 0.99), unit: 'ms' },
        { atMost: 500 },
      ),
      row(`${name}, lost`, { value: count * messages - taken.length, unit: 'messages' }, { atMost: 0 }),
    );
  }
  await node.stop();
  const [small = 0, large = 0] = medians;
  return [...rows, growth('subscriptions', small, large)];
};
