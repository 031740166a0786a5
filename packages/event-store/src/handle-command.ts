import { createHash } from 'node:crypto';
import type { Decider, Fact, Refusal } from './decider.ts';
import type { Actor, Basis, EventStore, NewEvent, StoredEvent } from './event-store.ts';

/** What surrounds a command: who, why, on what basis, in which chain of work. */
export interface CommandContext {
  /** The caller's idempotency key made unique (see `commandIdOf`): the same id is the same command. */
  commandId: string;
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

interface Loaded<S> {
  state: S;
  revision: number;
  /** Revisions written by each command, to answer a retry as the first time. */
  commands: Map<string, { from: number; to: number; digest: string }>;
}
