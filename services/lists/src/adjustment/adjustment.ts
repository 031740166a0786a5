import {
  accept,
  assertNever,
  type Decider,
  type Decision,
  type Envelope,
  type Refusal,
  refuse,
} from '@dutyledger/event-store/decider';
import type { OrganFacts } from '../duty-list/organ-facts.ts';
import type { OpenList } from '../duty-list/state.ts';
import type { Line } from './check.ts';
import { advance, begin, type Course } from './course.ts';
import { type DecideAdjustment, decideAdjustment } from './decision.ts';
import type { AdjustmentEvent } from './events.ts';
import { type StepCommand, takeStep } from './steps.ts';
import { type SubmitAdjustment, submitAdjustment } from './submission.ts';

/**
 * The adjustment of duty lists (动态调整, L-4): an application with 1 to 500 changes of lists of one county, from a
 * department, a town or a village. Reviewed by the 编办, by legality review and by the organs it concerns, decided by the
 * county, applied to the lists. Several lists, because one matter often moves between them: recalled up, an item leaves a
 * town's basic list and enters that of withdrawn matters, and neither is decided without the other. Events are in
 * events.ts, the course in course.ts; submission.ts, steps.ts and decision.ts hold the rules, kinds.ts and check.ts those
 * of the changes.
 */

export type AdjustmentCommand =
  | SubmitAdjustment
  | StepCommand
  | DecideAdjustment
  | { type: 'WithdrawAdjustment' }
  | { type: 'RecordApplied'; list: string; edition: number | null; draftNumber: number }
  | { type: 'RecordApplicationFailed'; list: string; refusal: Refusal }
  | { type: 'RetryApplication' };

export type Adjustment = { status: 'absent' } | { status: 'open'; course: Course; lines: Line[] };
export type OpenAdjustment = Extract<Adjustment, { status: 'open' }>;

/** What the decider is told of the lists: their state, and the organs that they and the changes name. */
export interface ListFacts {
  lists: ReadonlyMap<string, OpenList>;
  organs: ReadonlyMap<string, OrganFacts>;
}

function evolve(state: Adjustment, event: AdjustmentEvent, _: Envelope): Adjustment {
  if (event.type === 'AdjustmentSubmitted') return { status: 'open', course: begin(event.data), lines: [] };
  if (state.status === 'absent') throw new Error(`${event.type} before AdjustmentSubmitted`);
  if (event.type === 'AdjustmentChangeProposed') return { ...state, lines: [...state.lines, event.data] };
  return { ...state, course: advance(state.course, event) };
}

function decide(command: AdjustmentCommand, state: Adjustment): Decision<AdjustmentEvent> {
  if (command.type === 'SubmitAdjustment') return submitAdjustment(command, state.status === 'open');
  if (state.status === 'absent') return refuse(absentAdjustment);
  switch (command.type) {
    case 'ReviewAdjustment':
    case 'ReviewLegality':
    case 'RequestOpinions':
    case 'RecordOpinion':
    case 'RecordTime':
      return takeStep(command, state.course);
    case 'DecideAdjustment':
      return decideAdjustment(command, state.course, state.lines);
    case 'WithdrawAdjustment':
      return withdraw(state.course);
    case 'RecordApplied':
      return recordApplied(command, state.course);
    case 'RecordApplicationFailed':
      return recordFailed(command, state.course);
    case 'RetryApplication':
      return retry(state.course);
    default:
      return assertNever(command);
  }
}

const absentAdjustment: Refusal = {
  code: 'NOT_FOUND',
  rule: 'L-4',
  field: 'adjustment',
  message: { en: 'There is no such adjustment.', 'zh-CN': '没有这项调整申请。' },
};

/** The applicant may think better of it until the county has decided. */
function withdraw(course: Course): Decision<AdjustmentEvent> {
  const { status } = course;
  if (status === 'WITHDRAWN') return accept();
  if (status === 'APPLICATION' || status === 'APPLIED' || status === 'REJECTED') {
    return refuse({
      code: 'CONFLICT',
      rule: 'L-4',
      field: 'adjustment',
      message: {
        en: 'The adjustment is decided; it cannot be withdrawn any more.',
        'zh-CN': '调整申请已作出决定，不能撤回。',
      },
      details: { status },
    });
  }
  return accept<AdjustmentEvent>({ type: 'AdjustmentWithdrawn', data: { stage: status } });
}

const pendingOn = ({ applications }: Course, list: string): boolean =>
  applications.some((one) => one.list === list && one.status === 'PENDING');

const pendingBut = ({ applications }: Course, list: string): number =>
  applications.filter((one) => one.list !== list && one.status === 'PENDING').length;

/** Told again, it is nothing: the to-do may be carried out twice. */
function recordApplied(
  { list, edition, draftNumber }: Extract<AdjustmentCommand, { type: 'RecordApplied' }>,
  course: Course,
): Decision<AdjustmentEvent> {
  if (!pendingOn(course, list)) return accept();
  const others = course.applications.filter((one) => one.list !== list);
  const last = others.every(({ status }) => status === 'APPLIED');
  return accept<AdjustmentEvent>({
    type: 'AdjustmentApplied',
    data: { list, edition, draftNumber, last, pending: pendingBut(course, list) },
  });
}

function recordFailed(
  { list, refusal }: Extract<AdjustmentCommand, { type: 'RecordApplicationFailed' }>,
  course: Course,
): Decision<AdjustmentEvent> {
  if (!pendingOn(course, list)) return accept();
  return accept<AdjustmentEvent>({
    type: 'AdjustmentApplicationFailed',
    data: { list, refusal, pending: pendingBut(course, list) },
  });
}

function retry({ applications }: Course): Decision<AdjustmentEvent> {
  const lists = applications.flatMap(({ list, status }) => (status === 'FAILED' ? [list] : []));
  if (lists.length > 0)
    return accept<AdjustmentEvent>({ type: 'AdjustmentApplicationRetried', data: { lists } });
  return refuse({
    code: 'CONFLICT',
    rule: 'L-4',
    field: 'adjustment',
    message: {
      en: 'No list refused this adjustment; there is nothing to try again.',
      'zh-CN': '没有清单拒绝本次调整，无需重试。',
    },
  });
}

export const adjustment: Decider<Adjustment, AdjustmentCommand, AdjustmentEvent> = {
  initial: { status: 'absent' },
  evolve,
  decide,
};
