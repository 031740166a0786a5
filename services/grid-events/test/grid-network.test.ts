import { startHarness as startServiceHarness } from '@dutyledger/subgraph-kit/service-harness';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startGridEvents } from '../src/service.ts';

/** The grid network through GraphQL on real embedded stores (G-1). */

type Harness = Awaited<ReturnType<typeof startServiceHarness>>;

const COUNTY = '370114000000';
const TOWN = '370114101000';
const OTHER_TOWN = '370114001000';
const change = {
  reason: '网格优化',
  basis: [{ title: '章丘区网格化服务管理方案', documentNumber: '章政发〔2026〕2号' }],
};

let h: Harness;
beforeAll(async () => {
  h = await startServiceHarness(startGridEvents, { roles: ['GRID_MANAGER'], division: COUNTY });
});
afterAll(() => h.end());

/** A square of 0.01 degrees, `x` and `y` squares from the corner. */
const square = (x: number, y: number, w = 1, hgt = 1) => {
  const at = (i: number, j: number) =>
    [117.5 + i * 0.01, 36.7 + j * 0.01].map((v) => Math.round(v * 1e7) / 1e7);
  return {
    type: 'Polygon',
    coordinates: [[at(x, y), at(x + w, y), at(x + w, y + hgt), at(x, y + hgt), at(x, y)]],
  };
};
const centre = (x: number, y: number) => ({ lon: 117.5 + (x + 0.5) * 0.01, lat: 36.7 + (y + 0.5) * 0.01 });

const CREATE = /* GraphQL */ `
  mutation ($input: CreateGridsInput!) {
    createGrids(input: $input) { grids { id code area status boundary } repeated pending }
  }
`;
const GRID = '{ id code name kind status households population sizeReason area effectiveFrom boundary }';
const AT = /* GraphQL */ `
  query ($division: DivisionCode!, $point: PointInput!, $asOf: AsOf) {
    gridAt(division: $division, point: $point, asOf: $asOf) { grid { id code } microGrid { code } }
  }
`;
const codeAt = async (x: number, y: number, asOf?: object): Promise<string | null> => {
  const { gridAt } = await h.ask(AT, { division: COUNTY, point: centre(x, y), asOf });
  return gridAt?.grid.code ?? null;
};
const grid = (code: string, x: number, y: number, more: object = {}) => ({
  code,
  name: `网格${code}`,
  town: TOWN,
  households: 400,
  population: 1_000,
  boundary: square(x, y),
  ...more,
});
const create = async (grids: object[], effectiveFrom = '2026-01-01'): Promise<string[]> => {
  const { createGrids } = await h.ask(CREATE, { input: { division: COUNTY, grids, effectiveFrom, change } });
  return createGrids.grids.map(({ id }: { id: string }) => id);
};

describe('G-1 a network through its life', () => {
  let a: string;
  let b: string;
  test('G-1 grids are created, found by code, by division and by a point', async () => {
    [a, b] = (await create([grid('A', 0, 0), grid('B', 1, 0), grid('Z', 9, 9, { town: OTHER_TOWN })])) as [
      string,
      string,
    ];
    expect(await h.ask(`query ($id: ID!) { grid(id: $id) ${GRID} }`, { id: a })).toMatchObject({
      grid: { code: 'A', kind: 'GENERAL', status: 'ACTIVE', households: 400, boundary: square(0, 0) },
    });
    const { grids } = await h.ask(`{ grids(division: "${TOWN}") { edges { node { code } } } }`);
    expect(grids.edges.map((edge: { node: { code: string } }) => edge.node.code)).toEqual(['A', 'B']);
    expect(await codeAt(0, 0)).toBe('A');
    expect(await codeAt(1, 0)).toBe('B');
    expect(await codeAt(5, 5)).toBeNull();
    expect(await codeAt(0, 0, { effectiveAt: '2025-12-31' })).toBeNull();
    expect(await codeAt(0, 0, { recordedAt: '2020-01-01T00:00:00Z' })).toBeNull();
  });
  test('G-1 a merger takes people and ground of both together, and a split gives them back', async () => {
    const { mergeGrids } = await h.ask(
      `mutation ($input: MergeGridsInput!) { mergeGrids(input: $input) { grid { id code households population area predecessors { code status } } } }`,
      {
        input: {
          grids: [a, b],
          into: { code: 'A', name: '合并网格', town: TOWN, sizeReason: '两个自然村合并' },
          effectiveFrom: '2026-03-01',
          change,
        },
      },
    );
    expect(mergeGrids.grid).toMatchObject({ code: 'A', households: 800, population: 2_000 });
    expect(mergeGrids.grid.predecessors).toEqual([
      { code: 'A', status: 'MERGED' },
      { code: 'B', status: 'MERGED' },
    ]);
    expect(await codeAt(1, 0)).toBe('A');
    expect(await codeAt(1, 0, { effectiveAt: '2026-02-28' })).toBe('B');
    const { splitGrid } = await h.ask(
      `mutation ($input: SplitGridInput!) { splitGrid(input: $input) { grids { code households } } }`,
      {
        input: {
          grid: mergeGrids.grid.id,
          into: [grid('A', 0, 0), grid('B2', 1, 0)],
          effectiveFrom: '2026-05-01',
          change,
        },
      },
    );
    expect(splitGrid.grids.map(({ code }: { code: string }) => code)).toEqual(['A', 'B2']);
    expect(await codeAt(1, 0)).toBe('B2');
    expect(await codeAt(1, 0, { effectiveAt: '2026-04-30' })).toBe('A');
  });
  test('G-1 the same after a restart, and after the read store was deleted', async () => {
    for (const without of [undefined, 'read'] as const) {
      await h.restart(without);
      expect(await codeAt(1, 0)).toBe('B2');
      expect(await codeAt(1, 0, { effectiveAt: '2026-02-28' })).toBe('B');
    }
  });
});
