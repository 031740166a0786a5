import type { BlobStore } from './blob-store.ts';
import { openDiskBlobStore } from './disk.ts';

/**
 * Opens a blob store by URL: `file:<path of a folder>`, or `s3://…/<bucket>` (see s3.ts). Throws BlobStoreError as the
 * adapter does; a TypeError for other URLs.
 */
export async function openBlobStore(url: string): Promise<BlobStore> {
  if (url.startsWith('file:') && url.length > 'file:'.length) {
    return openDiskBlobStore(url.slice('file:'.length).replace(/^\/\/(?=\/)/, ''));
  }
  if (url.startsWith('s3:')) {
    const { openS3BlobStore } = await import('./s3.ts');
    return openS3BlobStore(url);
  }
  throw new TypeError('not the URL of a blob store (file:<folder>, s3://<key id>:<secret>@<host>/<bucket>)');
}
