import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Delivery, type DeliveryCommand, delivery, initial, isOver } from './delivery.ts';

const at = '2026-03-05T02:00:00.000Z';
const addressed = (position: number | null) => ({
  webhook: 'webhook:1',
  message: 'msg_1',
  type: 'test',
  subject: 's',
  position,
});
const attempt = (failure: string | null) => ({ at, failure, status: null, durationMs: 1 });

function run(state: Delivery, command: DeliveryCommand): { state: Delivery; events: number } {
  const decision = delivery.decide(command, state);
  if (!decision.ok) return { state, events: 0 };
  const envelope = {
    actor: { subject: 's', name: 'n', organ: null, role: 'SYSTEM' },
    reason: 'r',
    basis: [],
    effectiveAt: '2026-03-05',
    recordedAt: at,
  };
  const next = decision.events.reduce((before, event) => delivery.evolve(before, event, envelope), state);
  return { state: next, events: decision.events.length };
}

const commands = (position: number | null): fc.Arbitrary<DeliveryCommand> => {
  const number = fc.integer({ min: 1, max: 4 });
  return fc.oneof(
    fc.constant({ type: 'RequestTest' as const, addressed: addressed(null), at }),
    fc.record({
      type: fc.constant('RecordFailure' as const),
      addressed: fc.constant(addressed(position)),
      number,
      attempt: fc.constant(attempt('STATUS')),
      next: fc.constantFrom(at, null),
    }),
    fc.record({
      type: fc.constant('RecordDelivered' as const),
      number,
      attempt: fc.constant(attempt(null)),
    }),
    fc.constantFrom<DeliveryCommand>(
      { type: 'RecordUntold', at },
      { type: 'Retry', at },
      { type: 'Discard' },
    ),
  );
};

describe('deliveries, whatever two instances and people say at the same time', () => {
  test('attempts are counted once each, what is over stays over, only what waits is due', () => {
    const cases = fc
      .constantFrom(7, null)
      .chain((position) => fc.array(commands(position), { maxLength: 30 }));
    fc.assert(
      fc.property(cases, (given) => {
        let state: Delivery = initial;
        for (const command of given) {
          const before = state;
          const after = run(before, command);
          state = after.state;
          if (before.status !== 'ABSENT' && isOver(before.status)) expect(after.events).toBe(0);
          if (state.status === 'ABSENT') continue;
          expect(state.due !== null).toBe(state.status === 'WAITING');
          const counted = before.status === 'ABSENT' ? 0 : before.attempts;
          if (command.type === 'RecordFailure' && after.events > 0) expect(state.attempts).toBe(counted + 1);
        }
      }),
    );
  });

  test('the same failure recorded twice is one attempt; a test is not tried again', () => {
    const failed = (position: number | null): DeliveryCommand => ({
      type: 'RecordFailure',
      addressed: addressed(position),
      number: 1,
      attempt: attempt('TIMEOUT'),
      next: at,
    });
    const once = run(initial, failed(7)).state;
    expect(run(once, failed(7))).toEqual({ state: once, events: 0 });
    expect(once).toMatchObject({ status: 'WAITING', attempts: 1, due: at });
    const asked = run(initial, { type: 'RequestTest', addressed: addressed(null), at }).state;
    expect(run(asked, failed(null)).state).toMatchObject({ status: 'TEST_FAILED', due: null });
  });
});
