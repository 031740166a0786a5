import Type from 'typebox';
import { defineEvent } from './event-contract.ts';
import { Day, Division, DocumentNumber, Name, Ordinal, OrganId } from './fields.ts';
import { LISTS_TOPIC } from './lists.ts';

/** What lists tells other services about integrated matters (一件事, L-8): all that routing a case needs. */

const common = {
  service: 'lists',
  version: 1,
  topic: LISTS_TOPIC,
  subject: { 'zh-CN': '“一件事”的事件流名称', en: 'Stream name of the integrated matter' },
} as const;

const head = {
  matterId: Name('“一件事”标识', 'Id of the matter, the same for every version'),
  division: Division(),
  name: Name('名称', 'Name of the matter'),
  version: Ordinal('版本号', 'Number of the version, from 1'),
  documentNumber: DocumentNumber(),
};

const OrganWithDuty = (title: string, description: string) =>
  Type.Object(
    {
      organ: OrganId(),
      name: Name('名称', 'Its name when the version was published'),
      duty: Type.String({ maxLength: 2_000, title: '职责', description: 'What it has to do' }),
    },
    { title, description },
  );

const TimeLimit = (title: string, description: string) =>
  Type.Object(
    {
      amount: Type.Integer({ minimum: 1, title: '数量', description: 'How many of the unit' }),
      unit: Type.Enum(['WORKING_DAYS', 'CALENDAR_DAYS', 'WORKING_HOURS', 'HOURS', 'MINUTES'], {
        title: '单位',
        description: 'What is counted; public holidays out and make-up workdays in for working time',
      }),
    },
    { title, description },
  );

const Step = Type.Object({
  id: Name('步骤编号', 'Id of the step, unique in the matter'),
  name: Name('步骤名称', 'What is done'),
  organ: OrganId(),
  organName: Name('承办单位', 'Name of the organ when the version was published'),
  limit: TimeLimit('时限', 'Time limit of the step'),
  after: Type.Array(Type.String(), {
    title: '前置步骤',
    description:
      'Ids of the steps that must be done before; steps that do not wait for each other run in parallel',
  }),
});

export const IntegratedMatterPublished = defineEvent({
  ...common,
  event: 'IntegratedMatterPublished',
  description: {
    'zh-CN': '“一件事”新版本已公布',
    en: 'A version of an integrated matter was published, whole',
  },
  data: Type.Object({
    ...head,
    effectiveFrom: Day('生效日期', 'Day from which the version is in force, until the next or retirement'),
    lead: OrganWithDuty('牵头单位', 'The one organ that leads'),
    participants: Type.Array(OrganWithDuty('协同单位', 'An organ that takes part'), {
      title: '协同单位',
      description: 'Organs that take part; one may be a class of organs (各镇街)',
    }),
    caseClasses: Type.Array(Name('事件类别', 'Code of a case class'), {
      title: '触发事件类别',
      description: 'Case classes that open the matter; one that ends with * stands for all that begin so',
    }),
    keywords: Type.Array(Name('关键词', 'A word of people'), {
      title: '触发关键词',
      description: 'Words that open the matter',
    }),
    items: Type.Array(
      Type.Object({
        listId: Name('清单标识', 'Id of the list'),
        code: Name('事项编码', 'Code of the item'),
        name: Name('事项名称', 'Name of the item when the version was published'),
      }),
      { title: '引用事项', description: 'Items of duty lists that the matter draws on' },
    ),
    steps: Type.Array(Step, {
      minItems: 1,
      title: '办理步骤',
      description: 'Steps with their parallel branches',
    }),
    criticalPath: Type.Array(Type.String(), {
      title: '关键路径',
      description: 'Ids of the steps that decide how long the whole takes',
    }),
    promised: TimeLimit('承诺时限', 'Promised time for the whole; no shorter than the critical path'),
  }),
});

export const IntegratedMatterRetired = defineEvent({
  ...common,
  event: 'IntegratedMatterRetired',
  description: { 'zh-CN': '“一件事”已废止', en: 'An integrated matter was retired' },
  data: Type.Object({
    ...head,
    effectiveFrom: Day('废止日期', 'First day on which the matter is not in force any more'),
  }),
});
