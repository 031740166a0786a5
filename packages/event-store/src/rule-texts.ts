import type { Refusal, Text } from '@dutyledger/event-store/decider';

/** Refusals that rest on a rule of the domain, and texts that a step must bring. */

export const MAX = { text: 10_000, title: 200, name: 200, documentNumber: 100 };

export const broken = (
  rule: string,
  field: string,
  message: Text,
  details?: Record<string, unknown>,
): Refusal => ({
  code: 'RULE_VIOLATED',
  rule,
  field,
  citation: { title: 'DutyLedger domain rules', article: rule },
  message,
  ...(details && { details }),
});

/** Why a text that a rule asks for is not one: blank, or over `most` characters. */
export function unfit(
  rule: string,
  field: string,
  text: string,
  most: number,
  what: Text,
): Refusal | undefined {
  if (text.trim() !== '' && text.length <= most) return undefined;
  return broken(rule, field, {
    en: `${what.en} is given in 1 to ${most} characters.`,
    'zh-CN': `${what['zh-CN']}应为 1 至 ${most} 字。`,
  });
}

export const documentMissing = (rule: string, documentNumber: string): Refusal | undefined =>
  unfit(rule, 'documentNumber', documentNumber, MAX.documentNumber, {
    en: 'The number of the document (文号)',
    'zh-CN': '文号',
  });
