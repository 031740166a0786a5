import type { Refusal, Text } from '@dutyledger/event-store/decider';
import type { Basis } from '@dutyledger/event-store/event-store';

/** How the roster and the ratings say no. */

const CITE: Basis = {
  title: '济南市章丘区“三注重三突出”工作法：网格员八大职责；临沂市兰山区网格督查',
  article: 'G-2',
};

export const violation = (field: string, message: Text, details?: Record<string, unknown>): Refusal => ({
  code: 'RULE_VIOLATED',
  rule: 'G-2',
  field,
  citation: CITE,
  message,
  ...(details && { details }),
});

export const unfit = (field: string, message: Text, details?: Record<string, unknown>): Refusal => ({
  code: 'INVALID_INPUT',
  rule: 'G-2',
  field,
  message,
  ...(details && { details }),
});

export const tooMany = (field: string, given: number, most: number): Refusal => ({
  code: 'LIMIT_EXCEEDED',
  rule: 'G-2',
  field,
  message: {
    en: `At most ${most} are allowed, ${given} were given.`,
    'zh-CN': `最多 ${most} 个，现有 ${given} 个。`,
  },
  details: { limit: most, value: given },
});

export const unknownWorker = (id: string, field: string): Refusal => ({
  code: 'NOT_FOUND',
  rule: 'G-2',
  field,
  message: {
    en: `The roster has nobody with the id ${id.slice(0, 60)}.`,
    'zh-CN': `名册中没有编号为 ${id.slice(0, 60)} 的人员。`,
  },
});

export const unknownGrid = (id: string, field: string, day: string): Refusal => ({
  code: 'NOT_FOUND',
  rule: 'G-2',
  field,
  message: {
    en: `The county has no grid ${id.slice(0, 60)} on ${day}.`,
    'zh-CN': `本区县在 ${day} 没有网格 ${id.slice(0, 60)}。`,
  },
});
