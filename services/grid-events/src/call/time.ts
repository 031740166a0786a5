import type { StoredEvent } from '@dutyledger/event-store/event-store';
import { type CommandDeps, handleCommand } from '@dutyledger/event-store/handle-command';
import type { TimerHandler, TimerSource } from '@dutyledger/timers/timers';
import { onTime } from '../on-time.ts';
import { call } from './call.ts';
import { CALL_EVENTS } from './read-model.ts';
import type { CallEvent } from './state.ts';

/** What time alone does to a call: steps of called organs go over their limits (G-9). One timer for each organ. */

const KIND = 'call';

export const callTimers: TimerSource = {
  handles: CALL_EVENTS,
  changes(stored) {
    const { stream } = stored;
    const event = stored as StoredEvent & CallEvent;
    const of = (organ: string): string => `${stream}/${organ}`;
    const set = (organ: string, due: string) => ({ set: of(organ), kind: KIND, due, data: { stream } });
    switch (event.type) {
      case 'CallIssued':
        return event.data.organs.map(({ organ }) => set(organ, event.data.due));
      case 'CallAccepted':
      case 'CalledOrganArrived':
      case 'CallRefused':
      case 'CallReworkAsked':
        return [set(event.data.organ, event.data.due)];
      case 'CallRefusalDecided': {
        const { organ, due } = event.data;
        return due === null ? [{ clear: of(organ) }] : [set(organ, due)];
      }
      case 'CalledOrganSubstituted': {
        const { organ, by, due } = event.data;
        return [{ clear: of(organ) }, set(by.organ, due)];
      }
      case 'CalledOrganDone':
      case 'CallRated':
      case 'CallOverdue':
        return [{ clear: of(event.data.organ) }];
      case 'CallWithdrawn':
        return event.data.organs.map(({ organ }) => ({ clear: of(organ) }));
      case 'CallFeedbackGiven':
      case 'CallRaised':
        return [];
      default:
        return event satisfies never;
    }
  },
};

export const callTimerHandlers = (commands: CommandDeps): Record<string, TimerHandler> => ({
  async [KIND](firing) {
    const { stream } = firing.timer.data as { stream: string };
    const command = { type: 'RecordTime' as const, now: firing.now.toISOString() };
    const around = onTime(firing, '响应时限届至，系统自动记录', 'G-9');
    await handleCommand(commands, call, stream, command, around);
  },
});
