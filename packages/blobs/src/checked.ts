import { createHash } from 'node:crypto';
import { Transform } from 'node:stream';
import { BlobStoreError } from './blob-store.ts';

/** Passes bytes on and fails at their end when they are not those of the digest. */
export function checkedAgainst(sha256: string): Transform {
  const hash = createHash('sha256');
  return new Transform({
    transform(chunk, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
    flush(done) {
      const found = hash.digest('hex');
      done(
        found === sha256 ? null : new BlobStoreError('DAMAGED', `the blob ${sha256} has the digest ${found}`),
      );
    },
  });
}
