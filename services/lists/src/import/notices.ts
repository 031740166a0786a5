import type { Text } from '@dutyledger/event-store/decider';
import type { GroupedLines } from './lines.ts';
import type { NoticeKind } from './reading.ts';

/** Something that was done with the file and that its owner should know; no reason to refuse it. */
export interface Notice {
  text: Text;
  rows: number[];
}

const TEXTS: Record<NoticeKind, Text> = {
  JOINTLY_LED: {
    en: 'Several lead organs are named: the item is taken as jointly led.',
    'zh-CN': '列出多个主体责任单位，按共同主体事项导入。',
  },
  DUTIES_UNMATCHED: {
    en: 'Organs and duties differ in number: all of the text stands with the first organ.',
    'zh-CN': '单位与责任的数量不一致，责任全文记在第一个单位下。',
  },
  FOLDED: {
    en: 'A cooperating organ is today the same as the lead under another name: its duty was joined to the lead.',
    'zh-CN': '配合单位与主体单位现为同一机构，其责任并入主体责任。',
  },
  WORDING_KEPT: {
    en: 'The wording of the articles is kept beside the basis.',
    'zh-CN': '依据中的条文原文另行保留。',
  },
  NO_COOPERATOR: {
    en: 'A remark stands in place of cooperating organs: none are taken, the remark is kept.',
    'zh-CN': '配合单位栏为说明文字：不作为单位，原文保留。',
  },
  PROSE_PROCEDURE: {
    en: 'The procedure is no list of steps: its text is kept.',
    'zh-CN': '流程不是分步格式，原文保留。',
  },
  TOWNS_BY_KIND: {
    en: 'By the kind of list the towns are the organ where no column names one.',
    'zh-CN': '按清单类别，未列单位的一方为镇街。',
  },
};

export function noticesOf(
  found: ReadonlyMap<NoticeKind, number[]>,
  grouped: GroupedLines,
  restarted: boolean,
): Notice[] {
  const notices = [...found].map(([kind, rows]) => ({ text: TEXTS[kind], rows }));
  if (grouped.filled.length > 0) {
    notices.push({
      text: { en: 'The blank domain was filled from the row above.', 'zh-CN': '领域为空，沿用上一行。' },
      rows: grouped.filled,
    });
  }
  if (grouped.joined.length > 0) {
    notices.push({
      text: { en: 'The line belongs to the item above it.', 'zh-CN': '该行并入上一事项。' },
      rows: grouped.joined,
    });
  }
  if (restarted) {
    notices.push({
      text: {
        en: 'Running numbers occur twice and are not taken as codes.',
        'zh-CN': '序号有重复，不作为事项编码。',
      },
      rows: [],
    });
  }
  return notices;
}
