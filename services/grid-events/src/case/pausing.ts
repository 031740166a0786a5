import { accept, type Decision, type Refusal, refuse } from '@dutyledger/event-store/decider';
import { unfit } from '@dutyledger/event-store/rule-texts';
import { chinaDate, dayNumber } from '@dutyledger/reference-data/china-time';
import type { OrganName } from '../organs.ts';
import { deadlineAfter, extendedClock, later, pausedClock, resumedClock } from './clocks.ts';
import type { Of, Party } from './commands.ts';
import { type CaseEvent, type Clock, WHOLE_CASE } from './events.ts';
import { unbounded, wrong } from './refusals.ts';
import { clockOf, isRunning, type KnownCase } from './state.ts';
import { BOUNDS, reasonProblem } from './texts.ts';

/**
 * Suspension and extension: asked for by whoever handles the case for a lawful cause, approved by the county platform,
 * bounded; and supervision (督办). Nothing else moves a clock (G-8).
 */

type Outcome = Decision<CaseEvent>;

/** All suspensions of a case together. */
const MOST_SUSPENDED_DAYS = 90;
/** 信访工作条例 art. 34: extended once, in this product by at most the limit itself. */
const MOST_EXTENSIONS = 1;

const partyOf = ({ organ, organName }: Party): OrganName | undefined =>
  organ !== null && organName !== null ? { organ, organName } : undefined;

const noOrgan = wrong('id', {
  en: 'Whoever asks acts for an organ.',
  'zh-CN': '申请人应代表某一单位。',
});

const askedAlready = wrong('id', {
  en: 'This was asked for and is to be decided.',
  'zh-CN': '已提出申请，待审批。',
});

const nothingAsked = wrong('id', {
  en: 'Nobody has asked for it.',
  'zh-CN': '没有待审批的申请。',
});

const daysUntil = (until: string, now: string): number => dayNumber(until) - dayNumber(chinaDate(now)) + 1;

function suspensionProblem(until: string, now: string, { suspendedDays }: KnownCase): Refusal | undefined {
  const days = daysUntil(until, now);
  if (days < 1) {
    return wrong('until', { en: 'A suspension ends today or later.', 'zh-CN': '中止期限不得早于今日。' });
  }
  if (suspendedDays + days <= MOST_SUSPENDED_DAYS) return undefined;
  const left = MOST_SUSPENDED_DAYS - suspendedDays;
  return unbounded(
    'until',
    {
      en: `A case is suspended for at most ${MOST_SUSPENDED_DAYS} days in all; ${left} are left.`,
      'zh-CN': `案件累计中止不得超过 ${MOST_SUSPENDED_DAYS} 日，尚余 ${left} 日。`,
    },
    { most: MOST_SUSPENDED_DAYS, left },
  );
}

function requestSuspension(command: Of<'RequestSuspension'>, state: KnownCase): Outcome {
  const { cause, reason, until, by, timing } = command;
  const who = partyOf(by);
  if (!who) return refuse(noOrgan);
  const problem =
    (state.suspensionAsked ? askedAlready : undefined) ??
    reasonProblem(reason) ??
    suspensionProblem(until, timing.now, state);
  if (problem) return refuse(problem);
  return accept<CaseEvent>({ type: 'CaseSuspensionRequested', data: { cause, reason, until, by: who } });
}

function decideSuspension({ approve, reason, timing }: Of<'DecideSuspension'>, state: KnownCase): Outcome {
  const asked = state.suspensionAsked;
  if (!asked) return refuse(nothingAsked);
  const { now: from } = timing;
  const { cause, until } = asked;
  const problem = reasonProblem(reason) ?? (approve ? suspensionProblem(until, from, state) : undefined);
  if (problem) return refuse(problem);
  if (!approve) return accept<CaseEvent>({ type: 'CaseSuspensionRefused', data: { reason } });
  const set = state.clocks.map((clock) => pausedClock(clock, from));
  return accept<CaseEvent>({
    type: 'CaseSuspended',
    data: { cause, until, from, days: daysUntil(until, from), clocks: { set } },
  });
}

/** Clocks go on, and the deadline is at least what the handling leaves for verification. */
export function resumption(state: KnownCase, at: string): CaseEvent {
  const set = state.clocks.map((clock) => resumedClock(clock, at, state.policy));
  return { type: 'CaseResumed', data: { at, closeBy: deadlineWith(state, set), clocks: { set } } };
}

function deadlineWith({ policy, closeBy }: KnownCase, clocks: readonly Clock[]): string {
  const due = clocks.find(({ of }) => of === WHOLE_CASE)?.due;
  if (!due) throw new Error('a case that is handled has a clock that runs');
  return later(closeBy, deadlineAfter(policy, due));
}

const resumeCase = ({ timing }: Of<'ResumeCase'>, state: KnownCase): Outcome =>
  accept<CaseEvent>(resumption(state, timing.now));

function extensionProblem(amount: number, now: string, state: KnownCase): Refusal | undefined {
  const { limit } = { limit: state.policy.limits.handle };
  const due = clockOf(state, WHOLE_CASE)?.due ?? null;
  if (due === null || now >= due) {
    return unbounded('id', {
      en: 'The limit has run out; what has run out is not extended.',
      'zh-CN': '时限已届满，不能再延期。',
    });
  }
  if (state.extensions >= MOST_EXTENSIONS) {
    return unbounded('id', { en: 'A case is extended once.', 'zh-CN': '案件只能延期一次。' });
  }
  if (Number.isInteger(amount) && amount >= 1 && amount <= limit.amount) return undefined;
  return unbounded(
    'amount',
    {
      en: `An extension is 1 to ${limit.amount} of the units of the limit itself (${limit.unit}).`,
      'zh-CN': `延期应为 1 至 ${limit.amount}（${limit.unit}），不得超过原时限。`,
    },
    { most: limit.amount, unit: limit.unit },
  );
}

function requestExtension({ reason, amount, by, timing }: Of<'RequestExtension'>, state: KnownCase): Outcome {
  const who = partyOf(by);
  if (!who) return refuse(noOrgan);
  const problem =
    (state.extensionAsked ? askedAlready : undefined) ??
    reasonProblem(reason) ??
    extensionProblem(amount, timing.now, state);
  if (problem) return refuse(problem);
  return accept<CaseEvent>({ type: 'CaseExtensionRequested', data: { reason, by: who, amount } });
}

/** Tasks with a limit of their own in another unit keep it. */
function decideExtension({ approve, reason, timing }: Of<'DecideExtension'>, state: KnownCase): Outcome {
  const asked = state.extensionAsked;
  if (!asked) return refuse(nothingAsked);
  const { amount } = asked;
  const problem =
    reasonProblem(reason) ?? (approve ? extensionProblem(amount, timing.now, state) : undefined);
  if (problem) return refuse(problem);
  if (!approve) return accept<CaseEvent>({ type: 'CaseExtensionRefused', data: { reason } });
  const { unit } = state.policy.limits.handle;
  const set = state.clocks
    .filter(({ limit, overdue }) => limit.unit === unit && !overdue)
    .map((clock) => extendedClock(clock, amount, state.policy));
  return accept<CaseEvent>({
    type: 'CaseExtended',
    data: { amount, closeBy: deadlineWith(state, set), clocks: { set } },
  });
}

function superviseCase({ text, organs }: Of<'SuperviseCase'>, state: KnownCase): Outcome {
  const problem =
    unfit('G-6', 'text', text, BOUNDS.text, { en: 'The order of supervision', 'zh-CN': '督办意见' }) ??
    (organs.length <= BOUNDS.organs
      ? undefined
      : wrong('organs', {
          en: `At most ${BOUNDS.organs} organs are supervised at once.`,
          'zh-CN': `一次最多督办 ${BOUNDS.organs} 个单位。`,
        }));
  if (problem) return refuse(problem);
  const named = organs.length > 0 ? organs : busy(state);
  return accept<CaseEvent>({ type: 'CaseSupervised', data: { cause: 'ORDER', text, organs: named } });
}

/** The organs that have something to do, each once. */
export const busy = ({ tasks }: KnownCase): OrganName[] => [
  ...new Map(tasks.filter(isRunning).map(({ organ, organName }) => [organ, { organ, organName }])).values(),
];

export const steps = {
  RequestSuspension: requestSuspension,
  DecideSuspension: decideSuspension,
  ResumeCase: resumeCase,
  RequestExtension: requestExtension,
  DecideExtension: decideExtension,
  SuperviseCase: superviseCase,
};
