import type { StoredEvent } from '@dutyledger/event-store/event-store';
import type { Batch, CollectionSpec, ReadView } from './read-store.ts';

/** One read model: its collections and how events change them. Pure but for the batch. */
export interface Projection {
  name: string;
  /** Raised whenever rows, indexes or the meaning of a row change: the new version is built beside the old one. */
  version: number;
  collections: readonly CollectionSpec<unknown>[];
  /** Event types it reacts to; others are skipped without a call. */
  handles: readonly string[];
  /** Documents that `project` will ask for, fetched for a whole batch in one round trip. */
  prefetch?(event: StoredEvent): readonly { spec: CollectionSpec<unknown>; id: string }[];
  project(event: StoredEvent, batch: Batch): void | Promise<void>;
}

export interface ProjectionStatus {
  name: string;
  version: number;
  /** False from the start until it has caught up for the first time: reads fail with UNAVAILABLE so long. */
  serves: boolean;
  /** Position of the last event applied by the serving generation. */
  position: number;
  /** Position of the newest event of the store. */
  head: number;
  /** A generation being built beside the serving one, if any, and how far it is. */
  building: { version: number; position: number } | null;
  /** Set when the projection stopped on an event it could not handle: message, event id, position. */
  failure: { message: string; eventId: string; position: number } | null;
}

/** The running read models of one service. */
export interface Projections extends ReadView {
  /**
   * True once every serving projection has applied the event; false after `timeoutMs`, or as soon as only projections
   * that have failed are missing. `position`, where known, lets an event of long ago be recognised at once.
   */
  waitFor(eventId: string, timeoutMs: number, position?: number): Promise<boolean>;
  status(): Promise<ProjectionStatus[]>;
  /** Builds the named read model anew from all events while the old one serves; resolves when the new one took over. */
  rebuild(name: string): Promise<void>;
  /** SHA-256 over everything the named read model serves, the same for the same content however it was built. */
  digest(name: string): Promise<string>;
  /** Finishes the running batch, stores checkpoints, ends. */
  stop(): Promise<void>;
}

/**
 * A service's own copy of other services' facts, fed from the bus: at least once, ordered per key. A message whose
 * sequence is not above the last applied one of its key is ignored.
 */
export interface Copy extends ReadView {
  /**
   * The same for the life of this copy; one that was deleted or has a new version starts empty with another id. Named
   * in the consumer group, it makes an empty copy read the bus from the beginning.
   */
  readonly id: string;
  apply(
    /** `recordedAt` (ISO UTC with milliseconds) is needed when the write puts versions. */
    message: { key: string; sequence: number; recordedAt?: string },
    write: (batch: Batch) => void | Promise<void>,
  ): Promise<boolean>;
}
