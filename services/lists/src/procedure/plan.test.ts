import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TimeLimit } from '../duty-list/item.ts';
import { limitText, measureOf, minutesOf, parseLimit, spanOf, spanText } from './duration.ts';
import { planOf, type Step } from './plan.ts';

const days = (amount: number): TimeLimit => ({ amount, unit: 'WORKING_DAYS' });
const step = (id: string, limit: TimeLimit | null, ...after: string[]): Step => ({ id, limit, after });

/** Steps that wait only for steps before them, then shuffled: no circle, and no order that happens to be right. */
const procedure = fc
  .array(
    fc.record({
      limit: fc.option(fc.integer({ min: 1, max: 9 }).map(days), { nil: null, freq: 5 }),
      before: fc.array(fc.nat(7), { maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((drawn) =>
    drawn.map(({ limit, before }, i) =>
      step(`s${i}`, limit, ...new Set(before.filter((one) => one < i).map((one) => `s${one}`))),
    ),
  )
  .chain((steps) => fc.shuffledSubarray(steps, { minLength: steps.length, maxLength: steps.length }));

/** Every way through the procedure from a step that waits for nothing to one that nothing waits for. */
function waysThrough(steps: readonly Step[]): Step[][] {
  const onFrom = (way: Step[]): Step[][] => {
    const next = steps.filter(({ after }) => after.includes(way.at(-1)?.id ?? ''));
    return next.length === 0 ? [way] : next.flatMap((one) => onFrom([...way, one]));
  };
  return steps.filter(({ after }) => after.length === 0).flatMap((one) => onFrom([one]));
}
const lengthOf = (way: readonly Step[]): number => way.reduce((sum, { limit }) => sum + minutesOf(limit), 0);

describe('L-8 the plan of a procedure', () => {
  test('steps that do not wait for each other run in parallel; the longest way is the critical path', () => {
    const plan = planOf([
      step('受理', days(1)),
      step('勘验', days(5), '受理'),
      step('会审', days(3), '受理'),
      step('决定', days(2), '勘验', '会审'),
    ]);
    expect(plan.criticalPath).toEqual(['受理', '勘验', '决定']);
    expect(spanText(plan.total, plan.measure, 'zh-CN')).toBe('8个工作日');
    expect(spanText(plan.linear, plan.measure, 'en')).toBe('11 working days');
    const review = plan.steps.find(({ id }) => id === '会审');
    expect(review).toMatchObject({ layer: 1, critical: false });
    expect(spanText(review?.slack ?? 0, plan.measure, 'zh-CN')).toBe('2个工作日');
  });

  test('total, slack and critical steps are those that counting every way through gives', () => {
    fc.assert(
      fc.property(procedure, (steps) => {
        const plan = planOf(steps);
        const ways = waysThrough(steps);
        const longest = Math.max(...ways.map(lengthOf));
        expect(plan.total).toBe(longest);
        expect(plan.linear).toBe(lengthOf(steps));
        for (const { id, slack, critical, start, finish } of plan.steps) {
          const through = Math.max(...ways.filter((way) => way.some((one) => one.id === id)).map(lengthOf));
          expect(slack).toBe(longest - through);
          expect(critical).toBe(longest > 0 && slack === 0);
          expect(finish - start).toBe(minutesOf(steps.find((one) => one.id === id)?.limit ?? null));
        }
      }),
    );
  });

  test('the order keeps to what waits for what; layers part what waits', () => {
    fc.assert(
      fc.property(procedure, (steps) => {
        const plan = planOf(steps);
        const place = new Map(plan.steps.map((one, i) => [one.id, { i, ...one }]));
        expect(place.size).toBe(steps.length);
        for (const { id, after } of steps) {
          for (const before of after) {
            const [a, b] = [place.get(before), place.get(id)];
            expect(a && b && a.i < b.i && a.layer < b.layer && a.finish <= b.start).toBe(true);
          }
        }
      }),
    );
  });

  test('the critical path is a way through that takes as long as the whole', () => {
    fc.assert(
      fc.property(procedure, (steps) => {
        const { criticalPath, total } = planOf(steps);
        const path = criticalPath.map((id) => steps.find((one) => one.id === id) as Step);
        expect(lengthOf(path)).toBe(total);
        path.slice(1).forEach((one, i) => {
          expect(one.after).toContain(path[i]?.id);
        });
        if (total > 0) expect(path[0]?.after).toEqual([]);
      }),
    );
  });

  test('a circle, which the rules refuse before, is a programmer’s mistake', () => {
    expect(() => planOf([step('a', null, 'b'), step('b', null, 'a')])).toThrow(/step a/);
    expect(() => planOf([step('a', null, 'x')])).toThrow(/step a/);
  });

  test('nothing to do takes no time', () => {
    expect(planOf([])).toEqual({
      steps: [],
      criticalPath: [],
      total: 0,
      linear: 0,
      unlimited: 0,
      measure: [],
    });
    expect(planOf([step('a', null)])).toMatchObject({ criticalPath: [], total: 0, unlimited: 1 });
  });
});

describe('L-8 time limits in several units', () => {
  const text = (limits: TimeLimit[], locale: 'zh-CN' | 'en' = 'zh-CN') =>
    spanText(
      limits.reduce((sum, limit) => sum + minutesOf(limit), 0),
      measureOf(limits),
      locale,
    );
  const limit = (amount: number, unit: TimeLimit['unit']) => ({ amount, unit });

  test('a week is five working days, a working day eight working hours, a day 24 hours', () => {
    expect(minutesOf(days(5))).toBe(minutesOf(limit(7, 'CALENDAR_DAYS')));
    expect(minutesOf(days(1))).toBe(minutesOf(limit(8, 'WORKING_HOURS')));
    expect(minutesOf(limit(1, 'CALENDAR_DAYS'))).toBe(minutesOf(limit(24, 'HOURS')));
    expect(minutesOf(limit(1, 'HOURS'))).toBe(minutesOf(limit(60, 'MINUTES')));
  });
  test('one unit is told as it is', () => {
    expect(text([days(3), days(4)])).toBe('7个工作日');
    expect(text([limit(4, 'WORKING_HOURS'), limit(16, 'WORKING_HOURS')], 'en')).toBe('20 working hours');
    expect(text([limit(1, 'HOURS')], 'en')).toBe('1 hour');
  });
  test('running time is told exactly, whatever its units', () => {
    expect(text([limit(30, 'MINUTES'), limit(2, 'CALENDAR_DAYS'), limit(90, 'MINUTES')])).toBe('2日120分钟');
    expect(text([limit(30, 'MINUTES'), limit(50, 'HOURS'), limit(2, 'CALENDAR_DAYS')], 'en')).toBe(
      '4 days 2 hours 30 minutes',
    );
    expect(spanOf(0, ['HOURS', 'MINUTES'])).toEqual({ amount: 0, unit: 'MINUTES', exact: true });
  });
  test('working and running time together are told in about so many working days', () => {
    expect(text([days(2), limit(7, 'CALENDAR_DAYS')])).toBe('约7个工作日');
    expect(text([days(7), limit(30, 'MINUTES')], 'en')).toBe('about 7 working days');
    expect(text([limit(4, 'WORKING_HOURS'), limit(30, 'MINUTES')])).toBe('约4.1个工作时');
    expect(spanOf(minutesOf(days(1)), measureOf([days(1), limit(1, 'HOURS')])).exact).toBe(false);
  });
  test('what is written in Chinese is read back; other words are no limit', () => {
    for (const unit of ['MINUTES', 'HOURS', 'CALENDAR_DAYS', 'WORKING_HOURS', 'WORKING_DAYS'] as const) {
      expect(parseLimit(limitText(limit(20, unit), 'zh-CN'))).toEqual(limit(20, unit));
    }
    expect(parseLimit(' 5 个工作日')).toEqual(days(5));
    for (const other of ['', '5', '0日', '即办', '5个工作日内', '—'])
      expect(parseLimit(other)).toBeUndefined();
  });
});
