import { deepStrictEqual } from 'node:assert';
import type { Envelope } from '@dutyledger/event-store/decider';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isLive, MOST_BODIES, type NewOrgan, type Organ } from './organ.ts';
import { type OrganCommand, organRegister } from './organ-register.ts';
import { changedBy, type OrganEvent, type OrganRegister } from './state.ts';

const REGISTER = '370114';
const TOWN = '370114101000';
const DAYS = ['2025-01-01', '2025-07-01', '2026-01-01', '2026-07-01', '2027-01-01'];
const OUTSIDE = ['2024-12-31', '2100-01-01'];

const day = fc.constantFrom(...DAYS);
const id = fc.integer({ min: 1, max: 24 }).map((n) => `organ:${REGISTER}-${String(n).padStart(4, '0')}`);
const name = fc.constantFrom('甲', '乙', '丙');
const creditCode = fc.option(fc.constantFrom('CODE-1', 'CODE-2'));

const department: fc.Arbitrary<NewOrgan> = fc.record({
  name,
  shortName: fc.constant(null),
  aliases: fc.constant([]),
  kind: fc.constantFrom('DEPARTMENT', 'INSTITUTION', 'TOWN_GOVERNMENT'),
  level: fc.constant(null),
  division: fc.constantFrom('370114000000', TOWN),
  superior: fc.option(id),
  creditCode,
  provisional: fc.boolean(),
});
const bodyOf = (n: number): NewOrgan => ({
  name: `职能机构${n}`,
  shortName: null,
  aliases: [],
  kind: 'TOWN_BODY',
  level: null,
  division: TOWN,
  superior: `organ:${REGISTER}-0001`,
  creditCode: null,
  provisional: false,
});
const body = fc.integer({ min: 1, max: 14 }).map(bodyOf);
const newOrgan = fc.oneof(department, { weight: 2, arbitrary: body });
const newOrgans = fc.array(newOrgan, { minLength: 1, maxLength: 4 });
const ids = fc.array(id, { minLength: 1, maxLength: 3 });
const changes = fc.record(
  {
    aliases: fc.array(name, { maxLength: 2 }),
    superior: fc.option(id),
    creditCode,
    kind: fc.constantFrom<Organ['kind'][]>('DEPARTMENT', 'TOWN_BODY', 'TOWN_GOVERNMENT'),
  },
  { requiredKeys: [] },
);

const command: fc.Arbitrary<OrganCommand> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('RegisterOrgans'),
      register: fc.constant(REGISTER),
      organs: newOrgans,
      effectiveFrom: day,
    }),
  },
  fc.record({ type: fc.constant('RenameOrgan'), organ: id, name, effectiveFrom: day }),
  fc.record({ type: fc.constant('ReviseOrgan'), organ: id, changes, effectiveFrom: day }),
  fc.record({ type: fc.constant('ConfirmOrgan'), organ: id, effectiveFrom: day }),
  fc.record({
    type: fc.constant('MergeOrgans'),
    register: fc.constant(REGISTER),
    sources: ids,
    into: fc.oneof(id, newOrgan),
    effectiveFrom: day,
  }),
  fc.record({
    type: fc.constant('SplitOrgan'),
    register: fc.constant(REGISTER),
    source: id,
    into: newOrgans,
    sourceContinues: fc.boolean(),
    effectiveFrom: day,
  }),
  fc.record({
    type: fc.constant('AbolishOrgan'),
    organ: id,
    successors: fc.array(id, { maxLength: 2 }),
    effectiveFrom: day,
  }),
);

const ENVELOPE: Envelope = {
  actor: { subject: 's', name: 'n', organ: null, role: 'r' },
  reason: '',
  basis: [],
  effectiveAt: '',
  recordedAt: '',
};
const fold = (events: readonly OrganEvent[], from = organRegister.initial): OrganRegister =>
  events.reduce((state, event) => organRegister.evolve(state, event, ENVELOPE), from);

/** Every register starts with a town that has seven bodies, so that the limit is near. */
const FIRST: OrganCommand = {
  type: 'RegisterOrgans',
  register: REGISTER,
  organs: [
    { ...bodyOf(0), name: '垛庄镇人民政府', kind: 'TOWN_GOVERNMENT', superior: null },
    ...Array.from({ length: 7 }, (_, i) => bodyOf(i + 1)),
  ],
  effectiveFrom: DAYS[0] as string,
};

function carriedOut(commands: readonly OrganCommand[]): { events: OrganEvent[]; state: OrganRegister } {
  const events: OrganEvent[] = [];
  let state = organRegister.initial;
  for (const each of [FIRST, ...commands]) {
    const decision = organRegister.decide(each, state);
    if (!decision.ok) continue;
    events.push(...decision.events);
    state = fold(decision.events, state);
  }
  return { events, state };
}

/** What was in force on a day, told from the raw events alone. */
function liveOn(events: readonly OrganEvent[], on: string): Organ[] {
  const inForce = new Map<string, Organ>();
  for (const event of events) {
    if ((event.effectiveAt as string) > on) continue;
    for (const organ of changedBy(event)) inForce.set(organ.id, organ);
  }
  return [...inForce.values()].filter(isLive);
}

const registers = fc.array(command, { minLength: 1, maxLength: 40 }).map(carriedOut);
const everyDay = (check: (live: Organ[]) => void) =>
  fc.assert(
    fc.property(registers, ({ events }) => {
      for (const on of [...OUTSIDE, ...DAYS]) check(liveOn(events, on));
    }),
    { numRuns: 300 },
  );
const unique = (values: readonly string[]) => expect(new Set(values).size).toBe(values.length);

describe('S-1 and S-2 on every day, whatever is done in whatever order', () => {
  test('S-1 no two live organs bear one name at one place', () => {
    everyDay((live) => unique(live.map((o) => `${o.name} ${o.division} ${o.superior}`)));
  });
  test('S-1 no two live organs hold one credit code', () => {
    everyDay((live) => unique(live.flatMap((o) => o.creditCode ?? [])));
  });
  test('S-1 every superior is in force, and no organ is below itself', () => {
    everyDay((live) => {
      const byId = new Map(live.map((organ) => [organ.id, organ]));
      for (const organ of live) {
        let above = organ.superior;
        for (let steps = 0; above !== null; steps++) {
          expect(byId.has(above)).toBe(true);
          expect(steps).toBeLessThan(live.length);
          above = byId.get(above)?.superior ?? null;
        }
      }
    });
  });
  test('S-2 no town has more than nine functional bodies, all of them under its own government', () => {
    let most = 0;
    everyDay((live) => {
      const bodies = live.filter(({ kind }) => kind === 'TOWN_BODY');
      expect(bodies.length).toBeLessThanOrEqual(MOST_BODIES);
      most = Math.max(most, bodies.length);
      for (const { superior, division } of bodies) {
        const town = live.find(({ id }) => id === superior);
        expect([town?.kind, town?.division]).toEqual(['TOWN_GOVERNMENT', division]);
      }
    });
    expect(most).toBe(MOST_BODIES);
  });
});

describe('the register as a decider', () => {
  test('replay, also from what a store gives back, equals the state grown step by step', () => {
    fc.assert(
      fc.property(registers, ({ events, state }) => {
        deepStrictEqual(fold(JSON.parse(JSON.stringify(events))).organs.toJS(), state.organs.toJS());
      }),
      { numRuns: 200 },
    );
  });
  test('S-1 an id is never given twice', () => {
    fc.assert(
      fc.property(registers, ({ events }) => {
        unique(events.flatMap((e) => (e.type === 'OrganRegistered' ? [e.data.organ.id] : [])));
      }),
    );
  });
  test('a command carried out again records no second change', () => {
    fc.assert(
      fc.property(registers, command, ({ state }, again) => {
        const first = organRegister.decide(again, state);
        if (!first.ok || again.type === 'RegisterOrgans' || again.type === 'SplitOrgan') return;
        const second = organRegister.decide(again, fold(first.events, state));
        expect(second.ok ? second.events : []).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
  test('events of one organ are recorded in the order of their days', () => {
    fc.assert(
      fc.property(registers, ({ state }) => {
        for (const life of state.organs.values()) {
          const days = life.map(({ effectiveFrom }) => effectiveFrom);
          expect(days).toEqual([...new Set(days)].sort());
        }
      }),
    );
  });
});
