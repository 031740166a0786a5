import Type from 'typebox';
import { defineEvent } from './event-contract.ts';
import { Count, Day, Division, DocumentNumber, Name, Nullable, Ordinal, OrganId } from './fields.ts';
import { LISTS_TOPIC } from './lists.ts';

/** What lists tells other services about adjustments of duty lists (L-4). */

const common = {
  service: 'lists',
  version: 1,
  topic: LISTS_TOPIC,
  subject: { 'zh-CN': '调整申请的事件流名称', en: 'Stream name of the adjustment' },
} as const;

const AdjustmentId = () => Name('调整申请标识', 'Id of the adjustment');

const ListId = () => Name('清单标识', 'Id of the list');

export const AdjustmentDecided = defineEvent({
  ...common,
  event: 'AdjustmentDecided',
  description: { 'zh-CN': '清单调整已作出决定', en: 'The county decided on an adjustment of duty lists' },
  data: Type.Object({
    adjustment: AdjustmentId(),
    division: Division(),
    title: Name('申请标题', 'What it is about'),
    applicant: OrganId(),
    lists: Type.Array(ListId(), { minItems: 1, title: '涉及清单', description: 'Lists that it changes' }),
    changes: Count('变更数', 'How many changes it holds'),
    approved: Type.Boolean({ title: '是否批准', description: 'Approved; false: rejected' }),
    effectiveFrom: Nullable(
      Day('生效日期', 'First day of the editions that it makes at once; null when it enters the next drafts'),
    ),
    documentNumber: DocumentNumber(),
  }),
});

export const AdjustmentApplied = defineEvent({
  ...common,
  event: 'AdjustmentApplied',
  description: {
    'zh-CN': '已批准的调整已应用到一份清单',
    en: 'An approved adjustment reached one of its lists',
  },
  data: Type.Object({
    adjustment: AdjustmentId(),
    listId: ListId(),
    edition: Nullable(
      Ordinal('版次', 'The edition that it made at once; null when it waits in the draft of the next one'),
    ),
    last: Type.Boolean({ title: '是否全部完成', description: 'Nothing of the adjustment is left to do' }),
  }),
});
