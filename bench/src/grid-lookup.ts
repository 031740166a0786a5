import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { handleCommand } from '@dutyledger/event-store/handle-command';
import { openEventStore } from '@dutyledger/event-store/open';
import { StateCache } from '@dutyledger/event-store/state-cache';
import type { Boundary, Position } from '@dutyledger/grid-events/grid-network/boundary';
import type { ImportedGrid } from '@dutyledger/grid-events/grid-network/commands';
import { type Box, boxOf, whereIs } from '@dutyledger/grid-events/grid-network/geometry';
import { gridNetwork } from '@dutyledger/grid-events/grid-network/grid-network';
import { locate, locateAll } from '@dutyledger/grid-events/grid-network/locate';
import { gridNetworkProjection, gridsById } from '@dutyledger/grid-events/grid-network/read-model';
import { sampleNetwork } from '@dutyledger/grid-events/grid-network/samples';
import { shapesOf } from '@dutyledger/grid-events/grid-network/shapes';
import { gridNetworkStream } from '@dutyledger/grid-events/grid-network/state';
import { openReadStore } from '@dutyledger/read-store/open';
import type { Projections } from '@dutyledger/read-store/projection';
import { runProjections } from '@dutyledger/read-store/runner';
import RBush from 'rbush';
import type { Benchmark } from './benchmarks.ts';
import { alternate, median, randomness, timed } from './measure.ts';
import { growth, type Row, row } from './report.ts';

const COUNTY = '370114000000';
const ON = '2026-06-01';
/** South-west corner and the side of a square, as samples have them. */
const [WEST, SOUTH, SIDE] = [117.2, 36.4, 0.008];
const ROWS_AT_ONCE = 20_000;
const ASKED_AT_ONCE = 1_000;

interface Network {
  count: number;
  projections: Projections;
  boundaries: Boundary[];
  columns: number;
  loading: number;
  close(): Promise<void>;
}

async function networkOf(folder: string, count: number): Promise<Network> {
  const place = (name: string) => join(folder, `grids-${count}-${name}.db`);
  const events = await openEventStore(`sqlite:${place('events')}`);
  const grids = sampleNetwork({ towns: ['370114101000'], grids: count });
  const commands = { store: events, cache: new StateCache() };
  const stream = gridNetworkStream(COUNTY);
  for (let from = 0; from < count; from += ROWS_AT_ONCE) {
    const rows = grids
      .slice(from, from + ROWS_AT_ONCE)
      .map((grid): ImportedGrid => ({ change: 'CREATE', grid }));
    const compared = { seen: from, faults: [] };
    const command = {
      type: 'ImportGrids',
      county: COUNTY,
      effectiveFrom: '2026-01-01',
      rows,
      compared,
    } as const;
    const done = await handleCommand(commands, gridNetwork, stream, command, contextOf(`grids ${from}`));
    if (!done.ok) throw new Error(done.refusal.message.en);
  }
  const readStore = await openReadStore(`sqlite:${place('read')}`);
  const projections = await runProjections({
    events,
    prefix: 'gridEvents.',
    readStore,
    projections: [gridNetworkProjection],
    logger: undefined,
  });
  while (!(await projections.waitFor(await events.head(), 600_000)));
  const begun = performance.now();
  await shapesOf(projections, COUNTY);
  return {
    count,
    projections,
    boundaries: grids.flatMap(({ boundary }) => boundary ?? []),
    columns: Math.ceil(Math.sqrt(count)),
    loading: performance.now() - begun,
    async close() {
      await projections.stop();
      await readStore.close();
      await events.close();
      for (const name of ['events', 'read'])
        for (const ending of ['', '-wal', '-shm', '-lock'])
          await rm(`${place(name)}${ending}`, { force: true });
    },
  };
}

const contextOf = (commandId: string) => ({
  commandId,
  actor: { subject: 'bench', name: 'bench', organ: null, role: 'GRID_MANAGER' },
  reason: 'benchmark',
  basis: [{ title: 'benchmark' }],
  correlationId: 'bench',
  causationId: 'bench',
  division: COUNTY,
  effectiveAt: '2026-01-01',
});

/** Points in random grids, with the numbers of those. */
function pointsIn({ count, columns }: Network, times: number, random: () => number): [Position, number][] {
  return Array.from({ length: times }, (): [Position, number] => {
    const number = Math.floor(random() * count);
    const [column, line] = [number % columns, Math.floor(number / columns)];
    const inside = () => (0.1 + 0.8 * random()) * SIDE;
    return [[WEST + column * SIDE + inside(), SOUTH + line * SIDE + inside()], number];
  });
}

const idOf = (number: number): string => `grid:370114-${String(number + 1).padStart(6, '0')}`;

/** Look-ups in the memory of a process, on both clocks, against the two libraries alone on the same boundaries. */
async function atSize(network: Network, times: number): Promise<{ row: Row; perLookup: number }> {
  const shapes = await shapesOf(network.projections, COUNTY);
  const points = pointsIn(network, times, randomness(network.count));
  const asOf = { effectiveAt: ON };
  const bare = network.boundaries.map((boundary, number) => ({ ...boxOf(boundary), boundary, number }));
  const tree = new RBush<Box & { boundary: Boundary; number: number }>().load(bare);
  const { measured, reference, ratio } = await alternate(5, 1, {
    measured() {
      for (const [point, number] of points) {
        if (shapes.at(point, asOf).grid !== idOf(number))
          throw new Error(`${point} is not in ${idOf(number)}`);
      }
    },
    reference() {
      for (const [[x, y], number] of points) {
        const found = tree
          .search({ minX: x, minY: y, maxX: x, maxY: y })
          .find(({ boundary }) => whereIs([x, y], boundary));
        if (found?.number !== number) throw new Error(`${x}, ${y} is not in ${number}`);
      }
    },
  });
  const rate = (milliseconds: number): number => (times / milliseconds) * 1_000;
  const figures = { value: rate(measured), unit: 'lookups/s', reference: rate(reference), ratio: 1 / ratio };
  const name = `grid-lookup, ${network.count.toLocaleString('en')} grids`;
  return { row: row(name, figures, { atLeast: 0.5 }), perLookup: measured / times };
}

/**
 * As callers ask: through the read model, which says whether anything has changed and what the grid is; against reading
 * the rows of these grids alone.
 */
async function asCallersAsk(network: Network, times: number): Promise<Row> {
  const points = pointsIn(network, times, randomness(7));
  const pages = Array.from({ length: times / ASKED_AT_ONCE }, (_, page) =>
    points.slice(page * ASKED_AT_ONCE, (page + 1) * ASKED_AT_ONCE),
  );
  const { measured, reference, ratio } = await alternate(5, 1, {
    async measured() {
      for (const page of pages) {
        const places = page.map(([[lon, lat]]) => ({ lon, lat }));
        const found = await locateAll(network.projections, places, { county: COUNTY, on: ON });
        page.forEach(([, number], i) => {
          if (found[i]?.grid !== idOf(number)) throw new Error(`${found[i]?.grid}, not ${idOf(number)}`);
        });
      }
    },
    async reference() {
      for (const page of pages) {
        const ids = page.map(([, number]) => idOf(number));
        await gridsById(network.projections, ids, { effectiveAt: ON });
      }
    },
  });
  const rate = (milliseconds: number): number => (times / milliseconds) * 1_000;
  const figures = { value: rate(measured), unit: 'lookups/s', reference: rate(reference), ratio: 1 / ratio };
  const name = `grid-lookup, ${network.count.toLocaleString('en')} grids, asked by the thousand`;
  return row(name, figures, { atLeast: 0.5 });
}

const ROUNDS = 5;

/** As a report asks: one place at a time, each with its own look whether anything has changed. */
async function oneByOne(network: Network, times: number): Promise<Row> {
  const points = pointsIn(network, times, randomness(11));
  const taken: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    taken.push(
      await timed(async () => {
        for (const [[lon, lat], number] of points) {
          const found = await locate(network.projections, { lon, lat }, { county: COUNTY, on: ON });
          if (found?.grid !== idOf(number)) throw new Error(`${found?.grid}, not ${idOf(number)}`);
        }
      }),
    );
  }
  const name = `grid-lookup, ${network.count.toLocaleString('en')} grids, asked one by one`;
  const value = (times / median(taken)) * 1_000;
  return row(name, { value, unit: 'lookups/s' }, { atLeast: 10_000 });
}

/** Points that find their grids in a network of 10,000 grids and in one of 100,000. */
export const run: Benchmark = async ({ folder, quick }) => {
  const large = quick ? 2_000 : 100_000;
  const times = quick ? 2_000 : 50_000;
  const rows: Row[] = [];
  const costs: number[] = [];
  for (const count of [large / 10, large]) {
    const network = await networkOf(folder, count);
    const { row: measured, perLookup } = await atSize(network, times);
    const asked = quick ? times : times / 5;
    rows.push(measured, await asCallersAsk(network, asked), await oneByOne(network, asked));
    rows.push(
      row(`grid-lookup, ${count.toLocaleString('en')} grids, loading`, {
        value: network.loading,
        unit: 'ms',
      }),
    );
    costs.push(perLookup);
    await network.close();
  }
  return [...rows, growth('grid-lookup', costs[0] as number, costs[1] as number)];
};
