import { type Harness, startHarness } from '@dutyledger/subgraph-kit/service-harness';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sampleNetwork } from '../src/grid-network/samples.ts';
import { startGridEvents } from '../src/service.ts';

/** Grid workers through GraphQL on real embedded stores (G-2). */

const COUNTY = '370114000000';
const TOWN = '370114101000';
const change = {
  reason: '网格员调整',
  basis: [{ title: '章丘区网格员管理办法', documentNumber: '章网格办〔2026〕1号' }],
};
const inspector = { roles: ['INSPECTOR'] as const, division: COUNTY, subject: 'inspector-1' };

let h: Harness;
let grids: string[];
beforeAll(async () => {
  h = await startHarness(startGridEvents, { roles: ['GRID_MANAGER'], division: COUNTY });
  const { createGrids } = await h.ask(
    `mutation ($input: CreateGridsInput!) { createGrids(input: $input) { grids { id } } }`,
    {
      input: {
        division: COUNTY,
        grids: sampleNetwork({ towns: [TOWN], grids: 4 }),
        effectiveFrom: '2026-01-01',
        change,
      },
    },
  );
  grids = createGrids.grids.map(({ id }: { id: string }) => id);
});
afterAll(() => h.end());

const REGISTER = /* GraphQL */ `
  mutation ($input: RegisterGridWorkersInput!) {
    registerGridWorkers(input: $input) { workers { id number name post roles grids { id } } repeated }
  }
`;
const register = (workers: object[], effectiveFrom = '2026-01-01') => ({
  input: { division: COUNTY, workers, effectiveFrom, change },
});
const RATE = /* GraphQL */ `
  mutation ($input: RateGridWorkerInput!) { rateGridWorker(input: $input) { rating worker { number } } }
`;

describe('G-2 grid workers', () => {
  test('G-2 a leader, a worker with the eight roles and an inspector are registered and found by their grid', async () => {
    const roles = [
      'PARTY_LIAISON',
      'INFORMATION',
      'ENVIRONMENT',
      'SAFETY',
      'ORDER',
      'MEDIATION',
      'LIVELIHOOD',
      'CIVILITY',
    ];
    const { registerGridWorkers } = await h.ask(
      REGISTER,
      register([
        { number: 'L1', name: '王网格', post: 'GRID_LEADER', town: TOWN, grids: [grids[0]] },
        { number: 'W1', name: '李网格', roles, town: TOWN, subject: 'worker-1', grids: [grids[0], grids[1]] },
        { number: 'I1', name: '赵督查', post: 'INSPECTOR', town: TOWN, subject: 'inspector-1' },
      ]),
    );
    expect(registerGridWorkers.workers[1]).toMatchObject({
      id: 'worker:370114-W1',
      post: 'GRID_WORKER',
      roles,
    });
    const { grid } = await h.ask('query ($id: ID!) { grid(id: $id) { workers { number } } }', {
      id: grids[0],
    });
    expect(grid.workers).toEqual([{ number: 'L1' }, { number: 'W1' }]);
  });
  test('G-2 a grid has one leader, numbers and accounts are not given twice, telephone numbers do not enter', async () => {
    const refused = async (worker: object) =>
      h.fault(REGISTER, register([{ town: TOWN, name: '甲', ...worker }]));
    expect(await refused({ number: 'L2', post: 'GRID_LEADER', grids: [grids[0]] })).toMatchObject({
      code: 'RULE_VIOLATED',
      rule: 'G-2',
      field: 'workers[0].grids',
    });
    expect(await refused({ number: 'W1' })).toMatchObject({ rule: 'G-2', field: 'workers[0].number' });
    expect(await refused({ number: 'W9', subject: 'worker-1' })).toMatchObject({
      field: 'workers[0].subject',
    });
    expect(await refused({ number: 'W9', name: '甲13812345678' })).toMatchObject({
      field: 'workers[0].name',
    });
    expect(await refused({ number: 'W9', grids: ['grid:370114-999999'] })).toMatchObject({
      code: 'NOT_FOUND',
    });
  });
  test('G-2 inspectors rate workers, once a day and never themselves; a rating taken back counts no more', async () => {
    const rate = { worker: 'worker:370114-W1', change };
    const { rateGridWorker } = await h.ask(
      RATE,
      { input: { ...rate, on: '2026-02-03', score: 80 } },
      inspector,
    );
    await h.ask(RATE, { input: { ...rate, on: '2026-02-04', score: 95 } }, inspector);
    const fault = (input: object) => h.fault(RATE, { input: { ...rate, score: 90, ...input } }, inspector);
    expect(await fault({ on: '2026-02-03' })).toMatchObject({ rule: 'G-2', field: 'on' });
    expect(await fault({ on: '2025-12-31' })).toMatchObject({ rule: 'G-2', field: 'on' });
    expect(await fault({ on: '2999-01-01' })).toMatchObject({ rule: 'G-2', field: 'on' });
    expect(await fault({ on: '2026-02-05', score: 101 })).toMatchObject({
      code: 'INVALID_INPUT',
      field: 'score',
    });
    expect(await fault({ on: '2026-02-05', worker: 'worker:370114-I1' })).toMatchObject({ field: 'worker' });
    expect(await figuresOf('W1')).toMatchObject({ ratings: 2, averageScore: 87.5 });
    await h.ask(
      'mutation ($input: WithdrawGridWorkerRatingInput!) { withdrawGridWorkerRating(input: $input) { rating } }',
      { input: { ...rate, rating: rateGridWorker.rating } },
      inspector,
    );
    expect(await figuresOf('W1')).toMatchObject({ ratings: 1, averageScore: 95 });
  });
  test('G-2 days and grids are counted from the assignments, by hand', async () => {
    // January with two grids, February from the 10th on with one: 31·2 + 9·2 + 19·1.
    await h.ask(
      'mutation ($input: AssignGridWorkerInput!) { assignGridWorker(input: $input) { repeated } }',
      {
        input: { worker: 'worker:370114-W1', remove: [grids[1]], effectiveFrom: '2026-02-10', change },
      },
    );
    expect(await figuresOf('W1')).toMatchObject({
      days: 59,
      gridDays: 62 + 18 + 19,
      grids: 2,
      households: 300,
    });
    expect(await figuresOf('W1', '2026-03', '2026-03')).toMatchObject({ days: 31, gridDays: 31, grids: 1 });
  });
  test('G-2 who was assigned to a grid answers for what took its place until assigned anew', async () => {
    const [, , third, fourth] = grids;
    await h.ask(
      REGISTER,
      register([{ number: 'W3', name: '孙网格', town: TOWN, subject: 'worker-3', grids: [third] }]),
    );
    const { mergeGrids } = await h.ask(
      'mutation ($input: MergeGridsInput!) { mergeGrids(input: $input) { grid { id workers { number } } } }',
      {
        input: {
          grids: [third, fourth],
          into: { code: 'M', name: '合并', town: TOWN, sizeReason: '撤并' },
          effectiveFrom: '2026-04-01',
          change,
        },
      },
    );
    expect(mergeGrids.grid.workers).toEqual([{ number: 'W3' }]);
    const worker = { roles: ['GRID_WORKER'] as const, division: TOWN, subject: 'worker-3' };
    const { gridWorkerMyself } = await h.ask('{ gridWorkerMyself { number grids { id } } }', {}, worker);
    expect(gridWorkerMyself).toEqual({ number: 'W3', grids: [{ id: mergeGrids.grid.id }] });
  });
  test('G-2 names stay within the county', async () => {
    const query = `{ gridWorkers(division: "${COUNTY}") { edges { node { name } } } }`;
    const elsewhere = { roles: ['COUNTY_OPERATOR'] as const, division: '370112000000' };
    expect(await h.fault(query, {}, elsewhere)).toMatchObject({ code: 'NOT_PERMITTED' });
    const above = { roles: ['AUDITOR'] as const, division: '370000000000' };
    expect((await h.ask(query, {}, above)).gridWorkers.edges).toHaveLength(4);
  });
});

async function figuresOf(number: string, from = '2026-01', to = '2026-02') {
  const { gridWorkerFigures } = await h.ask(
    `query ($from: String!, $to: String!) { gridWorkerFigures(division: "${COUNTY}", from: $from, to: $to) {
      edges { node { worker { number } days gridDays grids households ratings averageScore } } } }`,
    { from, to },
  );
  type Edge = { node: { worker: { number: string } } };
  return gridWorkerFigures.edges.find(({ node }: Edge) => node.worker.number === number)?.node;
}
