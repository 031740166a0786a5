/**
 * The read-store port: documents and temporal documents with declared indexes. Adapters stand beside it and pass
 * `contract.ts`. Everything in a read store can be deleted and rebuilt from events.
 */

/** What `openReadStore` (open.ts) opens; its operations are between the runner and the adapters. */
export type { ReadStore } from './adapter.ts';

/**
 * Index name → top-level fields of the document, in order. A field holding an array is indexed by each element (an
 * empty one leaves the document out), a missing one counts as null. Id is always the last key; `[]` is by id alone.
 */
export type Indexes = Record<string, readonly string[]>;

/** Declares a collection once, as a constant beside the row type; `T` is the document. */
export interface CollectionSpec<T, I extends Indexes = Indexes> {
  kind: 'documents' | 'temporal';
  name: string;
  indexes: I;
  /** Phantom: carries the document type. */
  readonly row?: T;
}

export const documents =
  <T>() =>
  <const I extends Indexes>(name: string, indexes: I): CollectionSpec<T, I> & { kind: 'documents' } => ({
    kind: 'documents',
    name,
    indexes,
  });

export const temporal =
  <T>() =>
  <const I extends Indexes>(name: string, indexes: I): CollectionSpec<T, I> & { kind: 'temporal' } => ({
    kind: 'temporal',
    name,
    indexes,
  });

/**
 * `effectiveAt`: a calendar day, YYYY-MM-DD. `recordedAt`: an instant, ISO UTC with milliseconds; what was recorded
 * at that very instant is known. Left out: the latest known, in force for good (the newest effective version).
 */
export interface AsOf {
  effectiveAt?: string;
  recordedAt?: string;
}

/** One rectangle of a temporal document: known in [recordedFrom, recordedTo), in force in [effectiveFrom, effectiveTo). */
export interface Version<T> {
  id: string;
  doc: T;
  recordedFrom: string;
  /** null: still what is known. */
  recordedTo: string | null;
  effectiveFrom: string;
  /** null: in force without end. */
  effectiveTo: string | null;
}

export type Scalar = string | number | boolean | null;

/**
 * A find walks one declared index in its order: `where` fixes its first fields (a list of values for the last fixed
 * field means any of them), `range` (both ends included) or `prefix` bounds the next field, `filter` drops what the
 * index cannot tell. Rows come by the remaining fields, then id: null before false, true, numbers, texts (by UTF-8
 * bytes). Each document comes once, at its first matching entry. A find that the index cannot answer throws.
 */
export interface Find<T, I extends Indexes> {
  index: keyof I & string;
  where?: Record<string, Scalar | readonly Scalar[]>;
  range?: { from?: Scalar; to?: Scalar };
  prefix?: string;
  reverse?: boolean;
  /** 1 to 1,000. Default 100. */
  limit?: number;
  /** Cursor of a row of the same index, `where` and bounds, walked in either direction; continues after it. */
  after?: string;
  filter?: (doc: T) => boolean;
}

export interface Row<T> {
  id: string;
  doc: T;
  /** Resumes right after this row. */
  cursor: string;
}

export interface Page<R> {
  rows: R[];
  /** Whether the walk has more behind the last row. */
  more: boolean;
}

export interface DocumentReader<T, I extends Indexes> {
  get(id: string): Promise<T | undefined>;
  getMany(ids: readonly string[]): Promise<Map<string, T>>;
  find(query: Find<T, I>): Promise<Page<Row<T>>>;
  /** Documents that match the fixed fields and bounds of the query; `filter`, `limit` and `after` do not apply. */
  count(query: Omit<Find<T, I>, 'filter' | 'limit' | 'after'>): Promise<number>;
}

/** Reads answer as of `asOf`; a document without a version there is absent. */
export interface TemporalReader<T, I extends Indexes> {
  get(id: string, asOf?: AsOf): Promise<Version<T> | undefined>;
  getMany(ids: readonly string[], asOf?: AsOf): Promise<Map<string, Version<T>>>;
  find(query: Find<T, I> & { asOf?: AsOf }): Promise<Page<Row<T> & { version: Version<T> }>>;
  /** Every version of one document, in the order (recordedFrom, effectiveFrom). */
  versions(id: string): Promise<Version<T>[]>;
}

/**
 * What a projection may do while it handles an event. Its own earlier writes of the batch are visible to it. What it
 * hands out and takes is shared with the batch: put changed copies, never change a document in place.
 */
export interface Batch {
  get<T, I extends Indexes>(
    spec: CollectionSpec<T, I> & { kind: 'documents' },
    id: string,
  ): T | undefined | Promise<T | undefined>;
  put<T, I extends Indexes>(spec: CollectionSpec<T, I> & { kind: 'documents' }, id: string, doc: T): void;
  delete<T, I extends Indexes>(spec: CollectionSpec<T, I> & { kind: 'documents' }, id: string): void;
  find<T, I extends Indexes>(
    spec: CollectionSpec<T, I> & { kind: 'documents' },
    query: Find<T, I>,
  ): Promise<Page<Row<T>>>;
  /** The version in force on `effectiveAt` as known now. */
  getVersion<T, I extends Indexes>(
    spec: CollectionSpec<T, I> & { kind: 'temporal' },
    id: string,
    effectiveAt?: string,
  ): Version<T> | undefined | Promise<Version<T> | undefined>;
  /**
   * From `effectiveFrom` until the document's next known version starts, `doc` is what holds, as known from the
   * event's `recordedAt` on; null: it does not exist there. Earlier knowledge stays answerable.
   */
  putVersion<T, I extends Indexes>(
    spec: CollectionSpec<T, I> & { kind: 'temporal' },
    id: string,
    effectiveFrom: string,
    doc: T | null,
  ): void | Promise<void>;
}

/** Where reads of a read model go: always to the generation that serves now. */
export interface ReadView {
  documents<T, I extends Indexes>(spec: CollectionSpec<T, I> & { kind: 'documents' }): DocumentReader<T, I>;
  temporal<T, I extends Indexes>(spec: CollectionSpec<T, I> & { kind: 'temporal' }): TemporalReader<T, I>;
}

export type ReadStoreErrorCode =
  | 'BAD_CURSOR'
  | 'BUSY'
  | 'READ_ONLY'
  | 'DISK_FULL'
  | 'NEWER_SCHEMA'
  | 'CORRUPT' // the file is damaged or no read store; delete it, it is rebuilt
  | 'UNAVAILABLE'
  | 'FENCED' // another process has taken over the writing
  | 'CLOSED';

export class ReadStoreError extends Error {
  readonly code: ReadStoreErrorCode;
  constructor(code: ReadStoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ReadStoreError';
    this.code = code;
  }
}
