import type { CommandContext } from '@dutyledger/event-store/handle-command';
import { type Firing, firingContext } from '@dutyledger/timers/timers';

/** Who records what time alone does. */
const clock = { subject: 'system:timers', name: '系统定时任务', organ: null, role: 'SYSTEM' };

/** What surrounds the command of a timer: the system, because a time has come. `rule`: the rule that sets it. */
export const onTime = (firing: Firing, reason: string, rule: string): CommandContext =>
  firingContext(firing, {
    actor: clock,
    reason,
    basis: [{ title: 'DutyLedger domain rules', article: rule }],
  });
