import { randomBytes } from 'node:crypto';
import { type Collection, type Db, type Document, MongoClient, ReadConcern } from 'mongodb';
import { explain, isDuplicate } from './mongodb-errors.ts';
import { ReadStoreError } from './read-store.ts';

/** Raised when the stored form changes. */
const SCHEMA = 1;
const STORE = 'store';
const MARK = 'dutyledger read store';

const URL_SHAPE = /^mongodb(?:\+srv)?:\/\/(?:[^@/]*@)?([^/?]+)\/([^/?]+)/;

/** Bounded waiting: the caller tries again. */
const TIMES = {
  serverSelectionTimeoutMS: 5_000,
  connectTimeoutMS: 5_000,
  socketTimeoutMS: 30_000,
  waitQueueTimeoutMS: 10_000,
};

/** The database, and what all parts of the adapter share: errors in the words of the port, the end of the store. */
export class MongoAccess {
  /** Host and database, without credentials. */
  readonly name: string;
  readonly secret: string;
  readonly #client: MongoClient;
  readonly #db: Db;
  readonly #writes = new Set<Promise<unknown>>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #closing = false;
  #closed = false;

  private constructor(name: string, secret: string, client: MongoClient, db: Db) {
    this.name = name;
    this.secret = secret;
    this.#client = client;
    this.#db = db;
  }

  /** Throws a TypeError when the URL is none, otherwise ReadStoreError UNAVAILABLE, NEWER_SCHEMA, CORRUPT. */
  static async open(url: string): Promise<MongoAccess> {
    const { client, name } = parse(url);
    const db = client.db(undefined, {
      readConcern: new ReadConcern('majority'),
      writeConcern: { w: 'majority', journal: true },
      readPreference: 'primary',
      // What is not there stays not there: null would be indexed.
      ignoreUndefined: true,
    });
    try {
      await client.connect();
      return new MongoAccess(name, await prepare(db, name), client, db);
    } catch (error) {
      await client.close();
      throw explain(error, name);
    }
  }

  collection<T extends Document>(name: string): Collection<T> {
    return this.#db.collection<T>(name);
  }

  async call<T>(job: () => Promise<T>): Promise<T> {
    if (this.#closed) throw this.#closedError();
    try {
      return await job();
    } catch (error) {
      throw this.#closed ? this.#closedError(error) : explain(error, this.name);
    }
  }

  /** Something that `close` waits for. */
  async write<T>(job: () => Promise<T>): Promise<T> {
    if (this.#closing) throw this.#closedError();
    const writing = job();
    this.#writes.add(writing);
    try {
      return await writing;
    } finally {
      this.#writes.delete(writing);
    }
  }

  /** Work for later that nobody waits for; what is left at the close, or fails, is for the next open. */
  later(milliseconds: number, job: () => Promise<void>): void {
    if (this.#closing) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.write(job).catch(() => undefined);
    }, milliseconds);
    timer.unref();
    this.#timers.add(timer);
  }

  /** Waits for what is being written; nothing new begins. */
  async close(): Promise<void> {
    this.#closing = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    while (this.#writes.size > 0) await Promise.allSettled(this.#writes);
    this.#closed = true;
    await this.#client.close();
  }

  #closedError(cause?: unknown): ReadStoreError {
    return new ReadStoreError('CLOSED', `read store ${this.name} is closed`, { cause });
  }
}

function parse(url: string): { client: MongoClient; name: string } {
  const [, host, database] = URL_SHAPE.exec(url) ?? [];
  const shown = url.replace(/\/\/[^@/]*@/, '//');
  if (host === undefined || database === undefined) {
    throw new TypeError(`not the URL of a read store: ${shown} (mongodb://<hosts>/<database>)`);
  }
  try {
    return { client: new MongoClient(url, TIMES), name: `mongodb://${host}/${database}` };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TypeError(`not the URL of a read store: ${shown} (${reason})`);
  }
}

interface StoreMark {
  _id: string;
  schema: number;
  secret: string;
}

/** Marks an empty database; otherwise checks that it is a read store that this program understands. Answers its secret. */
async function prepare(db: Db, name: string): Promise<string> {
  const marks = db.collection<StoreMark>(STORE);
  const there = async () => (await marks.findOne({ _id: MARK })) ?? undefined;
  let mark = await there();
  if (mark === undefined) {
    const foreign = await db.listCollections({}, { nameOnly: true }).toArray();
    // Another process may be making it at this very moment.
    if (foreign.some((collection) => collection.name !== STORE)) mark = await there();
    if (foreign.length > 0 && mark === undefined && foreign.some((one) => one.name !== STORE)) {
      throw new ReadStoreError(
        'CORRUPT',
        `${name} is a database, but not a read store; it was left as it is`,
      );
    }
    const made = { _id: MARK, schema: SCHEMA, secret: randomBytes(32).toString('base64url') };
    await marks.insertOne(made).catch((error) => {
      if (!isDuplicate(error)) throw error;
    });
    mark = await there();
  }
  if (typeof mark?.secret !== 'string' || typeof mark.schema !== 'number') {
    throw new ReadStoreError(
      'CORRUPT',
      `read store ${name} is damaged: its mark cannot be read. Nothing is lost for good: drop the database, it is rebuilt`,
    );
  }
  if (mark.schema > SCHEMA) {
    throw new ReadStoreError(
      'NEWER_SCHEMA',
      `read store ${name} was written by a newer version of the program (schema ${mark.schema}, this one knows ${SCHEMA})`,
    );
  }
  return mark.secret;
}
