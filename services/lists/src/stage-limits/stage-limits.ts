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
import { DEFAULT_LIMITS, type Stage } from './stages.ts';

/**
 * How many working days the stages of procedures may take in one county (L-4): set by stage, each from a day on. What
 * was begun before keeps the limit that it began with.
 */

export interface StageLimit {
  stage: Stage;
  /** 1 to 365; null: the product's default again. */
  workingDays: number | null;
}

export type StageLimitsEvent = Fact<
  'StageLimitsSet',
  { division: string; effectiveFrom: string; limits: StageLimit[] }
>;

/** Per stage what was set, in the order of the days from which it holds. */
export type StageLimitsState = Partial<Record<Stage, { from: string; workingDays: number | null }[]>>;

function evolve(
  state: StageLimitsState,
  { data: { effectiveFrom, limits } }: StageLimitsEvent,
): StageLimitsState {
  const next = { ...state };
  for (const { stage, workingDays } of limits) {
    next[stage] = [
      ...(next[stage] ?? []).filter(({ from }) => from !== effectiveFrom),
      { from: effectiveFrom, workingDays },
    ].sort((a, b) => (a.from < b.from ? -1 : 1));
  }
  return next;
}

export interface SetStageLimits {
  type: 'SetStageLimits';
  /** 12-digit code of the county, or of a city or province whose counties follow it. */
  division: string;
  effectiveFrom: string;
  limits: StageLimit[];
  today: string;
}

function decide(
  { division, effectiveFrom, limits, today }: SetStageLimits,
  state: StageLimitsState,
): Decision<StageLimitsEvent> {
  const refusal = divisionProblem(division) ?? dayProblem(effectiveFrom, today) ?? limitsProblem(limits);
  if (refusal) return refuse(refusal);
  const changed = limits.filter(({ stage, workingDays }) => {
    const inForce = state[stage]?.findLast(({ from }) => from <= effectiveFrom);
    return (inForce?.workingDays ?? null) !== workingDays;
  });
  if (changed.length === 0) return accept();
  const data = { division, effectiveFrom, limits: changed };
  return accept<StageLimitsEvent>({ type: 'StageLimitsSet', data, effectiveAt: effectiveFrom });
}

const LEVELS: readonly string[] = ['country', 'province', 'city', 'county'];

function divisionProblem(code: string): Refusal | undefined {
  const level = divisionOf(code)?.level;
  if (level !== undefined && LEVELS.includes(level)) return undefined;
  return broken('L-4', 'division', {
    en: `Limits are set for a county, or for a city or province and the counties in it, not for ${code}.`,
    'zh-CN': `办理时限按区县设定，也可由市、省统一设定，不能为 ${code} 设定。`,
  });
}

function dayProblem(effectiveFrom: string, today: string): Refusal | undefined {
  if (effectiveFrom >= today) return undefined;
  return broken(
    'L-4',
    'effectiveFrom',
    {
      en: `Limits hold from today (${today}) or a later day on: a stage that runs keeps the limit it began with.`,
      'zh-CN': `时限自今日（${today}）或以后施行：已开始的环节仍适用开始时的时限。`,
    },
    { today },
  );
}

const MOST_DAYS = 365;

function limitsProblem(limits: readonly StageLimit[]): Refusal | undefined {
  if (limits.length === 0) {
    return broken('L-4', 'limits', { en: 'Name at least one stage.', 'zh-CN': '请至少写明一个环节。' });
  }
  for (const [i, { stage, workingDays }] of limits.entries()) {
    const field = `limits[${i}]`;
    if (limits.findIndex((other) => other.stage === stage) < i) {
      return broken('L-4', `${field}.stage`, {
        en: `The stage ${stage} is named twice.`,
        'zh-CN': `环节 ${stage} 重复。`,
      });
    }
    if (
      workingDays !== null &&
      !(Number.isInteger(workingDays) && workingDays >= 1 && workingDays <= MOST_DAYS)
    ) {
      return broken(
        'L-4',
        `${field}.workingDays`,
        {
          en: `A limit is 1 to ${MOST_DAYS} working days, not ${workingDays}.`,
          'zh-CN': `时限应为 1 至 ${MOST_DAYS} 个工作日，不能为 ${workingDays}。`,
        },
        { least: 1, most: MOST_DAYS, default: DEFAULT_LIMITS[stage] },
      );
    }
  }
  return undefined;
}

export const stageLimits: Decider<StageLimitsState, SetStageLimits, StageLimitsEvent> = {
  initial: {},
  evolve,
  decide,
};

export const stageLimitsStream = (division: string): string => `lists.stageLimits-${division}`;
