/** Runs one benchmark in this process, which main.ts forked for it, and sends the rows back. */
import { benchmarks, engineBenchmarks } from './benchmarks.ts';

const [name = '', folder = '', quick, data] = process.argv.slice(2);
const load = { ...benchmarks, ...engineBenchmarks }[name];
if (!load) throw new Error(`there is no benchmark ${name}`);
const { run } = await load();
const rows = await run({ folder, quick: quick === 'quick', data });
process.send?.(rows);
process.disconnect?.();
