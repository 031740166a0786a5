import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type BenchmarkContext, benchmarks, engineBenchmarks } from './benchmarks.ts';
import { benchmarkOf, type Row, table, withTable } from './report.ts';

const known = Object.keys({ ...benchmarks, ...engineBenchmarks });

const HELP = `npm run bench [-- [--quick] [--data <folder>] [--seconds <n>] [--results <file>] [--docs] [<name> …]]

  <name>     ${Object.keys(benchmarks).join(', ')}; default: all of these
             engines (${Object.keys(engineBenchmarks).join(', ')}): on real servers
  --quick    smaller sizes, to see that it runs; results are written only where --results says
  --data     folder in which lists-scale keeps its data set from run to run (events, read models, bus)
  --seconds  for how long reports are sent, default 300
  --results  file for the figures, default bench/results.json; rows of benchmarks that did not run stay
  --docs     runs nothing, writes the table of bench/results.json into docs/benchmarks.md
`;

const resultsFile = fileURLToPath(new URL('../results.json', import.meta.url));
const docsFile = fileURLToPath(new URL('../../docs/benchmarks.md', import.meta.url));

const tell = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

type Options = Omit<BenchmarkContext, 'folder'>;

async function runOne(name: string, context: BenchmarkContext): Promise<Row[]> {
  const child = fork(new URL('./one.ts', import.meta.url), [name, JSON.stringify(context)]);
  const kill = () => child.kill();
  process.once('exit', kill);
  let rows: Row[] = [];
  child.on('message', (message) => {
    rows = message as Row[];
  });
  const [code] = await once(child, 'exit');
  process.off('exit', kill);
  if (code !== 0) throw new Error(`the benchmark ${name} failed`);
  return rows;
}

async function runAll(names: readonly string[], options: Options): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'dutyledger-bench-'));
  const leave = () => {
    rmSync(folder, { recursive: true, force: true });
    process.exit(1);
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, leave);
  try {
    const rows: Row[] = [];
    for (const name of names) {
      const from = performance.now();
      rows.push(...(await runOne(name, { ...options, folder })));
      tell(`${name}: ${((performance.now() - from) / 1000).toFixed(1)} s`);
    }
    return rows;
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, leave);
    await rm(folder, { recursive: true, force: true });
  }
}

const readRows = async (file: string): Promise<Row[]> =>
  existsSync(file) ? (JSON.parse(await readFile(file, 'utf8')) as Row[]) : [];

/** Rows in the order of the benchmarks; those that were measured now replace those of before. */
async function writeRows(file: string, measured: readonly Row[]): Promise<void> {
  const fresh = new Set(measured.map(benchmarkOf));
  const kept = (await readRows(file)).filter((one) => !fresh.has(benchmarkOf(one)));
  const rows = known.flatMap((name) => [...kept, ...measured].filter((one) => benchmarkOf(one) === name));
  await writeFile(file, `${JSON.stringify(rows, null, 2)}\n`);
}

async function writeDocs(): Promise<void> {
  await writeFile(docsFile, withTable(await readFile(docsFile, 'utf8'), await readRows(resultsFile)));
}

const { values, positionals } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    data: { type: 'string' },
    seconds: { type: 'string' },
    results: { type: 'string' },
    docs: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
  allowPositionals: true,
});
const asked = positionals.flatMap((name) => (name === 'engines' ? Object.keys(engineBenchmarks) : [name]));
const unknown = [
  ...asked.filter((name) => !known.includes(name)),
  ...(/^[1-9]\d{0,4}$/.test(values.seconds ?? '1') ? [] : [`--seconds ${values.seconds}`]),
];
if (values.help || unknown.length > 0) {
  tell(unknown.length > 0 ? `unknown: ${unknown.join(', ')}\n\n${HELP}` : HELP);
  process.exitCode = unknown.length > 0 ? 1 : 0;
} else if (values.docs) {
  await writeDocs();
} else {
  const names = asked.length > 0 ? asked : Object.keys(benchmarks);
  const { quick, data, seconds } = values;
  const rows = await runAll(names, {
    quick,
    data: data === undefined ? undefined : resolve(data),
    seconds: seconds === undefined ? undefined : Number(seconds),
  });
  tell(`\n${table(rows)}`);
  const file = values.results ?? (values.quick ? undefined : resultsFile);
  if (file !== undefined) await writeRows(file, rows);
  if (file === resultsFile && positionals.length === 0) await writeDocs();
  if (!values.quick && rows.some(({ ok }) => ok === false)) process.exitCode = 1;
}
