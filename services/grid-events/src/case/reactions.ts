import { LISTS_TOPIC } from '@dutyledger/contracts/lists';
import { type CommandDeps, handleCommand } from '@dutyledger/event-store/handle-command';
import type { ReadView } from '@dutyledger/read-store/read-store';
import type { ReactionDefinition } from '@dutyledger/subgraph-kit/domain-service';
import { type ReactionHandlers, reactionContext, requireDone } from '@dutyledger/subgraph-kit/reactions';
import type { CopyName } from '../context.ts';
import { organsById } from '../organs.ts';
import { gridCase } from './case.ts';
import { caseStream } from './events.ts';

/** A dispute about whose duty a case is was settled in the lists: the case moves to its handler (L-7, G-6). */

const SETTLED = 'cn.dutyledger.lists.DisputeSettled.v1';
const actor = { subject: 'system:reactions', name: '系统联动', organ: null, role: 'SYSTEM' };

/** Disputes are about cases of other systems as well, or about none. */
const CASE = /^case:(\d{6})-/;

type Settled = Parameters<NonNullable<ReactionHandlers[typeof SETTLED]>>[0];

async function settleDuty(reaction: Settled, commands: CommandDeps, organs: ReadView): Promise<void> {
  const { dispute, handler: organ, caseReference, documentNumber } = reaction.event.data;
  const [, county] = CASE.exec(caseReference ?? '') ?? [];
  if (caseReference === null || county === undefined) return;
  const known = (await organsById(organs, [organ])).get(organ);
  if (!known) throw new Error(`${organ}, to whom ${caseReference} goes, is not known yet`);
  const handler = { organ, organName: known.name };
  const timing = { now: reaction.now.toISOString() };
  const command = { type: 'SettleDuty' as const, dispute, handler, timing };
  const around = reactionContext(reaction, {
    actor,
    reason: `职责争议 ${dispute} 已定，由${known.name}办理`,
    basis: [{ title: '职责争议处理结果', ...(documentNumber && { documentNumber }) }],
    division: `${county}000000`,
  });
  const outcome = await handleCommand(commands, gridCase, caseStream(caseReference), command, around);
  // A case that is not kept here.
  if (!outcome.ok && outcome.refusal.code === 'NOT_FOUND') return;
  requireDone(outcome);
}

export const disputeReactions: ReactionDefinition<CopyName> = {
  topics: [LISTS_TOPIC],
  handlers: ({ commands, copies }) => ({
    [SETTLED]: (reaction) => settleDuty(reaction, commands, copies.organs),
  }),
};
