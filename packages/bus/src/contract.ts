import * as fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { deliveryContract, limitsContract } from './contract-delivery.ts';
import { failuresContract, parkedContract } from './contract-failures.ts';
import { type BusPlace, drain, type Fixture, fixture, Record, type SetUp } from './contract-kit.ts';
import { notes } from './contract-note.ts';
import { publishingContract } from './contract-publishing.ts';
import { readingContract } from './contract-reading.ts';

/** The contract of the bus port: every adapter passes it against the real thing, with so many random schedules. */
export function busContract(name: string, create: () => Promise<BusPlace>, schedules = 20): void {
  const fixtures: Fixture[] = [];
  const setUp = async () => {
    const made = await fixture(await create());
    fixtures.push(made);
    return made;
  };
  afterEach(async () => {
    for (const made of fixtures.splice(0)) await made.remove();
  });
  publishingContract(name, setUp);
  deliveryContract(name, setUp);
  limitsContract(name, setUp);
  failuresContract(name, setUp);
  parkedContract(name, setUp);
  readingContract(name, setUp);
  schedulesContract(name, setUp, schedules);
}

const KEYS = ['a', 'b', 'c', 'd'];
const ATTEMPTS = 3;

const step = fc.oneof(
  fc.record({
    kind: fc.constant('publish' as const),
    key: fc.constantFrom(...KEYS),
    /** How often each of the new events will fail. */
    failures: fc.array(fc.constantFrom(0, 0, 0, 1, 2, ATTEMPTS, ATTEMPTS + 2), {
      minLength: 1,
      maxLength: 6,
    }),
  }),
  fc.record({ kind: fc.constant('consume' as const), tries: fc.integer({ min: 1, max: 8 }) }),
  fc.record({ kind: fc.constant('reopen' as const) }),
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

type Schedulable = Omit<Fixture, 'remove'>;

/** Carries out a schedule, then consumes the rest, and tells what became of everything. */
async function carryOut(
  schedule: readonly Step[],
  { bus: first, publish, reopen, topic, group }: Schedulable,
) {
  let bus = first;
  const published = new Map(KEYS.map((key) => [key, 0]));
  const failuresLeft = new Map<string, number>();
  const record = new Record();
  const handler: Record['handler'] = async (event) => {
    const left = failuresLeft.get(event.id) ?? 0;
    failuresLeft.set(event.id, left - 1);
    if (left > 0) throw new Error('planned');
    await record.handler(event);
  };
  const options = { group, topics: [topic], attempts: ATTEMPTS, pauseMs: 0 };
  for (const action of schedule) {
    if (action.kind === 'reopen') {
      bus = await reopen();
    } else if (action.kind === 'publish') {
      const { key, failures } = action;
      const count = published.get(key) ?? 0;
      const events = notes(key, failures.length, count + 1);
      for (const [index, { id }] of events.entries()) failuresLeft.set(id, failures[index] ?? 0);
      await publish(topic, key, events);
      published.set(key, count + failures.length);
    } else {
      const enough = Promise.withResolvers<void>();
      let { tries } = action;
      const subscription = bus.subscribe(options, async (event) => {
        tries -= 1;
        if (tries <= 0) enough.resolve();
        await handler(event);
      });
      await Promise.race([enough.promise, subscription.caughtUp]);
      await subscription.stop();
    }
  }
  await drain(bus, options, handler);
  return { bus, published, record, parked: await bus.parked(group) };
}

const ascending = (numbers: Iterable<number>) => [...numbers].toSorted((one, other) => one - other);

function schedulesContract(name: string, setUp: SetUp, numRuns: number): void {
  describe(`${name}: random schedules`, () => {
    test('published, interrupted, failing, reopened: nothing is lost, order per key is kept', async () => {
      const made = await setUp();
      let { bus } = made;
      let runs = 0;
      const property = fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (schedule) => {
        runs += 1;
        const names = { topic: `${made.topic}-${runs}`, group: `${made.group}-${runs}` };
        const outcome = await carryOut(schedule, { ...made, bus, ...names });
        bus = outcome.bus;
        for (const [key, count] of outcome.published) {
          const handled = outcome.record.of(key);
          expect(handled).toEqual(ascending(handled));
          const parked = outcome.parked.filter((message) => message.key === key);
          const all = new Set([...handled, ...parked.map(({ event }) => Number(event.sequence))]);
          expect(ascending(all)).toEqual(notes(key, count).map(({ data }) => data.n));
        }
      });
      await fc.assert(property, { numRuns });
    });
  });
}
