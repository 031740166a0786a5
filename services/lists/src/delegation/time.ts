import type { StoredEvent } from '@dutyledger/event-store/event-store';
import { type CommandDeps, handleCommand } from '@dutyledger/event-store/handle-command';
import { addDays, chinaDate, startOfDay } from '@dutyledger/reference-data/china-time';
import type { TimerChange, TimerHandler, TimerSource } from '@dutyledger/timers/timers';
import { onTime } from '../on-time.ts';
import { powerRegister } from './delegation.ts';
import type { PowerEvent } from './events.ts';
import { RULE } from './rules.ts';

/** What time alone does to a delegation: a town goes without the evaluation that was due (L-5). */

const KIND = 'delegationEvaluation';

const idOf = (delegation: string, town: string): string => `${delegation}/evaluation/${town}`;

export const delegationTimers: TimerSource = {
  handles: [
    'DelegationDecided',
    'DelegationEvaluated',
    'DelegationEvaluationOverdue',
    'DelegationEvaluationDropped',
  ],
  changes(stored) {
    const { stream } = stored;
    const event = stored as StoredEvent & PowerEvent;
    const until = (delegation: string, town: string, due: string): TimerChange => ({
      set: idOf(delegation, town),
      kind: KIND,
      due: startOfDay(addDays(due, 1)),
      data: { stream, delegation, town },
    });
    switch (event.type) {
      case 'DelegationDecided': {
        const { delegation, decision } = event.data;
        const { evaluationDue, towns } = decision;
        return evaluationDue === null ? [] : towns.map((town) => until(delegation, town, evaluationDue));
      }
      case 'DelegationEvaluated': {
        const { delegation, evaluation } = event.data;
        return [until(delegation, evaluation.town, evaluation.next)];
      }
      case 'DelegationEvaluationOverdue':
        return [{ clear: idOf(event.data.delegation, event.data.overdue.town.town) }];
      case 'DelegationEvaluationDropped':
        return [{ clear: idOf(event.data.delegation, event.data.town) }];
      default:
        return [];
    }
  },
};

export const delegationTimerHandlers = (commands: CommandDeps): Record<string, TimerHandler> => ({
  async [KIND](firing) {
    const { stream, delegation, town } = firing.timer.data as Record<
      'stream' | 'delegation' | 'town',
      string
    >;
    const today = chinaDate(firing.now.toISOString());
    const command = { type: 'RecordEvaluationDue', delegation, town, today } as const;
    await handleCommand(commands, powerRegister, stream, command, onTime(firing, RULE));
  },
});
