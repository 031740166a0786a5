import { hash, randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A master key wraps persons' keys. It comes from outside of the stores and is in none of their back-ups. */
export interface MasterKey {
  /** First 8 bytes of its fingerprint: says which key wraps, and nothing of the key. */
  id: Buffer;
  key: Buffer;
}

/** The first wraps; the others are former ones that are still needed to unwrap what they wrapped. At least one. */
export type MasterKeys = readonly [MasterKey, ...MasterKey[]];

const KEY_BYTES = 32;
const MOST_KEYS = 10;

function masterKey(text: string, place: number): MasterKey {
  const key = Buffer.from(text, 'base64');
  // Buffer passes over what is no Base64: only a spelling that comes back is one.
  if (key.length !== KEY_BYTES || key.toString('base64') !== text.replaceAll('-', '+').replaceAll('_', '/')) {
    throw new Error(
      `master key ${place} is not ${KEY_BYTES} bytes in Base64 (as of: openssl rand -base64 32)`,
    );
  }
  return {
    id: hash('sha256', Buffer.concat([Buffer.from('dutyledger master key'), key]), 'buffer').subarray(0, 8),
    key,
  };
}

/**
 * Master keys out of a text: 32 bytes each in Base64, separated by commas or line breaks, the current one first. Throws
 * an Error that names the place and not the key.
 */
export function readMasterKeys(text: string): MasterKeys {
  const parts = text.split(/[\s,]+/).filter((part) => part !== '');
  if (parts.length > MOST_KEYS) throw new Error(`there may be at most ${MOST_KEYS} master keys`);
  const [first, ...rest] = parts.map((part, i) => masterKey(part, i + 1));
  if (first === undefined) throw new Error('there is no master key');
  return [first, ...rest];
}

/** A new one, as `readMasterKeys` takes it. */
export const newMasterKey = (): string => randomBytes(KEY_BYTES).toString('base64');

/**
 * Master keys for development, in a file that its owner alone can read; made when it is not there. Not for production:
 * the key would lie beside what it protects.
 */
export async function developmentMasterKeys(path: string): Promise<MasterKeys> {
  const read = async () => readMasterKeys(await readFile(path, 'utf8'));
  try {
    return await read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, `${newMasterKey()}\n`, { mode: 0o600, flush: true });
  try {
    // The first of two processes wins, and the file is never half written.
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft);
  }
  return read();
}
