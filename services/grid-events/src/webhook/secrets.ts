import type { Vault } from '@dutyledger/personal-data/vault';
import type { SigningKey } from './webhook.ts';

/**
 * Secrets of webhooks are made from a key of their own in the key store, by a keyed hash, and kept nowhere: whoever
 * destroys the key has destroyed the secret, and no event, row, log or back-up of events holds any of it.
 */

const USE = 'secret of a webhook';

/** Makes the key where there is none yet. Undefined: it was destroyed since. */
export async function newSecret(vault: Vault, key: string): Promise<Buffer | undefined> {
  await vault.keyFor(key, null);
  return secretOf(vault, key);
}

async function secretOf(vault: Vault, key: string): Promise<Buffer | undefined> {
  const mark = await vault.mark(key, USE);
  return mark === undefined ? undefined : Buffer.from(mark, 'base64url');
}

/** Those that sign at `now`, the current one first. */
export async function secretsOf(vault: Vault, keys: readonly SigningKey[], now: Date): Promise<Buffer[]> {
  const signing = keys.filter(({ until }) => until === null || until > now.toISOString());
  const secrets = await Promise.all(signing.map(({ key }) => secretOf(vault, key)));
  return secrets.filter((secret) => secret !== undefined);
}
