/** Runs one benchmark in this process, which main.ts forked for it, and sends the rows back. */
import { type BenchmarkContext, benchmarks, engineBenchmarks } from './benchmarks.ts';

const [name = '', context = ''] = process.argv.slice(2);
const load = { ...benchmarks, ...engineBenchmarks }[name];
if (!load) throw new Error(`there is no benchmark ${name}`);
const { run } = await load();
const rows = await run(JSON.parse(context) as BenchmarkContext);
process.send?.(rows);
process.disconnect?.();
