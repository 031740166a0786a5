import {
  type Binary,
  type Collection,
  MongoClient,
  MongoError,
  MongoNetworkError,
  MongoServerError,
  MongoServerSelectionError,
  ReadConcern,
} from 'mongodb';
import { type HeldKey, type KeyStore, KeyStoreError, type NewKey } from './key-store.ts';

const DUPLICATE_KEY = 11_000;
const URL_SHAPE = /^mongodb(?:\+srv)?:\/\/(?:[^@/]*@)?([^/?]+)\/([^/?]+)/;

/** Bounded waiting: the caller tries again. */
const TIMES = {
  serverSelectionTimeoutMS: 5_000,
  connectTimeoutMS: 5_000,
  socketTimeoutMS: 30_000,
  waitQueueTimeoutMS: 10_000,
};

interface KeyDocument {
  _id: string;
  /** Null: destroyed. */
  wrapped: Binary | null;
}

interface TagDocument {
  /** The tag, hexadecimal. */
  _id: string;
  id: string;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/**
 * Opens the key store in a MongoDB database of its own, or one of a server that speaks its protocol. Throws
 * KeyStoreError UNAVAILABLE; a TypeError for a URL that is none.
 *
 * The server's journal and operations log keep what was overwritten for some time, wrapped: after they have turned over,
 * or the master key was changed and the former one destroyed, nothing is left of it.
 */
export async function openMongoKeyStore(url: string): Promise<KeyStore> {
  const [, host, database] = URL_SHAPE.exec(url) ?? [];
  if (host === undefined || database === undefined) {
    throw new TypeError(
      `not the URL of a key store: ${url.replace(/\/\/[^@/]*@/, '//')} (mongodb://<hosts>/<database>)`,
    );
  }
  const client = new MongoClient(url, TIMES);
  const store = new MongoKeyStore(client, `mongodb://${host}/${database}`);
  try {
    await store.prepare();
    return store;
  } catch (error) {
    await client.close();
    throw error;
  }
}

class MongoKeyStore implements KeyStore {
  readonly #client: MongoClient;
  readonly #name: string;
  readonly #keys: Collection<KeyDocument>;
  readonly #tags: Collection<TagDocument>;
  #closed = false;

  constructor(client: MongoClient, name: string) {
    this.#client = client;
    this.#name = name;
    const db = client.db(undefined, {
      readConcern: new ReadConcern('majority'),
      writeConcern: { w: 'majority', journal: true },
      readPreference: 'primary',
    });
    this.#keys = db.collection('keys');
    this.#tags = db.collection('tags');
  }

  prepare(): Promise<unknown> {
    return this.#call(async () => {
      await this.#client.connect();
      await this.#tags.createIndex({ id: 1 });
    });
  }

  insert({ id, tag, wrapped }: NewKey): Promise<string> {
    return this.#call(async () => {
      // The key first: a tag never leads to a key that is not there yet.
      const document = { _id: id, wrapped: Buffer.from(wrapped) as unknown as Binary };
      const added = await this.#keys.insertOne(document).then(() => true, passDuplicate);
      if (tag === null || !(added || (await this.#holds(id)))) return id;
      for (;;) {
        const taken = await this.#tags.insertOne({ _id: hex(tag), id }).then(() => true, passDuplicate);
        if (taken) return id;
        const known = await this.#tags.findOne({ _id: hex(tag) });
        if (known === null) continue;
        if (known.id === id) return id;
        if (await this.#holds(known.id)) {
          if (added) await this.#keys.deleteOne({ _id: id });
          return known.id;
        }
        // A destruction that broke off in the middle has left its tag behind.
        await this.#tags.deleteOne({ _id: hex(tag), id: known.id });
      }
    });
  }

  find(ids: readonly string[]): Promise<Map<string, HeldKey>> {
    return this.#call(async () => {
      const rows = await this.#keys.find({ _id: { $in: [...ids] } }).toArray();
      return new Map(
        rows.map(({ _id, wrapped }): [string, HeldKey] => [
          _id,
          wrapped === null ? { status: 'destroyed' } : { status: 'held', wrapped: bytesOf(wrapped) },
        ]),
      );
    });
  }

  byTag(tag: Uint8Array): Promise<string | undefined> {
    return this.#call(async () => {
      const known = await this.#tags.findOne({ _id: hex(tag) });
      return known && (await this.#holds(known.id)) ? known.id : undefined;
    });
  }

  destroy(ids: readonly string[]): Promise<void> {
    return this.#call(async () => {
      for (const id of ids) {
        await this.#keys.updateOne({ _id: id }, { $set: { wrapped: null } }, { upsert: true });
        await this.#tags.deleteMany({ id });
      }
    });
  }

  rewrap(id: string, from: Uint8Array, to: Uint8Array): Promise<boolean> {
    return this.#call(async () => {
      const wrapped = Buffer.from(from) as unknown as Binary;
      const next = Buffer.from(to) as unknown as Binary;
      return (
        (await this.#keys.updateOne({ _id: id, wrapped }, { $set: { wrapped: next } })).modifiedCount === 1
      );
    });
  }

  list(after: string, limit: number): Promise<{ id: string; wrapped: Buffer }[]> {
    return this.#call(async () => {
      const rows = await this.#keys
        .find({ _id: { $gt: after }, wrapped: { $ne: null } })
        .sort({ _id: 1 })
        .limit(limit)
        .toArray();
      return rows.flatMap(({ _id, wrapped }) =>
        wrapped === null ? [] : [{ id: _id, wrapped: bytesOf(wrapped) }],
      );
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#client.close();
  }

  async #holds(id: string): Promise<boolean> {
    return !!(await this.#keys.findOne({ _id: id }))?.wrapped;
  }

  async #call<T>(job: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new KeyStoreError('CLOSED', `the key store ${this.#name} is closed`);
    try {
      return await job();
    } catch (error) {
      if (!(error instanceof MongoError)) throw error;
      const unreachable = error instanceof MongoServerSelectionError || error instanceof MongoNetworkError;
      const words = unreachable ? 'cannot be reached' : 'does not answer';
      throw new KeyStoreError('UNAVAILABLE', `the key store ${this.#name} ${words}: ${error.message}`, {
        cause: error,
      });
    }
  }
}

function passDuplicate(error: unknown): false {
  if (error instanceof MongoServerError && error.code === DUPLICATE_KEY) return false;
  throw error;
}

const bytesOf = (binary: Binary): Buffer => Buffer.from(binary.buffer.subarray(0, binary.length()));
