import type { Refusal } from '@dutyledger/event-store/decider';
import type { OpenList, Touch } from './state.ts';

/** Refusals that several commands on a draft share. */

export const absentList: Refusal = {
  code: 'NOT_FOUND',
  rule: 'L-1',
  field: 'list',
  message: { en: 'There is no such duty list.', 'zh-CN': '没有这份清单。' },
};

export const nothingStaged: Refusal = {
  code: 'RULE_VIOLATED',
  rule: 'L-3',
  field: 'list',
  citation: { title: 'DutyLedger domain rules', article: 'L-3' },
  message: {
    en: 'The draft holds no change: there is nothing to review, approve or publish.',
    'zh-CN': '草案中没有任何变更，无可审核、批准或发布的内容。',
  },
};

/** L-3: who speaks of a draft that went on since is told what changed and by whom. */
export function draftMoved(draftNumber: number, state: OpenList): Refusal | undefined {
  if (draftNumber === state.draftNumber) return undefined;
  const since = [...state.touched].flatMap(([code, touch]: [string, Touch]) =>
    touch.number > draftNumber ? [{ code, ...touch }] : [],
  );
  return {
    code: 'CONFLICT',
    rule: 'L-3',
    field: 'draftNumber',
    message: {
      en: `The draft stands at number ${state.draftNumber}, not ${draftNumber}: ${since[0] ? `${since[0].by} changed item ${since[0].code} at ${since[0].at}` : 'it was changed since'}.`,
      'zh-CN': `草案当前序号为 ${state.draftNumber}，不是 ${draftNumber}：${since[0] ? `${since[0].by} 已于 ${since[0].at} 修改事项 ${since[0].code}` : '其后已有变更'}。`,
    },
    details: { draftNumber: state.draftNumber, changedSince: since.slice(0, 100) },
  };
}
