import type { Refusal } from '@dutyledger/event-store/decider';
import { broken } from '@dutyledger/event-store/rule-texts';
import type { OrganName } from '../consultation.ts';
import type { Application, PendingAdmission, PendingStage, TaskAdmission } from './state.ts';

/** Why a step of an admission is refused (L-6). */

export const absent: Refusal = {
  code: 'NOT_FOUND',
  rule: 'L-6',
  field: 'id',
  message: { en: 'There is no such application.', 'zh-CN': '没有该准入申请。' },
};

export const exists = (id: string): Refusal => ({
  code: 'CONFLICT',
  rule: 'L-6',
  field: 'id',
  message: { en: `The application ${id} exists already.`, 'zh-CN': `准入申请 ${id} 已存在。` },
});

const STANDS: Record<Exclude<TaskAdmission['status'], 'ABSENT'>, { en: string; zh: string }> = {
  OPINIONS: { en: 'The towns are being asked for their opinions.', zh: '正在书面征求镇街意见。' },
  LEGALITY_REVIEW: { en: 'The legality review is next (司法局).', zh: '待合法性审核（司法局）。' },
  DECISION: { en: 'The county decides next.', zh: '待县级决定。' },
  ADMITTED: { en: 'The task was admitted.', zh: '事项已准入。' },
  RUNNING: { en: 'The task was admitted and runs.', zh: '事项已准入，正在实施。' },
  ENDED: { en: 'The task has ended.', zh: '事项已结束。' },
  REFUSED: { en: 'The task was refused.', zh: '事项未获准入。' },
  RETURNED: { en: 'The legality review returned it.', zh: '合法性审核已退回。' },
  WITHDRAWN: { en: 'The application was withdrawn.', zh: '申请已撤回。' },
};

const standing = (state: TaskAdmission) => STANDS[state.status === 'ABSENT' ? 'WITHDRAWN' : state.status];

export const notPending = (state: TaskAdmission): Refusal =>
  broken(
    'L-6',
    'id',
    {
      en: `The application is closed to further steps. ${standing(state).en}`,
      'zh-CN': `该申请已办结，不能再办理。${standing(state).zh}`,
    },
    { status: state.status },
  );

export const notRunning = (state: TaskAdmission): Refusal =>
  broken(
    'L-6',
    'id',
    {
      en: `Only a task that was admitted can be ended. ${standing(state).en}`,
      'zh-CN': `只有已准入的事项可以提前结束。${standing(state).zh}`,
    },
    { status: state.status },
  );

export function outOfOrder(step: PendingStage, state: PendingAdmission): Refusal {
  const none = step === 'LEGALITY_REVIEW' && !state.application.legalityReview;
  const why = none
    ? { en: 'This application has no legality review.', zh: '本申请不设合法性审核环节。' }
    : standing(state);
  return broken(
    'L-6',
    'id',
    { en: `This step is not next. ${why.en}`, 'zh-CN': `环节顺序不符。${why.zh}` },
    { status: state.status },
  );
}

export const notApplicant = ({ application: { applicant } }: PendingAdmission): Refusal => ({
  code: 'NOT_PERMITTED',
  rule: 'L-6',
  field: 'id',
  message: {
    en: `Only who applied can withdraw: ${applicant.organName}.`,
    'zh-CN': `只有申请单位“${applicant.organName}”可以撤回。`,
  },
});

export function notConcerned({ towns }: Application, { organ, organName }: OrganName): Refusal | undefined {
  if (towns.some((town) => town.organ === organ)) return undefined;
  const names = towns.map((town) => town.organName);
  return broken(
    'L-6',
    'organ',
    {
      en: `The task does not concern ${organName}. Towns concerned: ${names.join(', ')}.`,
      'zh-CN': `该事项不涉及“${organName}”。涉及镇街：${names.join('、')}。`,
    },
    { towns },
  );
}
