import Type from 'typebox';
import { defineEvent } from './event-contract.ts';
import { Day, Division, DocumentNumber, Name, Nullable, OrganId } from './fields.ts';
import { LISTS_TOPIC } from './lists.ts';

/** What lists tells other services about delegated powers (L-5; staffing S-5, dispatch D-3, assessment). */

const common = {
  service: 'lists',
  version: 1,
  topic: LISTS_TOPIC,
  subject: { 'zh-CN': '县权力目录的事件流名称', en: "Stream name of the county's register of powers" },
} as const;

const DelegationId = () => Name('赋权标识', 'Id of the delegation');

const Powers = () =>
  Type.Array(
    Type.Object({
      code: Name('权力编码', 'Code in the register of the county'),
      name: Type.String({
        minLength: 1,
        maxLength: 500,
        title: '权力名称',
        description: 'Name of the power',
      }),
      formerOrgan: OrganId(),
    }),
    {
      minItems: 1,
      title: '权力',
      description: 'The powers, with the organ that holds them where they are not delegated',
    },
  );

export const PowersDelegated = defineEvent({
  ...common,
  event: 'PowersDelegated',
  description: {
    'zh-CN': '权力已赋予镇街，自生效日起由镇街行使',
    en: 'Powers were delegated to towns, which hold them from a day on',
  },
  data: Type.Object({
    delegation: DelegationId(),
    county: Division(),
    title: Name('名称', 'What the delegation is called'),
    powers: Powers(),
    towns: Type.Array(Type.Object({ division: Division(), organ: OrganId() }), {
      minItems: 1,
      title: '镇街',
      description: 'The towns, each with the organ that receives the powers',
    }),
    from: Day(
      '生效日期',
      'First day that the towns hold the powers; a case filed before stays with who filed it',
    ),
    trialUntil: Nullable(Day('试行截止日', 'Last day of the trial; null when there is none')),
    documentNumber: DocumentNumber(),
  }),
});

export const DelegationEvaluationOverdue = defineEvent({
  ...common,
  event: 'DelegationEvaluationOverdue',
  description: {
    'zh-CN': '赋权逾期未评估；权力仍由镇街行使',
    en: 'Delegated powers were not evaluated in time; the town holds them all the same',
  },
  data: Type.Object({
    delegation: DelegationId(),
    county: Division(),
    title: Name('名称', 'What the delegation is called'),
    town: Type.Object(
      { division: Division(), organ: OrganId() },
      {
        title: '镇街',
        description: 'The town that was to be evaluated, with the organ that holds the powers',
      },
    ),
    due: Day('应评估日', 'Last day on which the evaluation was in time'),
  }),
});

export const PowersRecalled = defineEvent({
  ...common,
  event: 'PowersRecalled',
  description: {
    'zh-CN': '权力已收回，自生效日起由原部门行使',
    en: 'Delegated powers were recalled; the former organs hold them again from a day on',
  },
  data: Type.Object({
    delegation: DelegationId(),
    county: Division(),
    powers: Type.Array(Name('权力编码', 'Code in the register of the county'), {
      minItems: 1,
      title: '权力',
      description: 'Codes of the powers',
    }),
    towns: Type.Array(Division(), { minItems: 1, title: '镇街', description: 'Divisions of the towns' }),
    from: Day(
      '生效日期',
      'First day that the former organs hold the powers; a case filed before stays with the town',
    ),
    documentNumber: DocumentNumber(),
  }),
});
