import { given } from '@dutyledger/event-store/given-when-then';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Boundary } from './boundary.ts';
import type { CommandOf, NetworkCommand } from './commands.ts';
import { areaOf } from './geometry.ts';
import type { Grid } from './grid.ts';
import { gridNetwork } from './grid-network.ts';
import type { Compared, NewGrid } from './grid-rules.ts';
import type { GridEvent, GridNetwork } from './state.ts';

const COUNTY = '370114000000';
const TOWN = '370114101000';

const square = (x: number, y: number, width = 1): Boundary => {
  const [west, south] = [117.5 + x * 0.01, 36.7 + y * 0.01];
  const [east, north] = [west + width * 0.01, south + 0.01];
  return {
    type: 'Polygon',
    coordinates: [
      [
        [west, south],
        [east, south],
        [east, north],
        [west, north],
        [west, south],
      ],
    ],
  };
};

const newGrid = (code: string, more: Partial<NewGrid> = {}): NewGrid => ({
  code,
  name: `网格${code}`,
  kind: 'GENERAL',
  parentCode: null,
  town: TOWN,
  village: null,
  villageName: null,
  households: 400,
  population: 1_000,
  sizeReason: null,
  boundary: null,
  ...more,
});

const grid = (number: number, code: string, more: Partial<Grid> = {}): Grid => {
  const { parentCode: _, boundary: __, ...fields } = newGrid(code);
  return {
    ...fields,
    id: `grid:370114-${String(number).padStart(6, '0')}`,
    county: COUNTY,
    parent: null,
    area: null,
    status: 'active',
    effectiveFrom: '2026-01-01',
    predecessors: [],
    successors: [],
    ...more,
  };
};

const created = (made: Grid, boundary: Boundary | null = null): GridEvent => ({
  type: 'GridCreated',
  data: { grid: { ...made, area: boundary && Math.round(areaOf(boundary)) }, boundary },
  effectiveAt: made.effectiveFrom,
});

const clear = (seen = 0): Compared => ({ seen, faults: [] });
type Asked = NetworkCommand extends infer C ? (C extends NetworkCommand ? Omit<C, 'county'> : never) : never;
const ask = (command: Asked): NetworkCommand => ({ county: COUNTY, ...command }) as NetworkCommand;
const create = (grids: NewGrid[], more: Partial<CommandOf<'CreateGrids'>> = {}): NetworkCommand =>
  ask({ type: 'CreateGrids', effectiveFrom: '2026-01-01', grids, compared: clear(), ...more });
const envelope = {
  actor: { subject: 's', name: 'n', organ: null, role: 'GRID_MANAGER' },
  reason: 'r',
  basis: [],
  effectiveAt: '2026-01-01',
  recordedAt: '2026-01-01T00:00:00.000Z',
};
const [A, B] = ['grid:370114-000001', 'grid:370114-000002'] as const;

describe('G-1 creating and revising', () => {
  test('G-1 a grid gets a number of the county and keeps its boundary in the event', () => {
    given(gridNetwork)
      .when(create([newGrid('A', { boundary: square(0, 0) }), newGrid('B')]))
      .then(created(grid(1, 'A'), square(0, 0)), created(grid(2, 'B')));
  });
  test('G-1 a size outside the guidance is accepted with a recorded reason alone', () => {
    const large = newGrid('A', { households: 900, population: 2_500 });
    given(gridNetwork)
      .when(create([large]))
      .thenRefused({ code: 'RULE_VIOLATED', rule: 'G-1', field: 'grids[0].sizeReason' });
    given(gridNetwork)
      .when(create([{ ...large, sizeReason: '以村民小组为单位' }]))
      .thenState(({ grids }) => expect(grids.get(A)?.grid.sizeReason).toBe('以村民小组为单位'));
  });
  test.each([
    ['500 households, people not known', { households: 500, population: null }],
    ['250 households, 1,100 people', { households: 250, population: 1_100 }],
    ['nothing known', { households: null, population: null }],
    ['a market', { kind: 'DEDICATED', households: 0, population: 0 }],
  ] as const)('G-1 the guidance does not ask for a reason: %s', (_, more) => {
    given(gridNetwork)
      .when(create([newGrid('A', { ...more, sizeReason: '不需要' })]))
      .thenState(({ grids }) => expect(grids.get(A)?.grid.sizeReason).toBeNull());
  });
  test('G-1 a code is borne by one live grid, and again from the day on which that has ended', () => {
    given(gridNetwork, created(grid(1, 'A')))
      .when(create([newGrid('A')]))
      .thenRefused({ rule: 'G-1', field: 'grids[0].code' });
    const abolished = grid(1, 'A', { status: 'abolished', effectiveFrom: '2026-05-01' });
    const ended: GridEvent = { type: 'GridAbolished', data: { grid: abolished } };
    const again = (effectiveFrom: string) => create([newGrid('A')], { effectiveFrom });
    given(gridNetwork, created(grid(1, 'A')), ended)
      .when(again('2026-04-30'))
      .thenRefused({ field: 'grids[0].code' });
    given(gridNetwork, created(grid(1, 'A')), ended)
      .when(again('2026-05-01'))
      .then(created(grid(2, 'A', { effectiveFrom: '2026-05-01' })));
  });
  test.each([
    ['code', { code: 'a b' }],
    ['code', { code: '' }],
    ['name', { name: ' ' }],
    ['town', { town: '370112001000' }],
    ['town', { town: COUNTY }],
    ['village', { village: '370114001001' }],
    ['households', { households: -1 }],
    ['population', { population: 1.5 }],
    ['parentCode', { parentCode: 'A' }],
    ['parentCode', { kind: 'MICRO' }],
  ] as const)('G-1 refuses a bad %s', (field, more) => {
    given(gridNetwork)
      .when(create([newGrid('G', more)]))
      .thenRefused({ field: `grids[0].${field}` });
  });
  test('G-1 a micro grid is part of a basic grid of its town', () => {
    given(gridNetwork, created(grid(1, 'A')))
      .when(create([newGrid('A-1', { kind: 'MICRO', parentCode: 'A' })]))
      .then(created(grid(2, 'A-1', { kind: 'MICRO', parent: A })));
    given(gridNetwork, created(grid(1, 'A', { town: '370114001000' })))
      .when(create([newGrid('A-1', { kind: 'MICRO', parentCode: 'A' })]))
      .thenRefused({ field: 'grids[0].parentCode' });
  });
  test('G-1 what overlaps is refused with the other grid and the share', () => {
    const fault = { at: 0, kind: 'OVERLAPS', other: { name: '网格B', code: 'B' }, share: 0.25 } as const;
    given(gridNetwork)
      .when(create([newGrid('A', { boundary: square(0, 0) })], { compared: { seen: 0, faults: [fault] } }))
      .thenRefused({ rule: 'G-1', field: 'grids[0].boundary', details: { other: 'B', share: 0.25 } });
  });
  test('G-1 a comparison with a network that has changed since is a conflict', () => {
    given(gridNetwork, created(grid(1, 'A'), square(0, 0)))
      .when(create([newGrid('B', { boundary: square(0, 0) })]))
      .thenRefused({ code: 'CONFLICT' });
  });
  test('G-1 a revision tells the fields that changed, and nothing when none did', () => {
    const revise = (changes: CommandOf<'ReviseGrid'>['changes'], effectiveFrom = '2026-02-01') =>
      ask({ type: 'ReviseGrid', grid: A, changes, effectiveFrom });
    given(gridNetwork, created(grid(1, 'A')))
      .when(revise({ name: '新名', households: 400 }))
      .then({
        type: 'GridRevised',
        data: { grid: grid(1, 'A', { name: '新名', effectiveFrom: '2026-02-01' }), fields: ['name'] },
        effectiveAt: '2026-02-01',
      });
    given(gridNetwork, created(grid(1, 'A')))
      .when(revise({ households: 400 }))
      .thenNothing();
    given(gridNetwork, created(grid(1, 'A')))
      .when(revise({ name: '新名' }, '2025-12-31'))
      .thenRefused({ rule: 'G-1', field: 'effectiveFrom' });
  });
});

describe('G-1 split, merger, end', () => {
  const two = [created(grid(1, 'A'), square(0, 0)), created(grid(2, 'B'), square(1, 0))];
  const merge = (into: Partial<NewGrid>, grids: string[] = [A, B]): NetworkCommand =>
    ask({
      type: 'MergeGrids',
      grids,
      into: newGrid('A', {
        households: null,
        population: null,
        sizeReason: '撤并',
        boundary: square(0, 0, 2),
        ...into,
      }),
      effectiveFrom: '2026-03-01',
      compared: clear(2),
    });
  test('G-1 a merger has all people and all ground, and may bear a former code', () => {
    given(gridNetwork, ...two)
      .when(merge({}))
      .thenState(({ grids, codes }) => {
        const merged = grids.get('grid:370114-000003')?.grid;
        expect(merged).toMatchObject({ households: 800, population: 2_000, predecessors: [A, B] });
        expect(codes.get('A')).toBe(merged?.id);
        expect(grids.get(A)?.grid).toMatchObject({ status: 'merged', successors: [merged?.id] });
      });
  });
  test('G-1 new lines lose nobody and no ground', () => {
    const refused = (into: Partial<NewGrid>, details: object) =>
      given(gridNetwork, ...two)
        .when(merge(into))
        .thenRefused({ code: 'RULE_VIOLATED', rule: 'G-1', field: 'into', ...details });
    refused({ households: 799 }, { details: { households: { before: 800, after: 799 } } });
    refused({ population: 2_001 }, { details: { population: { before: 2_000, after: 2_001 } } });
    refused({ boundary: null }, {});
    refused({ boundary: square(0, 0) }, {});
  });
  test('G-1 a merger and a split need several grids, each named once', () => {
    given(gridNetwork, ...two)
      .when(merge({}, [A, A]))
      .thenRefused({ rule: 'G-1', field: 'grids' });
    given(gridNetwork, ...two)
      .when(
        ask({
          type: 'SplitGrid',
          grid: A,
          into: [newGrid('A')],
          microGrids: [],
          effectiveFrom: '2026-03-01',
          compared: clear(2),
        }),
      )
      .thenRefused({ rule: 'G-1', field: 'into' });
  });
  test('G-1 micro grids go along: to the merged grid by themselves, to a part of a split as the command says', () => {
    const micro = created(grid(3, 'A-1', { kind: 'MICRO', parent: A, households: null, population: null }));
    given(gridNetwork, ...two, micro)
      .when(merge({}))
      .thenState(({ grids }) =>
        expect(grids.get('grid:370114-000003')?.grid.parent).toBe('grid:370114-000004'),
      );
    const split = (into: string): NetworkCommand =>
      ask({
        type: 'SplitGrid',
        grid: A,
        into: ['P', 'Q'].map((code) =>
          newGrid(code, {
            households: 200,
            population: 500,
            sizeReason: '拆分',
            boundary: square(0, 0, 0.5),
          }),
        ),
        microGrids: [{ grid: 'grid:370114-000003', into }],
        effectiveFrom: '2026-03-01',
        compared: clear(2),
      });
    given(gridNetwork, ...two, micro)
      .when(split('P'))
      .thenState(({ grids }) =>
        expect(grids.get('grid:370114-000003')?.grid.parent).toBe('grid:370114-000004'),
      );
    given(gridNetwork, ...two, micro)
      .when(split('elsewhere'))
      .thenRefused({ rule: 'G-1', field: 'microGrids' });
    given(gridNetwork, ...two, micro)
      .when(ask({ type: 'AbolishGrid', grid: A, successors: [], effectiveFrom: '2026-03-01' }))
      .thenRefused({ rule: 'G-1', field: 'grid' });
  });
  test('G-1 an end names live successors and is final', () => {
    const abolish = (successors: string[], grid_: string = A) =>
      ask({ type: 'AbolishGrid', grid: grid_, successors, effectiveFrom: '2026-03-01' });
    given(gridNetwork, ...two)
      .when(abolish([A]))
      .thenRefused({ rule: 'G-1', field: 'successors[0]' });
    given(gridNetwork, ...two)
      .when(abolish(['grid:370114-000009']))
      .thenRefused({ code: 'NOT_FOUND' });
    const ended = grid(1, 'A', {
      area: Math.round(areaOf(square(0, 0))),
      status: 'abolished',
      effectiveFrom: '2026-03-01',
      successors: [B],
    });
    given(gridNetwork, ...two)
      .when(abolish([B]))
      .then({ type: 'GridAbolished', data: { grid: ended }, effectiveAt: '2026-03-01' });
    given(gridNetwork, ...two, { type: 'GridAbolished', data: { grid: ended } })
      .when(abolish([]))
      .thenRefused({ rule: 'G-1', field: 'grid', details: { status: 'abolished', successors: [B] } });
  });
});

describe('G-1 import', () => {
  test('G-1 every bad row is told, and nothing enters unless all rows do', () => {
    const rows = [
      newGrid('A'),
      newGrid('B', { town: COUNTY }),
      newGrid('A'),
      newGrid('C', { households: 1, population: 1 }),
    ];
    const command = ask({
      type: 'ImportGrids',
      rows: rows.map((row) => ({ change: 'CREATE', grid: row })),
      effectiveFrom: '2026-01-01',
      compared: clear(),
    });
    const decided = gridNetwork.decide(command, gridNetwork.initial);
    const refusals = decided.ok
      ? []
      : (decided.refusal.details?.['rows'] as { at: number; refusal: { field: string } }[]);
    expect(refusals.map(({ at, refusal }) => [at, refusal.field])).toEqual([
      [1, 'town'],
      [2, 'code'],
      [3, 'sizeReason'],
    ]);
  });
});

describe('G-1 nobody is lost between lines', () => {
  test('G-1 a grid that is split into any parts and merged again has the people it had', () => {
    const parts = fc.array(
      fc.record({
        households: fc.integer({ min: 0, max: 500 }),
        population: fc.integer({ min: 0, max: 2_000 }),
      }),
      { minLength: 2, maxLength: 8 },
    );
    fc.assert(
      fc.property(parts, (figures) => {
        const sum = (figure: 'households' | 'population') =>
          figures.reduce((all, each) => all + each[figure], 0);
        const [households, population] = [sum('households'), sum('population')];
        const whole = grid(1, 'A', { households, population, sizeReason: '历史沿革' });
        const run = (state: GridNetwork, command: NetworkCommand): GridNetwork => {
          const decided = gridNetwork.decide(command, state);
          if (!decided.ok) throw new Error(decided.refusal.message.en);
          return decided.events.reduce((before, event) => gridNetwork.evolve(before, event, envelope), state);
        };
        const began = gridNetwork.evolve(gridNetwork.initial, created(whole), envelope);
        const into = figures.map((each, i) => newGrid(`P${i}`, { ...each, sizeReason: '拆分' }));
        const split = run(
          began,
          ask({
            type: 'SplitGrid',
            grid: A,
            into,
            microGrids: [],
            effectiveFrom: '2026-02-01',
            compared: clear(),
          }),
        );
        const live = split.grids.valueSeq().filter((each) => each.grid.status === 'active');
        expect(live.reduce((all, each) => all + (each.grid.population ?? 0), 0)).toBe(population);
        const merged = run(
          split,
          ask({
            type: 'MergeGrids',
            grids: live.map((each) => each.grid.id).toArray(),
            into: newGrid('A', { households: null, population: null, sizeReason: '恢复' }),
            effectiveFrom: '2026-03-01',
            compared: clear(),
          }),
        );
        const last = merged.grids.get(merged.codes.get('A') ?? '')?.grid;
        expect(last).toMatchObject({ status: 'active', households, population });
        expect(
          merged.grids
            .valueSeq()
            .filter((each) => each.grid.status === 'active')
            .count(),
        ).toBe(1);
      }),
      { numRuns: 50 },
    );
  });
});
