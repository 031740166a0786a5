import type { Role } from '@dutyledger/subgraph-kit/identity';
import type { Act, ActOption } from './acts.ts';
import { attachmentOf } from './files.ts';
import type { Translate } from './language.ts';

/** What acts on cases have in common: who takes them, and options that recur. */

export const FIELD: readonly Role[] = ['GRID_WORKER', 'TOWN_OPERATOR', 'COUNTY_OPERATOR'];
export const DESK: readonly Role[] = ['TOWN_OPERATOR', 'COUNTY_OPERATOR'];
export const TASKS: readonly Role[] = ['DEPARTMENT_OFFICER', 'TOWN_OPERATOR'];
export const ASKERS: readonly Role[] = ['DEPARTMENT_OFFICER', 'TOWN_OPERATOR', 'COUNTY_OPERATOR'];
export const COUNTY: readonly Role[] = ['COUNTY_OPERATOR'];

export const task: ActOption = {
  flags: '--task <id>',
  zh: '任务编号',
  en: 'id of the task',
  required: true,
};
export const result: ActOption = {
  flags: '--result <text>',
  zh: '做了什么、发现什么',
  en: 'what was done or found',
  required: true,
  as: (text) => ({ result: { text } }),
};
/** After `result`, whose text it joins. */
export const attachment = (t: Translate): ActOption => ({
  flags: '--attachment <sha256=name>',
  zh: '已上传的附件（dutyledger attachments add），可多次给出',
  en: 'a file uploaded before (dutyledger attachments add); may be repeated',
  many: true,
  as: (given) => ({
    result: { attachments: (given as string[]).map((each) => attachmentOf(each, t)) },
  }),
});

export const act = (
  name: string,
  field: string,
  input: string,
  roles: readonly Role[],
  [zh, en]: readonly [string, string],
  more: Pick<Act, 'options' | 'reasonAs'> = {},
): Act => ({ name, field, input, roles, zh, en, ...more });

export const explained = { reasonAs: 'explanation' } as const;
export const withOptions = (...options: ActOption[]) => ({ options });
