import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ReadStore } from './adapter.ts';
import { type Added, counting, history, others, type Sum, summing, sums } from './contract-projections.ts';
import {
  failAfterWrites,
  MemoryEvents,
  type OpenStore,
  type StoreUnderTest,
  wrapApply,
} from './contract-tools.ts';
import type { Projection, Projections } from './projection.ts';
import { documents, ReadStoreError } from './read-store.ts';
import { runProjections } from './runner.ts';

/** Never measured: for how long a machine may stand still. */
const PATIENCE_MS = 60_000;

export function runnerContract(open: OpenStore): void {
  describe('projections', () => {
    let opened: StoreUnderTest;
    let store: ReadStore;
    let events: MemoryEvents;
    let running: Projections[];
    beforeEach(async () => {
      opened = await open();
      store = opened.store;
      events = new MemoryEvents();
      running = [];
    });
    afterEach(async () => {
      for (const projections of running) await projections.stop();
      await opened.dispose();
    });
    const run = async (projections: Projection[] = [summing()], batchSize = 20) => {
      const started = await runProjections({
        events,
        prefix: 'test-',
        readStore: store,
        projections,
        batchSize,
      });
      running.push(started);
      return started;
    };
    const add = (group: string, amount: number) => events.add('Added', { group, amount });
    const addMany = (count: number) => {
      for (let n = 0; n < count; n++) add(`g${n % 5}`, n);
    };
    const caughtUp = async (projections: Projections) => {
      const last = events.log.findLast(({ stream }) => stream.startsWith('test-'));
      expect(await projections.waitFor(last?.position ?? 0, PATIENCE_MS)).toBe(true);
    };

    test('catch up, follow, and answer who waits, before or after the fact', async () => {
      addMany(100);
      const projections = await run([summing(), counting]);
      await caughtUp(projections);
      const waiting = projections.waitFor(Number.MAX_SAFE_INTEGER, 5);
      const { position } = add('g0', 1);
      expect(await projections.waitFor(position, PATIENCE_MS)).toBe(true);
      expect(await projections.waitFor(position, 0)).toBe(true);
      expect(await waiting).toBe(false);
      const reader = projections.documents(sums);
      expect((await reader.find({ index: 'bySum', reverse: true })).rows.map((row) => row.doc.sum)).toEqual([
        1030, 1010, 990, 970, 951,
      ]);
      expect(await projections.documents(others).get('all')).toEqual({ seen: 101 });
      const [status] = await projections.status();
      expect(status).toMatchObject({
        name: 'sums',
        version: 1,
        serves: true,
        position,
        head: position,
        building: null,
        failure: null,
        leading: true,
        replacedBy: null,
      });
    });

    test('until it has caught up for the first time, a read model says so instead of seeming empty', async () => {
      addMany(100);
      const gate = Promise.withResolvers<void>();
      events.onRead = () => gate.promise;
      const projections = await run();
      await expect(projections.documents(sums).get('g1')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      expect(await projections.status()).toMatchObject([{ serves: false }]);
      gate.resolve();
      await caughtUp(projections);
      expect(await projections.documents(sums).get('g1')).toMatchObject({ sum: 970 });
      expect(await projections.status()).toMatchObject([{ serves: true }]);
    });

    test('events that nobody handles, and those of other streams, hold up no one', async () => {
      const projections = await run();
      const unhandled = events.add('Unknown', {});
      expect(await projections.waitFor(unhandled.position, PATIENCE_MS)).toBe(true);
      events.add('Added', { group: 'g', amount: 1 }, 'foreign-1');
      const { position } = events.add('Unknown', {});
      expect(await projections.waitFor(position, PATIENCE_MS)).toBe(true);
      expect(await projections.documents(sums).get('g')).toBeUndefined();
    });

    test('stopped anywhere and started again, nothing is lost and nothing doubled', async () => {
      const property = fc.asyncProperty(fc.array(fc.nat(25), { maxLength: 5 }), async (reads) => {
        store = await opened.reopen();
        for (const left of await store.generations('sums')) await store.drop(left);
        events = new MemoryEvents();
        addMany(60);
        for (const stopAfter of reads) {
          const projections = await run([summing()], 10);
          let pages = 0;
          const { promise, resolve } = Promise.withResolvers<void>();
          events.onRead = () => {
            if (++pages >= stopAfter) resolve();
          };
          add('g1', 1);
          await Promise.race([promise, caughtUp(projections)]);
          await projections.stop();
          store = await opened.reopen();
        }
        const projections = await run();
        add('g2', 1);
        await caughtUp(projections);
        const found = await projections.documents(sums).getMany(['g0', 'g1', 'g2', 'g3', 'g4']);
        const seen = [...found.values()].reduce((all, sum) => all + sum.seen, 0);
        expect(seen).toBe(events.log.length);
        const served = await projections.digest('sums');
        await projections.rebuild('sums');
        expect(await projections.digest('sums')).toBe(served);
        await projections.stop();
      });
      await fc.assert(property, { numRuns: 10 });
    });

    test('a crash inside a write leaves neither half a batch nor its checkpoint', async () => {
      addMany(50);
      const failing = (times: number): ReadStore => failAfterWrites(store, times);
      for (let times = 0; times < 3; times++) {
        const projections = await runProjections({
          events,
          prefix: 'test-',
          readStore: failing(times),
          projections: [summing()],
          batchSize: 10,
        });
        await projections.waitFor(Number.MAX_SAFE_INTEGER, 20);
        await projections.stop();
        store = await opened.reopen();
        const [generation] = await store.generations('sums');
        const { checkpoint } = generation ?? { checkpoint: 0 };
        let seen = 0;
        for await (const row of generation?.documents('sums').dump() ?? []) seen += (row.doc as Sum).seen;
        expect(seen).toBe(events.log.filter(({ position }) => position <= checkpoint).length);
      }
    });

    test('a new version is built beside the old one, which serves until then, also those who read already', async () => {
      addMany(60);
      const old = await run([summing(1)]);
      await caughtUp(old);
      await old.stop();
      const gate = Promise.withResolvers<void>();
      events.onRead = () => gate.promise;
      const projections = await run([summing(2, 10)]);
      const reader = projections.documents(sums);
      expect((await reader.get('g0'))?.sum).toBe(330);
      const building = [{ version: 1, building: { version: 2, position: 0 } }];
      await vi.waitFor(async () => expect(await projections.status()).toMatchObject(building), {
        timeout: PATIENCE_MS,
      });
      gate.resolve();
      add('g0', 1);
      await caughtUp(projections);
      expect((await reader.get('g0'))?.sum).toBe(3310);
      expect(await projections.temporal(history).versions('g0')).toHaveLength(13);
      expect(await projections.status()).toMatchObject([{ version: 2, building: null, failure: null }]);
      await projections.stop();
      expect(await store.generations('sums')).toHaveLength(1);
    });

    test('a build that was interrupted is never served half, and goes on at the next start', async () => {
      addMany(60);
      const old = await run([summing(1)]);
      await caughtUp(old);
      await old.stop();
      for (let round = 0; round < 3; round++) {
        const reached = Promise.withResolvers<void>();
        let pages = 0;
        events.onRead = () => {
          if (++pages === 3) reached.resolve();
          return pages < 3 ? undefined : new Promise(setImmediate);
        };
        const projections = await run([summing(2, 10)], 5);
        await reached.promise;
        expect([330, 3300]).toContain((await projections.documents(sums).get('g0'))?.sum);
        await projections.stop();
        store = await opened.reopen();
      }
      events.onRead = () => undefined;
      const projections = await run([summing(2, 10)]);
      add('g1', 0);
      await caughtUp(projections);
      expect((await projections.documents(sums).get('g0'))?.sum).toBe(3300);
    });

    test('rebuilt while serving and while events go on, to the same content', async () => {
      addMany(200);
      const projections = await run([summing(), counting]);
      await caughtUp(projections);
      const reader = projections.documents(sums);
      let rebuilt = false;
      const rebuilding = Promise.all([projections.rebuild('sums'), projections.rebuild('sums')]).then(() => {
        rebuilt = true;
      });
      for (let round = 0; !rebuilt; round++) {
        const { position } = add('g0', 1);
        expect(await projections.waitFor(position, PATIENCE_MS)).toBe(true);
        expect((await reader.get('g0'))?.seen).toBe(41 + round);
      }
      await rebuilding;
      const digest = await projections.digest('sums');
      await projections.rebuild('sums');
      expect(await projections.digest('sums')).toBe(digest);
      await expect(projections.rebuild('unknown')).rejects.toThrow(/unknown/);
    });

    test('a projection that throws stops alone, keeps what came before, and is retried', async () => {
      let broken = true;
      const fragile: Projection = {
        ...summing(),
        project(event, batch) {
          if (broken && (event.data as Added).amount === 33) {
            batch.put(sums, 'trace', { group: 'trace', sum: 0, seen: 0 });
            throw new Error('thirty-three');
          }
          return summing().project(event, batch);
        },
      };
      addMany(50);
      const first = await run([fragile, counting]);
      const last = add('g1', 1);
      expect(await first.waitFor(last.position, PATIENCE_MS)).toBe(false);
      const failed = events.log[33];
      const [status] = await first.status();
      expect(status?.failure).toEqual({
        message: 'thirty-three',
        eventId: failed?.id,
        position: failed?.position,
      });
      expect(status?.position).toBeLessThan(failed?.position ?? 0);
      expect(await first.documents(others).get('all')).toEqual({ seen: 51 });
      const reader = first.documents(sums);
      expect((await reader.get('g2'))?.seen).toBe(7);
      expect((await reader.get('g4'))?.seen).toBe(6);
      expect(await reader.get('trace')).toBeUndefined();
      await expect(first.rebuild('sums')).rejects.toThrow('thirty-three');
      expect((await reader.get('g2'))?.seen).toBe(7);
      broken = false;
      await first.rebuild('sums');
      expect((await reader.get('g2'))?.seen).toBe(10);
      expect(await first.waitFor(last.position, PATIENCE_MS)).toBe(true);
      await first.stop();
    });

    test('an index value that cannot be stored is blamed on its event', async () => {
      const careless: Projection = {
        ...summing(),
        project: ({ data }, batch) => {
          const { group, amount } = data as Added;
          batch.put(sums, group, { group, sum: amount === 7 ? Number.NaN : amount, seen: 1 });
        },
      };
      addMany(12);
      const projections = await run([careless]);
      await vi.waitFor(async () => expect(await projections.status()).toMatchObject([{ failure: {} }]), {
        timeout: PATIENCE_MS,
      });
      const [status] = await projections.status();
      expect(status?.failure?.eventId).toBe(events.log[7]?.id);
      expect((await projections.documents(sums).get('g1'))?.sum).toBe(6);
    });

    test('a store that is away for a while is waited for', async () => {
      addMany(30);
      let writes = 0;
      const flaky = wrapApply(store, async (apply) => {
        writes++;
        if (writes % 2 === 1) throw new ReadStoreError('DISK_FULL', 'full');
        await apply();
      });
      const projections = await runProjections({
        events,
        prefix: 'test-',
        readStore: flaky,
        projections: [summing()],
        batchSize: 10,
      });
      running.push(projections);
      await caughtUp(projections);
      expect((await projections.documents(sums).get('g0'))?.seen).toBe(6);
    });

    test('an event store that breaks off is read on', async () => {
      addMany(30);
      let reads = 0;
      events.onRead = () => {
        if (++reads === 3) throw new Error('gone');
      };
      const projections = await run();
      await caughtUp(projections);
      expect((await projections.documents(sums).get('g0'))?.seen).toBe(6);
    });

    test('declarations that contradict each other or the store are refused', async () => {
      await expect(run([summing(), summing()])).rejects.toThrow(/declared twice/);
      const first = await run();
      await first.stop();
      const changed = { ...sums, indexes: { bySum: ['sum', 'group'] } };
      await expect(run([{ ...summing(), collections: [changed, history] }])).rejects.toThrow(
        /raise its version/,
      );
      const reader = first.documents({ ...sums, indexes: { ...sums.indexes, bySeen: ['seen'] } });
      await expect(reader.find({ index: 'bySeen' })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      expect(() => first.documents(documents<Sum>()('unknown', {}))).toThrow(TypeError);
    });
  });
}
