import type { Refusal } from '@dutyledger/event-store/decider';
import { broken } from '@dutyledger/event-store/rule-texts';
import type { OrganName } from '../organs.ts';
import type { KnownCall, Part } from './state.ts';

/** Why a step of a call is refused (G-9). */

export const absent: Refusal = {
  code: 'NOT_FOUND',
  rule: 'G-9',
  field: 'id',
  message: { en: 'There is no such call.', 'zh-CN': '没有该呼叫。' },
};

export const exists = (id: string): Refusal => ({
  code: 'CONFLICT',
  rule: 'G-9',
  field: 'id',
  message: { en: `The call ${id} exists already.`, 'zh-CN': `呼叫 ${id} 已存在。` },
});

export function notCalled({ parts }: KnownCall, organ: string): Refusal {
  const names = parts.map(({ organName }) => organName);
  return broken(
    'G-9',
    'organ',
    {
      en: `${organ} was not called. Called were: ${names.join(', ')}.`,
      'zh-CN': `${organ} 不是被呼叫部门。被呼叫部门：${names.join('、')}。`,
    },
    { organs: parts.map((part) => part.organ) },
  );
}

const STANDS: Readonly<Record<Part['status'], { en: string; zh: string }>> = {
  CALLED: { en: 'has been called and has not answered yet', zh: '已被呼叫，尚未响应' },
  ACCEPTED: { en: 'has accepted and is expected on site', zh: '已响应，尚未到场' },
  ON_SITE: { en: 'is on site', zh: '已到场，正在处置' },
  REWORK: { en: 'has been asked to do it again', zh: '正在返工' },
  REFUSED: { en: 'has refused, which the county decides on', zh: '已拒绝，待县级裁定' },
  DONE: { en: 'has reported that it is done; the town rates it', zh: '已报办结，待镇街评价' },
  RATED: { en: 'has been rated, once and for all', zh: '已评价，一事一评，不再变更' },
  RELEASED: { en: 'need not come: its refusal stands', zh: '拒绝理由成立，已解除' },
  SUBSTITUTED: { en: 'was replaced by another organ', zh: '已由其他部门替换' },
  WITHDRAWN: { en: 'is no longer wanted: the town withdrew the call', zh: '呼叫已撤回' },
};

export const notNow = ({ organName, status }: Part): Refusal =>
  broken(
    'G-9',
    'id',
    {
      en: `This step is not open: ${organName} ${STANDS[status].en}.`,
      'zh-CN': `当前不能办理该步骤：“${organName}”${STANDS[status].zh}。`,
    },
    { status },
  );

export const uncited = ({ organName }: Part): Refusal =>
  broken('G-9', 'citation', {
    en: `${organName} can refuse only with a duty citation: the item of a duty list in its edition, or the article of a law or document.`,
    'zh-CN': `“${organName}”拒绝响应必须援引职责依据：责任清单的版次和事项，或者法规文件的条款。`,
  });

export const alreadyDecided = ({ organName }: Part): Refusal =>
  broken('G-9', 'id', {
    en: `The county has decided that the refusal of ${organName} does not stand; it accepts.`,
    'zh-CN': `县级已裁定“${organName}”拒绝理由不成立，应当响应。`,
  });

export const noSubstitute = broken('G-9', 'substitute', {
  en: 'Another organ takes the place only when the refusal stands.',
  'zh-CN': '只有拒绝理由成立，才能改由其他部门响应。',
});

export const alreadyInCall = ({ organName }: OrganName): Refusal =>
  broken('G-9', 'substitute', {
    en: `${organName} is in this call already.`,
    'zh-CN': `“${organName}”已在本次呼叫之中。`,
  });

export const nothingToWithdraw = ({ parts }: KnownCall, wanted: readonly string[]): Refusal =>
  broken(
    'G-9',
    'organs',
    {
      en: 'Only what has not come to an end can be withdrawn; who has reported that it is done is rated.',
      'zh-CN': '只能撤回尚未办结的呼叫；已报办结的应予评价。',
    },
    { wanted, parts: parts.map(({ organ, status }) => ({ organ, status })) },
  );
