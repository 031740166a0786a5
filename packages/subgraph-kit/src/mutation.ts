import type { Decider, Fact } from '@dutyledger/event-store/decider';
import type { StoredEvent } from '@dutyledger/event-store/event-store';
import { type CommandContext, type CommandDeps, handleCommand } from '@dutyledger/event-store/handle-command';
import type { Projections } from '@dutyledger/read-store/projection';
import { unwrap } from './errors.ts';
import { inSpan } from './tracing.ts';

/** What a mutation needs of its service. */
export interface Mutating {
  commands: CommandDeps;
  projections: Projections;
}

export interface Mutated<S> {
  events: StoredEvent[];
  state: S;
  repeated: boolean;
  /** True when the events are durable but the read models did not show them within the bound. */
  pending: boolean;
}

const READ_YOUR_WRITES_MS = 5_000;

/**
 * Carries out one command and waits until the read models show it, so that the caller's next query sees its own
 * write. A refusal is thrown as the GraphQL error that describes it.
 */
export async function mutate<S, C, E extends Fact>(
  service: Mutating,
  locale: 'zh-CN' | 'en',
  decider: Decider<S, C, E>,
  stream: string,
  command: C,
  context: CommandContext,
): Promise<Mutated<S>> {
  const attributes = { 'dutyledger.stream': stream, 'dutyledger.command_id': context.commandId };
  const work = () => handleCommand(service.commands, decider, stream, command, context);
  const outcome = unwrap(await inSpan('command', { attributes }, work), locale);
  const last = outcome.events.at(-1);
  const shown =
    !last ||
    (await inSpan('wait for read models', {}, () =>
      service.projections.waitFor(last.position, READ_YOUR_WRITES_MS),
    ));
  return { events: outcome.events, state: outcome.state, repeated: outcome.repeated, pending: !shown };
}
