import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const FILE = 'cursors.key';
const BYTES = 32;

/**
 * What the cursors of subscriptions are sealed with: made once and kept in the data directory, readable by its owner
 * alone, so that clients go on where they were when the node was restarted. Without the file they begin anew.
 */
export async function keptSecret(dataDir: string): Promise<Buffer> {
  const path = join(dataDir, FILE);
  const kept = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return Buffer.alloc(0);
  });
  if (kept.length === BYTES) return kept;
  const made = randomBytes(BYTES);
  const draft = `${path}.new`;
  await writeFile(draft, made, { mode: 0o600 });
  await rename(draft, path);
  return made;
}
