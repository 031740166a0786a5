import { hash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BlobStore } from './blob-store.ts';

/** What every adapter does alike, on the real thing. */
export function blobStoreContract(
  name: string,
  open: () => Promise<{ store: BlobStore; dispose(): Promise<void> }>,
): void {
  describe(`blob store contract: ${name}`, () => {
    let store: BlobStore;
    let dispose = async () => {};
    beforeAll(async () => {
      ({ store, dispose } = await open());
    });
    afterAll(() => dispose());

    test('G-4 gives back what was put, by its digest', async () => {
      for (const size of [0, 1, 70_000, 3 * 1024 * 1024]) {
        const content = randomBytes(size);
        const sha256 = await store.put(content);
        expect(sha256).toBe(hash('sha256', content));
        expect(await store.has(sha256)).toBe(true);
        const found = await store.get(sha256);
        expect(found?.bytes).toBe(size);
        expect((await buffer(found?.content ?? Readable.from([]))).equals(content)).toBe(true);
      }
    });

    test('G-4 the same content is kept once, however often it comes at once', async () => {
      const content = randomBytes(10_000);
      const digests = await Promise.all(Array.from({ length: 10 }, () => store.put(content)));
      expect(new Set(digests).size).toBe(1);
      expect(await store.put(content)).toBe(digests[0]);
    });

    test('what is not there is not there, and can be deleted', async () => {
      const sha256 = await store.put(randomBytes(100));
      await store.delete(sha256);
      await store.delete(sha256);
      expect(await store.has(sha256)).toBe(false);
      expect(await store.get(sha256)).toBeUndefined();
    });

    test('a name that is no digest leads nowhere', async () => {
      for (const name of ['', '..', '../../etc/passwd', 'A'.repeat(64), `${'a'.repeat(63)}/`]) {
        await expect((async () => store.get(name))()).rejects.toThrow(TypeError);
        await expect((async () => store.delete(name))()).rejects.toThrow(TypeError);
      }
    });
  });
}
