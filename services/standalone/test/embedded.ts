import { vi } from 'vitest';
import type { StandaloneConfig } from '../src/config.ts';
import { type Standalone, startStandalone } from '../src/standalone.ts';
import { ask, folder, ready } from './harness.ts';

/** For how long a machine may stand still. */
const PATIENCE = { timeout: 120_000, interval: 10 };

/** A standalone node in the process of the test, for tests that ask a great deal; its read models serve. */
export async function embeddedNode(
  more: Partial<Pick<StandaloneConfig, 'clock' | 'dataDir'>> = {},
): Promise<Standalone> {
  const node = await startStandalone({
    dataDir: folder(),
    host: '127.0.0.1',
    port: 0,
    production: false,
    logLevel: 'silent',
    identity: { kind: 'development' },
    ...more,
  });
  await ready(node.url);
  return node;
}

interface ReadModels {
  listsReadModels: { position: number; head: number }[];
}

/** Resolves when the read models of lists show everything that was recorded; the token is an auditor's. */
export async function shown(url: string, token: string): Promise<void> {
  await vi.waitUntil(async () => {
    const { data } = await ask<ReadModels>(url, token, '{ listsReadModels { position head } }');
    return data?.listsReadModels.every(({ position, head }) => position >= head);
  }, PATIENCE);
}

/** Resolves when lists has heard from staffing of the organ, and so of those that were registered before it. */
export async function heard(url: string, token: string, organ: string): Promise<void> {
  const query = 'query ($organ: ID!) { mayHandDown(issuer: $organ, town: $organ) { allowed } }';
  await vi.waitUntil(async () => (await ask(url, token, query, { organ })).errors === undefined, PATIENCE);
}
