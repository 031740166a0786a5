import { hash } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';
import type { Decider, Envelope, Fact, Refusal } from './decider.ts';
import { refuse } from './decider.ts';
import type { Actor, Basis, EventMetadata, EventStore, NewEvent, StoredEvent } from './event-store.ts';
import { EventStoreError } from './event-store.ts';
import { uuidFrom } from './ids.ts';
import type { Folded, StateCache } from './state-cache.ts';

/** What surrounds a command: who, why, on what basis, in which chain of work. */
export interface CommandContext {
  /** The caller's idempotency key made unique (see `commandIdOf`): the same id is the same command. */
  commandId: string;
  /**
   * What the caller sent, when the command also carries what was looked up or derived for it: this alone tells a retry
   * from another use of the same id. Default: the command.
   */
  content?: unknown;
  actor: Actor;
  onBehalfOf?: string;
  reason: string;
  basis: Basis[];
  correlationId: string;
  causationId: string;
  division: string;
  /** Day (YYYY-MM-DD) from which the facts hold unless an event says otherwise. */
  effectiveAt: string;
}

export type CommandOutcome<S> =
  /** `events`: what was recorded now or, for a repeated command, the first time; empty when nothing changed. */
  { ok: true; repeated: boolean; events: StoredEvent[]; state: S } | { ok: false; refusal: Refusal };

export interface CommandDeps {
  store: EventStore;
  /** Share one per process and store: spares folding anew, and lets commands on one stream take turns. */
  cache?: StateCache;
  /** Tries before contention with other processes is refused with CONFLICT. Default 10. */
  attempts?: number;
}

/**
 * The command id of one caller's request: the same subject, operation and idempotency key are the same command on one
 * stream, and no caller can hit upon another's. `operation` is the mutation's name.
 */
export const commandIdOf = (subject: string, operation: string, idempotencyKey: string): string =>
  uuidFrom('command', subject, operation, idempotencyKey);

/**
 * Loads the stream, decides, appends; on a conflict with another writer it decides again on the fresh state.
 *
 * A command id that was handled before in this stream is answered with the events of the first time (`repeated`), provided that the
 * command's content is the same; else it is refused with CONFLICT. Throws EventStoreError when the store fails; a
 * retry with the same command id is then safe, whether or not the events had been written.
 */
export function handleCommand<S, C, E extends Fact>(
  deps: CommandDeps,
  decider: Decider<S, C, E>,
  stream: string,
  command: C,
  context: CommandContext,
): Promise<CommandOutcome<S>> {
  const work = () => decideAndAppend(deps, decider, stream, command, context);
  return deps.cache ? deps.cache.inTurn(stream, work) : work();
}

async function decideAndAppend<S, C, E extends Fact>(
  deps: CommandDeps,
  decider: Decider<S, C, E>,
  stream: string,
  command: C,
  context: CommandContext,
): Promise<CommandOutcome<S>> {
  const digest = hash('sha256', canonicalJson(context.content ?? command));
  for (let attempt = 0; attempt < (deps.attempts ?? 10); attempt++) {
    const folded = await fold(deps, decider, stream);
    const state = folded.state as S;
    const first = folded.commands.get(context.commandId);
    if (first !== undefined) {
      const events = await eventsOf(deps.store, stream, context.commandId, first);
      if (events[0]?.metadata.commandDigest !== digest) return refuse(keyReused);
      return { ok: true, repeated: true, events, state };
    }

    const decision = decider.decide(command, state);
    if (!decision.ok) return decision;
    if (decision.events.length === 0) return { ok: true, repeated: false, events: [], state };

    const metadata = metadataOf(context, digest);
    const events = decision.events.map((fact, index) => toEvent(decider, fact, stream, index, metadata));
    const expected = folded.revision < 0 ? 'none' : folded.revision;
    const outcome = await deps.store.append(stream, expected, events).catch(idReusedOrThrow);
    if (outcome.status === 'appended' && !outcome.repeated) {
      advance(decider, folded, outcome.events);
      deps.cache?.put(stream, folded);
      return { ok: true, repeated: false, events: outcome.events, state: folded.state as S };
    }
    // Someone was faster: another command, or this very one sent twice. The fresh stream tells which.
  }
  return refuse(contended);
}

/** The stream's current state and last revision (-1: it does not exist), for reading without a command. */
export async function load<S, C, E extends Fact>(
  deps: CommandDeps,
  decider: Decider<S, C, E>,
  stream: string,
): Promise<{ state: S; revision: number }> {
  const { state, revision } = await fold(deps, decider, stream);
  return { state: state as S, revision };
}

async function fold<S, C, E extends Fact>(
  deps: CommandDeps,
  decider: Decider<S, C, E>,
  stream: string,
): Promise<Folded> {
  const folded = deps.cache?.get(stream, decider) ?? {
    decider,
    state: decider.initial,
    revision: -1,
    commands: new Map(),
  };
  for await (const page of deps.store.readStream(stream, { from: folded.revision + 1 })) {
    advance(decider, folded, page);
  }
  if (folded.revision >= 0) deps.cache?.put(stream, folded);
  return folded;
}

/**
 * Folds the events that are not folded yet. It runs without a break and passes over what is known, so that readers
 * that share one cached stream never see it half advanced, nor fold an event twice.
 */
function advance<S, C, E extends Fact>(
  decider: Decider<S, C, E>,
  folded: Folded,
  events: readonly StoredEvent[],
): void {
  for (const event of events) {
    if (event.revision <= folded.revision) continue;
    const fact = { type: event.type, data: event.data } as unknown as E;
    folded.state = decider.evolve(folded.state as S, fact, envelopeOf(event));
    folded.revision = event.revision;
    const { commandId } = event.metadata;
    if (!folded.commands.has(commandId)) folded.commands.set(commandId, event.revision);
  }
}

function envelopeOf({ metadata, recordedAt }: StoredEvent): Envelope {
  const { actor, reason, basis, effectiveAt } = metadata;
  return { actor, reason, basis, effectiveAt, recordedAt };
}

const metadataOf = (context: CommandContext, commandDigest: string): EventMetadata => ({
  actor: context.actor,
  ...(context.onBehalfOf === undefined ? {} : { onBehalfOf: context.onBehalfOf }),
  reason: context.reason,
  basis: context.basis,
  commandId: context.commandId,
  commandDigest,
  correlationId: context.correlationId,
  causationId: context.causationId,
  division: context.division,
  effectiveAt: context.effectiveAt,
});

function toEvent<S, C, E extends Fact>(
  decider: Decider<S, C, E>,
  fact: E,
  stream: string,
  index: number,
  metadata: EventMetadata,
): NewEvent {
  const type: E['type'] = fact.type;
  return {
    // With the stream, so that no two events share an id: not every engine sees ids of other streams (ADR 0011).
    id: uuidFrom('event', stream, metadata.commandId, index),
    type,
    version: decider.versions?.[type] ?? 1,
    data: fact.data,
    metadata: fact.effectiveAt === undefined ? metadata : { ...metadata, effectiveAt: fact.effectiveAt },
  };
}

/** The events that one command wrote: they stand next to each other, from revision `first` on. */
async function eventsOf(store: EventStore, stream: string, commandId: string, first: number) {
  const found: StoredEvent[] = [];
  for await (const page of store.readStream(stream, { from: first })) {
    const own = page.findIndex((event) => event.metadata.commandId !== commandId);
    found.push(...(own < 0 ? page : page.slice(0, own)));
    if (own >= 0) break;
  }
  return found;
}

function idReusedOrThrow(error: unknown): { status: 'idReused' } {
  if (error instanceof EventStoreError && error.code === 'ID_REUSED') return { status: 'idReused' };
  throw error;
}

const keyReused: Refusal = {
  code: 'CONFLICT',
  message: {
    'zh-CN': '该幂等键已用于内容不同的请求，请为新的请求使用新的幂等键',
    en: 'This idempotency key was used with other content; use a new key for a new request',
  },
  field: 'idempotencyKey',
};

const contended: Refusal = {
  code: 'CONFLICT',
  message: {
    'zh-CN': '其他人正在同时修改同一对象，请稍后重试',
    en: 'Others are changing the same object at this moment; please try again',
  },
};
