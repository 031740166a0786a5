import type { StoredEvent } from '@dutyledger/event-store/event-store';
import { type CommandDeps, handleCommand } from '@dutyledger/event-store/handle-command';
import type { ReadView } from '@dutyledger/read-store/read-store';
import { addDays, chinaDate, startOfDay } from '@dutyledger/reference-data/china-time';
import type { TimerHandler, TimerSource } from '@dutyledger/timers/timers';
import { onTime } from '../on-time.ts';
import { stageLimitsOn } from '../stage-limits/read-model.ts';
import { dutyDispute } from './duty-dispute.ts';
import { DISPUTE_EVENTS } from './read-model.ts';
import type { DutyDisputeEvent } from './state.ts';

/** What time alone does to a dispute: its stages go over their limits (L-7). */

const KIND = 'dutyDispute';

export const disputeTimers: TimerSource = {
  handles: DISPUTE_EVENTS,
  changes(stored) {
    const { stream: id } = stored;
    const event = stored as StoredEvent & DutyDisputeEvent;
    switch (event.type) {
      case 'DisputeOpened':
      case 'DisputeReferred':
      case 'DisputeOpinionGiven':
      case 'DisputeResumed':
        return [{ set: id, kind: KIND, due: startOfDay(addDays(event.data.due, 1)), data: { stream: id } }];
      case 'DisputePositionTaken':
      case 'DisputeFollowedUp':
        return [];
      case 'DisputeAgreed':
      case 'DisputeRuled':
      case 'DisputeWithdrawn':
      case 'DisputePaused':
      case 'DisputeStageOverdue':
        return [{ clear: id }];
      default:
        return event satisfies never;
    }
  },
};

export const disputeTimerHandlers = (
  commands: CommandDeps,
  view: ReadView,
): Record<string, TimerHandler> => ({
  async [KIND](firing) {
    const { stream } = firing.timer.data as { stream: string };
    const now = firing.now.toISOString();
    const today = chinaDate(now);
    const limits = await stageLimitsOn(view, firing.timer.cause.division, today);
    const command = { type: 'RecordTime' as const, timing: { now, today, limits } };
    await handleCommand(commands, dutyDispute, stream, command, onTime(firing, 'L-7'));
  },
});
