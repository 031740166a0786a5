import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { StoredEvent } from './event-store.ts';
import { Tail } from './sqlite-tail.ts';

const PAGE = 500;

/** A log of that many events, whose bodies have so many characters each, read in pages. */
function logOf(chars: number) {
  let read = 0;
  const tail = new Tail((from, to) => {
    const last = Math.min(to, from + PAGE - 1);
    read += last - from + 1;
    return Array.from({ length: last - from + 1 }, (_, i) => ({
      event: { position: from + i } as StoredEvent,
      chars,
    }));
  });
  return { tail, read: () => read };
}

/** Everything from one position to another, asked for as readers do: from where the last answer ended. */
function all(tail: Tail, from: number, to: number): number[] {
  const found: number[] = [];
  for (let next = from; next <= to; ) {
    if (!tail.reaches(next, to)) return [];
    const events = tail.between(next, to);
    found.push(...events.map(({ position }) => position));
    next = (events.at(-1)?.position ?? to) + 1;
  }
  return found;
}

test('whoever asks gets each event once, in order, whatever the others asked before', () => {
  const asking = fc.array(fc.tuple(fc.nat(400), fc.nat(900), fc.nat(1_500)), { maxLength: 60 });
  void fc.assert(
    fc.property(asking, fc.constantFrom(1, 5_000, 200_000), (asked, chars) => {
      const { tail } = logOf(chars);
      let head = 0;
      for (const [grown, ahead, behind] of asked) {
        head += grown + 1;
        const from = Math.max(1, head - behind);
        const to = Math.min(head, from + ahead);
        const found = all(tail, from, to);
        if (found.length > 0)
          expect(found).toEqual(Array.from({ length: to - from + 1 }, (_, i) => from + i));
      }
    }),
    { numRuns: 50 },
  );
});

test('followers of the store read an event once, together', () => {
  const { tail, read } = logOf(1_000);
  for (let head = 10; head <= 2_000; head += 10) {
    for (let follower = 0; follower < 20; follower++) expect(all(tail, head - 9, head)).toHaveLength(10);
  }
  expect(read()).toBe(2_000);
});
