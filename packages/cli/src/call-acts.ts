import type { Act, ActOption } from './acts.ts';

/** What is done in a call (G-9). */

const organ: ActOption = {
  flags: '--organ <organ>',
  zh: '被吹哨的机构（名称或编号）',
  en: 'the called organ (name or id)',
  required: true,
  kind: 'organ',
};
const text: ActOption = { flags: '--text <text>', zh: '说明', en: 'in words', required: true };
const words: ActOption = { ...text, required: false };
const cited = (name: string, flags: string, zh: string, en: string): ActOption => ({
  flags,
  zh,
  en,
  as: (value) => ({ citation: { [name]: name === 'edition' ? Number(value) : value } }),
});

const TOWN = ['TOWN_OPERATOR'] as const;
const OFFICER = ['DEPARTMENT_OFFICER'] as const;
const COUNTY = ['COUNTY_OPERATOR'] as const;

/** In the order in which they come in the life of a call. */
export const CALL_ACTS: readonly Act[] = [
  {
    name: 'accept',
    zh: '接受',
    en: 'Accept.',
    field: 'acceptCall',
    input: 'AnswerCallInput',
    roles: OFFICER,
    options: [words],
  },
  {
    name: 'arrive',
    zh: '到场',
    en: 'Be on site.',
    field: 'arriveOnCall',
    input: 'AnswerCallInput',
    roles: OFFICER,
    options: [words],
  },
  {
    name: 'finish',
    zh: '办结',
    en: 'Report what was done.',
    field: 'finishCall',
    input: 'ReportOnCallInput',
    roles: OFFICER,
    options: [text],
  },
  {
    name: 'tell',
    zh: '反馈进展',
    en: 'Say how it stands; that moves nothing.',
    field: 'reportOnCall',
    input: 'ReportOnCallInput',
    roles: OFFICER,
    options: [text],
  },
  {
    name: 'refuse',
    zh: '拒绝：须引用职责依据',
    en: 'Refuse, with a duty citation.',
    field: 'refuseCall',
    input: 'RefuseCallInput',
    roles: OFFICER,
    reasonAs: 'text',
    options: [
      cited('list', '--list <id>', '清单编号', 'id of the list'),
      cited('edition', '--edition <n>', '清单版次', 'edition of the list'),
      cited('item', '--item <code>', '清单事项', 'item of the list'),
      cited('title', '--law <title>', '法律或文件名称', 'title of the law or document'),
      cited('article', '--article <article>', '条款', 'its article'),
    ],
  },
  {
    name: 'decide',
    zh: '裁定拒绝是否成立',
    en: 'Decide whether a refusal stands.',
    field: 'decideCallRefusal',
    input: 'DecideCallRefusalInput',
    roles: COUNTY,
    reasonAs: 'reasons',
    options: [
      organ,
      {
        flags: '--stands <yes|no>',
        zh: '是否成立',
        en: 'whether it stands',
        required: true,
        choices: ['yes', 'no'],
        as: (value) => ({ stands: value === 'yes' }),
      },
      {
        flags: '--substitute <organ>',
        zh: '成立时改派的机构',
        en: 'organ that takes its place when it stands',
        kind: 'organ',
      },
    ],
  },
  {
    name: 'substitute',
    zh: '改派',
    en: 'Put another organ in the place of a called one.',
    field: 'substituteCalledOrgan',
    input: 'SubstituteCalledOrganInput',
    roles: COUNTY,
    reasonAs: 'reasons',
    options: [
      organ,
      {
        flags: '--substitute <organ>',
        zh: '改派的机构',
        en: 'the other organ',
        required: true,
        kind: 'organ',
      },
    ],
  },
  {
    name: 'rework',
    zh: '要求返工',
    en: 'Have it done again.',
    field: 'askCallRework',
    input: 'AskCallReworkInput',
    roles: TOWN,
    reasonAs: 'text',
    options: [organ],
  },
  {
    name: 'rate',
    zh: '评价',
    en: 'Rate an organ, once and for all.',
    field: 'rateCall',
    input: 'RateCallInput',
    roles: TOWN,
    options: [
      organ,
      { flags: '--points <n>', zh: '1 至 5 分', en: '1 to 5', kind: 'count' },
      {
        flags: '--grade <grade>',
        zh: '满意度',
        en: 'grade',
        choices: ['SATISFIED', 'BASICALLY_SATISFIED', 'NOT_SATISFIED'],
      },
      words,
    ],
  },
  {
    name: 'withdraw',
    zh: '撤回',
    en: 'Want one or all organs no more.',
    field: 'withdrawCall',
    input: 'WithdrawCallInput',
    roles: TOWN,
    options: [
      {
        flags: '--organ <organ>',
        zh: '机构（默认全部），可多次给出',
        en: 'organ (default: all); may be repeated',
        many: true,
        kind: 'organ',
        as: (organs) => ({ organs }),
      },
    ],
  },
];
