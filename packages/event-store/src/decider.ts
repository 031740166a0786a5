import type { Basis, EventMetadata } from './event-store.ts';

/**
 * The Decider: an aggregate as three pure functions. No I/O, no clock, no randomness; time, ids, the actor and
 * looked-up facts come in with the command.
 */

/** Text shown to people, in both languages of the product. */
export interface Text {
  'zh-CN': string;
  en: string;
}

/** The fixed catalogue of error codes (architecture.md, "Gateway"). */
export type RefusalCode =
  | 'UNAUTHENTICATED'
  | 'NOT_PERMITTED'
  | 'INVALID_INPUT'
  | 'NOT_FOUND'
  | 'CONFLICT'
  | 'RULE_VIOLATED'
  | 'LIMIT_EXCEEDED'
  | 'UNAVAILABLE';

/** An expected outcome that is not a success. */
export interface Refusal {
  code: RefusalCode;
  message: Text;
  /** Rule id of domain.md ("L-2"); always given with RULE_VIOLATED. */
  rule?: string;
  /** Path of the input at fault ("item.leads[1].organ"). */
  field?: string;
  /** The law, document or list edition that the refusal rests on; always given with RULE_VIOLATED. */
  citation?: Basis;
  /** Machine-readable particulars: what changed and by whom, nearest candidates, the limit and the value. */
  details?: Record<string, unknown>;
}

/** A fact as the aggregate knows it: its name and content. The envelope is added by `handleCommand`. */
export interface Fact<Type extends string = string, Data = unknown> {
  type: Type;
  data: Data;
  /** When the fact holds from another day than the command's (a publication with a later effective date). */
  effectiveAt?: string;
}

export type Decision<E extends Fact> = { ok: true; events: E[] } | { ok: false; refusal: Refusal };

/** What `evolve` may know of the envelope: who and when, to tell a second editor what the first one did. */
export type Envelope = Pick<EventMetadata, 'actor' | 'reason' | 'basis' | 'effectiveAt'> & {
  recordedAt: string;
};

export interface Decider<S, C, E extends Fact> {
  initial: S;
  evolve(state: S, event: E, envelope: Envelope): S;
  decide(command: C, state: S): Decision<E>;
  /** Schema version that new events are written with, by type; 1 where not given. */
  versions?: Partial<Record<E['type'], number>>;
}

export const accept = <E extends Fact>(...events: E[]): Decision<E> => ({ ok: true, events });

export const refuse = (refusal: Refusal): { ok: false; refusal: Refusal } => ({ ok: false, refusal });

/** Marks a branch that the types rule out. */
export function assertNever(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
