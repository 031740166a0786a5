import type { Refusal, Text } from '@dutyledger/event-store/decider';

/** Refusals about personal data. None of them repeats a value that was given. */

const LAW = '中华人民共和国个人信息保护法';

export const unknownPerson: Refusal = {
  code: 'NOT_FOUND',
  rule: 'G-4',
  field: 'person',
  message: { en: 'There is no such person.', 'zh-CN': '没有这个人员。' },
};

export const erased: Refusal = {
  code: 'CONFLICT',
  rule: 'G-4',
  field: 'person',
  citation: { title: LAW, article: '第四十七条' },
  message: {
    en: 'The personal data were erased on request and cannot be had again.',
    'zh-CN': '该人员的个人信息已依申请删除，无法恢复。',
  },
};

export const unfitContact = (field: string, message: Text): Refusal => ({
  code: 'INVALID_INPUT',
  rule: 'G-4',
  field,
  message,
});

export const purposeMissing = (most: number): Refusal => ({
  code: 'RULE_VIOLATED',
  rule: 'G-4',
  field: 'purpose',
  citation: { title: LAW, article: '第六条' },
  message: {
    en: `Personal data are read for a stated purpose only: say in 2 to ${most} characters what they are needed for.`,
    'zh-CN': `查看个人信息须有明确、合理的目的：请用 2 至 ${most} 字说明用途。`,
  },
});

export const noVault: Refusal = {
  code: 'UNAVAILABLE',
  rule: 'G-4',
  message: {
    en: 'This node has no key store: it neither takes nor shows personal data.',
    'zh-CN': '本节点没有配置密钥库，不能接收或显示个人信息。',
  },
};

export const keysAway: Refusal = {
  code: 'UNAVAILABLE',
  rule: 'G-4',
  message: {
    en: 'The key store does not answer; try again later with the same idempotency key.',
    'zh-CN': '密钥库暂时不可用，请稍后用同一幂等键重试。',
  },
};
