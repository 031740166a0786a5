import type { Refusal, Text } from '@dutyledger/event-store/decider';
import type { Approval, LegalityReview, Opinion } from './state.ts';

/** What a step before publication must say (L-3): an opinion is in words, an approval is by someone and by a document. */

const MAX = { text: 10_000, name: 200, documentNumber: 100 };

export const violation = (field: string, message: Text, details?: Record<string, unknown>): Refusal => ({
  code: 'RULE_VIOLATED',
  rule: 'L-3',
  field,
  citation: { title: 'DutyLedger domain rules', article: 'L-3' },
  message,
  ...(details && { details }),
});

function unfit(field: string, text: string, most: number, what: Text): Refusal | undefined {
  if (text.trim() !== '' && text.length <= most) return undefined;
  return violation(field, {
    en: `${what.en} is given in 1 to ${most} characters.`,
    'zh-CN': `${what['zh-CN']}应为 1 至 ${most} 字。`,
  });
}

export const reviewProblem = ({ opinion }: LegalityReview): Refusal | undefined =>
  unfit('opinion', opinion, MAX.text, {
    en: 'The opinion of the legality review',
    'zh-CN': '合法性审核意见',
  });

export const opinionProblem = ({ text }: Opinion): Refusal | undefined =>
  unfit('text', text, MAX.text, { en: 'The opinion of the organ', 'zh-CN': '单位意见' });

export const approvalProblem = ({ body, documentNumber, overruling }: Approval): Refusal | undefined =>
  unfit('body', body, MAX.name, { en: 'Who approved', 'zh-CN': '批准机关' }) ??
  documentMissing(documentNumber) ??
  (overruling === null
    ? undefined
    : unfit('overruling', overruling, MAX.text, {
        en: 'Why the list goes on in spite of objections',
        'zh-CN': '不予采纳异议的理由',
      }));

export const documentMissing = (documentNumber: string): Refusal | undefined =>
  unfit('documentNumber', documentNumber, MAX.documentNumber, {
    en: 'The number of the document (文号)',
    'zh-CN': '文号',
  });
