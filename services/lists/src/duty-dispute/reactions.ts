import { GRID_EVENTS_TOPIC } from '@dutyledger/contracts/grid-events';
import { type CommandDeps, handleCommand } from '@dutyledger/event-store/handle-command';
import type { ReadView } from '@dutyledger/read-store/read-store';
import { chinaDate } from '@dutyledger/reference-data/china-time';
import type { ReactionDefinition } from '@dutyledger/subgraph-kit/domain-service';
import {
  type Reaction,
  type ReactionHandlers,
  reactionContext,
  requireDone,
} from '@dutyledger/subgraph-kit/reactions';
import type { OrganName } from '../consultation.ts';
import { stageLimitsOn } from '../stage-limits/read-model.ts';
import { countyOf } from '../task-admission/coverage.ts';
import { newId } from '../task-admission/mutations.ts';
import { dutyDispute } from './duty-dispute.ts';
import { dutyGap, dutyGapStream, gapIdOf } from './duty-gap.ts';
import { type Dispute, dutyDisputeStream } from './state.ts';

/**
 * What cases lead to in the lists: one that is returned as "not our duty" opens a dispute (L-7), a class of cases that
 * no list carries is reported as a gap (G-7).
 */

/** Who records what grid-events told. */
const actor = { subject: 'system:reactions', name: '系统联动', organ: null, role: 'SYSTEM' };
const RETURNED = 'cn.dutyledger.grid-events.CaseReturned.v1';
const UNLISTED = 'cn.dutyledger.grid-events.ClassWithoutItem.v1';

type Told<Type extends keyof ReactionHandlers> = Parameters<NonNullable<ReactionHandlers[Type]>>[0];

/** The first receiver goes on handling it; who returned it and whose duty it is said to be are the parties. */
async function openDispute(
  reaction: Told<typeof RETURNED>,
  commands: CommandDeps,
  view: ReadView,
): Promise<void> {
  const { case: caseReference, county: division, ...told } = reaction.event.data;
  const { class: caseClass, className, item, firstReceiver, returnedBy, proposed, ground } = told;
  const id = newId('dispute', division, reaction.commandId);
  const dispute: Dispute = {
    id,
    division,
    matter: {
      item,
      caseReference,
      caseClass,
      description: `案件 ${caseReference}（${className}）被“${returnedBy.organName}”以非本单位职责退回`,
    },
    firstReceiver,
    returnedBy,
    ground,
    parties: distinct([firstReceiver, returnedBy, proposed]),
  };
  const now = reaction.now.toISOString();
  const today = chinaDate(now);
  const limits = await stageLimitsOn(view, division, today);
  const command = { type: 'OpenDispute' as const, dispute, timing: { now, today, limits } };
  const around = surroundings(reaction, division, {
    reason: ground,
    basis: [{ title: '地方各级人民政府机构设置和编制管理条例', article: '第十条' }],
    onBehalfOf: returnedBy.organ,
  });
  requireDone(await handleCommand(commands, dutyDispute, dutyDisputeStream(id), command, around));
}

const distinct = (organs: readonly OrganName[]): OrganName[] =>
  organs.filter(({ organ }, i) => organs.findIndex((other) => other.organ === organ) === i);

async function reportGap(reaction: Told<typeof UNLISTED>, commands: CommandDeps): Promise<void> {
  const { case: caseReference, division: place, class: caseClass, className } = reaction.event.data;
  const division = countyOf(place);
  const description = `案件类别“${className}”在现行清单中没有对应事项`;
  const report = { division, place, caseClass, caseReference, description };
  const around = surroundings(reaction, division, {
    reason: description,
    basis: [{ title: 'DutyLedger domain rules', article: 'G-7' }],
  });
  const stream = dutyGapStream(gapIdOf(division, caseClass));
  requireDone(await handleCommand(commands, dutyGap, stream, { type: 'ReportGap', report }, around));
}

type Given = Omit<Parameters<typeof reactionContext>[1], 'actor' | 'division'>;

const surroundings = (reaction: Reaction, division: string, given: Given) =>
  reactionContext(reaction, { ...given, actor, division });

export const caseReactions: ReactionDefinition<'organs'> = {
  topics: [GRID_EVENTS_TOPIC],
  handlers: ({ commands, projections }) => ({
    [RETURNED]: (reaction) => openDispute(reaction, commands, projections),
    [UNLISTED]: (reaction) => reportGap(reaction, commands),
  }),
};
