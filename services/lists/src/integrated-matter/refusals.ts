import type { Refusal } from '@dutyledger/event-store/decider';

/** Refusals of a matter that is not there, not there yet, or not there any more (L-8). */

export const absentMatter: Refusal = {
  code: 'NOT_FOUND',
  rule: 'L-8',
  field: 'matter',
  message: { en: 'There is no such integrated matter.', 'zh-CN': '没有该“一件事”。' },
};

export const existsAlready = (id: string): Refusal => ({
  code: 'CONFLICT',
  rule: 'L-8',
  field: 'id',
  message: { en: `The matter ${id} exists already.`, 'zh-CN': `“一件事”${id} 已存在。` },
});

export const retiredAlready = (from: string): Refusal => ({
  code: 'CONFLICT',
  rule: 'L-8',
  field: 'matter',
  message: {
    en: `The matter was retired from ${from} on; draft a new one.`,
    'zh-CN': `该“一件事”自 ${from} 起已废止，请另行拟制。`,
  },
  details: { retiredFrom: from },
});
