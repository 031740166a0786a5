import type { Actor, Basis, StoredEvent } from '@dutyledger/event-store/event-store';
import { type CommandDeps, handleCommand, load } from '@dutyledger/event-store/handle-command';
import { uuidFrom } from '@dutyledger/event-store/ids';
import type { ReadView } from '@dutyledger/read-store/read-store';
import { addDays, chinaDate, startOfDay } from '@dutyledger/reference-data/china-time';
import {
  AT_ONCE,
  type Firing,
  firingContext,
  type TimerChange,
  type TimerHandler,
  type TimerSource,
} from '@dutyledger/timers/timers';
import { type ApplyAdjustment, asPublished } from '../duty-list/adjusted.ts';
import { dutyList } from '../duty-list/duty-list.ts';
import { recordedOpinions } from '../duty-list/stages.ts';
import { type DutyList, dutyListStream } from '../duty-list/state.ts';
import { onTime } from '../on-time.ts';
import { timingOn } from '../timing.ts';
import { adjustment, type OpenAdjustment } from './adjustment.ts';
import { adjustmentOf } from './check.ts';
import type { AdjustmentDecision, AdjustmentEvent, LegalityOpinion } from './events.ts';
import { factsOf } from './facts.ts';

/** What time alone does to an adjustment, and what its approval causes in the lists: to-dos that survive a crash (L-4). */

const STAGE = 'adjustmentStage';
const APPLY = 'adjustmentApplication';

const after = (day: string): string => startOfDay(addDays(day, 1));

export const adjustmentTimers: TimerSource = {
  handles: [
    'AdjustmentSubmitted',
    'AdjustmentReviewed',
    'AdjustmentLegalityReviewed',
    'AdjustmentOpinionsRequested',
    'AdjustmentOpinionGiven',
    'AdjustmentOpinionsLapsed',
    'AdjustmentDecided',
    'AdjustmentWithdrawn',
    'AdjustmentApplied',
    'AdjustmentApplicationFailed',
    'AdjustmentApplicationRetried',
    'AdjustmentStageOverdue',
  ],
  changes: changesOf,
};

function changesOf(stored: StoredEvent): TimerChange[] {
  const event = stored as StoredEvent & AdjustmentEvent;
  const stage = `${stored.stream}/stage`;
  const limit = (due: string | undefined): TimerChange =>
    due === undefined
      ? { clear: stage }
      : { set: stage, kind: STAGE, due: after(due), data: { stream: stored.stream } };
  switch (event.type) {
    case 'AdjustmentSubmitted':
    case 'AdjustmentReviewed':
    case 'AdjustmentLegalityReviewed':
    case 'AdjustmentOpinionsRequested':
    case 'AdjustmentOpinionsLapsed':
      return [limit(event.data.due)];
    case 'AdjustmentOpinionGiven':
      return event.data.due === undefined ? [] : [limit(event.data.due)];
    case 'AdjustmentDecided':
      return [limit(event.data.due), ...(event.data.application ? [toLists(stored)] : [])];
    case 'AdjustmentApplicationRetried':
      return [toLists(stored)];
    case 'AdjustmentApplied':
      return [
        ...(event.data.pending === 0 ? [{ clear: `${stored.stream}/lists` }] : []),
        ...(event.data.last ? [{ clear: stage }] : []),
      ];
    case 'AdjustmentApplicationFailed':
      return event.data.pending === 0 ? [{ clear: `${stored.stream}/lists` }] : [];
    case 'AdjustmentWithdrawn':
    case 'AdjustmentStageOverdue':
      return [{ clear: stage }];
    case 'AdjustmentChangeProposed':
      return [];
    default:
      return event satisfies never;
  }
}

/** What the lists record is the act of who decided, with that reason and basis. */
interface Cause {
  stream: string;
  actor: Actor;
  reason: string;
  basis: Basis[];
}

function toLists({ stream, metadata }: StoredEvent): TimerChange {
  const { actor, reason, basis } = metadata;
  const cause: Cause = { stream, actor, reason, basis };
  return { set: `${stream}/lists`, kind: APPLY, due: AT_ONCE, data: { ...cause } };
}

/** `organs`: the service's copy of staffing's. */
export const adjustmentTimerHandlers = (
  commands: CommandDeps,
  view: ReadView,
  organs: ReadView,
): Record<string, TimerHandler> => ({
  async [STAGE](firing) {
    const { stream } = firing.timer.data as { stream: string };
    const today = chinaDate(firing.now.toISOString());
    const timing = await timingOn(view, firing.timer.cause.division, today);
    await handleCommand(commands, adjustment, stream, { type: 'RecordTime', timing }, onTime(firing, 'L-4'));
  },
  async [APPLY](firing) {
    const { stream } = firing.timer.data as unknown as Cause;
    const { state } = await load(commands, adjustment, stream);
    if (state.status === 'absent') throw new Error(`${stream} is not there`);
    for (const { list, status } of state.course.applications) {
      if (status === 'PENDING') await applyTo(list, state, firing, commands, organs);
    }
  },
});

/**
 * The changes of one list, then the record of it. After a crash between the two, the list recognises the command by its
 * id and the record is made up for.
 */
async function applyTo(
  list: string,
  { course, lines }: OpenAdjustment,
  firing: Firing,
  commands: CommandDeps,
  organs: ReadView,
): Promise<void> {
  const { stream, actor, reason, basis } = firing.timer.data as unknown as Cause;
  const own = lines.filter((line) => line.list === list);
  const facts = await factsOf(commands, organs, own);
  const state = facts.lists.get(list);
  if (!state) throw new Error(`${list} of ${stream} is not there`);
  const edition = course.decision?.application?.edition;
  const { head, legality, decision, consultation } = course;
  const command: ApplyAdjustment = {
    type: 'ApplyAdjustment',
    adjustment: head.id,
    ...adjustmentOf(own, edition ? asPublished(state) : state, facts.organs),
    atOnce:
      edition && legality && decision
        ? {
            ...edition,
            review: reviewOf(legality),
            opinions: recordedOpinions(consultation),
            approval: approvalOf(decision),
          }
        : null,
  };
  const surroundings = firingContext(firing, { actor, reason, basis });
  const ofList = (name: string) => ({
    ...surroundings,
    commandId: uuidFrom('adjustment', firing.commandId, name, list),
    content: { adjustment: head.id, list },
  });
  const context = { ...ofList('apply'), division: state.head.division };
  const outcome = await handleCommand(commands, dutyList, dutyListStream(list), command, context);
  // Only contention with others has no rule: it is tried again.
  if (!outcome.ok && outcome.refusal.code === 'CONFLICT' && !outcome.refusal.rule) {
    throw new Error(outcome.refusal.message.en);
  }
  const said = outcome.ok
    ? { type: 'RecordApplied' as const, list, ...placeOf(outcome) }
    : { type: 'RecordApplicationFailed' as const, list, refusal: outcome.refusal };
  await handleCommand(commands, adjustment, stream, said, ofList('record'));
}

/** The edition that it made, or the draft that holds it. */
function placeOf({ events, state }: { events: StoredEvent[]; state: DutyList }) {
  const published = events.find(({ type }) => type === 'EditionPublished');
  const { edition = null } = (published?.data ?? {}) as { edition?: number };
  return { edition, draftNumber: state.status === 'open' ? state.draftNumber : 0 };
}

const reviewOf = ({ passed, ...review }: LegalityOpinion) => ({
  ...review,
  outcome: passed ? ('PASSED' as const) : ('RETURNED' as const),
});

const approvalOf = ({ body, documentNumber, overruling }: AdjustmentDecision) => ({
  body,
  documentNumber,
  overruling,
});
