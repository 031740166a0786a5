import { test } from 'vitest';
import { blobStoreContract } from './contract.ts';
import { openBlobStore } from './open.ts';

/** A bucket for tests, as `openS3BlobStore` takes it. */
const url = process.env['S3_URL'];

if (url === undefined)
  test.skip('blob store on S3: S3_URL is not set, and no server is started here', () => {});
else {
  blobStoreContract('S3 (S3_URL)', async () => {
    const place = new URL(url);
    place.pathname += `/test-${Date.now()}`;
    const store = await openBlobStore(place.href);
    return { store, dispose: () => store.close() };
  });
}
