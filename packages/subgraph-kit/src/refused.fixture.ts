import { expect } from 'vitest';
import type { Fault, Harness } from './service-harness.ts';

/**
 * For tests. Sends what must be refused: the refusal is as expected, names what it rests on when it is a rule's, is told
 * in both languages, and nothing was recorded.
 */
export async function refused(
  harness: Harness,
  [query, input, as]: [query: string, input: object, as?: object],
  expected: Partial<Fault>,
): Promise<Fault> {
  const head = await harness.events.head();
  const fault = await harness.fault(query, { input }, as);
  expect(fault).toMatchObject(expected);
  if (fault.code === 'RULE_VIOLATED') expect(fault.citation?.title).toEqual(expect.any(String));
  expect(fault.message).toMatch(/[a-z]{2}/);
  const zh = await harness.inChinese();
  expect(zh).toMatch(/\p{Script=Han}/u);
  expect(zh).not.toBe(fault.message);
  expect(await harness.events.head()).toBe(head);
  return fault;
}
