import Type from 'typebox';
import { defineEvent } from './event-contract.ts';
import { Day, Division, Name, Nullable, Ordinal, OrganId } from './fields.ts';
import { LISTS_TOPIC, ListId, ListKind } from './lists.ts';

/** What lists tells other services about the items of an edition (L-2, L-3): all that routing a case needs (G-7). */

const MOST_TEXT = 10_000;

const Text = (title: string, description: string) =>
  Type.String({ minLength: 1, maxLength: MOST_TEXT, title, description });

const OrganDuties = (title: string, description: string) =>
  Type.Array(
    Type.Object({
      organ: OrganId(),
      name: Name('名称', 'Its name when the item was staged'),
      duty: Type.String({
        maxLength: MOST_TEXT,
        title: '职责',
        description: 'What it has to do; may be empty',
      }),
    }),
    { title, description },
  );

const Step = Type.Object({
  id: Name('步骤编号', 'Id of the step, unique in the item'),
  name: Text('步骤名称', 'What is done'),
  organ: Nullable(OrganId()),
  organName: Nullable(Name('承办单位', 'Name of the organ when the item was staged')),
  limit: Nullable(
    Type.Object(
      {
        amount: Type.Integer({ minimum: 1, title: '数量', description: 'How many of the unit' }),
        unit: Type.Enum(['WORKING_DAYS', 'CALENDAR_DAYS', 'WORKING_HOURS', 'HOURS', 'MINUTES'], {
          title: '单位',
          description: 'What is counted; public holidays out and make-up workdays in for working time',
        }),
      },
      { title: '时限', description: 'Time limit of the step; null where the item gives none' },
    ),
  ),
  after: Type.Array(Type.String(), {
    title: '前置步骤',
    description:
      'Ids of the steps that must be done before; steps that do not wait for each other run in parallel',
  }),
});

const Basis = Type.Object({
  title: Type.String({ title: '名称', description: 'Law or document' }),
  article: Type.Optional(Type.String({ title: '条款', description: 'Article' })),
  documentNumber: Type.Optional(Type.String({ title: '文号', description: 'Document number' })),
});

const Item = Type.Object(
  {
    name: Name('事项名称', 'Name of the item'),
    caseClasses: Type.Array(Name('事件类别', 'Code of a case class'), {
      title: '对应事件类别',
      description:
        'Case classes that lead to the item; one that ends with * stands for all that begin so; may be empty',
    }),
    jointlyLed: Type.Boolean({
      title: '共同主体',
      description: 'Whether several leads are equally responsible',
    }),
    leads: OrganDuties(
      '主体责任单位',
      'The organ that leads; several when jointly led, none in some village lists; may be a class of organs (各镇街)',
    ),
    cooperators: OrganDuties(
      '配合责任单位',
      'Organs that cooperate, each with its own duty; may be classes of organs (各镇街)',
    ),
    steps: Type.Array(Step, {
      title: '办理流程',
      description: 'Steps with their parallel branches; empty where the item gives none',
    }),
    basis: Type.Array(Basis, { title: '依据', description: 'Laws and documents that it rests on' }),
  },
  { title: '事项内容', description: 'The item from that day on, whole' },
);

export const EditionItemPublished = defineEvent({
  service: 'lists',
  version: 1,
  topic: LISTS_TOPIC,
  event: 'EditionItemPublished',
  description: {
    'zh-CN': '清单版本新增、修订、退出或勘误的单个事项，与版本公布、勘误同时发布',
    en: 'One item that an edition adds, revises or retires, or that a correction touches; published together with EditionPublished or EditionCorrected',
  },
  subject: {
    'zh-CN': '清单的事件流名称、“/”和事项编码',
    en: 'Stream name of the list, "/" and the code of the item',
  },
  data: Type.Object({
    listId: ListId(),
    kind: ListKind(),
    division: Division(),
    edition: Ordinal('版次', 'Number of the edition'),
    effectiveFrom: Day(
      '生效日期',
      'Day from which this holds, until the next known content of the item; of a correction it may lie before its recording',
    ),
    code: Name('事项编码', 'Code of the item, unique in the list and stable across editions'),
    item: Nullable(Item),
  }),
});
