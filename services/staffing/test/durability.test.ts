import { validate } from '@dutyledger/contracts/catalogue';
import type { CloudEvent } from '@dutyledger/contracts/envelope';
import { STAFFING_TOPIC } from '@dutyledger/contracts/staffing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { COUNTY, change, type Data, type Harness, REGISTER, register, startHarness } from './harness.ts';

/** What survives a restart, a retry and a rebuild, and what other services are told. */

let h: Harness;
beforeEach(async () => {
  h = await startHarness();
});
afterEach(() => h.end());

const admin = { roles: ['SYSTEM_ADMIN'] as const };
const MERGE =
  'mutation ($input: MergeOrgansInput!) { mergeOrgans(input: $input) { organ { id name } repeated } }';
const SPLIT = 'mutation ($input: SplitOrganInput!) { splitOrgan(input: $input) { into { id } repeated } }';
const RENAME =
  'mutation ($input: RenameOrganInput!) { renameOrgan(input: $input) { organ { id name } repeated } }';
const ABOLISH =
  'mutation ($input: AbolishOrganInput!) { abolishOrgan(input: $input) { organ { id } repeated } }';
const EVERYTHING = `{ organs(division: "${COUNTY}", includeBelow: true, first: 200) { edges { node {
  id name shortName aliases kind level status effectiveFrom successors { id }
  history { edges { node { id change changes { field before after } reason recordedAt effectiveFrom } } } } } } }`;

/** A life with every sort of event. */
async function reform(): Promise<string[]> {
  const ids = await register(h, [
    { name: '水务局', kind: 'DEPARTMENT' },
    { name: '农业局', kind: 'DEPARTMENT' },
    { name: '林业局', kind: 'DEPARTMENT', provisional: true },
    { name: '信访局', kind: 'DEPARTMENT' },
  ]);
  const [water, farms, forest, letters] = ids;
  const on = { effectiveFrom: '2026-02-01', change };
  await h.ask(RENAME, { input: { organ: water, name: '水利局', ...on } });
  await h.ask('mutation ($input: ReviseOrganInput!) { reviseOrgan(input: $input) { repeated } }', {
    input: { organ: water, aliases: ['水办'], ...on },
  });
  await h.ask('mutation ($input: ConfirmOrganInput!) { confirmOrgan(input: $input) { repeated } }', {
    input: { organ: forest, ...on },
  });
  await h.ask(MERGE, {
    input: { sources: [farms, forest], intoNew: { name: '农林局', kind: 'DEPARTMENT' }, ...on },
  });
  const parts = [
    { name: '水利一局', kind: 'DEPARTMENT' },
    { name: '水利二局', kind: 'DEPARTMENT' },
  ];
  await h.ask(SPLIT, { input: { source: water, into: parts, ...on } });
  await h.ask(ABOLISH, { input: { organ: letters, ...on } });
  return ids;
}

describe('retries', () => {
  const keyed = (key: string) => ({ ...change, idempotencyKey: key });

  test('the same key with the same input is carried out once, also after a restart', async () => {
    const variables = {
      input: {
        division: COUNTY,
        organs: [{ name: '水务局', kind: 'DEPARTMENT' }],
        effectiveFrom: '2026-01-01',
        change: keyed('first'),
      },
    };
    const first = await h.ask(REGISTER, variables);
    expect(first.registerOrgans.repeated).toBe(false);
    const again = { registerOrgans: { ...first.registerOrgans, repeated: true } };
    expect(await h.ask(REGISTER, variables)).toEqual(again);
    await h.restart();
    expect(await h.ask(REGISTER, variables)).toEqual(again);
    const { organs } = await h.ask(EVERYTHING);
    expect(organs.edges).toHaveLength(1);
  });
  test('a retry on the next day, without a day of its own, is still the same command', async () => {
    const variables = {
      input: {
        division: COUNTY,
        organs: [{ name: '水务局', kind: 'DEPARTMENT' }],
        change: keyed('overnight'),
      },
    };
    const first = await h.ask(REGISTER, variables);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 24 * 3_600_000 });
    try {
      expect((await h.ask(REGISTER, variables)).registerOrgans).toEqual({
        ...first.registerOrgans,
        repeated: true,
      });
    } finally {
      vi.useRealTimers();
    }
  });
  test('twenty at once are one', async () => {
    const variables = {
      input: { division: COUNTY, organs: [{ name: '水务局', kind: 'DEPARTMENT' }], change: keyed('at once') },
    };
    const answers = await Promise.all(Array.from({ length: 20 }, () => h.ask(REGISTER, variables)));
    expect(new Set(answers.map(({ registerOrgans }) => registerOrgans.organs[0].id)).size).toBe(1);
    expect(answers.filter(({ registerOrgans }) => !registerOrgans.repeated)).toHaveLength(1);
  });
  test('merger, split and renaming are answered as the first time', async () => {
    const [water, farms] = await register(h, [
      { name: '水务局', kind: 'DEPARTMENT' },
      { name: '农业局', kind: 'DEPARTMENT' },
    ]);
    const on = { effectiveFrom: '2026-02-01' };
    const requests: [string, object][] = [
      [RENAME, { organ: water, name: '水利局', change: keyed('rename'), ...on }],
      [
        SPLIT,
        {
          source: farms,
          into: [{ name: '林业局', kind: 'DEPARTMENT' }],
          sourceContinues: true,
          change: keyed('split'),
          ...on,
        },
      ],
      [MERGE, { sources: [farms], into: water, change: keyed('merge'), ...on }],
    ];
    for (const [query, input] of requests) {
      const [field, first] = Object.entries(await h.ask(query, { input }))[0] as [string, Data];
      expect((await h.ask(query, { input }))[field]).toEqual({ ...first, repeated: true });
    }
  });
  test('the same key with other input is a conflict', async () => {
    const [id] = await register(h, [{ name: '水务局', kind: 'DEPARTMENT' }]);
    const input = { organ: id, effectiveFrom: '2026-02-01', change: keyed('one') };
    await h.ask(RENAME, { input: { ...input, name: '水利局' } });
    expect(await h.fault(RENAME, { input: { ...input, name: '河务局' } })).toMatchObject({
      code: 'CONFLICT',
    });
  });
});

describe('restart and rebuild', () => {
  test('after a restart everything is as it was, and numbers go on', async () => {
    await reform();
    const before = await h.ask(EVERYTHING);
    await h.restart();
    expect(await h.ask(EVERYTHING)).toEqual(before);
    expect(await register(h, [{ name: '教育局', kind: 'DEPARTMENT' }])).toEqual(['organ:370114-0008']);
  });
  test('read models built anew hold the same', async () => {
    await reform();
    const before = await h.ask(EVERYTHING);
    for (const name of ['staffing.organs', 'staffing.organHistory']) {
      const { rebuildStaffingReadModel: rebuilt } = await h.ask(
        `mutation ($input: RebuildReadModelInput!) { rebuildStaffingReadModel(input: $input) {
           readModel { name failure rebuilding } digestBefore digestAfter } }`,
        { input: { name } },
        admin,
      );
      expect(rebuilt.readModel).toEqual({ name, failure: null, rebuilding: null });
      expect(rebuilt.digestAfter).toBe(rebuilt.digestBefore);
    }
    expect(await h.ask(EVERYTHING)).toEqual(before);
  });
  test('an unknown read model is told so', async () => {
    const fault = await h.fault(
      'mutation { rebuildStaffingReadModel(input: { name: "staffing.nothing" }) { digestAfter } }',
      {},
      admin,
    );
    expect(fault.code).toBe('NOT_FOUND');
    expect(fault.message).toContain('staffing.organs');
  });
  test('read models and readiness say how far they are', async () => {
    await reform();
    const { staffingReadModels } = await h.ask(
      '{ staffingReadModels { name version position head failure } }',
      {},
      admin,
    );
    const head = await h.events.head();
    expect(staffingReadModels).toEqual(
      ['staffing.organs', 'staffing.organHistory'].map((name) => ({
        name,
        version: 1,
        position: head,
        head,
        failure: null,
      })),
    );
    const lines = await h.service.subgraph.readiness();
    expect(lines.map(({ name, ok }) => [name, ok])).toEqual([
      ['staffing.organs', true],
      ['staffing.organHistory', true],
      ['staffing.relay', true],
    ]);
  });
});

test('other services are told of every event once, in order, as the contracts say', async () => {
  await reform();
  const stored: string[] = [];
  for await (const page of h.events.readAll({ prefix: 'staffing.' }))
    stored.push(...page.map(({ id }) => id));
  const told = new Map<string, CloudEvent>();
  const all = Promise.withResolvers<void>();
  const subscription = h.bus.subscribe({ group: 'test', topics: [STAFFING_TOPIC] }, async (event) => {
    told.set(event.id, event);
    if (told.size === stored.length) all.resolve();
  });
  await all.promise;
  await subscription.stop();
  const events = [...told.values()];
  expect(events.map(({ id }) => id)).toEqual(stored);
  expect(events.filter((event) => !validate(event).ok)).toEqual([]);
  expect(new Set(events.map(({ subject }) => subject))).toEqual(new Set(['staffing.organRegister-370114']));
  const kinds = events.map(({ type }) => type.replace(/^cn\.dutyledger\.staffing\.(\w+)\.v1$/, '$1'));
  expect(kinds).toEqual([
    ...Array(4).fill('OrganRegistered'),
    ...Array(3).fill('OrganChanged'),
    'OrganRegistered',
    'OrgansMerged',
    ...Array(2).fill('OrganRegistered'),
    'OrganSplit',
    'OrganChanged',
  ]);
});
