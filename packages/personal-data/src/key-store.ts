/**
 * The key store: the one store whose content is changed and destroyed. It holds a key per person, wrapped by a master
 * key that is never in it, and remembers for good which keys were destroyed. Adapters stand beside it and pass
 * `contract.ts`; one is chosen by URL (open.ts).
 */

/** Bytes of a wrapped key: all have the same length, so that one can be overwritten where it lies. */
export const WRAPPED_BYTES = 68;
/** Bytes of a tag. */
export const TAG_BYTES = 32;

export interface NewKey {
  /** Never used before; says nothing of the person. */
  id: string;
  /** What the key can be found by again: a keyed hash of what identifies the person. Null: by its id alone. */
  tag: Uint8Array | null;
  wrapped: Uint8Array;
}

/** `destroyed`: there was a key, and it is gone for good. */
export type HeldKey = { status: 'held'; wrapped: Buffer } | { status: 'destroyed' };

export interface KeyStore {
  /**
   * Durable when it answers. The answer is the id of the key that has the tag now: of an earlier one where there is one.
   * A key whose id is there already, destroyed ones included, is left as it is.
   */
  insert(key: NewKey): Promise<string>;
  /** Keys that never were are not in the answer. */
  find(ids: readonly string[]): Promise<Map<string, HeldKey>>;
  /** Id of the key with this tag. */
  byTag(tag: Uint8Array): Promise<string | undefined>;
  /**
   * Destroys keys and their tags, also ones that never were: none of them can come into being again. When it answers, the
   * bytes are no longer in the store's files, as far as the store has the say in that (see the adapters).
   */
  destroy(ids: readonly string[]): Promise<void>;
  /** Puts `to` where `from` is; false when something else is there by now. */
  rewrap(id: string, from: Uint8Array, to: Uint8Array): Promise<boolean>;
  /** Keys that are held, in the order of their ids, behind `after`. */
  list(after: string, limit: number): Promise<{ id: string; wrapped: Buffer }[]>;
  /** A copy in a file that must not exist, taken while the store serves. Only of a store that is a file itself. */
  backupTo?(file: string): Promise<void>;
  close(): Promise<void>;
}

export type KeyStoreErrorCode =
  | 'BUSY' // another process holds the file
  | 'READ_ONLY'
  | 'DISK_FULL'
  | 'NEWER_SCHEMA' // written by a newer version of the program
  | 'CORRUPT' // damaged, or no key store
  | 'WRONG_MASTER_KEY' // wrapped by a master key that was not given
  | 'UNAVAILABLE'
  | 'CLOSED';

export class KeyStoreError extends Error {
  readonly code: KeyStoreErrorCode;
  constructor(code: KeyStoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'KeyStoreError';
    this.code = code;
  }
}
