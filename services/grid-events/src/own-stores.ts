import { readFileSync } from 'node:fs';
import type { BlobStore } from '@dutyledger/blobs/blob-store';
import { openBlobStore } from '@dutyledger/blobs/open';
import type { KeyStore } from '@dutyledger/personal-data/key-store';
import {
  developmentMasterKeys,
  type MasterKeys,
  readMasterKeys,
} from '@dutyledger/personal-data/master-keys';
import { openKeyStore } from '@dutyledger/personal-data/open';
import { openVault, type Vault } from '@dutyledger/personal-data/vault';

/** Stores that this service alone has: the keys of persons, and files. */

export interface OwnStoreSettings {
  /** URL of the key store (`sqlite:…`, `mongodb://…`). */
  keys: string;
  /** URL of the blob store (`file:…`, `s3://…`). */
  blobs: string;
  /** Master keys as `readMasterKeys` takes them, or the file that development keeps its own in. */
  masterKeys: { text: string } | { developmentFile: string };
}

export interface OwnStores {
  keys: KeyStore;
  vault: Vault;
  blobs: BlobStore;
  close(): Promise<void>;
}

/** Opens them; wraps keys anew when the first master key is not the one they are wrapped by. Throws what the stores throw. */
export async function openOwnStores({ keys, blobs, masterKeys }: OwnStoreSettings): Promise<OwnStores> {
  const masters: MasterKeys =
    'text' in masterKeys
      ? readMasterKeys(masterKeys.text)
      : await developmentMasterKeys(masterKeys.developmentFile);
  await using stack = new AsyncDisposableStack();
  const store = await openKeyStore(keys);
  stack.defer(() => store.close());
  const vault = await openVault(store, masters);
  if (masters.length > 1) await vault.rotate();
  const files = await openBlobStore(blobs);
  stack.defer(() => files.close());
  const open = stack.move();
  return { keys: store, vault, blobs: files, close: () => open.disposeAsync() };
}

/**
 * The master keys that the environment gives, in PERSONAL_DATA_KEYS or in the file that PERSONAL_DATA_KEYS_FILE names.
 * Undefined: neither is set. Throws an Error for a file that cannot be read, or when both are set.
 */
export function masterKeysOf(env: NodeJS.ProcessEnv): string | undefined {
  const text = env['PERSONAL_DATA_KEYS']?.trim() ?? '';
  const file = env['PERSONAL_DATA_KEYS_FILE']?.trim() ?? '';
  if (text !== '' && file !== '') {
    throw new Error(
      'PERSONAL_DATA_KEYS 与 PERSONAL_DATA_KEYS_FILE 只能设置一个。 / Set PERSONAL_DATA_KEYS or PERSONAL_DATA_KEYS_FILE, not both.',
    );
  }
  if (file !== '') return readFileSync(file, 'utf8');
  return text === '' ? undefined : text;
}

/** What the environment of the service's own process says. Throws an Error that names what is missing, in both languages. */
export function ownStoreSettings(env: NodeJS.ProcessEnv): OwnStoreSettings {
  const required = (name: string, zh: string, en: string): string => {
    const value = env[name]?.trim() ?? '';
    if (value === '') throw new Error(`${name} 未设置：${zh}。 / ${name} is not set: ${en}.`);
    return value;
  };
  const keys = required(
    'KEYSTORE_URL',
    '密钥库地址，如 mongodb://主机/keys',
    'where keys of persons are kept, e.g. mongodb://host/keys',
  );
  const blobs = required(
    'BLOBSTORE_URL',
    '附件存储地址，如 s3://…/桶名、file:/目录',
    'where files are kept, e.g. s3://…/bucket or file:/folder',
  );
  const text = masterKeysOf(env);
  if (text === undefined) {
    throw new Error(
      'PERSONAL_DATA_KEYS 或 PERSONAL_DATA_KEYS_FILE 未设置：个人信息主密钥。 / PERSONAL_DATA_KEYS or PERSONAL_DATA_KEYS_FILE is not set: the master key of personal data.',
    );
  }
  return { keys, blobs, masterKeys: { text } };
}
