import type { Bus, BusSubscription, SubscribeOptions } from '@dutyledger/bus/bus';
import { type IntegrationEvent, validate } from '@dutyledger/contracts/catalogue';
import type { CloudEvent } from '@dutyledger/contracts/envelope';
import type { Refusal } from '@dutyledger/event-store/decider';
import type { CommandContext } from '@dutyledger/event-store/handle-command';
import { uuidFrom } from '@dutyledger/event-store/ids';
import { chinaDate } from '@dutyledger/reference-data/china-time';
import { type Clock, systemClock } from '@dutyledger/timers/clock';
import { observedReaction } from './observed.ts';

/**
 * What a service does by itself when another one tells it something: a command for an integration event. The messages
 * come at least once, of different subjects in any order; the command's id is derived from the message's, so that what
 * was carried out before is recognised, in every process, after every restart, and when the bus is published anew.
 */

/** One message of another service, to be answered with a command. */
export interface Reaction<Event extends IntegrationEvent = IntegrationEvent> {
  event: Event;
  /** The same each time the message comes. */
  commandId: string;
  now: Date;
}

/**
 * By the type of the event. Fulfilled: done, or nothing is to be done. Rejected: tried again, and parked when it keeps
 * failing. It must be safe to do twice, which a command with the id of the reaction is.
 */
export type ReactionHandlers = {
  [Type in IntegrationEvent['type']]?: (
    reaction: Reaction<Extract<IntegrationEvent, { type: Type }>>,
  ) => Promise<void>;
};

/** What surrounds the command of a reaction. The day from which its facts hold is that of the reaction, in China. */
export const reactionContext = (
  { event, commandId, now }: Reaction,
  given: Pick<CommandContext, 'actor' | 'onBehalfOf' | 'reason' | 'basis' | 'division'>,
): CommandContext => ({
  ...given,
  commandId,
  // Another attempt brings another present with it and is the same command all the same.
  content: { event: event.id },
  correlationId: event.correlationid,
  causationId: event.id,
  effectiveAt: chinaDate(now.toISOString()),
});

/** Throws what was refused, so that the message is tried again and in the end parked with the cause. */
export function requireDone(outcome: { ok: true } | { ok: false; refusal: Refusal }): void {
  if (outcome.ok) return;
  const { code, rule, field, message } = outcome.refusal;
  throw new Error([code, rule, field, message.en].filter(Boolean).join(' '));
}

export interface ReactionsOptions extends Pick<SubscribeOptions, 'topics' | 'group'> {
  bus: Bus;
  handlers: ReactionHandlers;
  /** Tries before a message is parked. Default: the bus's. */
  attempts?: number | undefined;
  clock?: Pick<Clock, 'now'> | undefined;
}

export interface RunningReactions {
  /** What is told of it: that it reads the bus, or why it makes no progress. */
  detail(): string;
  /** Waits for the running handler. */
  stop(): Promise<void>;
}

/** Reads the topics as a member of its group: each message is answered in one process. */
export function startReactions(options: ReactionsOptions): RunningReactions {
  const { bus, topics, group, handlers, attempts, clock = systemClock } = options;
  const react = async (message: CloudEvent): Promise<void> => {
    if (!(message.type in handlers)) return;
    const checked = validate(message);
    if (!checked.ok) throw new Error(`${message.type} ${message.id}: ${checked.problem.message}`);
    const { event } = checked;
    const handler = handlers[event.type] as ((reaction: Reaction) => Promise<void>) | undefined;
    await handler?.({ event, commandId: uuidFrom('reaction', group, event.id), now: clock.now() });
  };
  const subscription: BusSubscription = bus.subscribe(
    { topics, group, ...(attempts === undefined ? {} : { attempts }) },
    observedReaction(group, react),
  );
  // It tells why it ends by itself where it is asked, and a stop while it catches up is none of our concern.
  subscription.caughtUp.catch(() => undefined);
  return {
    detail: () => subscription.failure()?.message ?? 'reading the bus',
    stop: () => subscription.stop(),
  };
}
