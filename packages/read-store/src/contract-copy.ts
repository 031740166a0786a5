import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { OpenStore, StoreUnderTest } from './contract-tools.ts';
import { openCopy } from './copy.ts';
import { documents, temporal } from './read-store.ts';

interface Sum {
  group: string;
  sum: number;
}

const others = documents<{ seen: number }>()('others', {});
const history = temporal<Sum>()('sum-history', { byGroup: ['group'] });

export function copyContract(open: OpenStore): void {
  describe('copies', () => {
    let opened: StoreUnderTest;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.dispose());

    test('a copy takes each message of a key once, and nothing of one that fails', async () => {
      const copy = await openCopy(opened.store, 'copied', 1, [others, history]);
      const put = (key: string, sequence: number, seen: number) =>
        copy.apply({ key, sequence }, (batch) => batch.put(others, key, { seen }));
      const reader = copy.documents(others);
      expect(await Promise.all([put('a', 1, 1), put('a', 1, 2), put('b', 1, 3), put('a', 3, 4)])).toEqual([
        true,
        false,
        true,
        true,
      ]);
      expect(await put('a', 2, 5)).toBe(false);
      const failing = copy.apply({ key: 'a', sequence: 9 }, (batch) => {
        batch.put(others, 'a', { seen: 9 });
        throw new Error('no');
      });
      await expect(failing).rejects.toThrow('no');
      expect(await reader.get('a')).toEqual({ seen: 4 });
      const sum = { group: 'g', sum: 1 };
      const undated = copy.apply({ key: 'h', sequence: 1 }, (batch) =>
        batch.putVersion(history, 'h', '2026-01-01', sum),
      );
      await expect(undated).rejects.toThrow(/recorded/);
      const dated = { key: 'h', sequence: 1, recordedAt: '2026-01-01T00:00:00.000Z' };
      await copy.apply(dated, (batch) => batch.putVersion(history, 'h', '2026-01-01', sum));
      const store = await opened.reopen();
      const again = await openCopy(store, 'copied', 1, [others, history]);
      expect((await again.temporal(history).get('h'))?.doc).toEqual(sum);
      expect(await again.apply({ key: 'a', sequence: 3 }, () => undefined)).toBe(false);
      const next = await openCopy(store, 'copied', 2, [others, history]);
      expect(await next.documents(others).get('a')).toBeUndefined();
      expect(await next.apply({ key: 'a', sequence: 1 }, () => undefined)).toBe(true);
    });
  });
}
