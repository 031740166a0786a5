import { GRID_EVENTS_TOPIC } from '@dutyledger/contracts/grid-events';
import { type CommandDeps, handleCommand } from '@dutyledger/event-store/handle-command';
import type { ReadView } from '@dutyledger/read-store/read-store';
import { chinaDate } from '@dutyledger/reference-data/china-time';
import type { ReactionDefinition } from '@dutyledger/subgraph-kit/domain-service';
import { type ReactionHandlers, reactionContext, requireDone } from '@dutyledger/subgraph-kit/reactions';
import { townsWithin } from '../organs.ts';
import { violated } from './coverage.ts';
import { type HandedTask, handedTask, handedTaskStream } from './handed-task.ts';
import { newId } from './mutations.ts';

/** What grids were given without admission enters the ledger of unlisted work, too, whichever way it arrived (L-6, G-3). */

/** Who records what grid-events told. */
const actor = { subject: 'system:reactions', name: '系统联动', organ: null, role: 'SYSTEM' };
const UNADMITTED = 'cn.dutyledger.grid-events.UnadmittedGridTaskRecorded.v1';

type Told = Parameters<NonNullable<ReactionHandlers[typeof UNADMITTED]>>[0];

async function record(
  reaction: Told,
  commands: CommandDeps,
  view: ReadView,
  organs: ReadView,
): Promise<void> {
  const {
    task: entry,
    county,
    division,
    grid,
    issuer,
    issuerName,
    title,
    day,
    arrival,
  } = reaction.event.data;
  const [town] = await townsWithin(organs, division);
  if (!town) throw new Error(`${division} has no town government that the task could be recorded for`);
  const task: HandedTask = {
    id: newId('task', county, reaction.commandId),
    division: county,
    receiver: { organ: town.id, organName: town.name, division: town.division },
    issuer: { organ: issuer, organName: issuerName },
    title,
    what: `未经准入交办网格 ${grid}，网格台账 ${entry}`,
    day,
    grid: true,
    documentNumber: null,
  };
  const today = chinaDate(reaction.now.toISOString());
  const citation = await violated(view, division, day);
  const command = { type: 'RecordUnlistedTask' as const, task, today, arrival, citation };
  const around = reactionContext(reaction, {
    actor,
    division: county,
    reason: '网格事项未经准入，记入清单外交办台账',
    basis: [{ title: 'DutyLedger domain rules', article: 'G-3' }],
  });
  requireDone(await handleCommand(commands, handedTask, handedTaskStream(task.id), command, around));
}

export const gridTaskReactions: ReactionDefinition<'organs'> = {
  topics: [GRID_EVENTS_TOPIC],
  handlers: ({ commands, projections, copies }) => ({
    [UNADMITTED]: (reaction) => record(reaction, commands, projections, copies.organs),
  }),
};
