import { appendRates } from './append.ts';
import type { Benchmark } from './benchmarks.ts';
import { growth, type Row, row } from './report.ts';

/** One writer, one event after the other, each durable before the next; by one row per transaction. */
export const run: Benchmark = async ({ folder, quick }) => {
  const rows: Row[] = [];
  const costs: number[] = [];
  for (const events of quick ? [20, 200] : [1_000, 10_000]) {
    const load = { events, rounds: quick ? 2 : 10, writers: 1, perTransaction: 1 };
    const rates = await appendRates(folder, load);
    const name = `append-single, ${events.toLocaleString('en')} events`;
    rows.push(row(name, { ...rates, unit: 'events/s' }, { atLeast: 0.7 }));
    costs.push(1 / rates.value);
  }
  const [small = 0, large = 0] = costs;
  return [...rows, growth('append-single', small, large)];
};
