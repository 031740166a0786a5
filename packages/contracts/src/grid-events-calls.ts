import Type from 'typebox';
import { defineEvent } from './event-contract.ts';
import { Division, Name, Nullable, OrganId } from './fields.ts';
import { GRID_EVENTS_TOPIC } from './grid-events.ts';

/** What grid-events tells other services of calls (G-9; dispatch D-2, assessment A-4), without free text. */

const common = {
  service: 'grid-events',
  version: 1,
  topic: GRID_EVENTS_TOPIC,
  subject: { 'zh-CN': '呼叫的事件流名称', en: 'Stream name of the call' },
} as const;

const CallId = () => Name('呼叫标识', 'Id of the call');
const Instant = (title: string, description: string) =>
  Type.String({ format: 'date-time', title, description });
const At = () => Instant('时间', 'When');

const Organ = (title: string, description: string) =>
  Type.Object({ organ: OrganId(), organName: Name('机构名称', 'Name of the organ') }, { title, description });

const Called = () =>
  Type.Object(
    {
      organ: OrganId(),
      organName: Name('机构名称', 'Name of the organ'),
      role: Type.Enum(['LEAD', 'COOPERATE'], { title: '角色', description: 'LEAD answers for the whole' }),
    },
    { title: '被呼叫部门', description: 'A called organ' },
  );

export const CallIssued = defineEvent({
  ...common,
  event: 'CallIssued',
  description: { 'zh-CN': '镇街已呼叫部门', en: 'A town called departments' },
  data: Type.Object({
    call: CallId(),
    county: Division(),
    division: Division(),
    town: OrganId(),
    kind: Type.Enum(['CASE', 'EMERGENCY', 'JOINT_ENFORCEMENT'], {
      title: '呼叫情形',
      description: 'For a case, an emergency, or a joint enforcement',
    }),
    case: Nullable(Name('案件编号', 'The case that it is for')),
    organs: Type.Array(Called(), { minItems: 1, title: '被呼叫部门', description: 'Who is called' }),
    at: At(),
    appointedAt: Nullable(Instant('约定时间', 'When they are wanted on site, where that is appointed')),
  }),
});

export const CallAnswered = defineEvent({
  ...common,
  event: 'CallAnswered',
  description: {
    'zh-CN': '被呼叫部门的响应有进展：响应、到场、办结、拒绝，或者县级作出裁定',
    en: 'A called organ answered: accepted, on site, done, refused; or the county decided on it',
  },
  data: Type.Object({
    call: CallId(),
    organ: OrganId(),
    answer: Type.Enum(
      ['ACCEPTED', 'ON_SITE', 'DONE', 'REFUSED', 'RELEASED', 'REFUSAL_REJECTED', 'SUBSTITUTED'],
      {
        title: '响应',
        description:
          'RELEASED: its refusal stands; REFUSAL_REJECTED: it must accept; SUBSTITUTED: `by` takes its place',
      },
    ),
    at: At(),
    by: Nullable(Organ('接替部门', 'The organ that takes its place')),
  }),
});

export const CallRated = defineEvent({
  ...common,
  event: 'CallRated',
  description: { 'zh-CN': '镇街已评价响应（一事一评）', en: 'The town rated the response, once and for all' },
  data: Type.Object({
    call: CallId(),
    organ: OrganId(),
    points: Type.Integer({ minimum: 1, maximum: 5, title: '得分', description: '1 to 5' }),
    scale: Type.Enum(['FIVE_POINTS', 'THREE_GRADES'], {
      title: '评价方式',
      description: 'Of three grades: satisfied 5, basically satisfied 3, not satisfied 1',
    }),
    at: At(),
  }),
});

export const CallOverdue = defineEvent({
  ...common,
  event: 'CallOverdue',
  description: { 'zh-CN': '响应超时', en: 'A step of a called organ went over its limit' },
  data: Type.Object({
    call: CallId(),
    organ: OrganId(),
    step: Type.Enum(['ACCEPT', 'ON_SITE', 'DONE', 'DECISION'], {
      title: '环节',
      description: 'DECISION: of the county, on the refusal of the organ',
    }),
    due: Instant('应完成时间', 'When it was due'),
  }),
});
