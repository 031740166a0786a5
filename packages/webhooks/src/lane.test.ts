import type { EventStore, StoredEvent } from '@dutyledger/event-store/event-store';
import { settableClock } from '@dutyledger/timers/settable-clock.fixture';
import fc from 'fast-check';
import { pino } from 'pino';
import { expect, test, vi } from 'vitest';
import type { Book, Letter, Waiting } from './book.ts';
import { Lane } from './lane.ts';
import type { Attempt, FailureCode, Sender } from './send.ts';
import { Slots } from './slots.ts';

/** The way to one endpoint on a book in memory, with a receiver that answers as chance has it, and processes that die. */

const START = '2026-03-05T02:00:00.000Z';
const PATIENCE = { timeout: 60_000, interval: 1 };

interface Kept extends Waiting {
  status: 'WAITING' | 'PARKED' | 'DELIVERED';
  due: string;
}

class World {
  readonly clock = settableClock(START);
  readonly events: StoredEvent[];
  readonly kept = new Map<string, Kept>();
  readonly sent: { id: string; subject: string; body: string; ok: boolean; again: boolean }[] = [];
  disabled: string | null = null;
  through = 0;
  /** What is recorded is lost from now on: the process is dead. */
  dead = false;
  atOnce = 0;
  mostAtOnce = 0;
  mostWaiting = 0;

  constructor(subjects: readonly number[]) {
    this.events = subjects.map(
      (subject, i) => ({ id: `e${i + 1}`, position: i + 1, stream: `s${subject}` }) as StoredEvent,
    );
  }

  readonly log: Pick<EventStore, 'subscribe'> = {
    subscribe: ({ after = 0, progress }, handler) => {
      const stopped = Promise.withResolvers<void>();
      const run = async (): Promise<void> => {
        const rest = this.events.filter(({ position }) => position > after);
        if (rest.length > 0) await handler(rest);
        progress?.(this.events.length);
        await stopped.promise;
      };
      const ended = run();
      const stop = async (): Promise<void> => {
        stopped.resolve();
        await ended.catch(() => undefined);
      };
      return { caughtUp: Promise.resolve(), ended, stop };
    },
  };

  letter({ id, stream, position }: StoredEvent): Letter {
    return { id: `msg_${id}`, type: 'test', subject: stream, body: JSON.stringify({ id }), position };
  }

  waits(): Kept[] {
    return [...this.kept.values()]
      .filter(({ status }) => status === 'WAITING')
      .sort((a, b) => (a.due < b.due ? -1 : 1));
  }

  #record(change: () => void): Promise<void> {
    if (this.dead) return Promise.reject(new Error('dead'));
    change();
    this.mostWaiting = Math.max(this.mostWaiting, this.waits().length);
    return Promise.resolve();
  }

  readonly book: Book = {
    endpoints: () => Promise.reject(new Error('the lane is given its endpoint')),
    secretsOf: async () => [Buffer.alloc(32)],
    letters: async (_, page) =>
      page.map((event) => this.letter(event)).filter(({ id }) => !this.kept.has(id)),
    waiting: async () => this.waits().length,
    due: async (_, now) => this.waits().filter(({ due }) => due <= now.toISOString()),
    nextDue: async (_, now) => this.waits().find(({ due }) => due > now.toISOString())?.due,
    again: async (_, { position }) => {
      const event = this.events.find((each) => each.position === position);
      return event && this.letter(event);
    },
    progressed: (_, { through }) =>
      this.#record(() => {
        this.through = Math.max(this.through, through);
      }),
    failed: (_, { body: _body, ...letter }, _attempt, next) =>
      this.#record(() => {
        const due = next?.toISOString() ?? '';
        const status = next ? 'WAITING' : 'PARKED';
        this.kept.set(letter.id, { ...letter, delivery: letter.id, attempts: 1, due, status });
      }),
    failedAgain: (waiting, _, next) =>
      this.#record(() => {
        const due = next?.toISOString() ?? '';
        const status = next ? 'WAITING' : 'PARKED';
        this.kept.set(waiting.id, { ...waiting, attempts: waiting.attempts + 1, due, status });
      }),
    delivered: (waiting) =>
      this.#record(() => {
        this.kept.set(waiting.id, { ...waiting, due: '', status: 'DELIVERED' });
      }),
    untold: () => Promise.reject(new Error('everything is told')),
    disable: (_, cause) =>
      this.#record(() => {
        this.disabled = cause;
      }),
  };

  /** Answers as `answer` says for the n-th attempt of all. */
  receiver(answer: (attempt: number, id: string) => FailureCode | null): Sender {
    return {
      post: async (_, { headers, body }, { at, signal }): Promise<Attempt> => {
        this.mostAtOnce = Math.max(this.mostAtOnce, ++this.atOnce);
        await new Promise((resolve) => setImmediate(resolve));
        this.atOnce--;
        signal.throwIfAborted();
        const id = headers['webhook-id'] ?? '';
        const failure = answer(this.sent.length, id);
        const subject = this.events.find((event) => `msg_${event.id}` === id)?.stream ?? '';
        this.sent.push({ id, subject, body, ok: failure === null, again: this.kept.has(id) });
        return { at: at.toISOString(), failure, status: null, durationMs: 1, askedMs: null };
      },
      close: () => undefined,
    };
  }

  lane(sender: Sender): Lane {
    const { book, clock, log: events, through } = this;
    const endpoint = { id: 'webhook:1', url: 'https://receiver.example', through, failingSince: null };
    return new Lane(endpoint, {
      book,
      events,
      prefix: 'test.',
      types: ['test'],
      sender,
      slots: new Slots(() => 3),
      clock,
      random: () => 0.5,
      logger: pino({ level: 'silent' }),
      observe: () => undefined,
    });
  }

  /** Every letter was taken or is parked. */
  settled(): boolean {
    const taken = new Set(this.sent.flatMap(({ id, ok }) => (ok ? [id] : [])));
    const ids = this.events.map(({ id }) => `msg_${id}`);
    return this.waits().length === 0 && ids.every((id) => taken.has(id) || this.kept.has(id));
  }

  /** Goes on, from one due delivery to the next, until `when`. */
  until(when: () => boolean): Promise<unknown> {
    return vi.waitUntil(() => {
      if (when()) return true;
      const [next] = this.waits();
      if (next && next.due > this.clock.now().toISOString()) this.clock.set(next.due);
      return false;
    }, PATIENCE);
  }
}

const subjects = fc.array(fc.nat({ max: 4 }), { minLength: 1, maxLength: 120 });
const answers = fc.array(
  fc.constantFrom<FailureCode | null>(null, null, null, 'STATUS', 'TIMEOUT', 'CONNECTION'),
  { minLength: 1, maxLength: 20 },
);

test('whatever the receiver answers and however often the process dies, everything is taken or parked, in order, under one id', async () => {
  await fc.assert(
    fc.asyncProperty(
      subjects,
      answers,
      fc.array(fc.nat({ max: 150 }), { maxLength: 3 }),
      async (of, given, deaths) => {
        const world = new World(of);
        const sender = world.receiver((attempt) => given[attempt % given.length] ?? null);
        let firstOfLife = 0;
        for (const death of [...deaths.sort((a, b) => a - b), Number.POSITIVE_INFINITY]) {
          world.dead = false;
          const lane = world.lane(sender);
          await world.until(() => world.sent.length >= death || world.settled());
          world.dead = death < Number.POSITIVE_INFINITY;
          await lane.stop().catch(() => undefined);
          const life = world.sent.slice(firstOfLife).filter(({ again }) => !again);
          firstOfLife = world.sent.length;
          for (const [, about] of Map.groupBy(life, ({ subject }) => subject)) {
            const order = about.map(({ id }) => Number(id.slice('msg_e'.length)));
            expect(order).toEqual([...order].sort((a, b) => a - b));
          }
        }
        expect(world.settled()).toBe(true);
        for (const [id, each] of Map.groupBy(world.sent, (one) => one.id)) {
          expect(new Set(each.map(({ body }) => body)).size).toBe(1);
          const taken = each.filter(({ ok }) => ok).length;
          // Without a death exactly one is taken; each death repeats what it had not recorded.
          expect(taken).toBeLessThanOrEqual(1 + deaths.length);
          expect(taken > 0 || world.kept.get(id)?.status === 'PARKED').toBe(true);
        }
        expect(world.mostAtOnce).toBeLessThanOrEqual(3);
      },
    ),
    { numRuns: 40 },
  );
});

test('a dead receiver is left alone: the log keeps what is new, after five days it is disabled', async () => {
  const world = new World(Array.from({ length: 400 }, (_, i) => i));
  const lane = world.lane(world.receiver(() => 'CONNECTION'));
  await world.until(() => world.disabled !== null);
  await lane.stop();
  expect(world.disabled).toBe('FAILING');
  expect(world.mostWaiting).toBeLessThanOrEqual(150);
  expect(world.kept.size).toBeLessThan(400);
  expect(world.through).toBe(0);
});

test('a message that is never taken holds up no other', async () => {
  const world = new World(Array.from({ length: 60 }, () => 1));
  const lane = world.lane(world.receiver((_, id) => (id === 'msg_e7' ? 'STATUS' : null)));
  await world.until(() => world.settled());
  await lane.stop();
  expect([...world.kept.values()].map(({ id, status, attempts }) => [id, status, attempts])).toEqual([
    ['msg_e7', 'PARKED', 10],
  ]);
  expect(world.sent.filter(({ ok }) => ok)).toHaveLength(59);
});
