import { accept, assertNever, type Decider, type Decision, refuse } from '@dutyledger/event-store/decider';
import type { OrganName } from '../organs.ts';
import {
  citationProblem,
  type GivenRating,
  issueProblem,
  needed,
  ratingOf,
  ratingProblem,
} from './call-rules.ts';
import {
  absent,
  alreadyDecided,
  alreadyInCall,
  exists,
  noSubstitute,
  notCalled,
  nothingToWithdraw,
  notNow,
  uncited,
} from './refusals.ts';
import {
  type Call,
  type CallContent,
  type CallEvent,
  type Called,
  type DutyCitation,
  evolve,
  initial,
  isRunning,
  type KnownCall,
  type Level,
  type Part,
  partOf,
  type RaiseCause,
  type RunningPart,
  STEP_OF,
} from './state.ts';
import { dueOf, type Terms } from './terms.ts';

/**
 * G-9: a town calls departments; each accepts, comes, and reports that it is done, in time; it refuses only with a duty
 * citation, and the county decides whether the refusal stands; the county alone puts another organ in its place; the
 * town rates each organ once, which closes its part (历下区: 呼叫、流转、响应、反馈、评价; 一事一考). Three reworks or three
 * transfers of a part make the call a problem order that is raised a level (巴彦淖尔: 问题工单提级督办).
 */

/** `organ`: whose part it is. Commands of an organ itself name it as `by`. */
export type CallCommand = { now: string } & (
  | { type: 'IssueCall'; call: CallContent; organs: Called[]; terms: Terms }
  | PartCommand
  /** `organs`: whom the town needs no more; null: nobody of those who have not come to an end. */
  | { type: 'WithdrawCall'; organs: readonly string[] | null }
  /** What time alone does: steps go over their limit. */
  | { type: 'RecordTime' }
);

type PartCommand =
  | { type: 'AcceptCall'; organ: string; text: string | null }
  | { type: 'ArriveOnCall'; organ: string; text: string | null }
  | { type: 'FinishCall'; organ: string; text: string }
  | { type: 'RefuseCall'; organ: string; text: string; citation: DutyCitation | null }
  | { type: 'GiveCallFeedback'; organ: string; text: string }
  | {
      type: 'DecideCallRefusal';
      organ: string;
      stands: boolean;
      reasons: string;
      substitute: OrganName | null;
    }
  | { type: 'SubstituteCalledOrgan'; organ: string; substitute: OrganName; reasons: string }
  | { type: 'AskCallRework'; organ: string; text: string }
  | { type: 'RateCall'; organ: string; given: GivenRating; text: string | null };

/** From which states of a part each command leads on. Nothing else is reachable. */
export const MAY: Readonly<Record<PartCommand['type'], readonly Part['status'][]>> = {
  AcceptCall: ['CALLED'],
  // Who comes at once has accepted by coming.
  ArriveOnCall: ['CALLED', 'ACCEPTED'],
  FinishCall: ['ON_SITE', 'REWORK'],
  RefuseCall: ['CALLED'],
  GiveCallFeedback: ['CALLED', 'ACCEPTED', 'ON_SITE', 'REWORK'],
  DecideCallRefusal: ['REFUSED'],
  SubstituteCalledOrgan: ['CALLED', 'ACCEPTED', 'ON_SITE', 'REWORK'],
  AskCallRework: ['DONE'],
  // And where the organ is over its limit: who never came is rated, too.
  RateCall: ['DONE'],
};

type Outcome = Decision<CallEvent>;
type Of<T extends PartCommand['type']> = Extract<PartCommand, { type: T }> & { now: string };

function decide(command: CallCommand, state: Call): Outcome {
  if (command.type === 'IssueCall') return issue(command, state);
  if (state.status === 'ABSENT') return command.type === 'RecordTime' ? accept() : refuse(absent);
  if (command.type === 'RecordTime') return accept(...overdueNow(state, state.parts, command.now));
  if (command.type === 'WithdrawCall') return withdraw(command, state);
  const part = partOf(state, command.organ);
  if (!part) return refuse(notCalled(state, command.organ));
  const rateable = command.type === 'RateCall' && isLate(part, command.now) && part.status !== 'REFUSED';
  if (!(MAY[command.type].includes(part.status) || rateable)) return refuse(notNow(part));
  const late = overdueNow(state, [part], command.now);
  const now = late.reduce(evolve, state) as KnownCall;
  const outcome = onPart(command, now, part);
  return outcome.ok ? accept(...late, ...outcome.events) : outcome;
}

function onPart(command: PartCommand & { now: string }, state: KnownCall, part: Part): Outcome {
  switch (command.type) {
    case 'AcceptCall':
      return accept<CallEvent>(accepted(command, state, part));
    case 'ArriveOnCall':
      return arrive(command, state, part);
    case 'FinishCall':
      return finish(command, part);
    case 'RefuseCall':
      return refuseCall(command, state, part);
    case 'GiveCallFeedback':
      return feedback(command, part);
    case 'DecideCallRefusal':
      return decideRefusal(command, state, part);
    case 'SubstituteCalledOrgan':
      return substitute(command, state, part);
    case 'AskCallRework':
      return rework(command, state, part);
    case 'RateCall':
      return rate(command, state, part);
    default:
      return assertNever(command);
  }
}

function issue(command: Extract<CallCommand, { type: 'IssueCall' }>, state: Call): Outcome {
  const { call, organs, terms, now } = command;
  const problem = state.status === 'ABSENT' ? issueProblem(call, organs, now) : exists(call.id);
  if (problem) return refuse(problem);
  const due = dueOf(terms, 'ACCEPT', now);
  return accept<CallEvent>({ type: 'CallIssued', data: { ...call, at: now, organs, due, terms } });
}

const nameOf = ({ organ, organName }: OrganName): OrganName => ({ organ, organName });

/** On site by the limit, or at the appointed time where that is later. */
function accepted({ now, text }: Of<'AcceptCall' | 'ArriveOnCall'>, state: KnownCall, part: Part): CallEvent {
  const limit = dueOf(state.terms, 'ON_SITE', now);
  const due = state.appointedAt !== null && state.appointedAt > limit ? state.appointedAt : limit;
  return { type: 'CallAccepted', data: { ...nameOf(part), at: now, text, due } };
}

function arrive(command: Of<'ArriveOnCall'>, state: KnownCall, part: Part): Outcome {
  const { now, text } = command;
  const before = part.status === 'CALLED' ? [accepted({ ...command, text: null }, state, part)] : [];
  const due = dueOf(state.terms, 'DONE', now);
  return accept<CallEvent>(...before, {
    type: 'CalledOrganArrived',
    data: { ...nameOf(part), at: now, text, due },
  });
}

function finish({ now, text }: Of<'FinishCall'>, part: Part): Outcome {
  const problem = needed('text', text, { en: 'What was done', 'zh-CN': '办理结果' });
  if (problem) return refuse(problem);
  return accept<CallEvent>({ type: 'CalledOrganDone', data: { ...nameOf(part), at: now, text } });
}

function refuseCall({ now, text, citation }: Of<'RefuseCall'>, state: KnownCall, part: Part): Outcome {
  if (part.refusal) return refuse(alreadyDecided(part));
  if (!citation) return refuse(uncited(part));
  const problem =
    citationProblem(citation) ?? needed('text', text, { en: 'Why it refuses', 'zh-CN': '拒绝理由' });
  if (problem) return refuse(problem);
  const due = dueOf(state.terms, 'DECISION', now);
  return accept<CallEvent>({ type: 'CallRefused', data: { ...nameOf(part), at: now, text, citation, due } });
}

function feedback({ now, text }: Of<'GiveCallFeedback'>, part: Part): Outcome {
  const problem = needed('text', text, { en: 'The feedback', 'zh-CN': '反馈内容' });
  if (problem) return refuse(problem);
  return accept<CallEvent>({ type: 'CallFeedbackGiven', data: { ...nameOf(part), at: now, text } });
}

const REASONS = { en: 'Why the county decides so', 'zh-CN': '县级决定的理由' };

function decideRefusal(command: Of<'DecideCallRefusal'>, state: KnownCall, part: Part): Outcome {
  const { now, stands, reasons, substitute: by } = command;
  if (stands && by) return substitute({ ...command, substitute: by }, state, part);
  const problem = needed('reasons', reasons, REASONS) ?? (by ? noSubstitute : undefined);
  if (problem) return refuse(problem);
  const due = stands ? null : dueOf(state.terms, 'ACCEPT', now);
  return accept<CallEvent>({
    type: 'CallRefusalDecided',
    data: { ...nameOf(part), at: now, stands, reasons, due },
  });
}

function substitute(
  { now, substitute: by, reasons }: { now: string; substitute: OrganName; reasons: string },
  state: KnownCall,
  part: Part,
): Outcome {
  const status = partOf(state, by.organ)?.status ?? 'SUBSTITUTED';
  const unfit = by.organ === state.town.organ || status !== 'SUBSTITUTED';
  const problem = needed('reasons', reasons, REASONS) ?? (unfit ? alreadyInCall(by) : undefined);
  if (problem) return refuse(problem);
  const due = dueOf(state.terms, 'ACCEPT', now);
  return accept<CallEvent>(
    { type: 'CalledOrganSubstituted', data: { ...nameOf(part), at: now, by, reasons, due } },
    ...problemOrder(state, part, 'TRANSFERS', part.transfers + 1),
  );
}

function rework({ now, text }: Of<'AskCallRework'>, state: KnownCall, part: Part): Outcome {
  const problem = needed('text', text, { en: 'What is to be done again', 'zh-CN': '返工要求' });
  if (problem) return refuse(problem);
  const due = dueOf(state.terms, 'DONE', now);
  return accept<CallEvent>(
    { type: 'CallReworkAsked', data: { ...nameOf(part), at: now, text, due } },
    ...problemOrder(state, part, 'REWORKS', part.reworks + 1),
  );
}

function rate({ now, given, text }: Of<'RateCall'>, { terms }: KnownCall, part: Part): Outcome {
  const problem = ratingProblem(given, terms.scale, text);
  if (problem) return refuse(problem);
  const rating = ratingOf(given, terms.scale, text);
  return accept<CallEvent>({ type: 'CallRated', data: { ...nameOf(part), at: now, rating } });
}

function withdraw(
  { now, organs }: Extract<CallCommand, { type: 'WithdrawCall' }> & { now: string },
  state: KnownCall,
): Outcome {
  const running = state.parts.filter(isRunning);
  const wanted = organs ?? running.map(({ organ }) => organ);
  const named = running.filter(({ organ }) => wanted.includes(organ));
  if (named.length === 0 || named.length < new Set(wanted).size)
    return refuse(nothingToWithdraw(state, wanted));
  return accept<CallEvent>(...overdueNow(state, named, now), {
    type: 'CallWithdrawn',
    data: { at: now, organs: named.map(nameOf) },
  });
}

/** 三次: from how many on a part makes its call a problem order. */
const TOO_OFTEN = 3;

const NEXT: Readonly<Record<Level, Level>> = { TOWN: 'COUNTY', COUNTY: 'CITY', CITY: 'CITY' };

function problemOrder(state: KnownCall, part: Part, cause: RaiseCause, count: number): CallEvent[] {
  if (state.problem !== null || count < TOO_OFTEN) return [];
  const { level: from } = state;
  return [{ type: 'CallRaised', data: { ...nameOf(part), cause, from, to: NEXT[from] } }];
}

const isLate = (part: Part, now: string): part is RunningPart => isRunning(part) && now >= part.due;

/** What goes on record of those parts now: each step that is over its limit, once; and that the county supervises it. */
function overdueNow(state: KnownCall, parts: readonly Part[], now: string): CallEvent[] {
  const late = parts.filter(
    (part): part is RunningPart =>
      isLate(part, now) &&
      !part.overdue.some(({ step, due }) => step === STEP_OF[part.status] && due === part.due),
  );
  const [first] = late;
  if (!first) return [];
  const events = late.map(
    (part): CallEvent => ({
      type: 'CallOverdue',
      data: { ...nameOf(part), step: STEP_OF[part.status], due: part.due },
    }),
  );
  if (state.terms.overdue === 'NONE' || state.level !== 'TOWN') return events;
  return [
    ...events,
    { type: 'CallRaised', data: { ...nameOf(first), cause: 'OVERDUE', from: 'TOWN', to: 'COUNTY' } },
  ];
}

export const call: Decider<Call, CallCommand, CallEvent> = { initial, evolve, decide };
