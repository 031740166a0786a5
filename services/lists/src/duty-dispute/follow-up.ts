import type { Refusal } from '@dutyledger/event-store/decider';
import type { Actor, Basis, StoredEvent } from '@dutyledger/event-store/event-store';
import { type CommandDeps, handleCommand, load } from '@dutyledger/event-store/handle-command';
import { uuidFrom } from '@dutyledger/event-store/ids';
import type { ReadView } from '@dutyledger/read-store/read-store';
import { chinaDate } from '@dutyledger/reference-data/china-time';
import {
  AT_ONCE,
  type Firing,
  firingContext,
  type TimerHandler,
  type TimerSource,
} from '@dutyledger/timers/timers';
import { adjustment } from '../adjustment/adjustment.ts';
import { effectOf } from '../adjustment/effect.ts';
import { adjustmentStream, type Proposal } from '../adjustment/events.ts';
import { factsOf } from '../adjustment/facts.ts';
import { seenBy } from '../adjustment/kinds.ts';
import { askable } from '../ask-organs.ts';
import { publishedContent } from '../duty-list/state.ts';
import { onTime } from '../on-time.ts';
import { stageLimitsOn } from '../stage-limits/read-model.ts';
import { timingOn } from '../timing.ts';
import { dutyDispute } from './duty-dispute.ts';
import { type DutyDisputeEvent, type FollowUp, isSettled, type SettledDispute } from './state.ts';

/**
 * A ruling becomes an adjustment (L-7): once it is settled that another organ leads the disputed item, the organ that
 * keeps the list applies for the transfer, in the words of who settled it. A to-do that survives a crash.
 */

const KIND = 'disputeFollowUp';

export const followUpTimers: TimerSource = {
  handles: ['DisputeRuled', 'DisputeAgreed', 'DisputeFollowedUp'],
  changes(stored) {
    const event = stored as StoredEvent & DutyDisputeEvent;
    const id = `${stored.stream}/followUp`;
    if (event.type === 'DisputeFollowedUp') return [{ clear: id }];
    if (event.type !== 'DisputeRuled' && event.type !== 'DisputeAgreed') return [];
    if (!event.data.matter.item) return [];
    const { actor, reason, basis } = stored.metadata;
    return [{ set: id, kind: KIND, due: AT_ONCE, data: { stream: stored.stream, actor, reason, basis } }];
  },
};

interface Cause {
  stream: string;
  actor: Actor;
  reason: string;
  basis: Basis[];
}

/** `organs`: the service's copy of staffing's. */
export const followUpHandlers = (
  commands: CommandDeps,
  view: ReadView,
  organs: ReadView,
): Record<string, TimerHandler> => ({
  async [KIND](firing) {
    const { stream } = firing.timer.data as unknown as Cause;
    const { state } = await load(commands, dutyDispute, stream);
    if (!isSettled(state)) throw new Error(`${stream} is not settled`);
    const followUp = await applyFor(state, firing, commands, view, organs);
    const now = firing.now.toISOString();
    const today = chinaDate(now);
    const limits = await stageLimitsOn(view, firing.timer.cause.division, today);
    const command = { type: 'RecordFollowUp', followUp, timing: { now, today, limits } } as const;
    await handleCommand(commands, dutyDispute, stream, command, onTime(firing, 'L-7'));
  },
});

const NOTHING: FollowUp = { adjustment: null, refusal: null };

/** After a crash the adjustment recognises the command by its id: there is one application for one settlement. */
async function applyFor(
  { dispute, handler }: SettledDispute,
  firing: Firing,
  commands: CommandDeps,
  view: ReadView,
  organs: ReadView,
): Promise<FollowUp> {
  const { item } = dispute.matter;
  if (!item) return NOTHING;
  const proposal = transfer(item, handler.organ);
  const given = await factsOf(commands, organs, [proposal(null, [])]);
  const list = given.lists.get(item.list);
  const content = list && publishedContent(list, item.code);
  const led = content?.leads.map(({ organ }) => organ) ?? [];
  if (!list || !content || (led.length === 1 && led[0] === handler.organ)) return NOTHING;
  const proposals = [
    proposal(
      content.leads[0]?.duty ?? null,
      content.cooperators.filter(({ organ }) => organ !== handler.organ),
    ),
  ];
  const facts = await factsOf(commands, organs, proposals);
  const lines = proposals.map((one) => ({ ...one, seen: seenBy(one.change, list) }));
  const { division, maintainer } = list.head;
  const concerned = effectOf(lines, facts.lists, facts.organs).organs.map(({ organ }) => organ);
  const commandId = uuidFrom('disputeFollowUp', firing.commandId);
  const id = `adjustment:${division.slice(0, 6)}-${commandId.replaceAll('-', '').slice(0, 10)}`;
  const { actor, reason, basis } = firing.timer.data as unknown as Cause;
  const outcome = await handleCommand(
    commands,
    adjustment,
    adjustmentStream(id),
    {
      type: 'SubmitAdjustment',
      head: {
        id,
        title: `职责争议 ${dispute.id} 已定：“${item.name}”由${handler.organName}负主体责任`,
        applicant: { organ: maintainer.organ, organName: maintainer.name },
        documentNumber: null,
      },
      proposals,
      affected: await askable(organs, concerned, division, maintainer.organ),
      timing: await timingOn(view, division, chinaDate(firing.now.toISOString())),
      ...facts,
    },
    {
      ...firingContext(firing, { actor, reason, basis }),
      commandId,
      division,
      content: { dispute: dispute.id },
    },
  );
  if (outcome.ok) return { adjustment: id, refusal: null };
  if (contended(outcome.refusal)) throw new Error(outcome.refusal.message.en);
  return { adjustment: null, refusal: outcome.refusal };
}

/** Only contention with others has no rule: it is tried again. */
const contended = ({ code, rule }: Refusal): boolean => code === 'CONFLICT' && !rule;

type Content = NonNullable<ReturnType<typeof publishedContent>>;

const transfer =
  ({ list, code }: { list: string; code: string }, organ: string) =>
  (duty: string | null, cooperators: Content['cooperators']): Proposal => ({
    number: 1,
    list,
    reason: null,
    change: {
      kind: 'TRANSFER_LEAD',
      code,
      changes: { leads: [{ organ, name: '', level: 'county', duty }], jointlyLed: false, cooperators },
    },
  });
