import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextAttempt, RETRY_AFTER_MS, retryAfterMs } from './schedule.ts';

const at = new Date('2026-03-05T02:00:00.000Z');
const DAY_MS = 24 * 3_600_000;

test('ten attempts, the last 76 hours after the first at the earliest', () => {
  const hours = RETRY_AFTER_MS.reduce((sum, ms) => sum + ms, 0) / 3_600_000;
  expect(RETRY_AFTER_MS).toHaveLength(9);
  expect(Math.floor(hours)).toBe(75);
  expect(nextAttempt({ attempts: 10, at, askedMs: null, random: 0 })).toBeNull();
});

test('a pause is that of the schedule, a tenth longer at most, or what was asked for up to a day', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: RETRY_AFTER_MS.length }),
      fc.option(fc.integer({ min: 0, max: 10 * DAY_MS })),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (attempts, askedMs, random) => {
        const next = nextAttempt({ attempts, at, askedMs, random });
        const pause = RETRY_AFTER_MS[attempts - 1] ?? 0;
        const waits = (next?.getTime() ?? 0) - at.getTime();
        const asked = Math.min(askedMs ?? 0, DAY_MS);
        expect(waits).toBeGreaterThanOrEqual(Math.max(pause, asked));
        expect(waits).toBeLessThanOrEqual(Math.max(pause * 1.1, asked));
      },
    ),
  );
});

test('Retry-After is taken in seconds and as a date', () => {
  expect(retryAfterMs('120', at)).toBe(120_000);
  expect(retryAfterMs('Thu, 05 Mar 2026 02:01:00 GMT', at)).toBe(60_000);
  expect(retryAfterMs('Thu, 05 Mar 2026 01:00:00 GMT', at)).toBe(0);
  for (const none of [undefined, '', 'soon', '-5', '1.5e3x']) expect(retryAfterMs(none, at)).toBeNull();
});
