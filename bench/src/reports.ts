import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chinaDate } from '@dutyledger/reference-data/china-time';
import { devIssuer } from '@dutyledger/subgraph-kit/dev-issuer';
import type { Benchmark } from './benchmarks.ts';
import { addCases } from './case-history.ts';
import { type County, fillCounty, prepareCounty } from './county.ts';
import { DIVISION } from './duty-events.ts';
import { percentile } from './measure.ts';
import { type NodeProcess, nodeProcess } from './node-process.ts';
import { growth, type Row, row } from './report.ts';
import { type ReportLoad, reporters } from './report-load.ts';

const PER_SECOND = 200;
const SECONDS = 300;
const QUICK_SECONDS = 10;
/** Parts of the run that are held against each other: of five minutes, minutes. */
const PARTS = 5;
const MORE_HISTORY = 10;
const LOOK_MS = 1_000;
const LOOK_SOON_MS = 100;
const DAY_MS = 86_400_000;
const MIB = 2 ** 20;

/** Who sends: a hotline of the county, and a grid worker in each town. */
async function callers(dataDir: string, { grids }: County) {
  const issuer = await devIssuer(dataDir);
  const admin = await issuer.issue({
    roles: ['ORGAN_REGISTRAR', 'GRID_MANAGER', 'COUNTY_OPERATOR', 'AUDITOR'],
    division: DIVISION,
  });
  const hotline = await issuer.issue({ roles: ['INTEGRATOR'], division: DIVISION, subject: 'hotline' });
  const patrols: Record<string, string> = {};
  for (const division of new Set(grids.map(({ town }) => town))) {
    const subject = `worker ${division}`;
    patrols[division] = await issuer.issue({ roles: ['GRID_WORKER'], division, subject });
  }
  return { admin, hotline, patrols };
}

/** How far each read model and relay of grid-events is behind, in positions of the log. */
const lagsOf = (samples: ReadonlyMap<string, number>): number[] =>
  [...samples].flatMap(([name, value]) =>
    name.startsWith('dutyledger_follower_lag_positions{follower="gridEvents.') ? value : [],
  );

/** Until every read model and the relay have come to the last event; calls `step` with how far the slowest is behind. */
async function caughtUp(node: NodeProcess, step: (lag: number) => void = () => undefined): Promise<void> {
  for (;;) {
    const lags = lagsOf(await node.metrics());
    const lag = Math.max(...lags);
    step(lag);
    if (lag === 0) return;
    await sleep(LOOK_SOON_MS);
  }
}

/** Bytes of the databases in the folder. */
async function bytesIn(dataDir: string): Promise<number> {
  const names = (await readdir(dataDir)).filter((name) => name.includes('.db'));
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(dataDir, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

interface Measured {
  /** Milliseconds of each answer, in the order of sending. */
  times: number[];
  /** Milliseconds of processor time per report, of all threads of the node, and of whoever sends. */
  node: number;
  sender: number;
  /** Positions of the log that the slowest read model or relay was behind when it was looked at. */
  lag: number;
  /** Milliseconds until the last of them had caught up after the last answer. */
  behind: number;
  /** Answers that came before queries showed the case. */
  pending: number;
  /** Bytes of memory at the end. */
  resident: number;
}

const PROCESSOR = 'process_cpu_seconds_total';
const sample = (samples: ReadonlyMap<string, number>, name: string): number =>
  samples.get(name) ?? Number.NaN;

async function measured(node: NodeProcess, load: Omit<ReportLoad, 'url'>): Promise<Measured> {
  const { send, end } = reporters();
  const before = await node.metrics();
  const own = process.cpuUsage();
  const sending = new AbortController();
  let lag = 0;
  const looking = (async () => {
    while (!sending.signal.aborted) {
      lag = Math.max(lag, ...lagsOf(await node.metrics()));
      await sleep(LOOK_MS, undefined, { signal: sending.signal }).catch(() => undefined);
    }
  })();
  const { times, pending } = await send({ ...load, url: node.url }).finally(() => sending.abort());
  const { user, system } = process.cpuUsage(own);
  const answered = performance.now();
  await looking;
  await caughtUp(node);
  const behind = performance.now() - answered;
  await end();
  const after = await node.metrics();
  const spent = sample(after, PROCESSOR) - sample(before, PROCESSOR);
  return {
    times,
    pending,
    node: (spent * 1_000) / times.length,
    sender: (user + system) / 1_000 / times.length,
    lag,
    behind,
    resident: sample(after, 'process_resident_memory_bytes'),
  };
}

const REPORTED = /* GraphQL */ `
  query ($division: DivisionCode!, $from: Date!, $to: Date!) {
    caseIndicators(division: $division, from: $from, to: $to) { count(measure: REPORTED) }
  }
`;

/** Every case is counted, once. */
async function checkCount(node: NodeProcess, count: number): Promise<void> {
  const day = (offset: number) => chinaDate(new Date(Date.now() + offset * DAY_MS).toISOString());
  const { caseIndicators } = await node.ask(REPORTED, { division: DIVISION, from: day(-1), to: day(1) });
  if (caseIndicators.count !== count)
    throw new Error(`there are ${count} cases, ${caseIndicators.count} are counted`);
}

const thousands = (count: number): string => Math.round(count).toLocaleString('en');

/** Of the parts of the run, one after the other, and of the last by the first. */
function latencies({ times }: Measured, seconds: number): Row[] {
  const part = times.length / PARTS;
  const parts = Array.from({ length: PARTS }, (_, n) => times.slice(n * part, (n + 1) * part));
  const of = (n: number, share: number) => percentile(parts.at(n) ?? [], share);
  const name = `reports, ${seconds / PARTS} s`;
  return [
    ...parts.flatMap((_, n) =>
      [0.5, 0.95, 0.99].map((share) =>
        row(`${name}, part ${n + 1}, p${share * 100}`, { value: of(n, share), unit: 'ms' }),
      ),
    ),
    ...[0.5, 0.95].map((share) => {
      const [first, last] = [of(0, share), of(-1, share)];
      const figures = { value: last, unit: 'ms', reference: first, ratio: last / first };
      return row(`reports, last part by first, p${share * 100}`, figures, { atMost: 1.25 });
    }),
  ];
}

function costs({ node, sender, lag, behind, pending, resident, times }: Measured, bytes: number): Row[] {
  return [
    row('reports, sent and answered', { value: times.length, unit: 'reports' }),
    row('reports, answered before queries show it', { value: pending, unit: 'reports' }, { atMost: 0 }),
    row('reports, processor time', { value: node, unit: 'ms/report' }, { atMost: 5 }),
    row('reports, processor time of the sender', { value: sender, unit: 'ms/report' }),
    row('reports, read models and relay behind, at most', { value: lag, unit: 'positions' }),
    row('reports, caught up after the last answer', { value: behind, unit: 'ms' }),
    row('reports, memory', { value: resident / MIB, unit: 'MiB' }),
    row('reports, on disk', { value: bytes / 1_024, unit: 'KiB/case' }),
  ];
}

/** Builds the read models and the bus anew; answers seconds for the first tenth of the events and for all of them. */
async function rebuilt(
  dataDir: string,
  token: string,
): Promise<{ node: NodeProcess; tenth: number; all: number }> {
  for (const name of await readdir(dataDir)) if (name.startsWith('read.db')) await rm(join(dataDir, name));
  const node = await nodeProcess(dataDir, token);
  const from = performance.now();
  let most = 0;
  let tenth = 0;
  await caughtUp(node, (lag) => {
    most = Math.max(most, lag);
    if (tenth === 0 && lag <= most * (1 - 1 / MORE_HISTORY)) tenth = performance.now() - from;
  });
  return { node, tenth: tenth / 1_000, all: (performance.now() - from) / 1_000 };
}

/**
 * Reports of citizens and grid workers at 200 a second through the gateway of a standalone node, in a county with its
 * grids, lists and limits; then the same on ten times the history. An error, or an answer that is not right, ends it.
 */
export const run: Benchmark = async ({ folder, quick, seconds: asked }) => {
  const seconds = asked ?? (quick ? QUICK_SECONDS : SECONDS);
  const partSeconds = seconds / PARTS;
  const dataDir = await mkdtemp(join(folder, 'reports-'));
  const county = await prepareCounty(dataDir);
  const { admin, hotline, patrols } = await callers(dataDir, county);
  const load = { ...county, hotline, patrols, perSecond: PER_SECOND };
  let cases = 0;
  const report = async (node: NodeProcess, length: number): Promise<Measured> => {
    const first = cases;
    cases += length * PER_SECOND;
    return measured(node, { ...load, first, seconds: length });
  };

  const young = await nodeProcess(dataDir, admin);
  await fillCounty(young, county);
  await report(young, partSeconds / 2);
  const history = cases;
  const base = await report(young, seconds);
  await checkCount(young, cases);
  await young.stop();
  const rows = [...latencies(base, seconds), ...costs(base, (await bytesIn(dataDir)) / cases)];

  // Ten times what there was, on average, during the second part: the program was warm by then.
  const reference = base.times.slice(base.times.length / PARTS, (2 * base.times.length) / PARTS);
  const mean = history + 1.5 * reference.length;
  const wanted = Math.round(MORE_HISTORY * mean - reference.length / 2);
  await addCases(dataDir, wanted - cases);
  const [made, total] = [cases, wanted];
  const { node: old, tenth, all } = await rebuilt(dataDir, admin);
  await report(old, partSeconds / 2);
  const grown = await report(old, partSeconds);
  await checkCount(old, total + cases - made);
  await old.stop();
  const names = `${thousands(MORE_HISTORY * mean)} cases`;
  return [
    ...rows,
    ...[0.5, 0.95, 0.99].map((share) => {
      const [value, few] = [percentile(grown.times, share), percentile(reference, share)];
      return row(`reports, ${names}, p${share * 100}`, {
        value,
        unit: 'ms',
        reference: few,
        ratio: value / few,
      });
    }),
    row(`reports, ${names}, processor time`, {
      value: grown.node,
      unit: 'ms/report',
      reference: base.node,
      ratio: grown.node / base.node,
    }),
    row(`reports, ${names}, memory`, { value: grown.resident / MIB, unit: 'MiB' }),
    row(`reports, ${names}, read models built`, { value: all, unit: 's' }),
    growth('reports, building a case', tenth * MORE_HISTORY, all),
  ];
};
