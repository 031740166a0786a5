import Type, { type Static } from 'typebox';
import { defineEvent } from './event-contract.ts';
import { Day, Division, Name, Nullable, OrganId } from './fields.ts';

/** What staffing tells other services about organs (S-1, S-2). */

export const STAFFING_TOPIC = 'dutyledger.staffing.v1';

/** An organ as it stands after the event: consumers replace their copy and need no history. */
export const OrganFacts = Type.Object({
  id: OrganId(),
  name: Name('全称', 'Official name'),
  shortName: Nullable(Name('简称', 'Short name')),
  aliases: Type.Array(Name('别名', 'Another name the organ is known by'), {
    title: '别名',
    description: 'Other names, earlier official ones included',
  }),
  kind: Type.Enum(
    [
      'GOVERNMENT',
      'DEPARTMENT',
      'PARTY_OFFICE',
      'INSTITUTION',
      'TOWN_GOVERNMENT',
      'TOWN_BODY',
      'STATIONED_UNIT',
      'VILLAGE_ORGANISATION',
      'ORGAN_CLASS',
    ],
    {
      title: '机构类型',
      description: 'ORGAN_CLASS stands for each organ of a sort (各镇街, 公安机关) and is no organ itself',
    },
  ),
  level: Type.Enum(['province', 'city', 'county', 'town', 'village'], {
    title: '层级',
    description: 'Level of government',
  }),
  division: Division(),
  superior: Nullable(OrganId()),
  creditCode: Nullable(
    Type.String({
      pattern: '^[0-9A-HJ-NPQRTUWXY]{18}$',
      title: '统一社会信用代码',
      description: 'Unified social credit code (GB 32100-2015); the check digit was verified at registration',
    }),
  ),
  status: Type.Enum(['active', 'provisional', 'merged', 'abolished'], {
    title: '状态',
    description: 'provisional: named in an imported list and still to be confirmed',
  }),
  effectiveFrom: Day('生效日期', 'Day from which these facts hold'),
  successors: Type.Array(OrganId(), {
    title: '承接机构',
    description: 'Organs that took over from a merged or abolished one',
  }),
});
export type OrganFacts = Static<typeof OrganFacts>;

const common = {
  service: 'staffing',
  version: 1,
  topic: STAFFING_TOPIC,
  subject: {
    'zh-CN': '机构名册标识，如 staffing.organRegister-370114',
    en: 'Id of the organ register: staffing.organRegister-370114',
  },
} as const;

export const OrganRegistered = defineEvent({
  ...common,
  event: 'OrganRegistered',
  description: { 'zh-CN': '机构已登记', en: 'An organ was registered' },
  data: Type.Object({ organ: OrganFacts }),
});

export const OrganChanged = defineEvent({
  ...common,
  event: 'OrganChanged',
  description: { 'zh-CN': '机构信息已变更', en: 'The facts of an organ changed' },
  data: Type.Object({
    organ: OrganFacts,
    change: Type.Enum(['renamed', 'reclassified', 'aliases', 'credit-code', 'confirmed', 'abolished'], {
      title: '变更事项',
      description: 'What changed',
    }),
  }),
});

export const OrgansMerged = defineEvent({
  ...common,
  event: 'OrgansMerged',
  description: { 'zh-CN': '机构已合并', en: 'Organs were merged into one' },
  data: Type.Object({
    sources: Type.Array(OrganId(), {
      minItems: 1,
      title: '被合并机构',
      description: 'The organs that ended; they still answer for what they did',
    }),
    into: OrganFacts,
  }),
});

export const OrganSplit = defineEvent({
  ...common,
  event: 'OrganSplit',
  description: { 'zh-CN': '机构已拆分', en: 'An organ was split' },
  data: Type.Object({
    source: OrganId(),
    into: Type.Array(OrganFacts, {
      minItems: 1,
      title: '新设机构',
      description: 'The organs that came out of it',
    }),
    sourceContinues: Type.Boolean({ title: '原机构存续', description: 'Whether the split organ goes on' }),
  }),
});
