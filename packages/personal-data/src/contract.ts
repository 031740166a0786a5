import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type KeyStore, TAG_BYTES, WRAPPED_BYTES } from './key-store.ts';

export interface KeyStoreUnderTest {
  store: KeyStore;
  reopen(): Promise<KeyStore>;
  dispose(): Promise<void>;
}

const wrapped = (): Buffer => randomBytes(WRAPPED_BYTES);
const tag = (): Buffer => randomBytes(TAG_BYTES);

/** What every adapter does alike, on the real thing. */
export function keyStoreContract(name: string, open: () => Promise<KeyStoreUnderTest>): void {
  describe(`key store contract: ${name}`, () => {
    let place: KeyStoreUnderTest;
    let store: KeyStore;
    beforeAll(async () => {
      place = await open();
      store = place.store;
    });
    afterAll(() => place.dispose());

    const held = async (id: string) => (await store.find([id])).get(id);

    test('keeps a key, by id and by tag, also after it was opened anew', async () => {
      const key = { id: 'kept', tag: tag(), wrapped: wrapped() };
      expect(await store.insert(key)).toBe('kept');
      store = await place.reopen();
      expect(await held('kept')).toEqual({ status: 'held', wrapped: key.wrapped });
      expect(await store.byTag(key.tag)).toBe('kept');
      expect(await store.byTag(tag())).toBeUndefined();
      expect((await store.find(['unknown'])).size).toBe(0);
    });

    test('one tag has one key: who comes later is told the first', async () => {
      const shared = tag();
      const ids = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          store.insert({ id: `same-${i}`, tag: shared, wrapped: wrapped() }),
        ),
      );
      expect(new Set(ids).size).toBe(1);
      const all = await store.find(Array.from({ length: 20 }, (_, i) => `same-${i}`));
      expect([...all.keys()]).toEqual([ids[0]]);
    });

    test('a repeated insert leaves the key as it is', async () => {
      const key = { id: 'repeated', tag: tag(), wrapped: wrapped() };
      await store.insert(key);
      expect(await store.insert({ ...key, wrapped: wrapped() })).toBe('repeated');
      expect(await held('repeated')).toEqual({ status: 'held', wrapped: key.wrapped });
      await store.insert({ id: 'untagged', tag: null, wrapped: key.wrapped });
      expect(await held('untagged')).toEqual({ status: 'held', wrapped: key.wrapped });
    });

    test('a destroyed key is gone for good, and its tag is free', async () => {
      const key = { id: 'gone', tag: tag(), wrapped: wrapped() };
      await store.insert(key);
      await store.destroy(['gone', 'never-was']);
      await store.destroy(['gone']);
      expect(await held('gone')).toEqual({ status: 'destroyed' });
      expect(await held('never-was')).toEqual({ status: 'destroyed' });
      expect(await store.byTag(key.tag)).toBeUndefined();
      await store.insert(key);
      await store.insert({ id: 'never-was', tag: tag(), wrapped: wrapped() });
      expect(await held('gone')).toEqual({ status: 'destroyed' });
      expect(await held('never-was')).toEqual({ status: 'destroyed' });
      expect(await store.byTag(key.tag)).toBeUndefined();
      expect(await store.rewrap('gone', key.wrapped, wrapped())).toBe(false);
      expect(await store.insert({ id: 'successor', tag: key.tag, wrapped: wrapped() })).toBe('successor');
      store = await place.reopen();
      expect(await held('gone')).toEqual({ status: 'destroyed' });
      expect(await store.byTag(key.tag)).toBe('successor');
    });

    test('wraps anew only what is as expected', async () => {
      const [from, to] = [wrapped(), wrapped()];
      await store.insert({ id: 'wrapped', tag: null, wrapped: from });
      expect(await store.rewrap('wrapped', wrapped(), to)).toBe(false);
      expect(await store.rewrap('wrapped', from, to)).toBe(true);
      expect(await store.rewrap('unknown', from, to)).toBe(false);
      expect(await held('wrapped')).toEqual({ status: 'held', wrapped: to });
    });

    test('lists what is held, in order, page by page', async () => {
      for (const id of ['z-1', 'z-2', 'z-3', 'z-4'])
        await store.insert({ id, tag: null, wrapped: wrapped() });
      await store.destroy(['z-3']);
      const first = await store.list('z', 2);
      expect(first.map(({ id }) => id)).toEqual(['z-1', 'z-2']);
      expect(first[0]?.wrapped).toHaveLength(WRAPPED_BYTES);
      expect((await store.list('z-2', 2)).map(({ id }) => id)).toEqual(['z-4']);
      expect(await store.list('z-4', 2)).toEqual([]);
    });

    test('says that it is closed', async () => {
      await store.close();
      await expect(store.find(['kept'])).rejects.toMatchObject({ code: 'CLOSED' });
      await expect(store.insert({ id: 'late', tag: null, wrapped: wrapped() })).rejects.toMatchObject({
        code: 'CLOSED',
      });
      store = await place.reopen();
      expect((await held('kept'))?.status).toBe('held');
    });
  });
}
