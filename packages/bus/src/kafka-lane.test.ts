import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeParked, KafkaLane } from './kafka-lane.ts';

const ATTEMPTS = 3;

interface Log {
  key: string;
  /** How often it will fail. */
  failures: number;
}

/** A member's work on one partition, with a clock that jumps; `crashAt` is after how many tries it dies and another takes over. */
function consume(log: readonly Log[], crashes: readonly number[]) {
  const left = log.map(({ failures }) => failures);
  const handled: number[] = [];
  const parked = new Set<number>();
  let committed = { low: 0, metadata: '' };
  let tries = 0;
  const commit = (lane: KafkaLane) => {
    const low = lane.low() ?? committed.low;
    committed = { low, metadata: lane.metadata(low) };
  };
  const attempt = (lane: KafkaLane, offset: number, key: string, now: number) => {
    tries += 1;
    left[offset] = (left[offset] ?? 0) - 1;
    if ((left[offset] ?? 0) < 0) {
      handled.push(offset);
      lane.finish(offset, key);
    } else if (lane.attempts(key) + 1 < ATTEMPTS) {
      lane.hold(offset, key, now + 10);
    } else {
      parked.add(offset);
      lane.park(offset, key);
      lane.reached(offset + 1);
      commit(lane);
    }
  };
  /** Until everything is dealt with, or so many tries were made. */
  const live = (until: number) => {
    const lane = new KafkaLane(decodeParked(committed.low, committed.metadata));
    let now = 0;
    let next = committed.low;
    let early = false;
    while (tries < until) {
      const message = log[next];
      if (message) {
        if (lane.decide(next, message.key, now) === 'try') attempt(lane, next, message.key, now);
        next += 1;
        lane.reached(next);
      } else {
        commit(lane);
        const due = lane.due();
        if (due === Number.POSITIVE_INFINITY) return;
        // As timers are now and then.
        early = !early;
        now = Math.max(now, early ? due - 0.5 : due);
        next = lane.turn();
        expect(next).toBeLessThan(log.length);
      }
    }
  };
  for (const crash of crashes) live(tries + crash);
  live(Number.POSITIVE_INFINITY);
  return { handled, parked, committed };
}

describe('a lane', () => {
  test('deals with everything, in order per key, through failures and crashes', async () => {
    const message = fc.record({
      key: fc.constantFrom('a', 'b', 'c', 'd'),
      failures: fc.constantFrom(0, 0, 0, 0, 1, 2, ATTEMPTS),
    });
    const crashes = fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 3 });
    const property = fc.property(fc.array(message, { maxLength: 40 }), crashes, (log, deaths) => {
      const { handled, parked, committed } = consume(log, deaths);
      expect(committed).toEqual({ low: log.length, metadata: '' });
      const first = [...new Set(handled)];
      for (const key of ['a', 'b', 'c', 'd']) {
        const ofKey = first.filter((offset) => log[offset]?.key === key);
        expect(ofKey).toEqual(ofKey.toSorted((one, other) => one - other));
      }
      for (const [offset] of log.entries()) expect(first.includes(offset) !== parked.has(offset)).toBe(true);
    });
    await fc.assert(property, { numRuns: 500 });
  });

  test('keeps the offset of a message that waits, and goes on with the others, but not without end', () => {
    const lane = new KafkaLane(new Set());
    lane.hold(0, 'stuck', 1000);
    lane.reached(1);
    let offset = 1;
    while (lane.decide(offset, 'other', 0) === 'try') {
      lane.finish(offset, 'other');
      offset += 1;
      lane.reached(offset);
    }
    expect(offset).toBe(10_000);
    expect(lane.low()).toBe(0);
    expect(lane.decide(0, 'stuck', 999)).toBe('pass');
    expect(lane.turn()).toBe(0);
    expect(lane.decide(0, 'stuck', 1000)).toBe('try');
    lane.finish(0, 'stuck');
    lane.reached(1);
    expect(lane.decide(1, 'other', 1000)).toBe('pass');
    lane.reached(offset);
    expect(lane.low()).toBe(offset);
    expect(lane.decide(offset, 'other', 1000)).toBe('try');
  });

  test('starts at the lowest message that waits: whoever has the partition when the sweep begins may know of none', () => {
    const lane = new KafkaLane(new Set());
    lane.hold(1, 'late', 60_000);
    lane.reached(2);
    lane.hold(3, 'soon', 10);
    lane.reached(4);
    expect(lane.turn()).toBe(1);
  });

  test('goes no further ahead than what was parked fits beside the offset', () => {
    const lane = new KafkaLane(new Set());
    lane.hold(0, 'stuck', 1000);
    lane.reached(1);
    let offset = 1;
    for (; lane.decide(offset, `key-${offset}`, 0) === 'try'; offset += 1) {
      lane.park(offset, `key-${offset}`);
      lane.reached(offset + 1);
    }
    const metadata = lane.metadata(0);
    expect(metadata.length).toBeLessThanOrEqual(4096);
    expect(decodeParked(0, metadata).size).toBe(offset - 1);
    expect(offset).toBeGreaterThan(500);
  });
});
