import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Lease, ReadStore } from './adapter.ts';
import type { OpenStore, StoreUnderTest } from './contract-tools.ts';
import { documents } from './read-store.ts';
import { documentReader } from './readers.ts';

const marks = documents<{ by: string }>()('marks', {});
const LONG_MS = 600_000;
const SHORT_MS = 300;
const ASK_MS = 20;

const fenced = expect.objectContaining({ name: 'ReadStoreError', code: 'FENCED' });

/** Asks until it is given. */
async function lease(store: ReadStore, name: string, holder: string, ttlMs: number): Promise<Lease> {
  for (;;) {
    const given = await store.tryLease(name, holder, ttlMs);
    if (given !== undefined) return given;
    await sleep(ASK_MS);
  }
}

export function leasesContract(open: OpenStore): void {
  describe('leases', () => {
    let opened: StoreUnderTest;
    let one: ReadStore;
    let other: ReadStore;
    beforeEach(async () => {
      opened = await open();
      one = opened.store;
      other = await opened.beside();
    });
    afterEach(() => opened.dispose());

    test('one holds it at a time, and the next has it at once when it is given up', async () => {
      const first = await one.tryLease('feed', 'a', LONG_MS);
      expect(await other.tryLease('feed', 'b', LONG_MS)).toBeUndefined();
      expect(await other.tryLease('feed', 'a', LONG_MS)).toBeUndefined();
      expect(await first?.renew()).toBe(true);
      expect((await other.tryLease('other feed', 'b', LONG_MS))?.name).toBe('other feed');
      await first?.release();
      const second = await other.tryLease('feed', 'b', LONG_MS);
      expect(second?.token).toBeGreaterThan(first?.token ?? Number.NaN);
      expect(await first?.renew()).toBe(false);
      await first?.release();
      expect(await one.tryLease('feed', 'c', LONG_MS)).toBeUndefined();
      expect(await second?.renew()).toBe(true);
    });

    test('of many that ask at once, one gets it', async () => {
      const asked = Array.from({ length: 20 }, (_, n) =>
        (n % 2 === 0 ? one : other).tryLease('feed', `holder ${n}`, LONG_MS),
      );
      expect((await Promise.all(asked)).filter((given) => given !== undefined)).toHaveLength(1);
    });

    test('one that is not renewed passes on, and its former holder is told', async () => {
      const first = await lease(one, 'feed', 'a', SHORT_MS);
      const second = await lease(other, 'feed', 'b', SHORT_MS);
      expect(second.token).toBeGreaterThan(first.token);
      expect(await first.renew()).toBe(false);
      const third = await lease(one, 'feed', 'a', SHORT_MS);
      expect(third.token).toBeGreaterThan(second.token);
    });

    test('one that is renewed stays', async () => {
      const begin = performance.now();
      const held = await lease(one, 'feed', 'a', SHORT_MS);
      for (let renewed = begin; renewed - begin < 4 * SHORT_MS; ) {
        const given = await other.tryLease('feed', 'b', SHORT_MS);
        const asked = performance.now();
        const kept = await held.renew();
        // A machine that stood still for that long proves nothing.
        if (performance.now() - renewed >= SHORT_MS) return;
        expect({ given, kept }).toEqual({ given: undefined, kept: true });
        renewed = asked;
        await sleep(ASK_MS);
      }
    });

    test('who was overtaken cannot write, and what it meant to write is nowhere', async () => {
      const generation = await one.create('marks', 1, [marks], true);
      const [same] = await other.generations('marks');
      const put = (by: string, token?: number, on = generation) =>
        on.apply({
          documents: [
            { collection: 'marks', id: by, doc: JSON.stringify({ by }), unread: true, indexes: [] },
          ],
          versions: [],
          checkpoint: 10 + (token ?? 0),
          ...(token === undefined ? {} : { token }),
        });
      await put('nobody');
      await generation.claim(3);
      await put('third', 3);
      await same?.claim(5);
      expect(same?.checkpoint).toBe(13);
      await put('fifth', 5, same);
      await expect(put('third again', 3)).rejects.toEqual(fenced);
      await expect(put('nobody again')).rejects.toEqual(fenced);
      await expect(generation.claim(4)).rejects.toEqual(fenced);
      await one.generations('marks');
      expect(generation.checkpoint).toBe(15);
      await generation.claim(5);
      const found = await documentReader(() => generation, marks).getMany([
        'nobody',
        'third',
        'fifth',
        'third again',
        'nobody again',
      ]);
      expect([...found.keys()].sort()).toEqual(['fifth', 'nobody', 'third']);
    });

    test('what another process creates, serves and drops is seen', async () => {
      const first = await one.create('marks', 1, [marks], true);
      const [firstThere] = await other.generations('marks');
      expect(firstThere).toMatchObject({ version: 1, serving: true, collections: [marks] });
      expect(firstThere?.secret).toBe(first.secret);
      const second = await other.create('marks', 2, [marks], false);
      const seen = await one.generations('marks');
      expect(seen[0]).toBe(first);
      expect(seen.map(({ version, serving }) => [version, serving])).toEqual([
        [1, true],
        [2, false],
      ]);
      await other.serve(second);
      await expect(first.apply({ documents: [], versions: [], checkpoint: 9 })).rejects.toEqual(fenced);
      await expect(first.claim(1)).rejects.toEqual(fenced);
      const [left, ...more] = await one.generations('marks');
      expect({ version: left?.version, serving: left?.serving, more }).toEqual({
        version: 2,
        serving: true,
        more: [],
      });
      if (firstThere !== undefined) await other.drop(firstThere);
      await one.drop(first);
      // Another process may be in the middle of reading it.
      if (one !== other) expect(await documentReader(() => first, marks).get('a')).toBeUndefined();
      await expect(one.serve(first)).rejects.toEqual(fenced);
      const third = await one.create('marks', 2, [marks], false);
      await other.drop(second);
      await one.serve(third);
      expect((await other.generations('marks')).map(({ serving }) => serving)).toEqual([true]);
    });
  });
}
