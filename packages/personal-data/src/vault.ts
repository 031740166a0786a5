import { randomBytes } from 'node:crypto';
import {
  KEY,
  keyedHash,
  openBytes,
  openText,
  SealBrokenError,
  sealBytes,
  sealText,
  textKey,
  unwrap,
  wrap,
  wrappedBy,
} from './cipher.ts';
import { type KeyStore, KeyStoreError } from './key-store.ts';
import type { MasterKey, MasterKeys } from './master-keys.ts';

/** Values by the name of their field. */
export type Fields<F extends string = string> = Partial<Record<F, string>>;

/**
 * Seals what is known of a person with a key of the person's own. Whoever destroys the key has erased every copy of the
 * sealed values, wherever they are (个人信息保护法 art. 47, 51). No unwrapped key is kept between two calls: what was
 * destroyed is unreadable at once, in every process.
 */
export interface Vault {
  /**
   * Id of the key of whom `identity` identifies (a telephone number, say): an earlier one where there is one, otherwise
   * `id` from now on. The identity itself is stored nowhere, only a keyed hash of it.
   */
  keyFor(id: string, identity: { kind: string; value: string } | null): Promise<string>;
  /** Undefined: the key was destroyed. Throws when there never was one. */
  seal<F extends string>(id: string, fields: Fields<F>): Promise<Fields<F> | undefined>;
  /** Undefined: erased. Throws SealBrokenError for what was changed or belongs elsewhere. */
  open<F extends string>(id: string, sealed: Fields<F>): Promise<Fields<F> | undefined>;
  /** The same for many persons with one look-up; those that are erased are not in the answer. */
  openMany<F extends string>(sealed: ReadonlyMap<string, Fields<F>>): Promise<Map<string, Fields<F>>>;
  sealBytes(id: string, bytes: Uint8Array): Promise<Buffer | undefined>;
  openBytes(id: string, sealed: Uint8Array): Promise<Buffer | undefined>;
  /** Stands for a text where equal ones must be recognised; dies with the key. Undefined: it has. */
  mark(id: string, text: string): Promise<string | undefined>;
  /** Erasure: for good, and of ids without a key as well. */
  destroy(ids: readonly string[]): Promise<void>;
  /** Wraps every key by the current master key; answers how many there were to do. Former master keys can go then. */
  rotate(): Promise<number>;
  close(): Promise<void>;
}

/** The secret behind the hashes of identities; a key like the others, so that it is rotated with them. */
const IDENTITIES = 'identities';
const PAGE = 500;

/**
 * Opens a vault. Throws KeyStoreError WRONG_MASTER_KEY when the store was made with master keys that are not given, and
 * what the store throws.
 */
export async function openVault(store: KeyStore, masters: MasterKeys): Promise<Vault> {
  const vault = new StoredVault(store, masters, await identitySecret(store, masters));
  return vault;
}

const masterOf = (masters: MasterKeys, wrapped: Uint8Array): MasterKey => {
  const by = wrappedBy(wrapped);
  const master = masters.find(({ id }) => id.equals(by));
  if (master) return master;
  throw new KeyStoreError(
    'WRONG_MASTER_KEY',
    `the key store was made with the master key ${by.toString('hex')}, which was not given (given: ${masters.map(({ id }) => id.toString('hex')).join(', ')})`,
  );
};

async function identitySecret(store: KeyStore, masters: MasterKeys): Promise<Buffer> {
  const wrapped = wrap(masters[0], IDENTITIES, randomBytes(KEY));
  await store.insert({ id: IDENTITIES, tag: null, wrapped });
  const held = (await store.find([IDENTITIES])).get(IDENTITIES);
  if (held?.status !== 'held')
    throw new KeyStoreError('CORRUPT', 'the key store has lost the secret of identities');
  return unwrap(masterOf(masters, held.wrapped), IDENTITIES, held.wrapped);
}

class StoredVault implements Vault {
  readonly #store: KeyStore;
  readonly #masters: MasterKeys;
  readonly #identities: Buffer;

  constructor(store: KeyStore, masters: MasterKeys, identities: Buffer) {
    this.#store = store;
    this.#masters = masters;
    this.#identities = identities;
  }

  async keyFor(id: string, identity: { kind: string; value: string } | null): Promise<string> {
    const tag = identity && keyedHash(this.#identities, identity.kind, identity.value);
    const known = tag && (await this.#store.byTag(tag));
    if (known) return known;
    return this.#store.insert({ id, tag, wrapped: wrap(this.#masters[0], id, randomBytes(KEY)) });
  }

  async seal<F extends string>(id: string, fields: Fields<F>): Promise<Fields<F> | undefined> {
    return this.#with(id, (key) => {
      const own = textKey(key);
      return each(fields, (text, field) => sealText(own, id, field, text));
    });
  }

  async open<F extends string>(id: string, sealed: Fields<F>): Promise<Fields<F> | undefined> {
    return this.#with(id, (key) => {
      const own = textKey(key);
      return each(sealed, (text, field) => openText(own, id, field, text));
    });
  }

  async openMany<F extends string>(sealed: ReadonlyMap<string, Fields<F>>): Promise<Map<string, Fields<F>>> {
    const held = await this.#store.find([...sealed.keys()]);
    const opened = new Map<string, Fields<F>>();
    for (const [id, fields] of sealed) {
      const found = held.get(id);
      if (found?.status !== 'held') continue;
      const key = textKey(this.#unwrap(id, found.wrapped));
      opened.set(
        id,
        each(fields, (text, field) => openText(key, id, field, text)),
      );
    }
    return opened;
  }

  sealBytes(id: string, bytes: Uint8Array): Promise<Buffer | undefined> {
    return this.#with(id, (key) => sealBytes(key, id, bytes));
  }

  openBytes(id: string, sealed: Uint8Array): Promise<Buffer | undefined> {
    return this.#with(id, (key) => openBytes(key, id, sealed));
  }

  mark(id: string, text: string): Promise<string | undefined> {
    return this.#with(id, (key) => keyedHash(key, 'content', text).toString('base64url'));
  }

  async destroy(ids: readonly string[]): Promise<void> {
    if (ids.includes(IDENTITIES)) throw new Error('the secret of identities is nobody to be erased');
    if (ids.length > 0) await this.#store.destroy(ids);
  }

  async rotate(): Promise<number> {
    const [current] = this.#masters;
    let done = 0;
    for (let after = ''; ; ) {
      const page = await this.#store.list(after, PAGE);
      for (const { id, wrapped } of page) {
        if (wrappedBy(wrapped).equals(current.id)) continue;
        // Destroyed or wrapped anew meanwhile: there is nothing left to do either way.
        if (await this.#store.rewrap(id, wrapped, wrap(current, id, this.#unwrap(id, wrapped)))) done++;
      }
      const last = page.at(-1);
      if (last === undefined) return done;
      after = last.id;
    }
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  async #with<T>(id: string, work: (key: Buffer) => T): Promise<T | undefined> {
    const held = (await this.#store.find([id])).get(id);
    if (held?.status === 'destroyed') return undefined;
    if (held === undefined) throw new SealBrokenError(`there is no key ${id}`);
    return work(this.#unwrap(id, held.wrapped));
  }

  #unwrap(id: string, wrapped: Buffer): Buffer {
    return unwrap(masterOf(this.#masters, wrapped), id, wrapped);
  }
}

function each<F extends string>(fields: Fields<F>, work: (text: string, field: F) => string): Fields<F> {
  const entries = Object.entries(fields) as [F, string | undefined][];
  return Object.fromEntries(
    entries.flatMap(([field, text]) => (text === undefined ? [] : [[field, work(text, field)]])),
  ) as Fields<F>;
}
