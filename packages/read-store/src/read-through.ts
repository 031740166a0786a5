import { type FileHandle, open } from 'node:fs/promises';

const CHUNK_BYTES = 1024 * 1024;

/**
 * Reads a file from its beginning, at most so many bytes, and keeps nothing: the operating system does, and hands the
 * pages out from memory from then on. Answers how many bytes were read; a file that cannot be read is left to those who
 * need it.
 */
export async function readThrough(
  path: string,
  { most, signal }: { most: number; signal: AbortSignal },
): Promise<number> {
  let file: FileHandle | undefined;
  let done = 0;
  try {
    file = await open(path);
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    while (done < most && !signal.aborted) {
      const { bytesRead } = await file.read(chunk, 0, Math.min(CHUNK_BYTES, most - done), done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
  } catch {
    return done;
  } finally {
    await file?.close().catch(() => undefined);
  }
  return done;
}
