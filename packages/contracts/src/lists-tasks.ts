import Type from 'typebox';
import { defineEvent } from './event-contract.ts';
import { Day, Division, DocumentNumber, Name, Nullable, OrganId } from './fields.ts';
import { LISTS_TOPIC } from './lists.ts';

/** What lists tells other services about tasks outside the lists (L-6; grid-events G-3, assessment A-8). */

const common = { service: 'lists', version: 1, topic: LISTS_TOPIC } as const;

const admission = { 'zh-CN': '准入事项的事件流名称', en: 'Stream name of the admission' };

const Town = () =>
  Type.Object({ organ: OrganId(), division: Division() }, { title: '镇街', description: 'A town concerned' });

const Towns = () =>
  Type.Array(Town(), { minItems: 1, title: '涉及镇街', description: 'Towns that the task concerns' });

const AdmissionId = () => Name('准入事项标识', 'Id of the admission');

const ForGrid = () =>
  Type.Boolean({ title: '是否进入网格', description: 'Whether it is for grid workers (G-3)' });

export const TaskAdmitted = defineEvent({
  ...common,
  event: 'TaskAdmitted',
  description: { 'zh-CN': '清单外事项已获准入', en: 'A task that no list gives was admitted' },
  subject: admission,
  data: Type.Object({
    admission: AdmissionId(),
    division: Division(),
    title: Name('事项名称', 'Name of the task'),
    applicant: OrganId(),
    towns: Towns(),
    from: Day('起始日期', 'First day of the task'),
    to: Day('截止日期', 'Last day of the task; it may end earlier'),
    grid: ForGrid(),
    documentNumber: DocumentNumber(),
  }),
});

export const TaskEnded = defineEvent({
  ...common,
  event: 'TaskEnded',
  description: {
    'zh-CN': '准入事项已到期或提前结束',
    en: 'An admitted task came to its last day or was ended before',
  },
  subject: admission,
  data: Type.Object({
    admission: AdmissionId(),
    towns: Towns(),
    on: Day('结束日期', 'Last day on which it may be asked of the towns'),
    early: Type.Boolean({ title: '是否提前', description: 'Whether it was ended before its last day' }),
  }),
});

export const UnlistedTaskRecorded = defineEvent({
  ...common,
  event: 'UnlistedTaskRecorded',
  description: {
    'zh-CN': '清单外交办已记入台账',
    en: 'A task handed down outside the lists was entered into the ledger of unlisted work',
  },
  subject: { 'zh-CN': '台账记录的事件流名称', en: 'Stream name of the entry' },
  data: Type.Object({
    task: Name('台账记录标识', 'Id of the entry'),
    division: Division(),
    receiver: Town(),
    issuer: Nullable(OrganId()),
    issuerName: Name('交办单位', 'Who handed it down; without an id when it is not registered'),
    title: Name('事项名称', 'Name of the task'),
    day: Day('交办日期', 'Day on which it was handed down'),
    grid: ForGrid(),
    arrival: Type.Union([Type.Literal('REFUSED'), Type.Literal('REPORTED')], {
      title: '来源',
      description: 'REFUSED by the platform, or REPORTED by the receiver',
    }),
  }),
});
