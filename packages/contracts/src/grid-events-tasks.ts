import Type from 'typebox';
import { defineEvent } from './event-contract.ts';
import { Day, Division, Name, Nullable, OrganId } from './fields.ts';
import { GRID_EVENTS_TOPIC } from './grid-events.ts';

/** What grid-events tells other services of tasks that were handed to grids (G-3; lists L-6, assessment A-8). */

export const UnadmittedGridTaskRecorded = defineEvent({
  service: 'grid-events',
  version: 1,
  topic: GRID_EVENTS_TOPIC,
  event: 'UnadmittedGridTaskRecorded',
  description: {
    'zh-CN': '未经准入交办网格的事项已记入台账',
    en: 'A task that was handed to a grid without admission was entered into the ledger',
  },
  subject: { 'zh-CN': '台账记录的事件流名称', en: 'Stream name of the entry' },
  data: Type.Object({
    task: Name('台账记录标识', 'Id of the entry'),
    county: Division(),
    division: Division(),
    grid: Name('网格编码', 'Code of the grid'),
    issuer: Nullable(OrganId()),
    issuerName: Name('交办单位', 'Who handed it down; without an id when it is not registered'),
    title: Name('事项名称', 'Name of the task'),
    day: Day('交办日期', 'Day on which it was handed down'),
    arrival: Type.Enum(['REFUSED', 'REPORTED'], {
      title: '来源',
      description: 'REFUSED by the platform, or REPORTED by the grid or its town',
    }),
  }),
});
