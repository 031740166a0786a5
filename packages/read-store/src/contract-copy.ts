import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { OpenStore, StoreUnderTest } from './contract-tools.ts';
import { type Copy, type CopyWriter, openCopy } from './copy.ts';
import { aborted, type Leadership } from './leadership.ts';
import { documents, temporal } from './read-store.ts';

interface Sum {
  group: string;
  sum: number;
}

const others = documents<{ seen: number }>()('others', {});
const history = temporal<Sum>()('sum-history', { byGroup: ['group'] });
/** No holder stands still here: a machine that does must not pass its lease on. */
const LEASE = { ttlMs: 600_000, pollMs: 20 };
const PATIENCE = { timeout: 60_000, interval: 20 };

export function copyContract(open: OpenStore): void {
  describe('copies', () => {
    let opened: StoreUnderTest;
    let writing: Leadership[];
    beforeEach(async () => {
      opened = await open();
      writing = [];
    });
    const stopAll = () => Promise.all(writing.splice(0).map((each) => each.stop()));
    afterEach(async () => {
      await stopAll();
      await opened.dispose();
    });
    /** Resolves when it has become the one that writes. */
    const writerOf = (copy: Copy): Promise<CopyWriter> =>
      new Promise((resolve) => {
        const feed = async (writer: CopyWriter, { signal }: { signal: AbortSignal }) => {
          resolve(writer);
          await aborted(signal);
        };
        writing.push(copy.whileWriting(feed, LEASE));
      });
    const put = (writer: CopyWriter, key: string, sequence: number, seen: number) =>
      writer.apply({ key, sequence }, (batch) => batch.put(others, key, { seen }));

    test('a copy takes each message of a key once, and nothing of one that fails', async () => {
      const copy = await openCopy(opened.store, 'copied', 1, [others, history]);
      const writer = await writerOf(copy);
      const reader = copy.documents(others);
      const messages = [put(writer, 'a', 1, 1), put(writer, 'a', 1, 2), put(writer, 'b', 1, 3)];
      expect(await Promise.all([...messages, put(writer, 'a', 3, 4)])).toEqual([true, false, true, true]);
      expect(await put(writer, 'a', 2, 5)).toBe(false);
      const failing = writer.apply({ key: 'a', sequence: 9 }, (batch) => {
        batch.put(others, 'a', { seen: 9 });
        throw new Error('no');
      });
      await expect(failing).rejects.toThrow('no');
      expect(await reader.get('a')).toEqual({ seen: 4 });
      const sum = { group: 'g', sum: 1 };
      const undated = writer.apply({ key: 'h', sequence: 1 }, (batch) =>
        batch.putVersion(history, 'h', '2026-01-01', sum),
      );
      await expect(undated).rejects.toThrow(/recorded/);
      const dated = { key: 'h', sequence: 1, recordedAt: '2026-01-01T00:00:00.000Z' };
      await writer.apply(dated, (batch) => batch.putVersion(history, 'h', '2026-01-01', sum));
      await stopAll();
      const store = await opened.reopen();
      const again = await openCopy(store, 'copied', 1, [others, history]);
      expect(again.id).toBe(copy.id);
      expect((await again.temporal(history).get('h'))?.doc).toEqual(sum);
      expect(await (await writerOf(again)).apply({ key: 'a', sequence: 3 }, () => undefined)).toBe(false);
    });

    test('a new version starts empty beside the old one, which goes when nobody writes it any more', async () => {
      const old = await openCopy(opened.store, 'copied', 1, [others]);
      const oldWriter = await writerOf(old);
      await put(oldWriter, 'a', 1, 1);
      const store = await opened.beside();
      const next = await openCopy(store, 'copied', 2, [others]);
      expect(next.id).not.toBe(old.id);
      const oldOnes = writing.splice(0);
      const nextWriter = await writerOf(next);
      expect(await next.documents(others).get('a')).toBeUndefined();
      expect(await put(nextWriter, 'a', 1, 2)).toBe(true);
      expect(await put(oldWriter, 'a', 2, 3)).toBe(true);
      expect(await old.documents(others).get('a')).toEqual({ seen: 3 });
      expect(await next.documents(others).get('a')).toEqual({ seen: 2 });
      await Promise.all(oldOnes.map((each) => each.stop()));
      await vi.waitFor(async () => expect(await store.generations('copied')).toHaveLength(1), PATIENCE);
    });

    test('several processes that open it at once for the first time have the same', async () => {
      const beside = await opened.beside();
      const stores = [opened.store, beside, opened.store, beside];
      const copies = await Promise.all(stores.map((store) => openCopy(store, 'copied', 1, [others])));
      const [first] = copies;
      if (first === undefined) throw new Error('no copy was opened');
      await put(await writerOf(first), 'a', 1, 1);
      for (const copy of copies) expect(await copy.documents(others).get('a')).toEqual({ seen: 1 });
      expect(await opened.store.generations('copied')).toHaveLength(1);
    });

    test('one process writes, all read; one that was overtaken changes nothing', async () => {
      const copy = await openCopy(opened.store, 'copied', 1, [others]);
      const same = await openCopy(await opened.beside(), 'copied', 1, [others]);
      const first = await writerOf(copy);
      const second = writerOf(same);
      await put(first, 'a', 1, 1);
      expect(await same.documents(others).get('a')).toEqual({ seen: 1 });
      await writing[0]?.stop();
      await put(await second, 'a', 2, 2);
      await expect(put(first, 'a', 3, 3)).rejects.toMatchObject({ code: 'FENCED' });
      expect(await put(await second, 'a', 2, 4)).toBe(false);
      expect(await copy.documents(others).get('a')).toEqual({ seen: 2 });
    });
  });
}
