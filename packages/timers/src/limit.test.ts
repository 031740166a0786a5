import { nationalCalendar } from '@dutyledger/reference-data/working-calendar';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { amberAt, dueAt, dueDayOf, type Limit, type Pause, remainingAt, stateAt } from './limit.ts';

/** An instant of China's wall clock. */
const cn = (text: string): string => new Date(`${text.replace(' ', 'T')}:00+08:00`).toISOString();
const workingDays = (length: number): Limit => ({ unit: 'workingDays', length });

describe('days, computed by hand', () => {
  test('five working days across the Spring Festival of 2026, with its make-up workday', () => {
    // Wed 11 Feb 2026, 16:30. Thu 12 (1), Fri 13 (2), Sat 14 is worked (3), 15 to 23 are off, Tue 24 (4), Wed 25 (5).
    const running = { limit: workingDays(5), startedAt: cn('2026-02-11 16:30') };
    expect(dueAt(running)).toBe(cn('2026-02-26 00:00'));
    expect(dueDayOf(cn('2026-02-26 00:00'))).toBe('2026-02-25');
    expect(remainingAt(running, cn('2026-02-14 23:59'))).toBe(2);
    expect(remainingAt(running, cn('2026-02-20 12:00'))).toBe(2);
    expect(remainingAt(running, cn('2026-02-25 23:59'))).toBe(0);
    // Thu 26 (1), Fri 27 (2), Sat 28 is worked (3).
    expect(remainingAt(running, cn('2026-02-28 08:00'))).toBe(-3);
  });

  test('the same, paused before the festival and going on after it', () => {
    // Tue 10 Feb 2026, 10:00. Wed 11 (1), Thu 12 (2). Paused on Fri 13 at 15:00 until Tue 24 at 09:00: the 13th, the
    // worked 14th and the 24th are touched. Wed 25 (3), Thu 26 (4), Fri 27 (5).
    const startedAt = cn('2026-02-10 10:00');
    const pause = { from: cn('2026-02-13 15:00'), to: cn('2026-02-24 09:00') };
    const running = { limit: workingDays(5), startedAt, pauses: [pause] };
    expect(dueAt(running)).toBe(cn('2026-02-28 00:00'));
    // One more: Sat 28 is worked (6).
    expect(dueAt({ ...running, limit: workingDays(6) })).toBe(cn('2026-03-01 00:00'));
    const open = { ...running, pauses: [{ ...pause, to: null }] };
    expect(dueAt(open)).toBe(null);
    expect(remainingAt(open, cn('2026-02-13 15:00'))).toBe(3);
    expect(remainingAt(open, cn('2026-08-01 00:00'))).toBe(3);
    expect(stateAt(open, cn('2026-08-01 00:00'), 1)).toBe('paused');
  });

  test('five working days across the National Day of 2026, paused and going on in the middle', () => {
    // Mon 28 Sep 2026. Tue 29 (1), Wed 30 (2), 1 to 7 Oct are off. Paused on Thu 8 at 11:00 until Fri 9 at 16:00. Sat 10
    // is worked (3), Mon 12 (4), Tue 13 (5).
    const running = {
      limit: workingDays(5),
      startedAt: cn('2026-09-28 09:00'),
      pauses: [{ from: cn('2026-10-08 11:00'), to: cn('2026-10-09 16:00') }],
    };
    expect(dueAt(running)).toBe(cn('2026-10-14 00:00'));
    expect(amberAt(running, 1)).toBe(cn('2026-10-13 00:00'));
    expect(stateAt(running, cn('2026-10-08 12:00'), 1)).toBe('paused');
    expect(stateAt(running, cn('2026-10-12 23:59'), 1)).toBe('running');
    expect(stateAt(running, cn('2026-10-13 08:00'), 1)).toBe('amber');
    expect(stateAt(running, cn('2026-10-14 00:00'), 1)).toBe('overdue');
  });

  test('thirty calendar days that end on a holiday end on the first working day after it', () => {
    // 2 Sep 2026 + 30 = 2 Oct, a holiday; the first working day after it is Thu 8 Oct.
    const running = {
      limit: { unit: 'calendarDays', length: 30 } as const,
      startedAt: cn('2026-09-02 09:00'),
    };
    expect(dueAt(running)).toBe(cn('2026-10-09 00:00'));
    expect(remainingAt(running, cn('2026-10-05 09:00'))).toBe(0);
    expect(remainingAt(running, cn('2026-10-10 09:00'))).toBe(-2);
  });
});

describe('hours and minutes, computed by hand', () => {
  test('eight working hours before a holiday, with a pause', () => {
    // Wed 30 Sep 2026, 15:00: 2 h until 17:00. Thu 8 Oct: 09:00 to 10:00 (3 h), paused until 14:00, 14:00 to 17:00 (6 h).
    // Fri 9 Oct: 09:00 to 11:00 (8 h).
    const running = {
      limit: { unit: 'workingHours', length: 8 } as const,
      startedAt: cn('2026-09-30 15:00'),
      pauses: [{ from: cn('2026-10-08 10:00'), to: cn('2026-10-08 14:00') }],
    };
    expect(dueAt(running)).toBe(cn('2026-10-09 11:00'));
    expect(amberAt(running, 2)).toBe(cn('2026-10-08 17:00'));
    expect(remainingAt(running, cn('2026-10-08 12:00'))).toBe(5);
    expect(remainingAt(running, cn('2026-10-09 13:30'))).toBe(-1.5);
  });

  test('minutes run at night and on holidays', () => {
    const running = {
      limit: { unit: 'minutes', length: 90 } as const,
      startedAt: cn('2026-10-01 23:30'),
      pauses: [{ from: cn('2026-10-01 23:40'), to: cn('2026-10-02 06:00') }],
    };
    expect(dueAt(running)).toBe(cn('2026-10-02 07:20'));
    expect(remainingAt(running, cn('2026-10-02 07:00'))).toBe(20);
  });
});

test('what is no limit, no instant or no order of pauses is a mistake of the program', () => {
  const startedAt = cn('2026-03-02 09:00');
  const pause = (from: string, to: string | null) => ({ from: cn(from), to: to && cn(to) });
  for (const limit of [workingDays(1.5), workingDays(-1), workingDays(1e9), workingDays(Number.NaN)]) {
    expect(() => dueAt({ limit, startedAt })).toThrow(RangeError);
  }
  for (const pauses of [
    [pause('2026-03-01 09:00', null)],
    [pause('2026-03-03 09:00', '2026-03-02 10:00')],
    [pause('2026-03-03 09:00', null), pause('2026-03-05 09:00', '2026-03-06 09:00')],
    [pause('2026-03-03 09:00', '2026-03-05 09:00'), pause('2026-03-04 09:00', null)],
  ]) {
    expect(() => dueAt({ limit: workingDays(5), startedAt, pauses })).toThrow(RangeError);
  }
  expect(() => dueAt({ limit: workingDays(5), startedAt: '2026-03-02T09:00:00+08:00' })).toThrow(/UTC/);
});

describe('properties', () => {
  const limits: fc.Arbitrary<Limit> = fc.oneof(
    fc.record({ unit: fc.constant('minutes' as const), length: fc.nat(20_000) }),
    fc.record({ unit: fc.constant('workingHours' as const), length: fc.nat(80) }),
    fc.record({ unit: fc.constantFrom('workingDays' as const, 'calendarDays' as const), length: fc.nat(20) }),
  );
  const START = Date.parse('2026-01-01T00:00:00.000Z');
  const iso = (minutes: number) => new Date(START + minutes * 60_000).toISOString();
  const YEAR = 365 * 24 * 60;
  /** Gaps and lengths of pauses in minutes. */
  const pausesFrom = (start: number, gaps: readonly (readonly [number, number])[]): Pause[] => {
    let at = start;
    return gaps.map(([gap, length]) => {
      const from = at + gap;
      at = from + length;
      return { from: iso(from), to: iso(at) };
    });
  };
  const starts = fc.nat(YEAR);
  const gaps = fc.array(fc.tuple(fc.nat(6_000), fc.nat(6_000)), { maxLength: 4 });

  test('a longer limit, a later start and a pause never end earlier', () => {
    fc.assert(
      fc.property(limits, starts, gaps, fc.nat(5), fc.nat(3_000), (limit, start, given, more, later) => {
        const pauses = pausesFrom(start, given);
        const running = { limit, startedAt: iso(start), pauses };
        const due = dueAt(running) ?? '';
        expect(due >= running.startedAt).toBe(true);
        expect((dueAt({ ...running, limit: { ...limit, length: limit.length + more } }) ?? '') >= due).toBe(
          true,
        );
        const unpaused = { limit, startedAt: iso(start) };
        expect(due >= (dueAt(unpaused) ?? '')).toBe(true);
        expect((dueAt({ limit, startedAt: iso(start + later) }) ?? '') >= (dueAt(unpaused) ?? '')).toBe(true);
        expect((amberAt(running, 2) ?? '') <= due || limit.length <= 2).toBe(true);
      }),
    );
  });

  test('a pause in running minutes adds exactly its length', () => {
    fc.assert(
      fc.property(
        starts,
        fc.integer({ min: 1, max: 5_000 }),
        fc.nat(4_999),
        fc.nat(9_000),
        (start, length, at, long) => {
          fc.pre(at < length);
          const limit: Limit = { unit: 'minutes', length };
          const pauses = [{ from: iso(start + at), to: iso(start + at + long) }];
          expect(dueAt({ limit, startedAt: iso(start), pauses })).toBe(iso(start + length + long));
        },
      ),
    );
  });

  test('a pause in running working days adds the working days that it touches, and no more', () => {
    fc.assert(
      fc.property(starts, fc.nat(20), fc.nat(20_000), fc.nat(20_000), (start, length, gap, long) => {
        const [pause] = pausesFrom(start, [[gap, long]]) as [Pause];
        const startedAt = iso(start);
        const due = dueAt({ limit: workingDays(length), startedAt, pauses: [pause] }) ?? '';
        // Told day by day: begin after the first day, take every working day that the pause leaves alone.
        let left = length;
        let day = Date.parse(`${cnDay(startedAt)}T00:00:00Z`);
        while (left > 0) {
          day += 86_400_000;
          const date = new Date(day).toISOString().slice(0, 10);
          const begins = cn(`${date} 00:00`);
          const ends = new Date(Date.parse(begins) + 86_400_000).toISOString();
          const touched = pause.from !== pause.to && pause.from < ends && (pause.to ?? '') > begins;
          if (nationalCalendar.isWorkingDay(date) && !touched) left -= 1;
        }
        expect(dueDayOf(due)).toBe(new Date(day).toISOString().slice(0, 10));
      }),
    );
  });
  const cnDay = (instant: string) => new Date(Date.parse(instant) + 8 * 3_600_000).toISOString().slice(0, 10);

  test('something is left until it is due, nothing from then on; a pause makes no difference to that', () => {
    fc.assert(
      fc.property(limits, starts, gaps, fc.nat(40_000), (limit, start, given, after) => {
        const running = { limit, startedAt: iso(start), pauses: pausesFrom(start, given) };
        const due = dueAt(running) ?? '';
        const now = iso(start + after);
        const left = remainingAt(running, now);
        expect(left <= limit.length).toBe(true);
        expect(now < due ? left >= 0 : left <= 0).toBe(true);
        expect(stateAt(running, now, 1) === 'overdue').toBe(now >= due);
      }),
    );
  });
});
