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
import type { Limit } from '../class-policy/policy.ts';
import { type CallKind, DEFAULT_LIMITS, type OverduePolicy, type Scale, type Step } from './terms.ts';

/**
 * What calls of one county run under (G-9): limits by kind and step, what becomes of overdue steps, and the scale of the
 * rating, each from a day on. A call keeps the terms that it was issued under.
 */

export interface CallLimit {
  kind: CallKind;
  step: Step;
  /** Null: the product's default again. */
  limit: Limit | null;
}

/** Left out: stays as it is. Null: the product's default again. */
export interface CallTermsGiven {
  limits: CallLimit[];
  overdue?: OverduePolicy | null;
  scale?: Scale | null;
}

export type CallTermsEvent = Fact<
  'CallTermsSet',
  CallTermsGiven & { division: string; effectiveFrom: string }
>;

export interface SetCallTerms {
  type: 'SetCallTerms';
  /** 12-digit code of the county, or of a city or province whose counties follow it. */
  division: string;
  effectiveFrom: string;
  given: CallTermsGiven;
  today: string;
}

type Setting = Limit | string | null;

/** Per setting what was set, in the order of the days from which it holds. */
export type CallTermsState = Readonly<Record<string, { from: string; value: Setting }[]>>;

const OVERDUE = 'overdue';
const SCALE = 'scale';
/** Name of a limit among the settings of a division. */
export const limitName = (kind: CallKind, step: Step): string => `${kind}/${step}`;

/** The settings that were given, by name: what is stored of each, and what is compared. */
export function settingsOf({ limits, overdue, scale }: CallTermsGiven): Map<string, Setting> {
  const settings = new Map<string, Setting>(
    limits.map(({ kind, step, limit }) => [limitName(kind, step), limit]),
  );
  if (overdue !== undefined) settings.set(OVERDUE, overdue);
  if (scale !== undefined) settings.set(SCALE, scale);
  return settings;
}

function evolve(state: CallTermsState, { data }: CallTermsEvent): CallTermsState {
  const next = { ...state };
  const from = data.effectiveFrom;
  for (const [name, value] of settingsOf(data)) {
    next[name] = [...(next[name] ?? []).filter((set) => set.from !== from), { from, value }].sort((a, b) =>
      a.from < b.from ? -1 : 1,
    );
  }
  return next;
}

function decide(
  { division, effectiveFrom, given, today }: SetCallTerms,
  state: CallTermsState,
): Decision<CallTermsEvent> {
  const problem = divisionProblem(division) ?? dayProblem(effectiveFrom, today) ?? limitsProblem(given);
  if (problem) return refuse(problem);
  const changed = new Set(
    [...settingsOf(given)]
      .filter(([name, value]) => {
        const inForce = state[name]?.findLast(({ from }) => from <= effectiveFrom)?.value ?? null;
        return JSON.stringify(inForce) !== JSON.stringify(value);
      })
      .map(([name]) => name),
  );
  if (changed.size === 0) return accept();
  const { limits, overdue, scale } = given;
  const data = {
    division,
    effectiveFrom,
    limits: limits.filter(({ kind, step }) => changed.has(limitName(kind, step))),
    ...(overdue !== undefined && changed.has(OVERDUE) && { overdue }),
    ...(scale !== undefined && changed.has(SCALE) && { scale }),
  };
  return accept<CallTermsEvent>({ type: 'CallTermsSet', data, effectiveAt: effectiveFrom });
}

const LEVELS: readonly string[] = ['country', 'province', 'city', 'county'];

function divisionProblem(code: string): Refusal | undefined {
  const level = divisionOf(code)?.level;
  if (level !== undefined && LEVELS.includes(level)) return undefined;
  return broken('G-9', 'division', {
    en: `The terms of calls are set for a county, or for a city or province and the counties in it, not for ${code}.`,
    'zh-CN': `呼叫规则按区县设定，也可由市、省统一设定，不能为 ${code} 设定。`,
  });
}

function dayProblem(effectiveFrom: string, today: string): Refusal | undefined {
  if (effectiveFrom >= today) return undefined;
  return broken('G-9', 'effectiveFrom', {
    en: `Terms hold from today (${today}) or a later day on: a call keeps those it was issued under.`,
    'zh-CN': `规则自今日（${today}）或以后施行：已发出的呼叫仍适用发出时的规则。`,
  });
}

/** The longest limit in each unit: a year, or what is near it. */
const MOST: Readonly<Record<Limit['unit'], number>> = {
  MINUTES: 525_600,
  HOURS: 8_760,
  WORKING_HOURS: 2_000,
  WORKING_DAYS: 250,
  CALENDAR_DAYS: 366,
};

function limitsProblem({ limits, overdue, scale }: CallTermsGiven): Refusal | undefined {
  if (limits.length === 0 && overdue === undefined && scale === undefined) {
    return broken('G-9', 'limits', { en: 'Name at least one setting.', 'zh-CN': '请至少写明一项设定。' });
  }
  for (const [i, { kind, step, limit }] of limits.entries()) {
    if (limits.findIndex((other) => other.kind === kind && other.step === step) < i) {
      return broken('G-9', `limits[${i}]`, {
        en: `The limit of ${step} in ${kind} is named twice.`,
        'zh-CN': `${kind} 的 ${step} 时限重复。`,
      });
    }
    if (limit && !(Number.isInteger(limit.amount) && limit.amount >= 1 && limit.amount <= MOST[limit.unit])) {
      return broken(
        'G-9',
        `limits[${i}].limit`,
        {
          en: `A limit in ${limit.unit} is 1 to ${MOST[limit.unit]}, not ${limit.amount}.`,
          'zh-CN': `以 ${limit.unit} 计的时限应为 1 至 ${MOST[limit.unit]}，不能为 ${limit.amount}。`,
        },
        { least: 1, most: MOST[limit.unit], default: DEFAULT_LIMITS[kind][step] },
      );
    }
  }
  return undefined;
}

export const callTerms: Decider<CallTermsState, SetCallTerms, CallTermsEvent> = {
  initial: {},
  evolve,
  decide,
};

export const callTermsStream = (division: string): string => `gridEvents.callTerms-${division}`;
