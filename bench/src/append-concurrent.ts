import { appendRates } from './append.ts';
import type { Benchmark } from './benchmarks.ts';
import { growth, type Row, row } from './report.ts';

/** 256 writers at once, each event durable before its writer goes on; by 1,000 rows per transaction. */
export const run: Benchmark = async ({ folder, quick }) => {
  const rows: Row[] = [];
  const costs: number[] = [];
  for (const events of quick ? [300, 3_000] : [10_000, 100_000]) {
    const load = { events, rounds: quick ? 2 : 5, writers: 256, perTransaction: 1_000 };
    const rates = await appendRates(folder, load);
    const name = `append-concurrent, ${events.toLocaleString('en')} events`;
    rows.push(row(name, { ...rates, unit: 'events/s' }, { atLeast: 0.5 }));
    costs.push(1 / rates.value);
  }
  const [small = 0, large = 0] = costs;
  return [...rows, growth('append-concurrent', small, large)];
};
