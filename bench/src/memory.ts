import { join } from 'node:path';
import type { Benchmark } from './benchmarks.ts';
import { median } from './measure.ts';
import { builtLists, replaySizes } from './rebuild.ts';
import { replay } from './replay.ts';
import { growth, row } from './report.ts';

const MIB = 2 ** 20;

/** Resident memory of a process that replays all events, and of one that builds a read model; whether it keeps growing. */
export const run: Benchmark = async (context) => {
  const { small, large } = replaySizes(context);
  const { mostResident: few } = (await builtLists(context, small)).build;
  const { folder, build } = await builtLists(context, large);
  const { mostResident: many, resident } = build;
  const read = await replay('read', join(folder, 'events.db'));
  const quarter = Math.floor(resident.length / 4);
  const first = median(resident.slice(0, quarter)) / MIB;
  const last = median(resident.slice(-quarter)) / MIB;
  const size = large.toLocaleString('en');
  return [
    row(`memory, replaying ${size} events`, { value: read.mostResident / MIB, unit: 'MiB' }, { atMost: 300 }),
    row(
      `memory, building from ${small.toLocaleString('en')} events`,
      { value: few / MIB, unit: 'MiB' },
      { atMost: 300 },
    ),
    row(`memory, building from ${size} events`, { value: many / MIB, unit: 'MiB' }, { atMost: 300 }),
    row(
      `memory, last quarter by first, ${size} events`,
      { value: last, unit: 'MiB', reference: first, ratio: last / first },
      { atMost: 1.25 },
    ),
    growth('memory', few, many),
  ];
};
