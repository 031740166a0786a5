import { hash, randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream';
import { assertDigest, type BlobStore, BlobStoreError, type BlobStoreErrorCode } from './blob-store.ts';
import { checkedAgainst } from './checked.ts';

const PARTIAL = 'partial';
/** No writing takes that long: what is older was left behind by a process that ended in between. */
const LEFT_BEHIND_MS = 24 * 3_600_000;

const CODES: Record<string, BlobStoreErrorCode> = {
  ENOSPC: 'DISK_FULL',
  EDQUOT: 'DISK_FULL',
  EACCES: 'READ_ONLY',
  EPERM: 'READ_ONLY',
  EROFS: 'READ_ONLY',
};

const codeOf = (error: unknown): string => String((error as NodeJS.ErrnoException | null)?.code);

/**
 * Opens or makes a blob store in a folder: `ab/cd/abcd…`, for the owner alone. Several processes may share the folder. A
 * file is written beside, flushed, and then takes its name: after a crash it is there whole or not at all. Throws
 * BlobStoreError.
 */
export async function openDiskBlobStore(folder: string): Promise<BlobStore> {
  const store = new DiskBlobStore(folder);
  await store.tidy();
  return store;
}

class DiskBlobStore implements BlobStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  put(content: Uint8Array): Promise<string> {
    const sha256 = hash('sha256', content);
    return this.#attempt(async () => {
      if (await this.#sizeOf(sha256)) return sha256;
      const path = this.#pathOf(sha256);
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const draft = join(this.#folder, PARTIAL, randomUUID());
      const file = await open(draft, 'wx', 0o600);
      try {
        await file.writeFile(content);
        await file.sync();
      } catch (error) {
        await rm(draft, { force: true });
        throw error;
      } finally {
        await file.close();
      }
      await rename(draft, path);
      // The names are on disk only when their folders are, up to the first that may be new.
      for (const each of [dirname(path), dirname(dirname(path)), this.#folder]) await syncFolder(each);
      return sha256;
    });
  }

  get(sha256: string) {
    return this.#attempt(async () => {
      const file = await open(this.#pathOf(sha256), 'r').catch(absent);
      if (file === undefined) return undefined;
      const { size } = await file.stat();
      const content = pipeline(file.createReadStream(), checkedAgainst(sha256), () => undefined);
      return { bytes: size, content };
    });
  }

  has(sha256: string): Promise<boolean> {
    return this.#attempt(async () => (await this.#sizeOf(sha256)) !== undefined);
  }

  delete(sha256: string): Promise<void> {
    return this.#attempt(() => rm(this.#pathOf(sha256), { force: true }));
  }

  async close(): Promise<void> {
    // Nothing is held open between two calls.
  }

  /** Makes the folder, and removes what former processes began to write. */
  tidy(): Promise<void> {
    return this.#attempt(async () => {
      const partial = join(this.#folder, PARTIAL);
      await mkdir(partial, { recursive: true, mode: 0o700 });
      for (const name of await readdir(partial)) {
        const path = join(partial, name);
        const { mtimeMs = Date.now() } = (await stat(path).catch(absent)) ?? {};
        if (Date.now() - mtimeMs > LEFT_BEHIND_MS) await rm(path, { force: true });
      }
    });
  }

  #pathOf(sha256: string): string {
    assertDigest(sha256);
    return join(this.#folder, sha256.slice(0, 2), sha256.slice(2, 4), sha256);
  }

  async #sizeOf(sha256: string): Promise<number | undefined> {
    return (await stat(this.#pathOf(sha256)).catch(absent))?.size;
  }

  async #attempt<T>(job: () => Promise<T>): Promise<T> {
    try {
      return await job();
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) throw error;
      const code = CODES[codeOf(error)] ?? 'UNAVAILABLE';
      throw new BlobStoreError(code, `the folder of blobs cannot be used: ${error.message}`, {
        cause: error,
      });
    }
  }
}

function absent(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error;
}

async function syncFolder(path: string): Promise<void> {
  let folder: FileHandle | undefined;
  try {
    folder = await open(path, 'r');
    await folder.sync();
  } finally {
    await folder?.close();
  }
}
