import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Options } from './options.ts';
import { SimulationError, simulate } from './simulate.ts';
import { summaryOf } from './summary.ts';

/** Whole runs on nodes of their own. */

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'dutyledger-simulator-test-'));
  folders.push(made);
  return made;
};

const options = (more: Partial<Options>): Options => ({
  ...{ division: '370114000000', start: '2026-04-24', days: 3, cases: 40, seed: 'test', concurrency: 16 },
  ...{ url: undefined, dataDir: undefined, grids: 36, workers: 36, ...more },
});
const around = (signal = new AbortController().signal) => ({
  signal,
  note: () => undefined,
  progress: () => undefined,
});

test('G-10 the queries, the simulation and the raw events count the same; the same seed makes the same history', async () => {
  const dataDir = folder();
  const [one, other] = await Promise.all([
    simulate(options({ dataDir }), around()),
    simulate(options({ concurrency: 3 }), around()),
  ]);
  expect(one.differences).toEqual([]);
  expect(one.outcome.unexpected).toEqual({});
  expect(one.outcome.reported).toBe(40);
  expect(one.told.total['CLOSED']).toBeGreaterThan(15);
  expect(other.outcome.digest).toBe(one.outcome.digest);
  expect(other.digest).toBe(one.digest);
  expect(summaryOf(one)).toContain('核对一致');
  expect(
    summaryOf({ ...one, differences: [{ by: 'OWN', where: 'county', measure: 'DUE', told: 1, counted: 2 }] }),
  ).toContain('county DUE：1 ≠ 2');
  await expect(simulate(options({ dataDir }), around())).rejects.toThrow(SimulationError);
});

test('what cannot be simulated is said', async () => {
  const none = options({ url: 'http://127.0.0.1:9/graphql', dataDir: folder() });
  await expect(simulate(none, around())).rejects.toThrow(/development issuer/);
  await expect(simulate(options({ division: '370000000000' }), around())).rejects.toThrow(SimulationError);
});
