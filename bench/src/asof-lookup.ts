import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Body, PastSegment, ReadStore, Segment, VersionsWrite } from '@dutyledger/read-store/adapter';
import { openReadStore } from '@dutyledger/read-store/open';
import { type TemporalReader, temporal } from '@dutyledger/read-store/read-store';
import { temporalReader } from '@dutyledger/read-store/readers';
import { dayNumber, instantText, NO_END } from '@dutyledger/read-store/times';
import type { Benchmark } from './benchmarks.ts';
import { percentile, randomness } from './measure.ts';
import { row } from './report.ts';

interface Item {
  name: string;
  edition: number;
}

const items = temporal<Item>()('items', {});
const EDITIONS = 10;
const DAYS_APART = 30;
const DAY_MS = 86_400_000;
const FIRST_DAY = Date.parse('2020-01-01T00:00:00.000Z');
const FIRST_INSTANT = FIRST_DAY - 30 * DAY_MS;
const ITEMS_PER_CHANGE = 2_000;

/** Edition `n` is in force from its day and known from its instant, a month before. */
const dayAfter = (days: number): string => instantText(FIRST_DAY + days * DAY_MS).slice(0, 10);
const dayOf = (edition: number): number => dayNumber(dayAfter((edition - 1) * DAYS_APART));
const instantOf = (edition: number): number => FIRST_INSTANT + (edition - 1) * DAYS_APART * DAY_MS;

/** The segments that ten publications, one after the other, leave of an item. */
function history(item: number): VersionsWrite {
  const id = `item:${item}`;
  const bodies = Array.from({ length: EDITIONS }, (_, n): Body => {
    const doc: Item = { name: `秸秆禁烧专项整治（${item}）`, edition: n + 1 };
    return { text: JSON.stringify(doc) };
  });
  const known: Segment[] = [];
  const past: PastSegment[] = [];
  for (const [n, body] of bodies.entries()) {
    const edition = n + 1;
    const last = edition === EDITIONS;
    known.push({
      effectiveFrom: dayOf(edition),
      effectiveTo: last ? NO_END : dayOf(edition + 1),
      recordedFrom: instantOf(last ? edition : edition + 1),
      body,
    });
    if (last) continue;
    past.push({
      effectiveFrom: dayOf(edition),
      effectiveTo: NO_END,
      recordedFrom: instantOf(edition),
      recordedTo: instantOf(edition + 1),
      body,
    });
  }
  return { collection: items.name, id, known, past, keys: [] };
}

interface Filled {
  count: number;
  readStore: ReadStore;
  reader: TemporalReader<Item, Record<never, never>>;
}

async function fill(path: string, count: number): Promise<void> {
  const readStore = await openReadStore(`sqlite:${path}`);
  const generation = await readStore.create('asOf', 1, [items], true);
  for (let from = 0; from < count; from += ITEMS_PER_CHANGE) {
    const size = Math.min(ITEMS_PER_CHANGE, count - from);
    const versions = Array.from({ length: size }, (_, n) => history(from + n));
    await generation.apply({ documents: [], versions });
  }
  await readStore.close();
}

/** Filled and opened anew, so that nothing of the filling is still under way. */
async function filled(path: string, count: number): Promise<Filled> {
  await fill(path, count);
  const readStore = await openReadStore(`sqlite:${path}`);
  const [generation] = await readStore.generations('asOf');
  if (!generation) throw new Error(`${path} holds no items`);
  return { count, readStore, reader: temporalReader(() => generation, items) };
}

/** Microseconds of each look-up of a random item on a random day as known at a random instant. */
async function lookUp({ reader, count }: Filled, times: number, random: () => number): Promise<number[]> {
  const taken: number[] = [];
  for (let n = 0; n < times; n++) {
    const id = `item:${Math.floor(random() * count)}`;
    const days = Math.floor(random() * EDITIONS * DAYS_APART);
    const milliseconds = Math.floor(random() * EDITIONS * DAYS_APART * DAY_MS);
    const asOf = { effectiveAt: dayAfter(days), recordedAt: instantText(FIRST_INSTANT + milliseconds) };
    const from = performance.now();
    const version = await reader.get(id, asOf);
    taken.push((performance.now() - from) * 1000);
    const inForce = Math.floor(days / DAYS_APART);
    const recorded = Math.floor(milliseconds / DAY_MS / DAYS_APART);
    const edition = Math.min(inForce, recorded, EDITIONS - 1) + 1;
    if (version?.doc.edition !== edition) throw new Error(`${id} is ${version?.doc.edition}, not ${edition}`);
  }
  return taken;
}

/** One item as of random days and instants among many items, by the same among a tenth of them. */
export const run: Benchmark = async ({ folder, quick }) => {
  const large = quick ? 5_000 : 1_000_000;
  const stores = [
    await filled(join(folder, 'as-of-few.db'), large / 10),
    await filled(join(folder, 'as-of-many.db'), large),
  ];
  const taken: [number[], number[]] = [[], []];
  const random = randomness(1);
  const [rounds, times] = quick ? [4, 200] : [20, 2_000];
  for (let round = -2; round < rounds; round++) {
    for (const [at, store] of stores.entries()) {
      const found = await lookUp(store, times, random);
      if (round >= 0) taken[at]?.push(...found);
    }
  }
  for (const { readStore } of stores) await readStore.close();
  for (const name of ['few', 'many'])
    for (const ending of ['', '-wal', '-shm', '-lock'])
      await rm(join(folder, `as-of-${name}.db${ending}`), { force: true });
  const [few, many] = taken.map((all) => percentile(all, 0.95)) as [number, number];
  const [fewMedian, manyMedian] = taken.map((all) => percentile(all, 0.5)) as [number, number];
  const size = large.toLocaleString('en');
  return [
    row(
      `asof-lookup, p95, ${size} items`,
      { value: many, unit: 'µs', reference: few, ratio: many / few },
      { atMost: 1.5 },
    ),
    row(`asof-lookup, p50, ${size} items`, {
      value: manyMedian,
      unit: 'µs',
      reference: fewMedian,
      ratio: manyMedian / fewMedian,
    }),
  ];
};
