import type { Refusal, Text } from '@dutyledger/event-store/decider';
import type { Basis } from '@dutyledger/event-store/event-store';
import type { ItemContent } from './item.ts';

/** How much an item may hold, and what may not be blank (L-2). */

export const L2: Basis = { title: 'DutyLedger domain rules', article: 'L-2' };

export const violation = (
  field: string,
  message: Text,
  citation: Basis = L2,
  details?: Record<string, unknown>,
): Refusal => ({
  code: 'RULE_VIOLATED',
  rule: 'L-2',
  field,
  citation,
  message,
  ...(details && { details }),
});

const MAX = {
  name: 200,
  text: 10_000,
  organs: 100,
  basis: 50,
  steps: 100,
  situations: 500,
  terms: 100,
  extras: 50,
};

export function sizeProblems(item: ItemContent): Refusal[] {
  const problems: Refusal[] = [];
  const tooLong = (field: string, limit: number, actual: number) => {
    if (actual <= limit) return;
    problems.push({
      code: 'LIMIT_EXCEEDED',
      field,
      message: {
        en: `${field} has ${actual}, at most ${limit} are taken.`,
        'zh-CN': `${field} 为 ${actual}，上限为 ${limit}。`,
      },
      details: { limit, actual },
    });
  };
  if (item.name.trim() === '') {
    problems.push(violation('name', { en: 'An item needs a name.', 'zh-CN': '事项名称不能为空。' }));
  }
  tooLong('name', MAX.name, item.name.length);
  for (const field of ['domain', 'category', 'remarks'] as const)
    tooLong(field, MAX.text, item[field]?.length ?? 0);
  tooLong('leads', MAX.organs, item.leads.length);
  tooLong('cooperators', MAX.organs, item.cooperators.length);
  for (const role of ['leads', 'cooperators'] as const)
    item[role].forEach((entry, i) => {
      tooLong(`${role}[${i}].duty`, MAX.text, entry.duty?.length ?? 0);
    });
  tooLong('basis', MAX.basis, item.basis.length);
  tooLong('procedure', MAX.steps, item.procedure?.length ?? 0);
  tooLong('situations', MAX.situations, item.situations.length);
  tooLong('caseClasses', MAX.terms, item.caseClasses.length);
  tooLong('keywords', MAX.terms, item.keywords.length);
  tooLong('extras', MAX.extras, Object.keys(item.extras).length);
  for (const { field, text, most = MAX.text, optional = false } of textsWithin(item)) {
    if (!optional && text.trim() === '') problems.push(blank(field));
    tooLong(field, most, text.length);
  }
  return problems;
}

interface TextWithin {
  field: string;
  text: string;
  most?: number;
  optional?: boolean;
}

/** The texts in the lists of an item, each with its place. */
const textsWithin = (item: ItemContent): TextWithin[] => [
  ...item.situations.flatMap(({ name, note }, i) => [
    { field: `situations[${i}].name`, text: name },
    { field: `situations[${i}].note`, text: note ?? '', optional: true },
  ]),
  ...(item.procedure ?? []).flatMap(({ id, name }, i) => [
    { field: `procedure[${i}].id`, text: id, most: MAX.name },
    { field: `procedure[${i}].name`, text: name },
  ]),
  ...item.caseClasses.map((text, i) => ({ field: `caseClasses[${i}]`, text, most: MAX.name })),
  ...item.keywords.map((text, i) => ({ field: `keywords[${i}]`, text, most: MAX.name })),
];

const blank = (field: string): Refusal =>
  violation(field, { en: `${field} must not be blank.`, 'zh-CN': `${field} 不能为空。` });
