import type { StoredEvent } from '@dutyledger/event-store/event-store';
import type { Attempt } from './send.ts';

/**
 * What a service that sends webhooks keeps: endpoints, how far each has been told, and the deliveries that were not
 * taken at once. All of it is made from the service's own events, so that nothing is lost with a process or a read
 * store, and whichever instance goes on knows where.
 */

/** Whoever is told. */
export interface Endpoint {
  id: string;
  url: string;
  /** Position of the event log up to which everything was sent, or is a delivery of its own. */
  through: number;
  /** Since when nothing was taken; null while all is well. */
  failingSince: string | null;
}

/** A message for one endpoint. */
export interface Letter {
  /** The `webhook-id`: the same in every attempt, and after every restart. */
  id: string;
  type: string;
  /** Letters about the same thing are sent one after the other. */
  subject: string;
  /** What is sent, byte by byte the same each time. */
  body: string;
  /** Of the event that it tells of; null: of a test. */
  position: number | null;
}

/** A letter that was not taken and is to be tried again, without its body. */
export interface Waiting extends Omit<Letter, 'body'> {
  /** Id of the delivery in the service. */
  delivery: string;
  /** Attempts so far. */
  attempts: number;
}

/** What was sent since the last record of it. */
export interface Progress {
  through: number;
  delivered: number;
  /** The newest of the attempts that succeeded, a few of them. */
  attempts: (Attempt & { message: string; type: string })[];
}

export type DisableCause = 'GONE' | 'FAILING';

export interface Book {
  /** Endpoints that are to be told, as known now. */
  endpoints(): Promise<Endpoint[]>;
  /** Secrets to sign with, the current one first; none: the endpoint is gone. */
  secretsOf(endpoint: string): Promise<Buffer[]>;
  /**
   * What these events mean for an endpoint, in their order: what it asked for and may know, without what is on its way
   * or was given up already.
   */
  letters(endpoint: string, events: readonly StoredEvent[]): Promise<Letter[]>;
  /** How many deliveries of an endpoint wait to be tried again. */
  waiting(endpoint: string): Promise<number>;
  /** Those that are due at `now`, the first ones first, a few of them. */
  due(endpoint: string, now: Date): Promise<Waiting[]>;
  /** When the first one is due that is not at `now`; ISO. */
  nextDue(endpoint: string, now: Date): Promise<string | undefined>;
  /** The letter once more; undefined: the service no longer tells of it, or not to this endpoint. */
  again(endpoint: string, waiting: Waiting): Promise<Letter | undefined>;

  /** Durable when it answers; may be repeated, also late and out of order. */
  progressed(endpoint: string, progress: Progress): Promise<void>;
  /** The first attempt failed: a delivery that waits until `next`. Seen by `due` when it answers. */
  failed(endpoint: string, letter: Letter, attempt: Attempt, next: Date | null): Promise<void>;
  /** Another attempt failed; null: it was the last one, and the delivery is parked. Seen by `due` when it answers. */
  failedAgain(waiting: Waiting, attempt: Attempt, next: Date | null): Promise<void>;
  /** A delivery that waited was taken. Seen by `due` when it answers. */
  delivered(waiting: Waiting, attempt: Attempt): Promise<void>;
  /** Nothing is told of it any more: parked without an attempt. */
  untold(waiting: Waiting): Promise<void>;
  /** Nothing is sent to the endpoint from now on, until somebody enables it again. */
  disable(endpoint: string, cause: DisableCause, since: string): Promise<void>;
}
