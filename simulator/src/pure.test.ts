import { chinaDate, isoText } from '@dutyledger/reference-data/china-time';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arrivals, later, TICK_MS } from './arrivals.ts';
import { countyOf } from './county.ts';
import { differences } from './figures.ts';
import { readOptions } from './options.ts';
import { type Plan, plansOf } from './plan.ts';
import { type Entry, Queue } from './queue.ts';
import { randomOf } from './random.ts';
import { type RawEvent, Recount } from './recount.ts';

/** The parts of the simulator that know neither node nor network. */

const county = countyOf('370114000000', { grids: 60, workers: 120 });
if (!county) throw new Error('Zhangqiu is a county with towns');
const asked = { seed: 'a', start: '2026-04-20', days: 30, cases: 3_000 };
const plans = plansOf(county, asked);
const share = (of: readonly Plan[], is: (plan: Plan) => boolean): number => of.filter(is).length / of.length;

describe('chance', () => {
  test('the same seed and names give the same numbers, others give others', () => {
    const text = fc.string();
    fc.assert(
      fc.property(text, text, fc.nat(), (seed, name, n) => {
        const draw = (...names: (string | number)[]): number[] => {
          const random = randomOf(seed, ...names);
          return [random.next(), random.below(1_000), random.around(10, 1)];
        };
        expect(draw(name, n)).toEqual(draw(name, n));
        expect(draw(name, n)).not.toEqual(draw(name, n + 1));
      }),
    );
  });

  test('weights are kept, and what has none never comes', () => {
    const random = randomOf('weights');
    const of = [0, 3, 1];
    const drawn = Array.from({ length: 4_000 }, () => random.weighted(of, (weight) => weight));
    expect(drawn).not.toContain(0);
    expect(drawn.filter((one) => one === 3).length / drawn.length).toBeCloseTo(0.75, 1);
    expect(() => random.weighted([0], (weight) => weight)).toThrow(RangeError);
    expect(() => random.pick([])).toThrow(RangeError);
  });
});

describe('the days', () => {
  test('reports come in order, at steps of the clock, within the days, and mostly in the rush hours of working days', () => {
    const times = arrivals('a', '2026-04-20', 30, 3_000);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times.every((ms) => ms % TICK_MS === 0)).toBe(true);
    const days = new Set(times.map((ms) => chinaDate(isoText(ms))));
    expect([...days].sort().at(0)).toBe('2026-04-20');
    expect([...days].sort().at(-1)).toBe('2026-05-19');
    const on = (day: string): number => times.filter((ms) => chinaDate(isoText(ms)) === day).length;
    // The first of May is a holiday; the ninth, a Saturday, is worked for it.
    expect(on('2026-05-01')).toBeLessThan(on('2026-05-09'));
    const hour = (ms: number): number => (ms / 3_600_000 + 8) % 24;
    expect(times.filter((ms) => hour(ms) >= 8 && hour(ms) <= 11).length).toBeGreaterThan(800);
  });

  test('an office acts in its hours, whenever it is asked, and never before', () => {
    const random = randomOf('office');
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 60 * 24 * 60 }),
        fc.integer({ min: 1, max: 5_000 }),
        (from, minutes) => {
          const ms = Date.parse('2026-04-20T00:00:00+08:00') + from * 60_000;
          const at = later(ms, minutes, true, random);
          const minute = ((at / 60_000 + 480) % 1_440) / 60;
          expect(at).toBeGreaterThan(ms);
          expect(minute).toBeGreaterThanOrEqual(8.5);
          expect(minute).toBeLessThanOrEqual(17.5);
        },
      ),
    );
  });
});

describe('what is reported', () => {
  test('the same seed makes the same cases; more of them change nothing in how each is made', () => {
    expect(plansOf(county, asked)).toEqual(plans);
    expect(plansOf(county, { ...asked, seed: 'b' })).not.toEqual(plans);
  });

  test('patrols find most, some places are nobody knows where, some reports repeat others', () => {
    expect(share(plans, ({ source }) => source === 'GRID_PATROL')).toBeCloseTo(0.76, 1);
    expect(share(plans, ({ course }) => course === 'AT_ONCE')).toBeGreaterThan(0.5);
    expect(plans.some(({ grid, place }) => grid === null && place === null)).toBe(true);
    expect(plans.some(({ grid, place }) => grid === null && place !== null)).toBe(true);
    const repeated = plans.filter(({ duplicateOf }) => duplicateOf !== null);
    expect(repeated.length).toBeGreaterThan(20);
    for (const { number, duplicateOf, class: of } of repeated) {
      const first = plans[duplicateOf ?? -1];
      expect(first?.class).toBe(of);
      expect(first?.number).toBeLessThan(number);
      expect(first?.duplicateOf).toBeNull();
    }
    expect(
      plans.every(({ reporter, source }) => reporter === null || ['CITIZEN', 'HOTLINE'].includes(source)),
    ).toBe(true);
  });

  test('Zhangqiu and Lanshan have as many grids as they say', () => {
    expect(countyOf('370114000000')).toMatchObject({ grids: { length: 485 }, workers: { length: 3_000 } });
    expect(countyOf('371302000000')?.grids).toHaveLength(1_401);
    expect(countyOf('370000000000')).toBeUndefined();
  });
});

test('the queue answers everything up to an instant in the order of time, number and rank', () => {
  const entry = fc.record({ at: fc.nat(50), number: fc.nat(9), rank: fc.nat(2) });
  fc.assert(
    fc.property(fc.array(entry), fc.nat(50), (entries, ms) => {
      const queue = new Queue<Entry>();
      for (const each of entries) queue.push(each);
      const order = (a: Entry, b: Entry): number => a.at - b.at || a.number - b.number || a.rank - b.rank;
      expect(queue.until(ms)).toEqual(entries.filter(({ at }) => at <= ms).sort(order));
      expect(queue.until(100)).toEqual(entries.filter(({ at }) => at > ms).sort(order));
      expect(queue.first).toBeUndefined();
    }),
  );
});

describe('the recount', () => {
  const event = (type: string, day: string, data: object, of = 'c1'): RawEvent => ({
    case: of,
    type,
    day,
    data,
  });
  const at = (day: string): string => `${day}T02:00:00.000Z`;
  const reported = (of: string, source: string): RawEvent =>
    event(
      'CaseReported',
      '2026-04-20',
      { division: '370114001000', source, reportedAt: at('2026-04-20') },
      of,
    );
  const closed = (day: string, more: object = {}) =>
    event('CaseClosed', day, {
      at: at(day),
      level: 'TOWN',
      onTime: true,
      reworks: 0,
      with: null,
      closeBy: null,
      ...more,
    });

  test('a case by hand: what is due follows it, steps stay counted', () => {
    const recount = new Recount();
    const life = [
      reported('c1', 'CITIZEN'),
      event('ClockOverdue', '2026-04-20', { of: 'case' }),
      event('CaseAccepted', '2026-04-20', {}),
      event('CaseFiled', '2026-04-20', { closeBy: at('2026-04-27') }),
      event('CaseDispatched', '2026-04-20', { tasks: [{ id: '1' }] }),
      event('CaseTaskDone', '2026-04-21', { task: '1', last: true }),
      event('CaseReworked', '2026-04-22', { tasks: ['1'] }),
      closed('2026-04-23', { reworks: 1 }),
    ];
    for (const each of life) recount.take(each);
    const { total, byDay, byTown } = recount.figures('2026-04-20', '2026-04-30');
    expect(total).toEqual({
      ...{ REPORTED: 1, REPORTED_BY_PUBLIC: 1, OVERDUE: 1, ACCEPTED: 1, FILED: 1, FILED_ON_TIME: 1 },
      ...{ DISPATCHED: 1, DISPATCHED_ON_TIME: 1, TASKS_DONE: 1, TASKS_ON_TIME: 1 },
      ...{ HANDLED: 1, HANDLED_ON_TIME: 1, REWORKS: 1, DUE: 1, DUE_CLOSED: 1, DUE_ON_TIME: 1 },
      ...{ CLOSED: 1, CLOSED_BY_TOWN: 1, CLOSED_AFTER_REWORK: 1 },
    });
    expect(byDay.get('2026-04-27')).toEqual({ DUE: 1, DUE_CLOSED: 1, DUE_ON_TIME: 1 });
    expect([...byTown.keys()]).toEqual(['370114001000']);
    expect(recount.figures('2026-04-28', '2026-04-30').total).toEqual({});
    recount.take(event('CaseReopened', '2026-04-24', { closeBy: at('2026-04-29') }));
    recount.take(event('CaseMerged', '2026-04-24', {}));
    const after = recount.figures('2026-04-20', '2026-04-30').total;
    expect(after).toMatchObject({ REOPENED: 1, MERGED: 1, REWORKS: 1 });
    expect(Object.keys(after)).not.toContain('DUE');
    expect(Object.keys(after)).not.toContain('CLOSED');
    expect(() => recount.take(event('CaseFiled', '2026-04-24', {}, 'c9'))).toThrow('not reported');
  });

  test('every difference is told, in the county, on the day and in the town', () => {
    const none = { total: {}, byDay: new Map(), byTown: new Map() };
    const one = {
      total: { FILED: 2 },
      byDay: new Map([['d', { FILED: 1 }]]),
      byTown: new Map([['t', { FILED: 1 }]]),
    };
    expect(differences(one, one)).toEqual([]);
    expect(differences(none, one)).toEqual([
      { where: 'county', measure: 'FILED', told: 0, counted: 2 },
      { where: 'd', measure: 'FILED', told: 0, counted: 1 },
      { where: 't', measure: 'FILED', told: 0, counted: 1 },
    ]);
  });
});

describe('the command line', () => {
  test('what is left out has a default; a county may be named in short', () => {
    expect(readOptions([])).toMatchObject({
      options: { division: '370114000000', days: 30, cases: 10_000, seed: '1' },
    });
    expect(readOptions(['--division', '371302', '--days', '3'])).toMatchObject({
      options: { division: '371302000000', days: 3 },
    });
    expect(readOptions(['--help'])).toEqual({ help: true });
  });

  test.each([
    [['--cases', '0']],
    [['--days', '367']],
    [['--days', 'x']],
    [['--division', '370000']],
    [['--division', 'x']],
    [['--start', '2026-02-30']],
    [['--url', 'nowhere', '--data', 'd']],
    [['--url', 'http://127.0.0.1:4000/graphql']],
    [['--nonsense']],
  ])('%s is refused in two languages', (args) => {
    const read = readOptions(args);
    expect('mistake' in read && read.mistake).toMatch(/\p{Script=Han}[\s\S]*\n[\s\S]*[a-z]{3}/u);
  });
});
