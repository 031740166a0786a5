import type { StoredEvent } from '@dutyledger/event-store/event-store';
import { type CommandDeps, handleCommand } from '@dutyledger/event-store/handle-command';
import type { ReadView } from '@dutyledger/read-store/read-store';
import { addDays, chinaDate, startOfDay } from '@dutyledger/reference-data/china-time';
import type { TimerChange, TimerHandler, TimerSource } from '@dutyledger/timers/timers';
import { onTime } from '../on-time.ts';
import { timingOn } from '../timing.ts';
import { dutyList } from './duty-list.ts';
import type { DutyListEvent } from './events.ts';

/** What time alone does to a draft in its procedure: opinions lapse, stages go over their limit (L-3). */

const KIND = 'editionStage';

export const editionTimers: TimerSource = {
  handles: [
    'DraftSubmitted',
    'LegalityReviewed',
    'OpinionsRequested',
    'OpinionGiven',
    'OpinionsLapsed',
    'EditionApproved',
    'EditionPublished',
    'EditionStageOverdue',
    'ProcedureVoided',
  ],
  changes(stored) {
    const { type, data } = stored as StoredEvent & DutyListEvent;
    const { stream } = stored;
    const { due } = data as { due?: string };
    // An opinion that is not the last one leaves the deadline of the others.
    if (type === 'OpinionGiven' && due === undefined) return [];
    // An adjustment applied at once leaves the draft, and where it stands, alone.
    if (type === 'EditionPublished' && data.adjustment) return [];
    const id = `${stream}/stage`;
    if (type === 'EditionStageOverdue' || due === undefined) return [{ clear: id }];
    const change: TimerChange = { set: id, kind: KIND, due: startOfDay(addDays(due, 1)), data: { stream } };
    return [change];
  },
};

export const editionTimerHandlers = (
  commands: CommandDeps,
  view: ReadView,
): Record<string, TimerHandler> => ({
  async [KIND](firing) {
    const { stream } = firing.timer.data as { stream: string };
    const today = chinaDate(firing.now.toISOString());
    const timing = await timingOn(view, firing.timer.cause.division, today);
    const command = { type: 'RecordTime' as const, draftNumber: null, timing };
    await handleCommand(commands, dutyList, stream, command, onTime(firing, 'L-3'));
  },
});
