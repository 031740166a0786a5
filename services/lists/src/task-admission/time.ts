import type { StoredEvent } from '@dutyledger/event-store/event-store';
import { type CommandDeps, handleCommand } from '@dutyledger/event-store/handle-command';
import type { ReadView } from '@dutyledger/read-store/read-store';
import { addDays, chinaDate, startOfDay } from '@dutyledger/reference-data/china-time';
import type { TimerChange, TimerHandler, TimerSource } from '@dutyledger/timers/timers';
import { onTime } from '../on-time.ts';
import { stageLimitsOn } from '../stage-limits/read-model.ts';
import type { TaskAdmissionEvent } from './state.ts';
import { taskAdmission } from './task-admission.ts';

/** What time alone does to an admission: deadlines lapse, the task starts and ends (L-6). */

const KIND = 'taskAdmission';

/** From the first instant after the day. */
const after = (day: string): string => startOfDay(addDays(day, 1));

export const admissionTimers: TimerSource = {
  handles: [
    'TaskApplied',
    'TownOpinionGiven',
    'TownOpinionsLapsed',
    'TaskLegalityReviewed',
    'AdmissionStageOverdue',
    'TaskAdmitted',
    'TaskRefused',
    'TaskApplicationWithdrawn',
    'TaskStarted',
    'TaskEnded',
  ],
  changes(stored) {
    const { stream } = stored;
    const event = stored as StoredEvent & TaskAdmissionEvent;
    const stage = `${stream}/stage`;
    const term = `${stream}/term`;
    const set = (id: string, due: string): TimerChange => ({ set: id, kind: KIND, due, data: { stream } });
    switch (event.type) {
      case 'TaskApplied':
        return [set(stage, after(event.data.due))];
      case 'TownOpinionGiven':
      case 'TownOpinionsLapsed':
        return event.data.due === undefined ? [] : [set(stage, after(event.data.due))];
      case 'TaskLegalityReviewed':
        return event.data.due === undefined ? [{ clear: stage }] : [set(stage, after(event.data.due))];
      case 'TaskAdmitted':
        return [{ clear: stage }, set(term, startOfDay(event.data.task.from))];
      case 'TaskStarted':
        return [set(term, after(event.data.to))];
      case 'TaskEnded':
        return [{ clear: term }];
      case 'AdmissionStageOverdue':
      case 'TaskRefused':
      case 'TaskApplicationWithdrawn':
        return [{ clear: stage }];
      default:
        return event satisfies never;
    }
  },
};

export const admissionTimerHandlers = (
  commands: CommandDeps,
  view: ReadView,
): Record<string, TimerHandler> => ({
  async [KIND](firing) {
    const { stream } = firing.timer.data as { stream: string };
    const today = chinaDate(firing.now.toISOString());
    const limits = await stageLimitsOn(view, firing.timer.cause.division, today);
    const command = { type: 'RecordTime' as const, timing: { today, limits } };
    await handleCommand(commands, taskAdmission, stream, command, onTime(firing, 'L-6'));
  },
});
