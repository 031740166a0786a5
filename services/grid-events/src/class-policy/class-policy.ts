import { canonicalJson } from '@dutyledger/event-store/canonical-json';
import {
  accept,
  type Decider,
  type Decision,
  type Fact,
  type Refusal,
  refuse,
} from '@dutyledger/event-store/decider';
import { broken } from '@dutyledger/event-store/rule-texts';
import { division as divisionOf } from '@dutyledger/reference-data/divisions';
import { Map as IMap } from 'immutable';
import type { Escalation, Limit, Phase } from './policy.ts';
import { settingProblem } from './setting-rules.ts';

/**
 * Classes of cases and what their clocks go by, as one division has set them (G-8): each class, or pattern of classes,
 * from a day on. What began before keeps the limits that it began with.
 */

/** A part of the handling that has a limit of its own (停工 4 工作时, 处罚 7 工作日). */
export interface Stage {
  name: string;
  limit: Limit;
}

export interface ClassSetting {
  /** Code of the class; one that ends with `*` stands for all that begin so. */
  caseClass: string;
  name: string;
  /** 大类 */
  category: string | null;
  /** Phases that are not named go by a wider setting or the default. */
  limits: Partial<Record<Phase, Limit>>;
  /** How its source puts the limit of the handling, where that says more than one limit can. */
  limitText: string | null;
  stages: Stage[];
  amberAtShare: number | null;
  escalation: Escalation | null;
  filingCondition: string | null;
  closingCondition: string | null;
  /** Who handles it, in the words of the source; the lists decide. */
  responsible: string | null;
  source: string | null;
}

export type ClassPolicyEvent =
  | Fact<'ClassPolicySet', Change & { setting: ClassSetting }>
  | Fact<'ClassPolicyWithdrawn', Change & { caseClass: string }>;

interface Change {
  division: string;
  effectiveFrom: string;
  /** Counts the changes of the class in the division, from 1. */
  version: number;
}

interface ClassState {
  version: number;
  /** By the day from which it holds. */
  settings: { from: string; setting: ClassSetting | null }[];
}

type ClassPolicies = IMap<string, ClassState>;

function evolve(state: ClassPolicies, event: ClassPolicyEvent): ClassPolicies {
  const { effectiveFrom: from, version } = event.data;
  const setting = event.type === 'ClassPolicySet' ? event.data.setting : null;
  const caseClass = event.type === 'ClassPolicySet' ? event.data.setting.caseClass : event.data.caseClass;
  const known = state.get(caseClass)?.settings ?? [];
  const settings = [...known.filter((other) => other.from !== from), { from, setting }];
  return state.set(caseClass, { version, settings: settings.sort((a, b) => (a.from < b.from ? -1 : 1)) });
}

interface Given {
  /** 12-digit code of the county or town, or of a city or province whose counties follow it. */
  division: string;
  effectiveFrom: string;
  today: string;
}

export type ClassPolicyCommand = Given &
  (
    | { type: 'SetClassPolicies'; settings: readonly ClassSetting[] }
    | { type: 'WithdrawClassPolicy'; caseClass: string }
  );

function decide(command: ClassPolicyCommand, state: ClassPolicies): Decision<ClassPolicyEvent> {
  const { division, effectiveFrom } = command;
  const problem = divisionProblem(division) ?? dayProblem(command);
  if (problem) return refuse(problem);
  const holding = (caseClass: string) =>
    state.get(caseClass)?.settings.findLast(({ from }) => from <= effectiveFrom)?.setting ?? null;
  const next = (caseClass: string): Change => ({
    division,
    effectiveFrom,
    version: (state.get(caseClass)?.version ?? 0) + 1,
  });
  if (command.type === 'WithdrawClassPolicy') {
    const { caseClass } = command;
    if (!holding(caseClass)) return refuse(notSet(caseClass));
    const data = { ...next(caseClass), caseClass };
    return accept<ClassPolicyEvent>({ type: 'ClassPolicyWithdrawn', data, effectiveAt: effectiveFrom });
  }
  const { settings } = command;
  const wrong = settingsProblem(settings);
  if (wrong) return refuse(wrong);
  const changed = settings.filter(
    (setting) => canonicalJson(holding(setting.caseClass)) !== canonicalJson(setting),
  );
  return accept<ClassPolicyEvent>(
    ...changed.map((setting) => ({
      type: 'ClassPolicySet' as const,
      data: { ...next(setting.caseClass), setting },
      effectiveAt: effectiveFrom,
    })),
  );
}

/** How many classes one command sets at most. */
export const MOST_CLASSES = 5_000;

function settingsProblem(settings: readonly ClassSetting[]): Refusal | undefined {
  if (settings.length === 0 || settings.length > MOST_CLASSES) {
    return broken('G-8', 'classes', {
      en: `Name 1 to ${MOST_CLASSES} classes, not ${settings.length}.`,
      'zh-CN': `应写明 1 至 ${MOST_CLASSES} 个类别，现为 ${settings.length} 个。`,
    });
  }
  const seen = new Set<string>();
  for (const setting of settings) {
    const problem = settingProblem(setting);
    if (problem) return { ...problem, details: { ...problem.details, caseClass: setting.caseClass } };
    if (seen.has(setting.caseClass)) return repeated(setting.caseClass);
    seen.add(setting.caseClass);
  }
  return undefined;
}

const LEVELS: readonly string[] = ['country', 'province', 'city', 'county', 'town'];

function divisionProblem(code: string): Refusal | undefined {
  const level = divisionOf(code)?.level;
  if (level !== undefined && LEVELS.includes(level)) return undefined;
  return broken('G-8', 'division', {
    en: `Limits are set for a county or a town, or for a city or province and all that lies in it, not for ${code}.`,
    'zh-CN': `时限按区县或镇街设定，也可由市、省统一设定，不能为 ${code} 设定。`,
  });
}

function dayProblem({ effectiveFrom, today }: Given): Refusal | undefined {
  if (effectiveFrom >= today) return undefined;
  return broken(
    'G-8',
    'effectiveFrom',
    {
      en: `Limits hold from today (${today}) or a later day on: a clock that runs keeps the limit it began with.`,
      'zh-CN': `时限自今日（${today}）或以后施行：已开始计时的仍适用开始时的时限。`,
    },
    { today },
  );
}

const repeated = (caseClass: string): Refusal =>
  broken(
    'G-8',
    'caseClass',
    { en: `The class ${caseClass} is named twice.`, 'zh-CN': `类别 ${caseClass} 重复。` },
    { caseClass },
  );

const notSet = (caseClass: string): Refusal => ({
  code: 'NOT_FOUND',
  rule: 'G-8',
  field: 'caseClass',
  message: {
    en: `Nothing is set for the class ${caseClass} in this division on that day.`,
    'zh-CN': `本区划在该日没有为类别 ${caseClass} 设定时限。`,
  },
});

export const classPolicies: Decider<ClassPolicies, ClassPolicyCommand, ClassPolicyEvent> = {
  initial: IMap(),
  evolve,
  decide,
};

export const classPolicyStream = (division: string): string => `gridEvents.classPolicy-${division}`;
