import { describe, expect, test } from 'vitest';
import { readLimit } from './limit-text.ts';

const plainLimit = (amount: number, unit: string) => ({ limit: { amount, unit }, stages: [], text: null });

describe('G-8 limits as catalogues write them', () => {
  test.each([
    ['4', '工作时', 'WORKING_HOURS', 4],
    ['１５', '工作日', 'WORKING_DAYS', 15],
    ['7个工作日', '', 'WORKING_DAYS', 7],
    ['30分钟', '', 'MINUTES', 30],
    ['24 小时', '工作日', 'HOURS', 24],
    ['3', '自然日', 'CALENDAR_DAYS', 3],
  ])('%s %s', (cell, unit, expected, amount) => {
    expect(readLimit(cell, unit)).toEqual(plainLimit(amount, expected));
  });

  test('none at all, or a remark that the source left it out', () => {
    const none = { limit: null, stages: [], text: null };
    expect(readLimit('', '工作日')).toEqual(none);
    expect(readLimit('（摘录截断）', '')).toEqual(none);
  });

  test('stages are kept as what they say; the longest ends the handling', () => {
    expect(readLimit('停工4工作时;处罚7工作日;拆除20工作日', '分段')).toEqual({
      limit: { amount: 20, unit: 'WORKING_DAYS' },
      stages: [
        { name: '停工', limit: { amount: 4, unit: 'WORKING_HOURS' } },
        { name: '处罚', limit: { amount: 7, unit: 'WORKING_DAYS' } },
        { name: '拆除', limit: { amount: 20, unit: 'WORKING_DAYS' } },
      ],
      text: '停工4工作时;处罚7工作日;拆除20工作日',
    });
    // Forty working hours are a week of five days: longer than four working days.
    expect(readLimit('甲40工作时；乙4工作日', '分段')).toMatchObject({
      limit: { amount: 40, unit: 'WORKING_HOURS' },
    });
  });

  test('where something stands in the way it may take longer: the ordinary limit counts, the text is kept', () => {
    expect(readLimit('6(受限36)', '小时')).toEqual({
      limit: { amount: 6, unit: 'HOURS' },
      stages: [],
      text: '6(受限36)小时',
    });
  });

  test.each([
    ['4', '', 'UNIT'],
    ['4', '工作周', 'UNIT'],
    ['4', '分段', 'UNIT'],
    ['6(受限36)', '', 'UNIT'],
    ['尽快', '工作日', 'LIMIT'],
    ['停工4;处罚7工作日', '分段', 'LIMIT'],
    ['1.5', '工作日', 'LIMIT'],
    ['-3', '工作日', 'LIMIT'],
  ])('%s %s is no limit', (cell, unit, problem) => {
    expect(readLimit(cell, unit)).toBe(problem);
  });
});
