import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Benchmark, BenchmarkContext } from './benchmarks.ts';
import { storedLists } from './duty-events.ts';
import { median } from './measure.ts';
import { type Replay, replay } from './replay.ts';
import { growth, type Row, row } from './report.ts';

export const replaySizes = ({ quick }: BenchmarkContext): { small: number; large: number } =>
  quick ? { small: 2_000, large: 20_000 } : { small: 100_000, large: 1_000_000 };

interface Built {
  /** Holds events.db and read.db, as a standalone node would. */
  folder: string;
  build: Replay;
  parse: Replay;
}

/** Stored events with the read model that was built from them, and what building it took; made once per run. */
export async function builtLists(context: BenchmarkContext, count: number): Promise<Built> {
  const folder = await storedLists(context, count);
  const file = join(folder, 'built.json');
  if (!existsSync(file)) await writeFile(file, JSON.stringify(await oneRound(folder, 'read.db')));
  return { folder, ...(JSON.parse(await readFile(file, 'utf8')) as Omit<Built, 'folder'>) };
}

async function oneRound(folder: string, readStore: string): Promise<Omit<Built, 'folder'>> {
  const events = join(folder, 'events.db');
  const parse = await replay('parse', events);
  return { parse, build: await replay('build', events, join(folder, readStore)) };
}

/** Building the read model of duty lists from all events, by reading and parsing these events and nothing else. */
async function atSize(
  context: BenchmarkContext,
  count: number,
  furtherRounds: number,
): Promise<{ row: Row; perEvent: number }> {
  const { folder, ...first } = await builtLists(context, count);
  const rounds = [first];
  for (let round = 0; round < furtherRounds; round++) {
    rounds.push(await oneRound(folder, 'again.db'));
    for (const ending of ['', '-wal', '-shm', '-lock'])
      await rm(join(folder, `again.db${ending}`), { force: true });
  }
  const rate = ({ events, milliseconds }: Replay) => (events / milliseconds) * 1000;
  const value = median(rounds.map(({ build }) => rate(build)));
  const reference = median(rounds.map(({ parse }) => rate(parse)));
  const ratio = median(rounds.map(({ build, parse }) => rate(build) / rate(parse)));
  const name = `rebuild, ${count.toLocaleString('en')} events`;
  return {
    row: row(name, { value, unit: 'events/s', reference, ratio }, { atLeast: 0.25 }),
    perEvent: 1 / value,
  };
}

export const run: Benchmark = async (context) => {
  const { small, large } = replaySizes(context);
  const few = await atSize(context, small, context.quick ? 0 : 1);
  const many = await atSize(context, large, 0);
  return [few.row, many.row, growth('rebuild', few.perEvent, many.perEvent)];
};
