import { accept, type Decision, refuse } from '@dutyledger/event-store/decider';
import { unfit } from '@dutyledger/event-store/rule-texts';
import { deadlineFrom, phaseClock, type Timing } from './clocks.ts';
import type { Of } from './commands.ts';
import type { CaseEvent } from './events.ts';
import { goesOnFor, wrong } from './refusals.ts';
import type { KnownCase } from './state.ts';
import { BOUNDS, reasonProblem, resultProblem } from './texts.ts';

/** Verification, closing, evaluation, voiding, reopening (G-6). */

type Outcome = Decision<CaseEvent>;

/** On time: before the deadline of the case as a whole. One that never was filed has none. */
export function closing(
  state: Pick<KnownCase, 'level' | 'closeBy'> & Partial<KnownCase>,
  { now: at }: Timing,
  into: string | null = null,
): CaseEvent {
  const { level, closeBy, reworks = 0, transfers = 0, absorbed = [], clocks = [] } = state;
  const onTime = closeBy === null || at < closeBy;
  const stop = clocks.map(({ of }) => of);
  return {
    type: 'CaseClosed',
    data: {
      level,
      at,
      closeBy,
      onTime,
      reworks,
      transfers,
      merged: absorbed,
      with: into,
      ...(stop.length > 0 && { clocks: { stop } }),
    },
  };
}

function verifyCase({ result, close, timing }: Of<'VerifyCase'>, state: KnownCase): Outcome {
  const problem = resultProblem('result', result);
  if (problem) return refuse(problem);
  const verified: CaseEvent = { type: 'CaseVerified', data: { result } };
  return accept<CaseEvent>(verified, ...(close ? [closing(state, timing)] : []));
}

const closeCase = ({ timing }: Of<'CloseCase'>, state: KnownCase): Outcome =>
  accept<CaseEvent>(closing(state, timing));

function evaluateCase({ evaluation }: Of<'EvaluateCase'>, { evaluations }: KnownCase): Outcome {
  const { by, comment } = evaluation;
  const problem =
    (evaluations.some((each) => each.by === by)
      ? wrong('by', { en: 'They have evaluated it already.', 'zh-CN': '该评价方已评价。' })
      : undefined) ??
    (comment === null
      ? undefined
      : unfit('G-6', 'comment', comment, BOUNDS.text, { en: 'The comment', 'zh-CN': '评价意见' }));
  if (problem) return refuse(problem);
  return accept<CaseEvent>({ type: 'CaseEvaluated', data: evaluation });
}

function voidCase({ reason }: Of<'VoidCase'>, { clocks, absorbed }: KnownCase): Outcome {
  const problem = goesOnFor(absorbed) ?? reasonProblem(reason);
  if (problem) return refuse(problem);
  const stop = clocks.map(({ of }) => of);
  return accept<CaseEvent>({ type: 'CaseVoided', data: { reason, clocks: { stop } } });
}

/** What was filed lies on the desk as filed, with a new deadline; what was not is to be accepted anew, by the town. */
function reopenCase({ reason, thirdParty, timing }: Of<'ReopenCase'>, state: KnownCase): Outcome {
  const { policy, closeBy: former } = state;
  const problem =
    reasonProblem(reason) ??
    (thirdParty === null
      ? undefined
      : unfit('G-6', 'thirdParty', thirdParty, BOUNDS.name, {
          en: 'Who found it unsettled',
          'zh-CN': '第三方',
        }));
  if (problem) return refuse(problem);
  const level = state.level === 'WORKER' ? 'TOWN' : state.level;
  const filed = former !== null;
  const closeBy = filed ? deadlineFrom(policy, timing) : null;
  const clocks = { set: [phaseClock(policy, filed ? 'dispatch' : 'accept', timing)] };
  return accept<CaseEvent>({ type: 'CaseReopened', data: { reason, thirdParty, level, closeBy, clocks } });
}

export const steps = {
  VerifyCase: verifyCase,
  CloseCase: closeCase,
  EvaluateCase: evaluateCase,
  VoidCase: voidCase,
  ReopenCase: reopenCase,
};
