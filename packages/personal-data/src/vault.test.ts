import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SealBrokenError } from './cipher.ts';
import type { KeyStore } from './key-store.ts';
import { developmentMasterKeys, newMasterKey, readMasterKeys } from './master-keys.ts';
import { openKeyStore } from './open.ts';
import { openVault, type Vault } from './vault.ts';

let folder = '';
let store: KeyStore;
let vault: Vault;
const secret = newMasterKey();
const path = () => `sqlite:${join(folder, 'keys.db')}`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vault-'));
  store = await openKeyStore(path());
  vault = await openVault(store, readMasterKeys(secret));
});
afterAll(async () => {
  await vault.close();
  await rm(folder, { recursive: true });
});

const newPerson = async (): Promise<string> => vault.keyFor(randomUUID(), null);

describe('G-4 personal data', () => {
  test('G-4 any text comes back as it was sealed, and its length does not show', async () => {
    const id = await newPerson();
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 300 }), async (text) => {
        const sealed = (await vault.seal(id, { name: text })) ?? {};
        expect(await vault.open(id, sealed)).toEqual({ name: text });
        // Shorter texts stand in the letters of a cipher text by chance.
        if (text.length >= 8) expect(JSON.stringify(sealed)).not.toContain(text);
      }),
      { numRuns: 100 },
    );
    const lengths = await Promise.all(
      ['', '王', '欧阳娜娜', '13800138000'].map(
        async (text) => (await vault.seal(id, { text }))?.text?.length,
      ),
    );
    expect(new Set(lengths).size).toBe(1);
  });

  test('G-4 a sealed value is bound to its person and its field, and to every bit of it', async () => {
    const [one, other] = [await newPerson(), await newPerson()];
    const { name = '' } = (await vault.seal(one, { name: '王小明' })) ?? {};
    await expect(vault.open(other, { name })).rejects.toThrow(SealBrokenError);
    await expect(vault.open(one, { phone: name })).rejects.toThrow(SealBrokenError);
    await expect(vault.open(one, { name: 'v2.AAAA' })).rejects.toThrow(/format/);
    await expect(vault.open(randomUUID(), { name })).rejects.toThrow(SealBrokenError);
    const bytes = Buffer.from(name.slice(3), 'base64url');
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length * 8 - 1), async (bit) => {
        const broken = Buffer.from(bytes);
        broken.writeUInt8(broken.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        await expect(vault.open(one, { name: `v1.${broken.toString('base64url')}` })).rejects.toThrow(
          SealBrokenError,
        );
      }),
      { numRuns: 50 },
    );
  });

  test('G-4 the same number is the same person, until the person is erased', async () => {
    const phone = { kind: 'phone', value: '13800138000' };
    const first = await vault.keyFor(randomUUID(), phone);
    expect(await vault.keyFor(randomUUID(), phone)).toBe(first);
    expect(await vault.keyFor(randomUUID(), { ...phone, kind: 'other' })).not.toBe(first);
    await vault.destroy([first]);
    const second = await vault.keyFor(randomUUID(), phone);
    expect(second).not.toBe(first);
  });

  test('G-4 what was sealed with a destroyed key reads as erased, and stays so', async () => {
    const id = await newPerson();
    const kept = await newPerson();
    const sealed = { name: (await vault.seal(id, { name: '李四' }))?.name ?? '' };
    const others = { name: (await vault.seal(kept, { name: '王五' }))?.name ?? '' };
    const bytes = (await vault.sealBytes(id, Buffer.from('photograph'))) ?? Buffer.of();
    expect((await vault.openBytes(id, bytes))?.toString()).toBe('photograph');
    await vault.destroy([id]);
    expect(await vault.keyFor(id, null)).toBe(id);
    expect(await vault.open(id, sealed)).toBeUndefined();
    expect(await vault.openBytes(id, bytes)).toBeUndefined();
    expect(await vault.seal(id, { name: '李四' })).toBeUndefined();
    expect(await vault.sealBytes(id, bytes)).toBeUndefined();
    expect(await vault.mark(id, 'x')).toBeUndefined();
    const opened = await vault.openMany(
      new Map([
        [id, sealed],
        [kept, others],
      ]),
    );
    expect([...opened]).toEqual([[kept, { name: '王五' }]]);
    await expect(vault.destroy(['identities'])).rejects.toThrow();
  });

  test('a mark is the same for the same text of one person, and another for another', async () => {
    const [one, other] = [await newPerson(), await newPerson()];
    expect(await vault.mark(one, 'a')).toBe(await vault.mark(one, 'a'));
    expect(await vault.mark(one, 'a')).not.toBe(await vault.mark(one, 'b'));
    expect(await vault.mark(one, 'a')).not.toBe(await vault.mark(other, 'a'));
  });
});

describe('master keys', () => {
  test('G-4 a new master key takes over, the former one is needed no longer, identities are still known', async () => {
    const url = `sqlite:${join(folder, 'rotation.db')}`;
    const [old, next] = [newMasterKey(), newMasterKey()];
    const before = await openVault(await openKeyStore(url), readMasterKeys(old));
    const phone = { kind: 'phone', value: '13912345678' };
    const id = await before.keyFor(randomUUID(), phone);
    const gone = await before.keyFor(randomUUID(), null);
    const sealed = (await before.seal(id, { name: '赵六' })) ?? {};
    await before.destroy([gone]);
    await before.close();

    const between = await openVault(await openKeyStore(url), readMasterKeys(`${next},${old}`));
    expect(await between.open(id, sealed)).toEqual({ name: '赵六' });
    expect(await between.rotate()).toBe(2);
    expect(await between.rotate()).toBe(0);
    await between.close();

    const after = await openVault(await openKeyStore(url), readMasterKeys(next));
    expect(await after.open(id, sealed)).toEqual({ name: '赵六' });
    expect(await after.keyFor(randomUUID(), phone)).toBe(id);
    await after.close();
    const shut = await openKeyStore(url);
    await expect(openVault(shut, readMasterKeys(old))).rejects.toMatchObject({ code: 'WRONG_MASTER_KEY' });
    await shut.close();
  });

  test('what is no key is refused without being repeated', () => {
    for (const text of [
      '',
      'short',
      `${secret}x`,
      `${secret}, nonsense`,
      Buffer.alloc(31).toString('base64'),
    ]) {
      expect(() => readMasterKeys(text)).toThrow(/master key/);
      try {
        readMasterKeys(text);
      } catch (error) {
        expect(String(error)).not.toContain(secret.slice(0, 10));
      }
    }
    expect(readMasterKeys(` ${secret}\n${newMasterKey()}\n`)).toHaveLength(2);
  });

  test('development makes one for its owner alone, once', async () => {
    const file = join(folder, 'dev', 'master.key');
    const made = await Promise.all([developmentMasterKeys(file), developmentMasterKeys(file)]);
    expect(made[0][0].id).toEqual(made[1][0].id);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(readMasterKeys(await readFile(file, 'utf8'))[0].id).toEqual(made[0][0].id);
  });
});
