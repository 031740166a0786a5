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

describe('G-1 what may not be, and what is told', () => {
  const other = { lon: 117.5 + 0.2, lat: 36.7 };
  const at = (x: number) => ({
    boundary: {
      type: 'Polygon',
      coordinates: [
        [0, 1, 1, 0, 0].map((dx, i) => [
          Math.round((other.lon + (x + dx) * 0.01) * 1e7) / 1e7,
          Math.round((other.lat + ([0, 0, 1, 1, 0][i] ?? 0) * 0.01) * 1e7) / 1e7,
        ]),
      ],
    },
  });
  const fault = (grids: object[], as: object = {}) =>
    h.fault(CREATE, { input: { division: COUNTY, grids, effectiveFrom: '2026-01-01', change } }, as);

  test('G-1 an overlap is refused with the other grid; a dedicated grid lies over a general one', async () => {
    await create([grid('O1', 0, 0, at(0))]);
    expect(await fault([grid('O2', 0, 0, at(0.5))])).toMatchObject({
      code: 'RULE_VIOLATED',
      rule: 'G-1',
      field: 'grids[0].boundary',
      details: { other: 'O1' },
    });
    expect(await fault([grid('P1', 0, 0, at(3)), grid('P2', 0, 0, at(3.2))])).toMatchObject({
      field: 'grids[1].boundary',
      details: { other: 'P1' },
    });
    await create([grid('O3', 0, 0, { ...at(0.5), kind: 'DEDICATED', households: null, population: null })]);
    const point = { lon: other.lon + 0.007, lat: other.lat + 0.005 };
    const { gridAt } = await h.ask(AT, { division: COUNTY, point });
    expect(gridAt.grid.code).toBe('O3');
  });
  test('G-1 a micro grid lies within its parent and is told beside it', async () => {
    const micro = { kind: 'MICRO', parentCode: 'O1', households: null, population: null };
    expect(await fault([grid('O1-2', 0, 0, { ...micro, ...at(0.5) })])).toMatchObject({
      rule: 'G-1',
      field: 'grids[0].boundary',
    });
    await create([grid('O1-1', 0, 0, { ...micro, ...at(0) })]);
    const { gridAt } = await h.ask(AT, {
      division: COUNTY,
      point: { lon: other.lon + 0.002, lat: other.lat + 0.005 },
    });
    expect(gridAt).toMatchObject({ grid: { code: 'O1' }, microGrid: { code: 'O1-1' } });
    const { gridByCode } = await h.ask(
      `{ gridByCode(division: "${COUNTY}", code: "O1") { microGrids { edges { node { code parent { code } } } } } }`,
    );
    expect(gridByCode.microGrids.edges).toEqual([{ node: { code: 'O1-1', parent: { code: 'O1' } } }]);
  });
  test('G-1 of two who draw over one another at the same moment, one is refused', async () => {
    const [one, two] = await Promise.all(
      ['R1', 'R2'].map((code) =>
        h.send(CREATE, {
          input: { division: COUNTY, grids: [grid(code, 0, 0, at(6))], effectiveFrom: '2026-01-01', change },
        }),
      ),
    );
    const codes = [one, two].map((answer) => answer?.errors?.[0]?.extensions?.['code'] ?? 'done');
    expect(codes.sort()).toEqual(['RULE_VIOLATED', 'done']);
  });
  test('G-1 a retry is one change; history tells who, why and what, newest first', async () => {
    const [id] = await create([grid('H1', 0, 0, at(9))]);
    const revise = {
      input: {
        grid: id,
        name: '新名称',
        households: 450,
        effectiveFrom: '2026-02-01',
        change: { ...change, idempotencyKey: 'h1' },
      },
    };
    const REVISE =
      'mutation ($input: ReviseGridInput!) { reviseGrid(input: $input) { grid { name } repeated } }';
    await h.ask(REVISE, revise);
    expect((await h.ask(REVISE, revise)).reviseGrid).toEqual({ grid: { name: '新名称' }, repeated: true });
    await h.ask('mutation ($input: RedrawGridInput!) { redrawGrid(input: $input) { grid { area } } }', {
      input: { grid: id, boundary: at(9.5).boundary, effectiveFrom: '2026-03-01', change },
    });
    await h.ask('mutation ($input: AbolishGridInput!) { abolishGrid(input: $input) { grid { status } } }', {
      input: { grid: id, effectiveFrom: '2026-04-01', change },
    });
    const HISTORY = `edges { node { change changes { field before after } reason author { name } effectiveFrom grid { name } } }`;
    const { grid: told } = await h.ask(
      `query ($id: ID!) { grid(id: $id) { status history { ${HISTORY} } } }`,
      { id },
    );
    const nodes = told.history.edges.map((edge: { node: object }) => edge.node);
    expect(told.status).toBe('ABOLISHED');
    expect(nodes.map(({ change: what }: { change: string }) => what)).toEqual([
      'ABOLISHED',
      'REDRAWN',
      'REVISED',
      'CREATED',
    ]);
    expect(nodes[2]).toMatchObject({
      changes: [
        { field: 'name', before: '网格H1', after: '新名称' },
        { field: 'households', before: 400, after: 450 },
      ],
      reason: '网格优化',
      effectiveFrom: '2026-02-01',
    });
    const { gridNetwork } = await h.ask(
      `{ gridNetwork(division: "${TOWN}") { gridsEver history(first: 1) { ${HISTORY} pageInfo { hasNextPage } } } }`,
    );
    expect(gridNetwork.history.edges[0].node.change).toBe('ABOLISHED');
    const before = `query ($id: ID!) { grid(id: $id, asOf: { effectiveAt: "2026-02-15" }) { name boundary } }`;
    expect((await h.ask(before, { id })).grid).toEqual({ name: '新名称', boundary: at(9).boundary });
    const known = { id, asOf: { recordedAt: '2020-01-01T00:00:00Z' } };
    expect(
      (await h.ask('query ($id: ID!, $asOf: AsOf) { grid(id: $id, asOf: $asOf) { id } }', known)).grid,
    ).toBeNull();
  });
  test('G-1 a manager of one town does not act in another, and nobody on what is not there', async () => {
    const elsewhere = { division: OTHER_TOWN };
    expect(await fault([grid('T1', 0, 0, at(12))], elsewhere)).toMatchObject({ code: 'NOT_PERMITTED' });
    const abolish = (id: string) =>
      h.fault('mutation ($input: AbolishGridInput!) { abolishGrid(input: $input) { repeated } }', {
        input: { grid: id, change },
      });
    expect(await abolish('grid:370114-999999')).toMatchObject({ code: 'NOT_FOUND', field: 'grid' });
    expect(await abolish('nonsense')).toMatchObject({ code: 'NOT_FOUND', field: 'grid' });
    expect(await fault([grid('T1', 0, 0, { boundary: { type: 'Point' } })])).toMatchObject({
      code: 'INVALID_INPUT',
      field: 'grids[0].boundary',
    });
    const many = Array.from({ length: 1_001 }, () => ({ lon: 117, lat: 36 }));
    const ASK =
      'query ($points: [PointInput!]!) { gridsAt(division: "370114000000", points: $points) { grid { id } } }';
    expect(await h.fault(ASK, { points: many })).toMatchObject({ code: 'LIMIT_EXCEEDED', field: 'points' });
  });
});
