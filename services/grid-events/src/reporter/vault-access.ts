import { KeyStoreError } from '@dutyledger/personal-data/key-store';
import type { Vault } from '@dutyledger/personal-data/vault';
import { refusalError } from '@dutyledger/subgraph-kit/errors';
import type { GridEventsContext } from '../context.ts';
import { keysAway, noVault } from './refusals.ts';

const AWAY = new Set(['UNAVAILABLE', 'BUSY', 'READ_ONLY', 'DISK_FULL', 'CLOSED']);

/** Work with the vault; one that is missing or away is a refusal, UNAVAILABLE. */
export async function withVault<T>(
  { grid }: GridEventsContext,
  work: (vault: Vault) => Promise<T>,
): Promise<T> {
  if (grid.vault === null) throw refusalError(noVault);
  try {
    return await work(grid.vault);
  } catch (error) {
    if (error instanceof KeyStoreError && AWAY.has(error.code)) throw refusalError(keysAway);
    throw error;
  }
}
