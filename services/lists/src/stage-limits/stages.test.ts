import { describe, expect, test } from 'vitest';
import { DEFAULT_LIMITS, dueDay } from './stages.ts';

describe('limits of stages', () => {
  test('L-4 a stage of five working days before the Spring Festival of 2026 ends after it', () => {
    // Thu 12 Feb 2026: the day itself does not count. Fri 13 (1), Sat 14 is a make-up workday (2), 15 to 23 Feb are
    // off, Tue 24 (3), Wed 25 (4), Thu 26 (5).
    expect(dueDay(DEFAULT_LIMITS, 'ADJUSTMENT_OPINION', '2026-02-12')).toBe('2026-02-26');
  });

  test('L-7 a stage of ten working days after the National Day of 2026 counts its make-up workday', () => {
    // Wed 30 Sep 2026. 1 to 7 Oct are off. Thu 8 (1), Fri 9 (2), Sat 10 is a make-up workday (3), Mon 12 (4) to Fri 16
    // (8), Mon 19 (9), Tue 20 (10).
    expect(dueDay(DEFAULT_LIMITS, 'DISPUTE_DECISION', '2026-09-30')).toBe('2026-10-20');
  });
});
