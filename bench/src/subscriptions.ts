import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { devIssuer } from '@dutyledger/subgraph-kit/dev-issuer';
import type { Benchmark } from './benchmarks.ts';
import { type County, fillCounty, prepareCounty } from './county.ts';
import { DIVISION } from './duty-events.ts';
import { percentile } from './measure.ts';
import { type NodeProcess, nodeProcess } from './node-process.ts';
import { growth, type Row, row } from './report.ts';
import { type ReportLoad, reporters } from './report-load.ts';
import { subscribers } from './subscribers.ts';

/**
 * From the commit of a reported case to its arrival at 1,000 subscribers, a WebSocket and a caller each, while reports
 * keep coming. As it is: each follows its town. The worst: each follows the whole county, at a lower rate.
 */
const AUDIENCES = [
  { name: 'each follows its town', perSecond: 30, whole: false, counts: [100, 1_000] },
  { name: 'all follow everything', perSecond: 5, whole: true, counts: [1_000] },
] as const;
const SECONDS = 20;
/** Plans and programs are made at the first messages. */
const WARM_UP_SECONDS = 3;
const LIMIT_MS = 120_000;

const QUERY = /* GraphQL */ `
  subscription ($division: DivisionCode!) {
    caseEvents(division: $division) {
      cursor
      id
      event
      recordedAt
      division
      case {
        id
        status
        className
        description
        route { kind item { name domain } lead { organ { id name } } }
        clocks { phase due }
      }
    }
  }
`;

type Issue = Awaited<ReturnType<typeof devIssuer>>['issue'];

/** The first follows the county, so that it is known what there was to get. */
async function listenersOf(issue: Issue, towns: readonly string[], count: number) {
  const everything = await issue({ roles: ['INTEGRATOR'], division: DIVISION, subject: 'platform' });
  const others = Array.from({ length: count - 1 }, async (_, n) => {
    const division = towns[n % towns.length] ?? DIVISION;
    return { division, token: await issue({ roles: ['TOWN_OPERATOR'], division, subject: `operator ${n}` }) };
  });
  return [{ division: DIVISION, token: everything }, ...(await Promise.all(others))];
}

const SUBSCRIBERS = 'dutyledger_subscribers{field="caseEvents"}';
const CPU = 'process_cpu_seconds_total';

async function figure(node: NodeProcess, name: string): Promise<number> {
  return (await node.metrics()).get(name) ?? 0;
}

async function open(node: NodeProcess, count: number): Promise<void> {
  while ((await figure(node, SUBSCRIBERS)) !== count) await sleep(20);
}

interface Load {
  /** Numbers that were reported before. */
  reported: number;
  /** Sends for so many seconds; answers the processor seconds of the node. */
  send(perSecond: number, seconds: number): Promise<number>;
}

function loadOf(node: NodeProcess, parts: Omit<ReportLoad, 'first' | 'perSecond' | 'seconds'>): Load {
  const load: Load = {
    reported: 0,
    send: async (perSecond, seconds) => {
      const first = load.reported;
      load.reported += perSecond * seconds;
      const { send, end } = reporters();
      const before = await figure(node, CPU);
      await send({ ...parts, first, perSecond, seconds });
      await end();
      return (await figure(node, CPU)) - before;
    },
  };
  return load;
}

interface Measured {
  delays: number[];
  /** Milliseconds of processor time of the node for each message delivered, beyond those for the reports themselves. */
  cpu: number;
}

async function measured(
  node: NodeProcess,
  load: Load,
  listeners: Awaited<ReturnType<typeof listenersOf>>,
  { perSecond, seconds, idle }: { perSecond: number; seconds: number; idle: number },
): Promise<Measured> {
  const messages = perSecond * (seconds + WARM_UP_SECONDS);
  const url = node.url.replace('http', 'ws');
  const audience = subscribers({ url, query: QUERY, listeners, messages });
  try {
    await Promise.race([open(node, listeners.length), audience.arrived]);
    await load.send(perSecond, WARM_UP_SECONDS);
    const since = Date.now();
    const spent = await load.send(perSecond, seconds);
    const late = sleep(LIMIT_MS, undefined, { ref: false }).then(() => {
      throw new Error('messages were lost');
    });
    const arrivals = (await Promise.race([audience.arrived, late])).filter(
      ({ recorded }) => recorded >= since,
    );
    return {
      delays: arrivals.map(({ delay }) => delay),
      cpu: ((spent - idle * perSecond * seconds) * 1_000) / arrivals.length,
    };
  } finally {
    await audience.end();
    await open(node, 0);
  }
}

function rowsOf(name: string, { delays, cpu }: Measured): Row[] {
  const of = (share: number) => ({ value: percentile(delays, share), unit: 'ms' });
  return [
    row(`${name}, commit to delivery, p50`, of(0.5)),
    row(`${name}, commit to delivery, p99`, of(0.99), { atMost: 500 }),
    row(`${name}, processor time per delivery`, { value: cpu, unit: 'ms' }),
  ];
}

export const run: Benchmark = async ({ folder, quick }) => {
  const dataDir = await mkdtemp(join(folder, 'subscriptions-'));
  const county: County = await prepareCounty(dataDir);
  const towns = [...new Set(county.grids.map(({ town }) => town))];
  const { issue } = await devIssuer(dataDir);
  const admin = await issue({
    roles: ['ORGAN_REGISTRAR', 'GRID_MANAGER', 'COUNTY_OPERATOR', 'AUDITOR'],
    division: DIVISION,
  });
  const hotline = await issue({ roles: ['INTEGRATOR'], division: DIVISION, subject: 'hotline' });
  const node = await nodeProcess(dataDir, admin);
  await fillCounty(node, county);
  const load = loadOf(node, { url: node.url, hotline, patrols: {}, ...county });
  const seconds = quick ? 4 : SECONDS;
  await load.send(30, WARM_UP_SECONDS);
  const idle = (await load.send(30, seconds)) / (30 * seconds);
  const rows: Row[] = [];
  const medians: number[] = [];
  for (const { name, perSecond, whole, counts } of AUDIENCES) {
    for (const most of counts) {
      const count = quick ? most / 10 : most;
      const listeners = await listenersOf(issue, whole ? [DIVISION] : towns, count);
      const taken = await measured(node, load, listeners, { perSecond, seconds, idle });
      const what = `${count.toLocaleString('en')} subscribers, ${perSecond} events/s, ${name}`;
      rows.push(...rowsOf(`subscriptions, ${what}`, taken));
      if (!whole) medians.push(percentile(taken.delays, 0.5));
    }
  }
  await node.stop();
  const [small = 0, large = 0] = medians;
  return [...rows, growth('subscriptions', small, large)];
};
