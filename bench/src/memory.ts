import type { Benchmark } from './benchmarks.ts';
import { median } from './measure.ts';
import { builtLists, replaySizes } from './rebuild.ts';
import { growth, row } from './report.ts';

const MIB = 2 ** 20;

/** Resident memory of a process that builds a read model from all events, and whether it keeps growing. */
export const run: Benchmark = async (context) => {
  const { small, large } = replaySizes(context);
  const { mostResident: few } = (await builtLists(context, small)).build;
  const { mostResident: many, resident } = (await builtLists(context, large)).build;
  const quarter = Math.floor(resident.length / 4);
  const first = median(resident.slice(0, quarter)) / MIB;
  const last = median(resident.slice(-quarter)) / MIB;
  const size = large.toLocaleString('en');
  return [
    row(
      `memory, most, ${small.toLocaleString('en')} events`,
      { value: few / MIB, unit: 'MiB' },
      { atMost: 300 },
    ),
    row(`memory, most, ${size} events`, { value: many / MIB, unit: 'MiB' }, { atMost: 300 }),
    row(
      `memory, last quarter by first, ${size} events`,
      { value: last, unit: 'MiB', reference: first, ratio: last / first },
      { atMost: 1.25 },
    ),
    growth('memory', few, many),
  ];
};
