import Type from 'typebox';
import { defineEvent } from './event-contract.ts';
import { Count, Day, Division, DocumentNumber, Name, Ordinal } from './fields.ts';

/** What lists tells other services about the editions of duty lists (L-3). */

export const LISTS_TOPIC = 'dutyledger.lists.v1';

export const ListId = () => Name('清单标识', 'Id of the list');

export const ListKind = () =>
  Type.String({
    pattern: '^[A-Z][A-Z0-9_]*$',
    maxLength: 60,
    title: '清单种类',
    description:
      'Kind of list (L-1), as the lists subgraph names it; consumers pass over kinds they do not know',
  });

const common = {
  service: 'lists',
  version: 1,
  topic: LISTS_TOPIC,
  subject: { 'zh-CN': '清单的事件流名称', en: 'Stream name of the list' },
} as const;

export const EditionPublished = defineEvent({
  ...common,
  event: 'EditionPublished',
  description: { 'zh-CN': '清单版本已公布', en: 'An edition of a duty list was published' },
  data: Type.Object({
    listId: ListId(),
    kind: ListKind(),
    division: Division(),
    title: Name('清单名称', 'Title of the list'),
    edition: Ordinal('版次', 'Number of the edition'),
    effectiveFrom: Day('生效日期', 'Day from which the edition is in force'),
    documentNumber: DocumentNumber(),
    itemCount: Count('事项总数', 'Items in the edition'),
    added: Count('新增事项数', 'Items that the edition before did not have'),
    revised: Count('修订事项数', 'Items that differ from the edition before'),
    retired: Count('退出事项数', 'Items that only the edition before had'),
    digest: Type.String({
      pattern: '^[0-9a-f]{64}$',
      title: '内容摘要',
      description: 'SHA-256 of the edition, in lower-case hexadecimal',
    }),
    adjustment: Type.Optional(
      Name('调整申请标识', 'Id of the adjustment that the edition consists of, when one was applied at once'),
    ),
  }),
});

export const EditionCorrected = defineEvent({
  ...common,
  event: 'EditionCorrected',
  description: { 'zh-CN': '清单版本已勘误', en: 'A published edition was corrected' },
  data: Type.Object({
    listId: ListId(),
    edition: Ordinal('版次', 'Number of the corrected edition'),
    correction: Ordinal('勘误次序', 'Number of the correction within the edition'),
    effectiveFrom: Day('生效日期', 'Day from which the correction holds; may lie before its recording'),
    codes: Type.Array(Name('事项编码', 'Item code'), {
      minItems: 1,
      title: '勘误事项',
      description: 'Codes of the items that the correction touches',
    }),
    documentNumber: DocumentNumber(),
  }),
});
