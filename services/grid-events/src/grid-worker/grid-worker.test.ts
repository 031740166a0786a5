import { given } from '@dutyledger/event-store/given-when-then';
import { describe, expect, test } from 'vitest';
import { gridWorkers, type RosterCommand } from './grid-worker.ts';
import { type Rating, type RatingCommand, workerRatings } from './rating.ts';
import type { WorkerEvent } from './state.ts';
import type { Worker } from './worker.ts';
import type { NewWorker } from './worker-rules.ts';

const COUNTY = '370114000000';
const TOWN = '370114101000';
const [G1, G2] = ['grid:370114-000001', 'grid:370114-000002'] as const;
const GRIDS = new Set<string>([G1, G2]);

const person = (number: string, more: Partial<NewWorker> = {}): NewWorker => ({
  number,
  name: '示例人员',
  post: 'GRID_WORKER',
  roles: [],
  town: TOWN,
  subject: null,
  grids: [],
  ...more,
});
const worker = (number: string, more: Partial<Worker> = {}): Worker => ({
  ...person(number),
  id: `worker:370114-${number}`,
  county: COUNTY,
  status: 'active',
  effectiveFrom: '2026-01-01',
  ...more,
});
const registered = (who: Worker): WorkerEvent => ({
  type: 'WorkerRegistered',
  data: { worker: who },
  effectiveAt: who.effectiveFrom,
});
const leader = worker('L1', { post: 'GRID_LEADER', grids: [G1] });
const register = (workers: NewWorker[], effectiveFrom = '2026-01-01'): RosterCommand => ({
  type: 'RegisterWorkers',
  county: COUNTY,
  effectiveFrom,
  workers,
  grids: GRIDS,
});
const assign = (number: string, add: string[], remove: string[], effectiveFrom: string): RosterCommand => ({
  type: 'AssignWorker',
  county: COUNTY,
  effectiveFrom,
  worker: `worker:370114-${number}`,
  add,
  remove,
  grids: GRIDS,
});

describe('G-2 the roster', () => {
  test('G-2 a person enters with post, roles and grids', () => {
    given(gridWorkers)
      .when(register([person('W1', { roles: ['SAFETY', 'MEDIATION'], grids: [G1, G1] })]))
      .then(registered(worker('W1', { roles: ['SAFETY', 'MEDIATION'], grids: [G1] })));
  });
  test.each([
    ['number', { number: 'a b' }],
    ['number', { number: '13812345678' }],
    ['name', { name: '' }],
    ['name', { name: '李 13912345678' }],
    ['subject', { subject: '370114199001011234' }],
    ['town', { town: COUNTY }],
    ['town', { town: '370112001000' }],
    ['roles', { roles: ['SAFETY', 'SAFETY'] }],
    ['grids', { grids: ['grid:370114-000009'] }],
  ] as const)('G-2 refuses a bad %s', (field, more) => {
    given(gridWorkers)
      .when(register([person('W1', more as Partial<NewWorker>)]))
      .thenRefused({ rule: 'G-2', field: `workers[0].${field}` });
  });
  test('G-2 a number is not given twice, not even after its bearer has left', () => {
    const left = worker('W1', { status: 'ended', effectiveFrom: '2026-02-01' });
    given(gridWorkers, registered(worker('W1')), { type: 'WorkerEnded', data: { worker: left } })
      .when(register([person('W1')], '2026-03-01'))
      .thenRefused({ code: 'RULE_VIOLATED', rule: 'G-2', field: 'workers[0].number' });
  });
  test('G-2 a grid has one leader: the next begins on the day on which the former one ends, not before', () => {
    const next = (effectiveFrom: string) =>
      register([person('L2', { post: 'GRID_LEADER', grids: [G1] })], effectiveFrom);
    given(gridWorkers, registered(leader))
      .when(next('2026-05-01'))
      .thenRefused({ rule: 'G-2', field: 'workers[0].grids', details: { grid: G1, leader: leader.id } });
    const released: WorkerEvent = {
      type: 'WorkerAssigned',
      data: { worker: { ...leader, grids: [], effectiveFrom: '2026-05-01' }, added: [], removed: [G1] },
    };
    given(gridWorkers, registered(leader), released)
      .when(next('2026-04-30'))
      .thenRefused({ field: 'workers[0].grids' });
    given(gridWorkers, registered(leader), released)
      .when(next('2026-05-01'))
      .thenState(({ leaders }) => expect(leaders.get(G1)?.worker).toBe('worker:370114-L2'));
  });
  test('G-2 nobody becomes the second leader by a change of post', () => {
    given(gridWorkers, registered(leader), registered(worker('W1', { grids: [G1] })))
      .when({
        type: 'ReviseWorker',
        county: COUNTY,
        effectiveFrom: '2026-02-01',
        worker: 'worker:370114-W1',
        changes: { post: 'GRID_LEADER' },
      })
      .thenRefused({ rule: 'G-2', field: 'post' });
  });
  test('G-2 grids are given and taken in the order of days; what is held already changes nothing', () => {
    given(gridWorkers, registered(worker('W1', { grids: [G1] })))
      .when(assign('W1', [G2], [G1], '2026-02-01'))
      .then({
        type: 'WorkerAssigned',
        data: {
          worker: worker('W1', { grids: [G2], effectiveFrom: '2026-02-01' }),
          added: [G2],
          removed: [G1],
        },
        effectiveAt: '2026-02-01',
      });
    given(gridWorkers, registered(worker('W1', { grids: [G1] })))
      .when(assign('W1', [G1], [], '2026-02-01'))
      .thenNothing();
    given(gridWorkers, registered(worker('W1', { grids: [G1] })))
      .when(assign('W1', [G2], [], '2025-12-31'))
      .thenRefused({ rule: 'G-2', field: 'effectiveFrom' });
    given(gridWorkers, registered(worker('W1')))
      .when(assign('W1', [], [G1], '2026-02-01'))
      .thenRefused({ code: 'NOT_FOUND', field: 'remove' });
  });
  test('G-2 one who leaves frees grids and account', () => {
    given(gridWorkers, registered({ ...leader, subject: 's1' }))
      .when({ type: 'EndWorker', county: COUNTY, effectiveFrom: '2026-06-01', worker: leader.id })
      .thenState(({ leaders, subjects, workers }) => {
        expect(leaders.get(G1)?.until).toBe('2026-06-01');
        expect(subjects.has('s1')).toBe(false);
        expect(workers.get(leader.id)).toMatchObject({ status: 'ended', grids: [] });
      });
  });
});

describe('G-2 ratings', () => {
  const rating: Rating = {
    id: 'rating:1',
    worker: 'worker:370114-W1',
    county: COUNTY,
    on: '2026-02-03',
    score: 80,
    remark: null,
    inspector: 'i1',
  };
  const rate = (more: Partial<Extract<RatingCommand, { type: 'RateWorker' }>> = {}): RatingCommand => ({
    type: 'RateWorker',
    id: 'rating:1',
    worker: { id: rating.worker, county: COUNTY, subject: 'w1', active: true },
    on: rating.on,
    today: '2026-02-04',
    score: 80,
    remark: null,
    inspector: 'i1',
    ...more,
  });
  const rated = { type: 'WorkerRated', data: { rating }, effectiveAt: rating.on } as const;
  test('G-2 an inspector rates a day once, another may rate it too', () => {
    given(workerRatings).when(rate()).then(rated);
    given(workerRatings, rated)
      .when(rate({ id: 'rating:2' }))
      .thenRefused({ rule: 'G-2', field: 'on' });
    given(workerRatings, rated)
      .when(rate({ id: 'rating:2', inspector: 'i2' }))
      .then({ ...rated, data: { rating: { ...rating, id: 'rating:2', inspector: 'i2' } } });
  });
  test('G-2 nobody rates themselves, a day to come, or one who was not there', () => {
    given(workerRatings)
      .when(rate({ inspector: 'w1' }))
      .thenRefused({ rule: 'G-2', field: 'worker' });
    given(workerRatings)
      .when(rate({ on: '2026-02-05' }))
      .thenRefused({ rule: 'G-2', field: 'on' });
    given(workerRatings)
      .when(rate({ worker: { id: rating.worker, county: COUNTY, subject: null, active: false } }))
      .thenRefused({ rule: 'G-2', field: 'on' });
  });
  test('G-2 the inspector who gave it takes a rating back, and may rate the day anew', () => {
    const withdraw = (inspector: string): RatingCommand => ({
      type: 'WithdrawRating',
      rating: rating.id,
      inspector,
    });
    given(workerRatings, rated).when(withdraw('i2')).thenRefused({ rule: 'G-2', field: 'rating' });
    given(workerRatings, rated)
      .when(withdraw('i1'))
      .then({ type: 'WorkerRatingWithdrawn', data: { rating }, effectiveAt: rating.on });
    given(workerRatings).when(withdraw('i1')).thenRefused({ code: 'NOT_FOUND' });
    given(workerRatings, rated, { type: 'WorkerRatingWithdrawn', data: { rating } })
      .when(rate({ id: 'rating:3' }))
      .then({ ...rated, data: { rating: { ...rating, id: 'rating:3' } } });
  });
});
