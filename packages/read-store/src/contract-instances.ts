import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ReadStore } from './adapter.ts';
import { counting, others, summing, sums } from './contract-projections.ts';
import { MemoryEvents, type OpenStore, type StoreUnderTest, wrapApply } from './contract-tools.ts';
import type { Projection, Projections } from './projection.ts';
import { runProjections } from './runner.ts';

/** Nobody loses a lease because the machine stands still. */
const LASTING = { ttlMs: 600_000, pollMs: 20 };
/** Short, so that a holder that stands still is replaced while a test waits. */
const QUICK = { ttlMs: 1_000, pollMs: 20 };
const PATIENCE_MS = 60_000;
const PATIENCE = { timeout: PATIENCE_MS, interval: 20 };

/** The store as a process has it that can be made to stand still, as with SIGSTOP: nothing it sends arrives. */
function standingStill(store: ReadStore): { store: ReadStore; halt(): void; goOn(): void } {
  let gate = Promise.resolve();
  let goOn = (): void => undefined;
  const wrapped = wrapApply(store, async (apply) => {
    await gate;
    await apply();
  });
  return {
    store: {
      ...wrapped,
      tryLease: async (...asked) => {
        await gate;
        const lease = await wrapped.tryLease(...asked);
        return lease && { ...lease, renew: () => gate.then(() => lease.renew()) };
      },
    },
    halt() {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      goOn = resolve;
    },
    goOn: () => goOn(),
  };
}

export function instancesContract(open: OpenStore): void {
  describe('several instances of one service', () => {
    let opened: StoreUnderTest;
    let other: ReadStore;
    let events: MemoryEvents;
    let running: Projections[];
    beforeEach(async () => {
      opened = await open();
      other = await opened.beside();
      events = new MemoryEvents();
      running = [];
    });
    afterEach(async () => {
      for (const projections of running) await projections.stop();
      await opened.dispose();
    });
    const run = async (
      readStore: ReadStore,
      projections: Projection[] = [summing()],
      leadership = LASTING,
    ) => {
      const started = await runProjections({
        events,
        prefix: 'test-',
        readStore,
        projections,
        batchSize: 20,
        leadership,
      });
      running.push(started);
      return started;
    };
    const add = (amount: number, group = 'g') => events.add('Added', { group, amount });
    const shows = async (projections: Projections) =>
      expect(await projections.waitFor(events.log.at(-1)?.position ?? 0, PATIENCE_MS)).toBe(true);
    const leads = (projections: Projections) =>
      vi.waitFor(async () => expect(await projections.status()).toMatchObject([{ leading: true }]), PATIENCE);

    test('one projects, the other reads the same, answers who waits, and has a rebuild done', async () => {
      for (let n = 0; n < 50; n++) add(1);
      const leader = await run(opened.store);
      const follower = await run(other);
      await shows(leader);
      await shows(follower);
      expect(await leader.status()).toMatchObject([{ leading: true, serves: true }]);
      expect(await follower.status()).toMatchObject([{ leading: false, serves: true }]);
      for (let n = 0; n < 5; n++) {
        add(1);
        await shows(follower);
        expect((await follower.documents(sums).get('g'))?.seen).toBe(51 + n);
      }
      const unhandled = events.add('Unknown', {});
      expect(await follower.waitFor(unhandled.position, PATIENCE_MS)).toBe(true);
      const digest = await leader.digest('sums');
      expect(await follower.digest('sums')).toBe(digest);
      await follower.rebuild('sums');
      expect(await follower.digest('sums')).toBe(digest);
      await vi.waitFor(async () => expect(await leader.digest('sums')).toBe(digest), PATIENCE);
      const [{ position, head } = { position: 0, head: 1 }] = await follower.status();
      expect(position).toBe(head);
    });

    test('a follower says that a read model is being built instead of seeming empty', async () => {
      for (let n = 0; n < 50; n++) add(1);
      const gate = Promise.withResolvers<void>();
      events.onRead = () => gate.promise;
      const leader = await run(opened.store);
      const follower = await run(other);
      await expect(follower.documents(sums).get('g')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      gate.resolve();
      await shows(leader);
      await vi.waitFor(
        async () => expect((await follower.documents(sums).get('g'))?.seen).toBe(50),
        PATIENCE,
      );
    });

    test('when the one that projects stops, the other goes on where it was', async () => {
      add(1);
      const first = await run(opened.store);
      await shows(first);
      const second = await run(other);
      await shows(second);
      await first.stop();
      add(2);
      await shows(second);
      await leads(second);
      expect(await second.documents(sums).get('g')).toEqual({ group: 'g', sum: 3, seen: 2 });
    });

    test('one that stood still is replaced, and writes nothing when it wakes up', async () => {
      for (let n = 0; n < 30; n++) add(1);
      const halting = standingStill(opened.store);
      const first = await run(halting.store, [summing()], QUICK);
      await shows(first);
      const second = await run(other, [summing()], QUICK);
      halting.halt();
      for (let n = 0; n < 30; n++) add(1);
      await shows(second);
      await leads(second);
      add(1);
      await shows(second);
      halting.goOn();
      await vi.waitFor(
        async () => expect(await first.status()).toMatchObject([{ leading: false, failure: null }]),
        PATIENCE,
      );
      add(1);
      await shows(first);
      await shows(second);
      for (const each of [first, second]) {
        expect(await each.documents(sums).get('g')).toEqual({ group: 'g', sum: 62, seen: 62 });
      }
      const digest = await second.digest('sums');
      await second.rebuild('sums');
      expect(await second.digest('sums')).toBe(digest);
    });

    test('a newer version takes over from an older one that runs, which says so and reads no further', async () => {
      for (let n = 0; n < 30; n++) add(1);
      const old = await run(opened.store, [summing(1), counting]);
      await shows(old);
      const next = await run(other, [summing(2, 10), counting]);
      await vi.waitFor(
        async () => expect(await next.status()).toMatchObject([{ version: 2 }, { version: 1 }]),
        PATIENCE,
      );
      await vi.waitFor(
        async () =>
          expect(await old.status()).toMatchObject([{ replacedBy: 2, serves: false }, { serves: true }]),
        PATIENCE,
      );
      await expect(old.documents(sums).get('g')).rejects.toThrow(/version 2 serves/);
      add(1);
      await shows(next);
      expect(await next.documents(sums).get('g')).toEqual({ group: 'g', sum: 310, seen: 31 });
      for (const each of [old, next]) {
        await vi.waitFor(
          async () => expect(await each.documents(others).get('all')).toEqual({ seen: 31 }),
          PATIENCE,
        );
      }
      await old.stop();
      add(1);
      await shows(next);
      expect(await next.documents(others).get('all')).toEqual({ seen: 32 });
    });

    test('whatever ends first, nothing is lost and nothing doubled', async () => {
      const instances = [await run(opened.store), await run(other)];
      for (let round = 0; round < 6; round++) {
        for (let n = 0; n < 10; n++) add(1);
        const [ending] = instances.splice(round % 2, 1);
        await ending?.stop();
        add(1);
        instances.push(await run(round % 2 === 0 ? opened.store : other));
      }
      for (const each of instances) {
        await shows(each);
        expect((await each.documents(sums).get('g'))?.seen).toBe(66);
      }
    });
  });
}
