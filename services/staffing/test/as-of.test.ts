import type { StoredEvent } from '@dutyledger/event-store/event-store';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { changedBy, type OrganEvent } from '../src/organ-register/state.ts';
import { COUNTY, change, type Data, type Harness, register, startHarness } from './harness.ts';

/** L-10: what queries answer for any day and instant is what a fold of the raw events says. */

const DAYS = ['2025-01-01', '2025-06-01', '2026-01-01', '2026-06-01', '2027-01-01'];
const ORGANS = 12;

let h: Harness;
let stored: (StoredEvent & OrganEvent)[];

beforeAll(async () => {
  h = await startHarness();
  const ids = await register(
    h,
    Array.from({ length: ORGANS }, (_, i) => ({ name: `第${i}局`, kind: 'DEPARTMENT' })),
    { effectiveFrom: DAYS[0] },
  );
  const step = fc.record({
    organ: fc.constantFrom(...ids),
    other: fc.constantFrom(...ids),
    act: fc.constantFrom('renameOrgan', 'renameOrgan', 'reviseOrgan', 'mergeOrgans', 'abolishOrgan'),
    name: fc.constantFrom('甲局', '乙局', '丙局', '丁局', '戊局'),
    effectiveFrom: fc.constantFrom(...DAYS),
  });
  for (const { organ, other, act, name, effectiveFrom } of fc.sample(step, { numRuns: 60, seed: 370114 })) {
    const fields = {
      renameOrgan: { organ, name },
      reviseOrgan: { organ, aliases: [name] },
      mergeOrgans: { sources: [organ], into: other },
      abolishOrgan: { organ },
    }[act];
    const type = `${act.charAt(0).toUpperCase()}${act.slice(1)}Input`;
    const input = { ...fields, effectiveFrom, change };
    // Many of the steps are refused; what matters is what was recorded.
    await h.send(`mutation ($input: ${type}!) { ${act}(input: $input) { pending } }`, { input });
  }
  stored = [];
  for await (const page of h.events.readAll()) stored.push(...(page as (StoredEvent & OrganEvent)[]));
});
afterAll(() => h.end());

function folded(effectiveAt: string, recordedAt: string): Data[] {
  const inForce = new Map<string, Data>();
  for (const event of stored) {
    if (event.recordedAt > recordedAt || event.metadata.effectiveAt > effectiveAt) continue;
    for (const { id, name, aliases, status } of changedBy(event)) {
      inForce.set(id, { id, name, aliases, status: status.toUpperCase() });
    }
  }
  return [...inForce.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

test('L-10 organs as of any day and any instant are a fold of the events', async () => {
  expect(new Set(stored.map(({ type }) => type)).size).toBe(5);
  const instants = [...new Set(stored.map(({ recordedAt }) => recordedAt))];
  for (const recordedAt of [...instants, '2020-01-01T00:00:00.000Z']) {
    for (const effectiveAt of [...DAYS, '2024-12-31', '2025-12-31']) {
      const { organs } = await h.ask(
        `query ($division: DivisionCode!, $asOf: AsOf) { organs(division: $division, asOf: $asOf) {
           edges { node { id name aliases status } } } }`,
        { division: COUNTY, asOf: { effectiveAt, recordedAt } },
      );
      expect(organs.edges.map((edge: Data) => edge.node)).toEqual(folded(effectiveAt, recordedAt));
    }
  }
});

test('L-10 today and as known now is the default on both clocks', async () => {
  const query = (asOf: string) => `{ organs(division: "${COUNTY}"${asOf}) { edges { node { id name } } } }`;
  const today = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
  const explicit = `, asOf: { effectiveAt: "${today}", recordedAt: "${new Date().toISOString()}" }`;
  expect(await h.ask(query(''))).toEqual(await h.ask(query(explicit)));
});
