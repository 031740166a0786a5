import { describe, expect, test } from 'vitest';
import { type Rival, rivalProblem } from './rivals.ts';

const rival = (changes: Partial<Rival> = {}): Rival => ({
  matter: 'matter:370114-2',
  name: '建筑垃圾偷倒治理“一件事”',
  caseClasses: ['SR.03', 'SL.CS.*'],
  from: '2024-01-01',
  to: null,
  ...changes,
});
const problem = (caseClasses: string[], changes: Partial<Rival> = {}, from = '2024-06-01') =>
  rivalProblem(caseClasses, from, [rival(changes)]);

describe('case classes that another matter of the division opens on', () => {
  test.each([
    ['SR.03', 'SR.03'],
    ['SL.CS.*', 'SL.CS.*'],
    ['SL.*', 'SL.CS.*'],
    ['S*', 'SL.CS.*'],
    ['SL.CS.01.*', 'SL.CS.*'],
  ])('L-8 %s is refused beside %s, with the other’s name', (caseClass, taken) => {
    const found = problem(['QT.01', caseClass]);
    expect(found).toMatchObject({
      code: 'RULE_VIOLATED',
      rule: 'L-8',
      field: 'caseClasses[1]',
      details: { caseClass, taken, matter: 'matter:370114-2' },
    });
    for (const text of Object.values(found?.message ?? {}))
      expect(text).toContain('建筑垃圾偷倒治理“一件事”');
  });

  test.each([['SR.031'], ['SR.0'], ['SR.04.*'], ['SL.CT.*'], ['SL.CS.01'], ['SR.*']])(
    'L-8 %s is another class, or what is named and what a pattern stands for: they stand side by side',
    (caseClass) => expect(problem([caseClass])).toBeUndefined(),
  );

  test('L-8 what differs in its time is no doubt: ended by then, or in force for no day at all', () => {
    const taken = ['SR.03'];
    expect(problem(taken, { to: '2024-06-01' })).toBeUndefined();
    expect(problem(taken, { from: '2025-01-01', to: '2025-01-01' })).toBeUndefined();
    expect(problem(taken, { to: '2024-06-02' })?.message.en).toContain('from 2024-01-01 until 2024-06-02');
    expect(problem(taken, { from: '2025-01-01' })?.message['zh-CN']).toContain('自 2025-01-01 起');
  });
});
