import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BusPlace } from '../src/contract-kit.ts';
import { openBus } from '../src/open.ts';

/** A bus file in a folder of its own. */
export async function sqlitePlace(): Promise<BusPlace & { folder: string; path: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'dutyledger-bus-'));
  const path = join(folder, 'bus.sqlite');
  return {
    folder,
    path,
    open: () => openBus(`sqlite:${path}`),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
