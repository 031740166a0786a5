import type { Refusal, Text } from '@dutyledger/event-store/decider';
import type { Basis } from '@dutyledger/event-store/event-store';
import { isLive } from './organ.ts';
import type { OrganRegister } from './state.ts';

/** How the register says no: refusals that several commands share, with the grounds they rest on. */

const CITE_S1: Basis = { title: '地方各级人民政府机构设置和编制管理条例', article: '第九条' };
const CITE_S2: Basis = {
  title: '徐州市镇级机构改革（徐州日报 2020-09-17）：镇（街）一般设置7个职能机构，最多不得超过9个',
  article: 'S-2',
};

export const violation = (
  field: string,
  message: Text,
  details?: Record<string, unknown>,
  rule: 'S-1' | 'S-2' = 'S-1',
): Refusal => ({
  code: 'RULE_VIOLATED',
  rule,
  field,
  citation: rule === 'S-1' ? CITE_S1 : CITE_S2,
  message,
  ...(details && { details }),
});

export const limitExceeded = (field: string, given: number, most: number): Refusal => ({
  code: 'LIMIT_EXCEEDED',
  rule: 'S-1',
  field,
  message: {
    en: `At most ${most} are allowed, ${given} were given.`,
    'zh-CN': `最多 ${most} 个，现有 ${given} 个。`,
  },
  details: { given, most },
});

export const nothingNamed = violation('sources', {
  en: 'A merger names the organs that end.',
  'zh-CN': '未指定被合并的机构。',
});

/** Changes of one organ are recorded in the order in which they take effect. */
export function tooEarly(id: string, state: OrganRegister, day: string): Refusal | undefined {
  const organ = state.organs.get(id)?.at(-1);
  if (!organ || day >= organ.effectiveFrom) return undefined;
  return violation(
    'effectiveFrom',
    {
      en: `${organ.name} is on record as of ${organ.effectiveFrom}; a change cannot take effect before that, on ${day}.`,
      'zh-CN': `“${organ.name}”的现状自 ${organ.effectiveFrom} 起生效，变更不能早于该日(${day})生效。`,
    },
    { onRecordFrom: organ.effectiveFrom },
  );
}

/** Why an organ cannot be acted on or named: unknown, ended, or (with `day`) not yet there on that day. */
export function notThere(id: string, state: OrganRegister, field: string, day?: string): Refusal | undefined {
  const life = state.organs.get(id);
  const [first, organ] = [life?.at(0), life?.at(-1)];
  if (!first || !organ) {
    return {
      code: 'NOT_FOUND',
      rule: 'S-1',
      field,
      message: {
        en: `This register has no organ with the id ${id}.`,
        'zh-CN': `本机构名册中没有编号为 ${id} 的机构。`,
      },
    };
  }
  if (!isLive(organ)) {
    const ended =
      organ.status === 'merged' ? { en: 'merged', zh: '并入其他机构' } : { en: 'abolished', zh: '撤销' };
    return violation(
      field,
      {
        en: `${organ.name} (${id}) was ${ended.en} on ${organ.effectiveFrom}.`,
        'zh-CN': `“${organ.name}”(${id})已于 ${organ.effectiveFrom} ${ended.zh}。`,
      },
      { status: organ.status, successors: organ.successors },
    );
  }
  if (day === undefined || first.effectiveFrom <= day) return undefined;
  return violation(
    field,
    {
      en: `${organ.name} (${id}) exists from ${first.effectiveFrom} on only, not yet on ${day}.`,
      'zh-CN': `“${organ.name}”(${id})自 ${first.effectiveFrom} 起设立，${day} 尚不存在。`,
    },
    { existsFrom: first.effectiveFrom },
  );
}
