import { setImmediate } from 'node:timers/promises';
import { type OutgoingMessage, outgoing } from '@dutyledger/contracts/event-contract';
import { EditionCorrected } from '@dutyledger/contracts/lists';
import type { StoredEvent } from '@dutyledger/event-store/event-store';
import { openEventStore } from '@dutyledger/event-store/open';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { EventLog } from '../test/event-log.ts';
import { sqlitePlace } from '../test/sqlite-place.ts';
import { type Bus, BusError, type Publisher } from './bus.ts';
import { type Relay, type RelayOptions, startRelay } from './relay.ts';
import { PER_TURN } from './turns.ts';

const TOPIC = EditionCorrected.topic;
const PATIENCE = { timeout: 60_000 };

/** Every note but those that say nothing is published. */
function toIntegrationEvent(stored: StoredEvent) {
  const { edition } = stored.data as { edition: number };
  if (edition === 0) return undefined;
  const data = { listId: stored.stream, edition, correction: 1, codes: ['1'] };
  return outgoing(EditionCorrected, {
    stored,
    data: { ...data, effectiveFrom: '2026-03-01', documentNumber: null },
  });
}

describe('relay', () => {
  let place: Awaited<ReturnType<typeof sqlitePlace>>;
  let bus: Bus;
  let log: EventLog;
  const relays: Relay[] = [];

  beforeEach(async () => {
    place = await sqlitePlace();
    bus = await place.open();
    log = new EventLog();
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    for (const relay of relays.splice(0)) await relay.stop();
    await bus.close();
    await place.remove();
  });

  function start(options: Partial<RelayOptions> = {}): Relay {
    const relay = startRelay({
      events: log,
      prefix: 'lists.',
      bus,
      name: 'lists',
      toIntegrationEvent,
      pauseMs: 1,
      ...options,
    });
    relays.push(relay);
    return relay;
  }

  /** Replaces the publishing of publishers that are opened from now on. */
  function tapPublishing(publishWith: (publisher: Publisher) => Publisher['publish']): void {
    const open = bus.publisher.bind(bus);
    vi.spyOn(bus, 'publisher').mockImplementation(async (name) => {
      const publisher = await open(name);
      return {
        get checkpoint() {
          return publisher.checkpoint;
        },
        publish: publishWith(publisher),
        close: () => publisher.close(),
      };
    });
  }

  /** What is on the bus, per key. */
  async function onBus(reader = 'reader'): Promise<Record<string, string[]>> {
    const seen: Record<string, string[]> = {};
    const subscription = bus.subscribe({ group: reader, topics: [TOPIC] }, async ({ subject, id }) => {
      seen[subject] = [...(seen[subject] ?? []), id];
    });
    await subscription.caughtUp;
    await subscription.stop();
    return seen;
  }

  /** Ten events on two lists, among others. */
  function recordSome(): Record<string, string[]> {
    const expected: Record<string, string[]> = { 'lists.a': [], 'lists.b': [] };
    for (let edition = 1; edition <= 10; edition += 1) {
      const stream = edition % 3 === 0 ? 'lists.b' : 'lists.a';
      expected[stream]?.push(log.record(stream, { edition }).id);
      log.record(stream, { edition: 0 });
      log.record('staffing.x', { edition });
    }
    return expected;
  }

  /** The next failure that the relay tells of. */
  const failureOf = (relay: Relay) =>
    vi.waitFor(async () => {
      const { failure } = await relay.status();
      expect(failure).not.toBeNull();
      return failure;
    }, PATIENCE);

  test('publishes what was recorded, in order per key, and what is recorded later', async () => {
    const expected = recordSome();
    const relay = start();
    await relay.caughtUp;
    expect(await onBus('early')).toEqual(expected);
    const arrived = Promise.withResolvers<string>();
    const live = bus.subscribe({ group: 'early', topics: [TOPIC] }, async ({ id }) => arrived.resolve(id));
    const later = log.record('lists.a', { edition: 11 });
    expect(await arrived.promise).toBe(later.id);
    await live.stop();
    await relay.stop();
    expect(await relay.status()).toEqual({ position: later.position, head: later.position, failure: null });
    expect((await bus.publisher('lists')).checkpoint).toBe(later.position);
  });

  test('goes on from its checkpoint', async () => {
    recordSome();
    const first = start();
    await first.caughtUp;
    await first.stop();
    const published: string[] = [];
    tapPublishing((publisher) => async (messages, checkpoint) => {
      published.push(...messages.map(({ event }) => event.id));
      await publisher.publish(messages, checkpoint);
    });
    const { id } = log.record('lists.b', { edition: 20 });
    const second = start();
    await second.caughtUp;
    expect(published).toEqual([id]);
  });

  test('an answer that is lost repeats, and skips nothing', async () => {
    const expected = recordSome();
    let lost = 0;
    tapPublishing((publisher) => async (messages, checkpoint) => {
      await publisher.publish(messages, checkpoint);
      lost += 1;
      if (lost <= 3) throw new BusError('UNAVAILABLE', 'gone');
    });
    await start().caughtUp;
    expect(lost).toBeGreaterThan(3);
    expect(await onBus()).toEqual(expected);
  });

  test('waits while the bus is unavailable, says so, and goes on', async () => {
    const expected = recordSome();
    let away = true;
    tapPublishing((publisher) => async (messages, checkpoint) => {
      if (away) throw new BusError('UNAVAILABLE', 'no broker');
      await publisher.publish(messages, checkpoint);
    });
    const relay = start();
    expect(await failureOf(relay)).toBe('no broker');
    expect((await relay.status()).position).toBe(0);
    away = false;
    await relay.caughtUp;
    expect(await onBus()).toEqual(expected);
    expect((await relay.status()).failure).toBeNull();
  });

  test('waits for a bus that is unavailable at the start', async () => {
    const expected = recordSome();
    const opening = vi.spyOn(bus, 'publisher').mockRejectedValue(new BusError('UNAVAILABLE', 'no broker'));
    const relay = start();
    expect(await failureOf(relay)).toBe('no broker');
    opening.mockRestore();
    await relay.caughtUp;
    expect(await onBus()).toEqual(expected);
  });

  test('stops while the bus is unavailable', async () => {
    recordSome();
    tapPublishing(() => () => Promise.reject(new BusError('UNAVAILABLE', 'no broker')));
    const relay = start({ pauseMs: 30_000 });
    await failureOf(relay);
    await relay.stop();
    expect(await relay.ended).toBe('stopped');
    await expect(relay.caughtUp).rejects.toMatchObject({ code: 'CLOSED' });
  });

  test('ends, and says so, when another relay of its name is started', async () => {
    const expected = recordSome();
    const former = start();
    await former.caughtUp;
    const present = start();
    await present.caughtUp;
    expected['lists.b']?.push(log.record('lists.b', { edition: 12 }).id);
    expect(await former.ended).toBe('fenced');
    expect((await former.status()).failure).toMatch(/opened again/);
    await vi.waitFor(async () => expect((await present.status()).position).toBe(await log.head()), PATIENCE);
    expect((await present.status()).failure).toBeNull();
    expect(await onBus()).toEqual(expected);
    await former.stop();
    expect(await former.ended).toBe('fenced');
  });

  test('one that is fenced while it catches up says that it has not', async () => {
    recordSome();
    tapPublishing(() => () => Promise.reject(new BusError('FENCED', 'opened again')));
    const relay = start();
    await expect(relay.caughtUp).rejects.toMatchObject({ code: 'FENCED' });
    expect(await relay.ended).toBe('fenced');
  });

  test('never leaves out a fact that it cannot translate', async () => {
    recordSome();
    const broken = start({
      toIntegrationEvent: (stored) => {
        if (stored.stream === 'lists.b') throw new TypeError('no contract');
        return toIntegrationEvent(stored);
      },
    });
    expect(await failureOf(broken)).toBe('no contract');
    await broken.stop();
    await start().caughtUp;
    expect((await onBus())['lists.b']).toHaveLength(3);
  });

  /** `many` notes of one event, each with the key of its own, told from what stands in the stream up to it. */
  const several =
    (many: number): RelayOptions['toIntegrationEvent'] =>
    async (stored, events) => {
      const before: StoredEvent[] = [];
      for await (const page of events.readStream(stored.stream, { to: stored.revision }))
        before.push(...page);
      const message = toIntegrationEvent(before.at(-1) as StoredEvent);
      return Array.from(message ? { length: many } : [], (_, i) => ({
        ...(message as OutgoingMessage),
        key: `${stored.stream}/${before.length}/${i}`,
        event: { ...(message as OutgoingMessage).event, id: `${stored.id}/${i}` },
      }));
    };

  test('publishes several messages of one event, told from what was recorded up to it', async () => {
    const noted = [log.record('lists.a', { edition: 1 }), log.record('lists.b', { edition: 2 })];
    await start({ toIntegrationEvent: several(3) }).caughtUp;
    const ids = Object.values(await onBus()).flat();
    expect(ids.sort()).toEqual(noted.flatMap(({ id }) => [0, 1, 2].map((i) => `${id}/${i}`)).sort());
  });

  test('events of very many messages are published apart, each whole with its checkpoint, and none is left out', async () => {
    const noted = [1, 2, 3].map((edition) => log.record('lists.a', { edition }));
    const published: [number, number | undefined][] = [];
    let lost = false;
    tapPublishing((publisher) => async (messages, checkpoint) => {
      await publisher.publish(messages, checkpoint);
      published.push([messages.length, checkpoint]);
      lost = !lost;
      if (lost) throw new BusError('UNAVAILABLE', 'gone');
    });
    await start({ toIntegrationEvent: several(600) }).caughtUp;
    const each = noted.flatMap(({ position }) => [
      [600, position],
      [600, position],
    ]);
    expect(published).toEqual(each);
    expect(Object.values(await onBus()).flat()).toHaveLength(1_800);
  });

  test('however much there is to publish, others get their turn in between', async () => {
    for (const edition of [1, 2, 3]) log.record('lists.a', { edition });
    let [told, seen, most, going] = [0, 0, 0, true];
    const others = async () => {
      while (going) {
        await setImmediate();
        most = Math.max(most, told - seen);
        seen = told;
      }
    };
    const answering = others();
    const relay = start({
      toIntegrationEvent: async (stored, events) => {
        const messages = (await several(2_000)(stored, events)) as OutgoingMessage[];
        return (function* () {
          for (const message of messages) {
            told += 1;
            yield message;
          }
        })();
      },
    });
    await relay.caughtUp;
    going = false;
    await answering;
    expect(told).toBe(6_000);
    // One portion of work before the others' turn, one behind it, and what was left of one that publishing broke off.
    expect(most).toBeLessThanOrEqual(3 * PER_TURN);
  });

  test('follows the store again after it failed', async () => {
    const expected = recordSome();
    const relay = start();
    await relay.caughtUp;
    log.fail(new Error('store went away'));
    expect(await failureOf(relay)).toBe('store went away');
    expect((await relay.status()).head).toBeNull();
    log.fail();
    const later = log.record('lists.b', { edition: 11 });
    await vi.waitFor(async () => expect((await relay.status()).position).toBe(later.position), PATIENCE);
    expect((await relay.status()).failure).toBeNull();
    expected['lists.b']?.push(later.id);
    expect(await onBus()).toEqual(expected);
  });

  test('a bus that was deleted, and a store that was restored, are published from the beginning', async () => {
    const expected = recordSome();
    const first = start();
    await first.caughtUp;
    await first.stop();
    await bus.close();
    await place.remove();
    place = await sqlitePlace();
    bus = await place.open();
    const second = start();
    await second.caughtUp;
    expect(await onBus()).toEqual(expected);
    await second.stop();
    log.events = [];
    const { id } = log.record('lists.c', { edition: 1 });
    await start().caughtUp;
    expect((await onBus('other'))['lists.c']).toEqual([id]);
  });

  test('relays from the embedded event store', async () => {
    const events = await openEventStore('sqlite::memory:');
    const expected: string[] = [];
    const append = async (edition: number) => {
      const { id, type, version, data, metadata } = log.record('lists.a', { edition });
      await events.append('lists.a', 'any', [{ id, type, version, data, metadata }]);
      expected.push(id);
    };
    for (const edition of [1, 2, 3]) await append(edition);
    const relay = start({ events });
    await relay.caughtUp;
    await append(4);
    await relay.stop();
    await start({ events }).caughtUp;
    expect(await onBus()).toEqual({ 'lists.a': expected });
    await Promise.all(relays.map((each) => each.stop()));
    await events.close();
  });
});
