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
  /** Up to where everything is applied by the serving generation. */
  position: number;
  /** Position of the newest event of the store. */
  head: number;
  /** A generation being built beside the serving one, if any, and how far it is. */
  building: { version: number; position: number } | null;
  /**
   * Set when the projection stopped on an event it could not handle: message, event id, position. Known to the process
   * that leads.
   */
  failure: { message: string; eventId: string; position: number } | null;
  /** Whether this process writes it (of all processes one does), or reads what another one writes; since when. */
  leading: boolean;
  since: string;
  /** Version of a newer program that has taken over: this one cannot read it and is to be stopped. */
  replacedBy: number | null;
  /** Why the read store cannot be asked at present, if so. */
  trouble: string | null;
}

/** The running read models of one service. */
export interface Projections extends ReadView {
  /**
   * True once every read model shows everything up to the position of an event, whichever process projects it; false
   * after `timeoutMs`, or as soon as only projections that have failed are missing.
   */
  waitFor(position: number, timeoutMs: number): Promise<boolean>;
  status(): Promise<ProjectionStatus[]>;
  /**
   * Builds the named read model anew from all events while the old one serves, in whichever process leads; resolves when
   * the new one took over.
   */
  rebuild(name: string): Promise<void>;
  /** SHA-256 over everything the named read model serves, the same for the same content however it was built. */
  digest(name: string): Promise<string>;
  /** Finishes the running batch, stores checkpoints, gives up the leases. */
  stop(): Promise<void>;
}
