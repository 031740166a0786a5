import Type from 'typebox';
import { defineEvent } from './event-contract.ts';
import { Division, Name, Nullable, Ordinal, OrganId } from './fields.ts';

/** What grid-events tells other services of its cases (G-4 to G-8), without personal data: no free text of reporters. */

export const GRID_EVENTS_TOPIC = 'dutyledger.grid-events.v1';

const CaseId = () => Name('案件编号', 'Id of the case');
const Instant = (title: string, description: string) =>
  Type.String({ format: 'date-time', title, description });
const LEVELS = ['WORKER', 'TOWN', 'COUNTY', 'JOINT'];
const Level = () =>
  Type.Enum(LEVELS, {
    title: '处置层级',
    description: 'Grid worker, town centre, county platform, joint meeting',
  });
const OrganNamed = (title: string, description: string) =>
  Type.Object({ organ: OrganId(), organName: Name('机构名称', 'Name of the organ') }, { title, description });

const ItemOfList = () =>
  Type.Object(
    {
      list: Name('清单标识', 'Id of the list'),
      edition: Ordinal('版次', 'Number of the edition'),
      code: Name('事项编码', 'Item code'),
      name: Name('事项名称', 'Name of the item'),
    },
    {
      title: '清单事项',
      description: 'The item of a duty list that the case rests on, in the edition of its report',
    },
  );

/** Where the case lies; what was published before it was told names none. */
const OfCase = () => Type.Optional(Division());

const common = {
  service: 'grid-events',
  version: 1,
  topic: GRID_EVENTS_TOPIC,
  subject: { 'zh-CN': '案件的事件流名称', en: 'Stream name of the case' },
} as const;

const place = {
  case: CaseId(),
  county: Division(),
  division: Division(),
  class: Name('案件类别', 'Code of its class'),
  className: Name('类别名称', 'Name of its class'),
};

export const CaseReported = defineEvent({
  ...common,
  event: 'CaseReported',
  description: { 'zh-CN': '案件已上报', en: 'A case was reported' },
  data: Type.Object({
    ...place,
    grid: Nullable(Name('网格编码', 'Code of the grid')),
    source: Type.Enum(['GRID_PATROL', 'CITIZEN', 'HOTLINE', 'DEPARTMENT', 'SENSOR', 'COMMAND'], {
      title: '案件来源',
      description: 'Where the report came from',
    }),
    urgency: Type.Enum(['ORDINARY', 'URGENT', 'EMERGENCY'], {
      title: '紧急程度',
      description: 'How urgent it is',
    }),
    level: Level(),
    item: Nullable(ItemOfList()),
    matter: Nullable(Name('一件事标识', 'Id of the integrated matter that it rests on')),
  }),
});

export const ClassWithoutItem = defineEvent({
  ...common,
  event: 'ClassWithoutItem',
  description: {
    'zh-CN': '案件类别在现行清单中没有对应事项',
    en: 'No list in force carries the class of a case (G-7)',
  },
  data: Type.Object(place),
});

export const CaseFiled = defineEvent({
  ...common,
  event: 'CaseFiled',
  description: { 'zh-CN': '案件已立案', en: 'A case was filed' },
  data: Type.Object({
    case: CaseId(),
    division: OfCase(),
    level: Level(),
    closeBy: Instant('结案时限', 'When it must be closed by'),
  }),
});

export const CaseDispatched = defineEvent({
  ...common,
  event: 'CaseDispatched',
  description: { 'zh-CN': '案件已派遣', en: 'A case was dispatched to those who handle it' },
  data: Type.Object({
    case: CaseId(),
    division: OfCase(),
    level: Level(),
    tasks: Type.Array(
      Type.Object({
        task: Name('任务编号', 'Id of the task within the case'),
        name: Name('任务名称', 'What is to be done'),
        organ: OrganId(),
        organName: Name('机构名称', 'Name of the organ'),
        role: Type.Enum(['LEAD', 'COOPERATE'], { title: '角色', description: 'Leads, or cooperates' }),
      }),
      { title: '任务', description: 'The tasks, in parallel unless one waits for another' },
    ),
  }),
});

export const CaseReturned = defineEvent({
  ...common,
  event: 'CaseReturned',
  description: {
    'zh-CN': '承办单位以“非本单位职责”退回案件；首接单位继续处置',
    en: 'An organ said of a case that it is not its duty; it keeps handling until that is settled (L-7)',
  },
  data: Type.Object({
    case: CaseId(),
    county: Division(),
    division: OfCase(),
    class: Name('案件类别', 'Code of its class'),
    className: Name('类别名称', 'Name of its class'),
    task: Name('任务编号', 'Id of the task within the case'),
    item: Nullable(ItemOfList()),
    firstReceiver: OrganNamed('首接单位', 'Who received it first and keeps handling it'),
    returnedBy: OrganNamed('退回单位', 'Who says that it is not theirs'),
    proposed: OrganNamed('拟承办单位', 'Whose duty it is, by the one who returns it'),
    ground: Type.String({
      minLength: 1,
      maxLength: 2_000,
      title: '退回理由',
      description: 'Why it is not theirs, in the words of the office',
    }),
  }),
});

export const CaseEscalated = defineEvent({
  ...common,
  event: 'CaseEscalated',
  description: { 'zh-CN': '案件已提级', en: 'A case was raised a level' },
  data: Type.Object({
    case: CaseId(),
    division: OfCase(),
    from: Level(),
    to: Level(),
    cause: Type.Enum(['REASON', 'EMERGENCY', 'OVERDUE', 'PROBLEM_ORDER'], {
      title: '提级原因',
      description: 'By hand with a reason or as an emergency, by a limit that ran out, or as a problem order',
    }),
  }),
});

export const CaseOverdue = defineEvent({
  ...common,
  event: 'CaseOverdue',
  description: { 'zh-CN': '案件或任务已超时', en: 'A limit of a case or of one of its tasks ran out' },
  data: Type.Object({
    case: CaseId(),
    division: OfCase(),
    phase: Type.Enum(['accept', 'file', 'dispatch', 'handle', 'verify'], {
      title: '环节',
      description: 'Which phase took too long',
    }),
    task: Nullable(Name('任务编号', 'The task; null when it is the case itself')),
    organ: Nullable(OrganId()),
    level: Level(),
    due: Instant('到期时间', 'When the limit ran out'),
  }),
});

export const CaseClosed = defineEvent({
  ...common,
  event: 'CaseClosed',
  description: { 'zh-CN': '案件已结案', en: 'A case was closed' },
  data: Type.Object({
    case: CaseId(),
    division: OfCase(),
    level: Level(),
    at: Instant('结案时间', 'When it was closed'),
    onTime: Type.Boolean({ title: '按期', description: 'Whether its limit was kept' }),
    reworks: Type.Integer({
      minimum: 0,
      title: '返工次数',
      description: 'How often it was returned at verification',
    }),
    transfers: Type.Integer({ minimum: 0, title: '转办次数', description: 'How often it was transferred' }),
  }),
});

export const CaseRated = defineEvent({
  ...common,
  event: 'CaseRated',
  description: { 'zh-CN': '案件已评价', en: 'A closed case was evaluated' },
  data: Type.Object({
    case: CaseId(),
    division: OfCase(),
    by: Type.Enum(['REPORTER', 'TOWN'], { title: '评价方', description: 'Who evaluated it' }),
    responded: Type.Boolean({ title: '已响应', description: 'They were answered' }),
    resolved: Type.Boolean({ title: '已解决', description: 'It was resolved' }),
    satisfied: Type.Boolean({ title: '满意', description: 'They are satisfied' }),
  }),
});
