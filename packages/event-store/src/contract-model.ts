import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect } from 'vitest';
import { flatten, newEvents } from './contract-tools.ts';
import type { EventStore, ExpectedRevision, NewEvent } from './event-store.ts';

type Step =
  | { kind: 'append'; stream: number; expect: 'right' | 'any' | 'none' | 'ahead' | 'behind'; count: number }
  | { kind: 'repeat'; earlier: number; any: boolean };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('append' as const),
        stream: fc.nat({ max: 2 }),
        expect: fc.constantFrom('right', 'right', 'any', 'none', 'ahead', 'behind'),
        count: fc.integer({ min: 1, max: 4 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('repeat' as const),
        earlier: fc.nat({ max: 20 }),
        any: fc.boolean(),
      }),
    },
  ),
  { maxLength: 25 },
);

/** Property: the store answers like arrays in memory would, and holds the same in the end. */
export const followsTheModel = (store: EventStore): fc.IAsyncProperty<[Step[]]> =>
  fc.asyncProperty(steps, async (script) => {
    const prefix = `model${randomUUID().slice(0, 8)}-`;
    const model = [0, 1, 2].map((): NewEvent[] => []);
    const log: { stream: string; id: string }[] = [];
    const accepted: { stream: number; expected: ExpectedRevision; first: number; events: NewEvent[] }[] = [];

    for (const step of script) {
      if (step.kind === 'repeat') {
        const earlier = accepted[step.earlier];
        if (!earlier) continue;
        const { stream, first, events } = earlier;
        const outcome = await store.append(`${prefix}${stream}`, step.any ? 'any' : earlier.expected, events);
        expect(outcome).toMatchObject({ repeated: true, revision: first + events.length - 1 });
        continue;
      }
      const held = model[step.stream] as NewEvent[];
      const last = held.length - 1;
      const expected = expectation(step.expect, last);
      const fits = expected === 'any' || (expected === 'none' ? -1 : expected) === last;
      const events = newEvents(step.count);
      const outcome = await store.append(`${prefix}${step.stream}`, expected, events);
      expect(outcome).toMatchObject(
        fits
          ? { status: 'appended', repeated: false, revision: last + step.count }
          : { status: 'conflict', actual: last },
      );
      if (!fits) continue;
      held.push(...events);
      accepted.push({ stream: step.stream, expected, first: last + 1, events });
      log.push(...events.map(({ id }) => ({ stream: `${prefix}${step.stream}`, id })));
    }

    for (const [i, held] of model.entries()) {
      const stored = await flatten(store.readStream(`${prefix}${i}`));
      expect(stored.map(({ id, revision }) => ({ id, revision }))).toEqual(
        held.map(({ id }, revision) => ({ id, revision })),
      );
    }
    const all = await flatten(store.readAll({ prefix }));
    expect(all.map(({ stream, id }) => ({ stream, id }))).toEqual(log);
  });

function expectation(kind: (Step & { kind: 'append' })['expect'], last: number): ExpectedRevision {
  if (kind === 'any' || kind === 'none') return kind;
  if (kind === 'ahead') return last + 1;
  if (last < 0) return 'none';
  return kind === 'right' ? last : Math.max(0, last - 1);
}
