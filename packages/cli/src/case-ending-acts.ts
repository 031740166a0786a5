import type { Act, ActOption } from './acts.ts';
import {
  ASKERS,
  act,
  attachment,
  COUNTY,
  DESK,
  explained,
  FIELD,
  result,
  withOptions,
} from './case-act-parts.ts';
import type { Translate } from './language.ts';

/** What is done about the limits of a case, and at its end (G-6, G-8). */

const CAUSES = [
  'FORCE_MAJEURE',
  'LEGAL_PROCEEDING',
  'EXPERT_APPRAISAL',
  'SEASON_OR_WEATHER',
  'PARTY_UNAVAILABLE',
];

const decision: readonly ActOption[] = [
  {
    flags: '--decision <decision>',
    zh: '同意或不同意',
    en: 'what is decided',
    required: true,
    choices: ['approve', 'refuse'],
    as: (given) => ({ approve: given === 'approve' }),
  },
];

/** Its limits. */
export const pausing: Act[] = [
  act(
    'suspend',
    'requestCaseSuspension',
    'RequestCaseSuspensionInput',
    ASKERS,
    ['申请中止', 'Ask for a suspension.'],
    {
      ...explained,
      ...withOptions(
        {
          flags: '--cause <cause>',
          zh: '法定事由',
          en: 'the lawful cause',
          required: true,
          choices: CAUSES,
        },
        { flags: '--until <day>', zh: '最后一日', en: 'last day of it', required: true, kind: 'day' },
      ),
    },
  ),
  act(
    'decide-suspension',
    'decideCaseSuspension',
    'DecideOnCaseInput',
    COUNTY,
    ['审批中止', 'Decide on the suspension that is asked for.'],
    { ...explained, options: decision },
  ),
  act('resume', 'resumeCase', 'OnCaseInput', ASKERS, ['恢复办理', 'Go on before the suspension ends.']),
  act(
    'extend',
    'requestCaseExtension',
    'RequestCaseExtensionInput',
    ASKERS,
    ['申请延期', 'Ask for an extension.'],
    {
      ...explained,
      ...withOptions({
        flags: '--amount <n>',
        zh: '延长多少（以时限的单位计）',
        en: 'by how much, in units of the limit',
        required: true,
        kind: 'count',
      }),
    },
  ),
  act(
    'decide-extension',
    'decideCaseExtension',
    'DecideOnCaseInput',
    COUNTY,
    ['审批延期', 'Decide on the extension that is asked for.'],
    { ...explained, options: decision },
  ),
  act(
    'supervise',
    'superviseCase',
    'SuperviseCaseInput',
    COUNTY,
    ['督办', 'Order that a case be dealt with.'],
    {
      reasonAs: 'text',
      ...withOptions({
        flags: '--organ <organ>',
        zh: '督办对象（默认有任务待办的机构），可多次给出',
        en: 'who is supervised (default: those with tasks to do); may be repeated',
        many: true,
        kind: 'organ',
        as: (organs) => ({ organs }),
      }),
    },
  ),
];

/** Its end, and what comes after. */
export const ending = (t: Translate): Act[] => [
  act(
    'verify',
    'verifyCase',
    'VerifyCaseInput',
    FIELD,
    ['核实：已解决', 'Find on site that it is settled.'],
    withOptions(result, attachment(t), {
      flags: '--close',
      zh: '同时结案',
      en: 'close it in the same breath',
    }),
  ),
  act('rework', 'reworkCase', 'ReworkCaseInput', FIELD, ['返工', 'Return it at verification.'], {
    ...explained,
    ...withOptions({
      flags: '--task <id>',
      zh: '重做的任务（默认牵头任务），可多次给出',
      en: 'task to be done again (default: that of the lead); may be repeated',
      many: true,
      as: (tasks) => ({ tasks }),
    }),
  }),
  act('close', 'closeCase', 'OnCaseInput', FIELD, ['结案', 'Close a verified case.']),
  act(
    'evaluate',
    'evaluateCase',
    'EvaluateCaseInput',
    DESK,
    ['评价', 'Evaluate a closed case.'],
    withOptions(
      { flags: '--by <who>', zh: '谁评价', en: 'whose', required: true, choices: ['REPORTER', 'TOWN'] },
      ...(
        [
          ['responded', '有响应', 'they were answered'],
          ['resolved', '已解决', 'it was resolved'],
          ['satisfied', '满意', 'they are satisfied'],
        ] as const
      ).map(
        ([name, zh, en]): ActOption => ({
          flags: `--${name} <yes|no>`,
          zh,
          en,
          required: true,
          choices: ['yes', 'no'],
          as: (value) => ({ [name]: value === 'yes' }),
        }),
      ),
      { flags: '--comment <text>', zh: '原话', en: 'in their words' },
    ),
  ),
  act('reopen', 'reopenCase', 'ReopenCaseInput', DESK, ['重新办理', 'Reopen a closed or refused case.'], {
    ...explained,
    ...withOptions({
      flags: '--third-party <name>',
      zh: '第三方回访单位',
      en: 'third party that found it unsettled',
    }),
  }),
  act('merge', 'mergeCase', 'MergeCaseInput', FIELD, ['并案', 'Merge a case into another.'], {
    ...explained,
    ...withOptions({ flags: '--into <case>', zh: '并入的案件', en: 'the case that goes on', required: true }),
  }),
  act('unmerge', 'unmergeCase', 'ReasonOnCaseInput', FIELD, ['撤销并案', 'Take a merger back.'], explained),
  act('link', 'linkCase', 'LinkCaseInput', FIELD, ['关联', 'Link a case to another.'], {
    reasonAs: 'note',
    ...withOptions({ flags: '--to <case>', zh: '另一案件', en: 'the other case', required: true }),
  }),
  act('void', 'voidCase', 'ReasonOnCaseInput', FIELD, ['作废', 'Void a case.'], explained),
];
