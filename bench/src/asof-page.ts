import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { openEventStore } from '@dutyledger/event-store/open';
import { dutyLists } from '@dutyledger/lists/duty-list/read-model';
import { items } from '@dutyledger/lists/duty-list/rows';
import { openReadStore } from '@dutyledger/read-store/open';
import type { Projections } from '@dutyledger/read-store/projection';
import { runProjections } from '@dutyledger/read-store/runner';
import type { Benchmark } from './benchmarks.ts';
import { dayOfEdition, type Shape, writeLists } from './duty-events.ts';
import { percentile, randomness } from './measure.ts';
import { row } from './report.ts';

const LIST = { items: 180, revised: 45 };
const PAGE = 50;

async function readPages(
  projections: Projections,
  { list, editions }: Shape,
  times: number,
  random: () => number,
): Promise<number[]> {
  const taken: number[] = [];
  for (let n = 0; n < times; n++) {
    const edition = 1 + Math.floor(random() * editions);
    const asOf = { effectiveAt: dayOfEdition(edition) };
    const from = performance.now();
    const page = await projections
      .temporal(items)
      .find({ index: 'byList', where: { list }, limit: PAGE, asOf });
    taken.push((performance.now() - from) * 1000);
    if (page.rows.length !== PAGE) throw new Error(`a page of ${page.rows.length} as of edition ${edition}`);
  }
  return taken;
}

/** A page of 50 items of a list as of a random day of its life, by the same of a list with few editions. */
export const run: Benchmark = async ({ folder, quick }) => {
  const few: Shape = { ...LIST, list: 'list:370114-few', editions: 10 };
  const many: Shape = { ...LIST, list: 'list:370114-many', editions: quick ? 100 : 1_000 };
  const own = await mkdtemp(join(folder, 'pages-'));
  const events = await openEventStore(`sqlite:${join(own, 'events.db')}`);
  await writeLists(events, [few, many]);
  const readStore = await openReadStore(`sqlite:${join(own, 'read.db')}`);
  const projections = await runProjections({ events, prefix: 'lists.', readStore, projections: [dutyLists] });
  await projections.waitFor(await events.head(), 600_000);
  const taken: [number[], number[]] = [[], []];
  const random = randomness(1);
  const [rounds, times] = quick ? [4, 50] : [10, 200];
  for (let round = -2; round < rounds; round++) {
    for (const [at, shape] of [few, many].entries()) {
      const found = await readPages(projections, shape, times, random);
      if (round >= 0) taken[at]?.push(...found);
    }
  }
  await projections.stop();
  await readStore.close();
  await events.close();
  const [ofFew, ofMany] = taken.map((all) => percentile(all, 0.95)) as [number, number];
  const [fewMedian, manyMedian] = taken.map((all) => percentile(all, 0.5)) as [number, number];
  const size = many.editions.toLocaleString('en');
  return [
    row(
      `asof-page, p95, ${size} editions`,
      { value: ofMany, unit: 'µs', reference: ofFew, ratio: ofMany / ofFew },
      { atMost: 1.5 },
    ),
    row(`asof-page, p50, ${size} editions`, {
      value: manyMedian,
      unit: 'µs',
      reference: fewMedian,
      ratio: manyMedian / fewMedian,
    }),
  ];
};
