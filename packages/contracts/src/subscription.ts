import type { CloudEvent } from './envelope.ts';

/**
 * How a field of the GraphQL type Subscription is fed: from which topic, with which messages, and what of a message the
 * gateway answers itself. Everything else of a selection is asked of the graph, under the subscriber's own rights.
 */
export interface SubscriptionContract {
  /** Name of the field. Its arguments are names in `Told.meets`, and `after`, the cursor to go on behind. */
  field: string;
  /** The subgraph that declares the field and decides who may subscribe to what. */
  subgraph: string;
  topic: string;
  /** Fields of the payload that hold an entity, and the field of Query that finds each by its `id`. */
  entities: Readonly<Record<string, string>>;
  /** Undefined when the message is no concern of the field. Pure. */
  tell(event: CloudEvent): Told | undefined;
}

/** What a message says to those who subscribed. */
export interface Told {
  /** Values of the payload's fields, beside those that every message has: cursor, id, event, recordedAt, effectiveAt. */
  values: Readonly<Record<string, unknown>>;
  /**
   * Ids of the entities, by field of the payload. The first is what the message is about: it reaches those alone who
   * may see that entity.
   */
  entities: Readonly<Record<string, string>>;
  /** The values of each argument that the message meets. */
  meets: Readonly<Record<string, readonly string[]>>;
}

const LEVELS = [2, 4, 6, 9, 12];

/** The division and every one that it lies in, up to the whole country: what an argument `division` may name. */
export const upwardOf = (division: string): string[] => [
  ...new Set(['', ...LEVELS.map((digits) => division.slice(0, digits))].map((code) => code.padEnd(12, '0'))),
];
