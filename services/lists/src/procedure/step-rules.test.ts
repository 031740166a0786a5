import { describe, expect, test } from 'vitest';
import type { ProcedureStep, TimeLimit } from '../duty-list/item.ts';
import { promiseProblem, stepProblem, type Violation } from './step-rules.ts';

const violation: Violation = (field, message, details) => ({
  code: 'RULE_VIOLATED',
  field,
  message,
  ...(details && { details }),
});
const days = (amount: number): TimeLimit => ({ amount, unit: 'WORKING_DAYS' });
const step = (id: string, after: string[] = [], limit: TimeLimit | null = days(1)): ProcedureStep => ({
  id,
  name: id,
  organ: null,
  organName: null,
  limit,
  after,
});
const problem = (...steps: ProcedureStep[]) => stepProblem(steps, 'steps', violation);

describe('L-2 L-8 steps', () => {
  test('parallel branches that come together again are in order', () => {
    expect(problem(step('a'), step('b', ['a']), step('c', ['a']), step('d', ['b', 'c']))).toBeUndefined();
    expect(problem()).toBeUndefined();
  });
  test('L-2 refuses an id twice, a step before that does not exist, a limit that is none', () => {
    expect(problem(step('a'), step('a'))).toMatchObject({ field: 'steps[1].id' });
    expect(problem(step('a', ['b']))).toMatchObject({ field: 'steps[0].after' });
    for (const amount of [0, -1, 1.5, 100_001, Number.NaN])
      expect(problem(step('a', [], days(amount)))).toMatchObject({ field: 'steps[0].limit.amount' });
  });
  test('L-8 refuses a circle and shows it, whatever else hangs on it', () => {
    const refusal = problem(
      step('x', ['b']),
      step('a', ['s', 'c']),
      step('s'),
      step('b', ['a']),
      step('c', ['b']),
    );
    expect(refusal).toMatchObject({ field: 'steps', details: { circle: ['b', 'a', 'c'] } });
    expect(refusal?.message['zh-CN']).toContain('b → a → c → b');
    expect(problem(step('a', ['a']))).toMatchObject({ details: { circle: ['a'] } });
  });
});

describe('L-8 the promised total', () => {
  const steps = [step('a', [], days(2)), step('b', ['a'], days(3)), step('c', ['a'], days(1))];
  const promise = (limit: TimeLimit) => promiseProblem(steps, limit, 'promised', violation);
  test('is no shorter than the critical path; all steps together may be longer', () => {
    expect(promise(days(5))).toBeUndefined();
    expect(promise({ amount: 7, unit: 'CALENDAR_DAYS' })).toBeUndefined();
    expect(promise(days(4))).toMatchObject({
      field: 'promised',
      details: { criticalPath: ['a', 'b'] },
      message: { 'zh-CN': '承诺时限为 4个工作日，但关键路径（a → b）各步骤时限合计 5个工作日。' },
    });
    expect(promise({ amount: 6, unit: 'CALENDAR_DAYS' })?.message.en).toContain('6 days are promised');
    expect(promise(days(0))).toMatchObject({ field: 'promised.amount' });
  });
});
