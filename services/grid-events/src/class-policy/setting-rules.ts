import type { Refusal } from '@dutyledger/event-store/decider';
import { broken, unfit } from '@dutyledger/event-store/rule-texts';
import { LONGEST_CLASS } from '../routing/patterns.ts';
import type { ClassSetting } from './class-policy.ts';
import { type Limit, type LimitUnit, PHASES } from './policy.ts';

/** What must hold of what is set for a class (G-8). */

/** As lists write classes of cases: letters and digits in parts, with `*` at the end of a pattern. */
const CASE_CLASS = /^(?:[\p{L}\p{N}]+(?:[._/-][\p{L}\p{N}]+)*(?:[._/-]?\*)?|\*)$/u;
const MOST_STAGES = 20;
const LONGEST_TEXT = 1_000;
/** About a year, but for working time, of which a year has less. */
const MOST: Record<LimitUnit, number> = {
  MINUTES: 525_600,
  HOURS: 8_760,
  WORKING_HOURS: 2_000,
  WORKING_DAYS: 250,
  CALENDAR_DAYS: 365,
};

/** The first thing that is wrong with it. */
export function settingProblem(setting: ClassSetting): Refusal | undefined {
  const { caseClass, name, stages, amberAtShare } = setting;
  if (!CASE_CLASS.test(caseClass) || caseClass.length > LONGEST_CLASS) return notAClass(caseClass);
  if (stages.length > MOST_STAGES) return tooManyStages(stages.length);
  if (amberAtShare !== null && !(amberAtShare > 0 && amberAtShare < 1)) return notAShare(amberAtShare);
  return (
    unfit('G-8', 'name', name, 200, { en: 'The name of the class', 'zh-CN': '类别名称' }) ??
    first(PHASES, (phase) => limitProblem(`limits.${phase}`, setting.limits[phase])) ??
    first(stages, (stage) => stageProblem(stage.name, stage.limit)) ??
    first(TEXTS, (field) => textProblem(field, setting[field]))
  );
}

const TEXTS = [
  'category',
  'limitText',
  'filingCondition',
  'closingCondition',
  'responsible',
  'source',
] as const;

function first<T>(values: readonly T[], problem: (value: T) => Refusal | undefined): Refusal | undefined {
  for (const value of values) {
    const found = problem(value);
    if (found) return found;
  }
  return undefined;
}

const stageProblem = (name: string, limit: Limit): Refusal | undefined =>
  unfit('G-8', 'stages', name, 200, { en: 'The name of a stage', 'zh-CN': '阶段名称' }) ??
  limitProblem('stages', limit);

const textProblem = (field: string, text: string | null): Refusal | undefined =>
  text === null ? undefined : unfit('G-8', field, text, LONGEST_TEXT, { en: 'The text', 'zh-CN': '文字' });

function limitProblem(field: string, limit: Limit | undefined): Refusal | undefined {
  if (!limit) return undefined;
  const { amount, unit } = limit;
  if (Number.isInteger(amount) && amount >= 1 && amount <= MOST[unit]) return undefined;
  return broken(
    'G-8',
    field,
    {
      en: `A limit in ${unit} is a whole number from 1 to ${MOST[unit]}, not ${amount}.`,
      'zh-CN': `以 ${unit} 计的时限应为 1 至 ${MOST[unit]} 的整数，不能为 ${amount}。`,
    },
    { least: 1, most: MOST[unit] },
  );
}

const notAClass = (caseClass: string): Refusal =>
  broken('G-8', 'caseClass', {
    en: `The code of a class is letters and digits, in parts joined by . _ / or -, with * at the end for all that begin so; at most ${LONGEST_CLASS} characters: ${caseClass.slice(0, 60)}`,
    'zh-CN': `类别编码由文字、数字组成，各段以 . _ / 或 - 连接，末尾可用 * 表示同一开头的全部类别，不超过 ${LONGEST_CLASS} 字：${caseClass.slice(0, 60)}`,
  });

const notAShare = (share: number): Refusal =>
  broken('G-8', 'amberAtShare', {
    en: `A clock turns amber when a share of the limit above 0 and below 1 has passed, not ${share}.`,
    'zh-CN': `预警比例应大于 0 且小于 1，不能为 ${share}。`,
  });

const tooManyStages = (count: number): Refusal =>
  broken('G-8', 'stages', {
    en: `A class has at most ${MOST_STAGES} stages, not ${count}.`,
    'zh-CN': `一个类别最多 ${MOST_STAGES} 个阶段，现为 ${count} 个。`,
  });
