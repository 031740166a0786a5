import type { Refusal, Text } from '@dutyledger/event-store/decider';
import { broken } from '@dutyledger/event-store/rule-texts';
import type { OrganName } from '../consultation.ts';
import type { Dispute, DisputeStage, DutyDispute, OpenDispute } from './state.ts';

/** Why a step of a dispute is refused (L-7). */

const DECREE = { title: '地方各级人民政府机构设置和编制管理条例', article: '第十条' };

/** What art. 10 asks for. */
export const lawful = (field: string, message: Text, details?: Record<string, unknown>): Refusal => ({
  ...broken('L-7', field, message, details),
  citation: DECREE,
});

export const absent: Refusal = {
  code: 'NOT_FOUND',
  rule: 'L-7',
  field: 'id',
  message: { en: 'There is no such dispute.', 'zh-CN': '没有该职责争议。' },
};

export const exists = (id: string): Refusal => ({
  code: 'CONFLICT',
  rule: 'L-7',
  field: 'id',
  message: { en: `The dispute ${id} is open already.`, 'zh-CN': `职责争议 ${id} 已存在。` },
});

const STANDS: Record<Exclude<DutyDispute['status'], 'ABSENT'>, { en: string; zh: string }> = {
  NEGOTIATION: { en: 'The organs are negotiating.', zh: '有关单位正在协商。' },
  OPINION: { en: 'The 编办 gives its opinion next.', zh: '待编办提出协调意见。' },
  DECISION: { en: 'The government decides next.', zh: '待本级政府决定。' },
  AGREED: { en: 'The organs have agreed.', zh: '有关单位已协商一致。' },
  RULED: { en: 'The government has decided.', zh: '政府已作出决定。' },
  WITHDRAWN: { en: 'It was withdrawn.', zh: '争议已撤回。' },
};

export const closed = ({ status }: Exclude<DutyDispute, { status: 'ABSENT' }>): Refusal =>
  broken(
    'L-7',
    'id',
    {
      en: `The dispute is settled. ${STANDS[status].en}`,
      'zh-CN': `该争议已办结。${STANDS[status].zh}`,
    },
    { status },
  );

const STEPS: Record<DisputeStage, { en: string; zh: string }> = {
  NEGOTIATION: { en: 'This belongs to the negotiation.', zh: '此步骤属于协商环节。' },
  OPINION: {
    en: 'The opinion of the 编办 comes once, when the dispute was referred to it.',
    zh: '编办协调意见应在提请后提出，且只提出一次。',
  },
  DECISION: {
    en: 'The government decides on the opinion of the 编办.',
    zh: '本级政府应在编办提出协调意见后决定。',
  },
};

export const outOfOrder = (step: DisputeStage, { status }: OpenDispute): Refusal =>
  lawful(
    'id',
    {
      en: `${STEPS[step].en} ${STANDS[status].en}`,
      'zh-CN': `${STEPS[step].zh}${STANDS[status].zh}`,
    },
    { status },
  );

export function notParty({ parties }: Pick<Dispute, 'parties'>, { organName }: OrganName): Refusal {
  const names = parties.map((party) => party.organName);
  return broken(
    'L-7',
    'organ',
    {
      en: `${organName} is no party to the dispute. Parties: ${names.join(', ')}.`,
      'zh-CN': `“${organName}”不是该争议的当事单位。当事单位：${names.join('、')}。`,
    },
    { parties },
  );
}

export const notOpener = ({ dispute: { returnedBy } }: OpenDispute): Refusal => ({
  code: 'NOT_PERMITTED',
  rule: 'L-7',
  field: 'id',
  message: {
    en: `Only who opened the dispute can withdraw it: ${returnedBy.organName}.`,
    'zh-CN': `只有提出争议的“${returnedBy.organName}”可以撤回。`,
  },
});

export const paused: Refusal = broken('L-7', 'id', {
  en: 'The clock of this stage stands still already.',
  'zh-CN': '该环节已中止计时。',
});

export const notPaused: Refusal = broken('L-7', 'id', {
  en: 'The clock of this stage runs; there is nothing to resume.',
  'zh-CN': '该环节正在计时，无须恢复。',
});

export const ranOut = (due: string): Refusal =>
  broken(
    'L-7',
    'id',
    {
      en: `The limit of this stage ran out on ${due}; it cannot be paused any more.`,
      'zh-CN': `该环节时限已于 ${due} 届满，不能再中止。`,
    },
    { due },
  );
