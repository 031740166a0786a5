import type { Readable } from 'node:stream';

/**
 * The blob store: files by the SHA-256 of their bytes, each kept once and never changed. Adapters stand beside this port
 * and pass `contract.ts`; one is chosen by URL (open.ts).
 */
export interface BlobStore {
  /** Durable when it answers; the answer is the digest, lower-case hexadecimal. What is there already is left as it is. */
  put(content: Uint8Array): Promise<string>;
  /** Undefined: there is none. The stream fails when the bytes cannot be read to their end, or are not those of the digest. */
  get(sha256: string): Promise<{ bytes: number; content: Readable } | undefined>;
  has(sha256: string): Promise<boolean>;
  /** Also when there is none. */
  delete(sha256: string): Promise<void>;
  close(): Promise<void>;
}

export type BlobStoreErrorCode =
  | 'READ_ONLY' // also: the account may not
  | 'DISK_FULL'
  | 'DAMAGED' // the bytes are not those of the digest
  | 'UNAVAILABLE';

export class BlobStoreError extends Error {
  readonly code: BlobStoreErrorCode;
  constructor(code: BlobStoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BlobStoreError';
    this.code = code;
  }
}

const DIGEST = /^[0-9a-f]{64}$/;

export const isDigest = (text: string): boolean => DIGEST.test(text);

/** Throws TypeError: a digest names a file, and must not be able to name any other. */
export function assertDigest(sha256: string): void {
  if (!isDigest(sha256)) throw new TypeError('a blob is named by 64 hexadecimal digits');
}
