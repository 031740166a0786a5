import type { CollectionSpec, Version } from './read-store.ts';
import type { Walk } from './walk.ts';

/**
 * What an adapter implements. Planning, cursors, index keys and the bitemporal arithmetic are done above it, once for
 * all adapters: an adapter stores documents, segments and index entries, and makes a change visible as a whole.
 */

/** Embedded adapters answer at once; an await per document would cost a rebuild its speed. */
export type Awaitable<T> = T | Promise<T>;

export type AnySpec = CollectionSpec<unknown>;

/** A lease as its holder has it. `token` grows with every change of holder, for good: it fences off the former one. */
export interface Lease {
  readonly name: string;
  readonly token: number;
  /** Keeps it for another `ttlMs`. False: someone else has it now. */
  renew(): Promise<boolean>;
  /** Gives it up at once, if it is still held. */
  release(): Promise<void>;
}

export interface ReadStore {
  /**
   * What is stored under the name now, oldest first; at most one generation serves. Other processes create, serve and
   * drop too. The same object for the same generation, with what others changed of it (`checkpoint`, `serving`); one
   * that is being dropped is left out.
   */
  generations(name: string): Promise<Generation[]>;
  /** An empty generation. `serving`: at once, only when there is none yet. */
  create(
    name: string,
    version: number,
    collections: readonly AnySpec[],
    serving: boolean,
  ): Promise<Generation>;
  /**
   * From one instant on this generation serves; the one that served takes no more changes and is for `drop`. Throws
   * FENCED when it was dropped.
   */
  serve(generation: Generation): Promise<void>;
  /**
   * Deletes the generation in small steps; one that was left half dropped is finished at the next open. Where other
   * processes may be reading, its collections stay readable for a grace time. Nothing, when it was dropped already.
   */
  drop(generation: Generation): Promise<void>;
  /**
   * Takes the lease when nobody holds it, or when its holder has not renewed it for `ttlMs`, as this process has watched
   * it on its own monotonic clock (clocks of different machines are never compared). Undefined: held; ask again.
   * `holder` tells people who holds it.
   */
  tryLease(name: string, holder: string, ttlMs: number): Promise<Lease | undefined>;
  /** Waits for running writes. Everything fails with CLOSED afterwards. */
  close(): Promise<void>;
}

/** One build of one read model: its collections, its checkpoint, whether it serves. */
export interface Generation {
  readonly name: string;
  readonly version: number;
  readonly serving: boolean;
  /** Position of the last event that is in it for good. */
  readonly checkpoint: number;
  /** As they were declared when it was created. */
  readonly collections: readonly AnySpec[];
  /** Seals cursors; the same for the life of the store. */
  readonly secret: string;
  documents(name: string): DocumentTable;
  temporal(name: string): TemporalTable;
  /** Last applied sequence of a key, for copies. */
  sequence(key: string): Awaitable<number | undefined>;
  /**
   * All of it or nothing, durable against a killed process; readers see all of it or nothing. Repeatable. Throws FENCED
   * when a later token has claimed the generation, and when another generation serves in its place or it was dropped.
   */
  apply(change: Change): Promise<void>;
  /**
   * From now on changes are taken only in the name of this token or a later one; also reads the state anew. Throws FENCED
   * when a later one has claimed it, or it was replaced or dropped.
   */
  claim(token: number): Promise<void>;
}

export interface Change {
  documents: readonly DocumentWrite[];
  versions: readonly VersionsWrite[];
  checkpoint?: number;
  sequence?: { key: string; sequence: number };
  /** In whose name. Default: no lease is needed, nobody has claimed the generation. */
  token?: number;
}

export interface DocumentWrite {
  collection: string;
  id: string;
  /** JSON; null deletes. */
  doc: string | null;
  /** Nobody looked whether the document is there already: if so, its old entries are the adapter's to take out. */
  unread: boolean;
  /** Per index, in the order of the declaration; undefined: its entries stay. */
  indexes: readonly (IndexChange | undefined)[];
}

/** Keys of a document in one index. */
export interface IndexChange {
  before: readonly string[];
  now: readonly string[];
}

/** Content of segments. `text`: JSON, null where the document does not exist. `stored`: the adapter's own mark. */
export interface Body {
  readonly text: string | null;
  stored?: unknown;
}

/** A stretch of days as known now: the segments of a document follow one another without gap, the last has no end. */
export interface Segment {
  /** 0: before the first known version, never stored. */
  effectiveFrom: number;
  effectiveTo: number;
  recordedFrom: number;
  body: Body;
}

export interface PastSegment extends Segment {
  recordedTo: number;
}

export interface VersionsWrite {
  collection: string;
  id: string;
  /** Each replaces the known segment with the same `effectiveFrom`, or is new. */
  known: readonly Segment[];
  /** What was known and no longer is. */
  past: readonly PastSegment[];
  /** Per index: keys that new contents bring; they may be there already and are never taken back. */
  keys: readonly (readonly string[])[];
}

export interface Hit {
  rest: string;
  id: string;
  doc: unknown;
}

export interface VersionHit extends Hit {
  version: Version<unknown>;
}

/** `get` and `getMany` are the writer's own view (JSON); the others are for queries and parse. */
export interface DocumentTable {
  get(id: string): Awaitable<string | undefined>;
  getMany(ids: readonly string[]): Awaitable<Map<string, string>>;
  lookup(ids: readonly string[]): Awaitable<Map<string, unknown>>;
  /** The first `want` accepted entries of the walk, out of one state of the store. */
  page(walk: Walk, want: number, accept: (hit: Hit) => boolean): Awaitable<Hit[]>;
  /** Distinct documents in the walk. */
  count(walk: Walk): Awaitable<number>;
  /** All documents by id, out of one state of the store. */
  dump(): AsyncIterable<{ id: string; doc: unknown }>;
}

/** A day and an instant, as numbers (times.ts). */
export interface Moment {
  day: number;
  instant: number;
}

export interface TemporalTable {
  /** The writer's own view: the known segment that holds the day. */
  segment(id: string, day: number): Awaitable<Segment>;
  segments(places: readonly { id: string; day: number }[]): Awaitable<Segment[]>;
  lookup(ids: readonly string[], moment: Moment): Awaitable<Map<string, Version<unknown>>>;
  page(
    walk: Walk,
    want: number,
    moment: Moment,
    accept: (hit: VersionHit) => boolean,
  ): Awaitable<VersionHit[]>;
  /** In the order (recordedFrom, effectiveFrom). */
  versions(id: string): Awaitable<Version<unknown>[]>;
  /** All versions by id, then as in `versions`. */
  dump(): AsyncIterable<Version<unknown>>;
}
