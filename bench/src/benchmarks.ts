import type { Row } from './report.ts';

export interface BenchmarkContext {
  /** Exists for the whole run and is removed after it: for files of this benchmark and those that several share. */
  folder: string;
  /** Smaller sizes, to see that it runs; the figures mean little. */
  quick: boolean;
  /** Where a benchmark whose data take long to make keeps them from run to run; undefined: in `folder`. */
  data: string | undefined;
  /** For how long a benchmark that sends at a steady pace does so; undefined: as long as its bar says. */
  seconds: number | undefined;
}

/** One file, one benchmark: measures at two sizes a factor of ten apart. */
export type Benchmark = (context: BenchmarkContext) => Promise<Row[]>;

/** By name, in the order of a full run; each runs in a process of its own, which loads no other. */
export const benchmarks: Record<string, () => Promise<{ run: Benchmark }>> = {
  'append-concurrent': () => import('./append-concurrent.ts'),
  'append-single': () => import('./append-single.ts'),
  rebuild: () => import('./rebuild.ts'),
  memory: () => import('./memory.ts'),
  start: () => import('./start.ts'),
  'asof-lookup': () => import('./asof-lookup.ts'),
  'asof-page': () => import('./asof-page.ts'),
  gateway: () => import('./gateway.ts'),
  mutation: () => import('./mutation.ts'),
  subscriptions: () => import('./subscriptions.ts'),
  import: () => import('./import.ts'),
  'grid-lookup': () => import('./grid-lookup.ts'),
  'lists-scale': () => import('./lists-scale.ts'),
  reports: () => import('./reports.ts'),
};

/** On real servers, those of the environment or started here; by name, or all of them as `engines`. No part of a full run. */
export const engineBenchmarks: typeof benchmarks = {
  'bus-kafka': () => import('./bus-kafka.ts'),
  'projection-mongodb': () => import('./projection-mongodb.ts'),
};
