import { isoText } from '@dutyledger/reference-data/china-time';
import { HELP, readOptions } from './options.ts';
import { SimulationError, simulate } from './simulate.ts';
import { summaryOf } from './summary.ts';

/** `npm run simulate`: exit code 0 when nothing unexpected happened and all figures agree, 2 for wrong arguments, else 1. */

const tell = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
const note = (text: string): void => {
  process.stderr.write(`${text}\n`);
};
const EVERY_MS = 5_000;

async function run(args: readonly string[]): Promise<number> {
  const read = readOptions(args);
  if ('help' in read) {
    tell(HELP);
    return 0;
  }
  if ('mistake' in read) {
    note(read.mistake);
    return 2;
  }
  const ending = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (ending.signal.aborted) process.exit(1);
      note('正在停止…… Stopping …');
      ending.abort();
    });
  }
  let last = 0;
  try {
    const result = await simulate(read.options, {
      note,
      signal: ending.signal,
      progress({ at, reported, sent, of }) {
        if (performance.now() - last < EVERY_MS) return;
        last = performance.now();
        note(
          `${isoText(at + 8 * 3_600_000).slice(0, 16)}  ${reported}/${of} 件 cases，${sent} 次请求 requests`,
        );
      },
    });
    tell(summaryOf(result));
    const clean = Object.keys(result.outcome.unexpected).length === 0 && result.differences.length === 0;
    return clean ? 0 : 1;
  } catch (error) {
    if (!(error instanceof SimulationError)) throw error;
    note(error.message);
    return 2;
  }
}

process.exitCode = await run(process.argv.slice(2));
