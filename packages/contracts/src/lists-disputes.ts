import Type from 'typebox';
import { defineEvent } from './event-contract.ts';
import { DocumentNumber, Name, Nullable, OrganId } from './fields.ts';
import { LISTS_TOPIC } from './lists.ts';

/** What lists tells other services about disputes (L-7; grid-events: the case moves to its handler). */

export const DisputeSettled = defineEvent({
  service: 'lists',
  version: 1,
  topic: LISTS_TOPIC,
  event: 'DisputeSettled',
  description: {
    'zh-CN': '职责争议已办结：协商一致、政府决定或撤回',
    en: 'A dispute about a duty was settled: agreed, ruled on, or withdrawn',
  },
  subject: { 'zh-CN': '争议的事件流名称', en: 'Stream name of the dispute' },
  data: Type.Object({
    dispute: Name('争议标识', 'Id of the dispute'),
    outcome: Type.Union([Type.Literal('AGREED'), Type.Literal('RULED'), Type.Literal('WITHDRAWN')], {
      title: '结果',
      description: 'AGREED by the parties, RULED on by the government, or WITHDRAWN',
    }),
    handler: OrganId(),
    caseReference: Nullable(Name('案件编号', 'The case that was returned')),
    caseClass: Nullable(Name('案件类别', 'Code of its class')),
    item: Nullable(
      Type.Object(
        { list: Name('清单标识', 'Id of the list'), code: Name('事项编码', 'Item code') },
        { title: '争议事项', description: 'The disputed item' },
      ),
    ),
    documentNumber: DocumentNumber(),
  }),
});
