import type { StoredEvent } from '@dutyledger/event-store/event-store';
import { type CommandDeps, handleCommand } from '@dutyledger/event-store/handle-command';
import { addDays, chinaDate, startOfDay } from '@dutyledger/reference-data/china-time';
import type { TimerHandler, TimerSource } from '@dutyledger/timers/timers';
import { onTime } from '../on-time.ts';
import { type UrgentTaskEvent, urgentTask } from './urgent-task.ts';

/** What time alone does to an urgent task: it ends after its last day (G-3). */

const KIND = 'urgentGridTask';

export const urgentTaskTimers: TimerSource = {
  handles: ['UrgentGridTaskAdmitted', 'UrgentGridTaskEnded'],
  changes(stored) {
    const { stream } = stored;
    const event = stored as StoredEvent & UrgentTaskEvent;
    if (event.type === 'UrgentGridTaskEnded') return [{ clear: stream }];
    return [{ set: stream, kind: KIND, due: startOfDay(addDays(event.data.to, 1)), data: { stream } }];
  },
};

export const urgentTaskTimerHandlers = (commands: CommandDeps): Record<string, TimerHandler> => ({
  async [KIND](firing) {
    const { stream } = firing.timer.data as { stream: string };
    const command = { type: 'RecordTime' as const, today: chinaDate(firing.now.toISOString()) };
    const around = onTime(firing, '纳入期限届满，系统自动结束', 'G-3');
    await handleCommand(commands, urgentTask, stream, command, around);
  },
});
